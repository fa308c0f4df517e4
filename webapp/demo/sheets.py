"""What the demo school sends from spreadsheets: one that went, row by row, and one that goes tomorrow."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import select

from notifier.database import db
from webapp.demo.templates import NAME
from webapp.families.models import Pupil, SchoolClass
from webapp.message_templates.bringing import read_file
from webapp.message_templates.models import MessageSheet, MessageTemplate
from webapp.message_templates.plan import plan_of
from webapp.message_templates.sending import send
from webapp.message_templates.waiting import let_it_go_at
from webapp.staff.models import School, StaffMember

FILE = "тамак акысы.csv"
HEADER = "Класс;Окуучу;Сумма;Күнү;Чалуу"
SUMS = (250, 500, 350, 420, 180, 300)


def furnish(school: School, now: datetime) -> None:
    """Send 5-Б's, and let 5-А's wait for tomorrow morning; the caller commits."""
    template = db.session.scalars(select(MessageTemplate).filter_by(school_id=school.id, name=NAME)).one()
    sheet, found, teacher = _brought(school, template, "demo-5b", now)
    send(sheet, plan_of(sheet, school, found, now), now, teacher)
    sheet, found, teacher = _brought(school, template, "demo-5a", now)
    tomorrow = now.astimezone(school.zone).date() + timedelta(days=1)
    moment = datetime.combine(tomorrow, time(10), school.zone).astimezone(now.tzinfo)
    let_it_go_at(sheet, plan_of(sheet, school, found, now), moment, now, teacher)


def _brought(
    school: School, template: MessageTemplate, login: str, now: datetime
) -> tuple[MessageSheet, list[int], StaffMember]:
    """A teacher's spreadsheet about the first children of their class, the class, and the teacher."""
    teacher = db.session.scalars(select(StaffMember).filter_by(login=login, school_id=school.id)).one()
    own = db.session.scalars(select(SchoolClass).filter_by(teacher_id=teacher.id)).one()
    pupils = db.session.scalars(
        select(Pupil).filter_by(class_id=own.id).order_by(Pupil.name).limit(len(SUMS))
    )
    until = f"{(now.astimezone(school.zone) + timedelta(days=4)):%d.%m}"
    rows = [f"{own.name};{pupil.name};{amount};{until};" for pupil, amount in zip(pupils, SUMS, strict=True)]
    brought = read_file("\n".join([HEADER, *rows]).encode(), template.current.asked)
    sheet = MessageSheet(
        school_id=school.id,
        staff_id=teacher.id,
        version_id=template.current.id,
        filename=FILE,
        digest=brought.digest,
        content=brought.kept.as_json() if brought.kept else None,
        asks_acknowledgement=True,
        created_at=now,
    )
    db.session.add(sheet)
    db.session.flush()
    return sheet, [own.id], teacher
