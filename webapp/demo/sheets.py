"""What the demo school sends from spreadsheets: one that went, row by row, and one that goes tomorrow."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select

from notifier.database import db
from webapp.demo.templates import NAME
from webapp.families.models import Pupil, SchoolClass
from webapp.message_templates.models import MessageSheet, MessageTemplate
from webapp.message_templates.sheets.bringing import read_file
from webapp.message_templates.sheets.plan import SheetPlan, plan_of
from webapp.message_templates.sheets.sending import send
from webapp.message_templates.sheets.waiting import let_it_go_at
from webapp.staff.models import School, StaffMember

WHO, FILE = "demo-7a", "тамак акысы.csv"
HEADER = "Класс;Окуучу;Сумма;Күнү;Чалуу"
PAID, STILL_TO_PAY = (250, 500, 350, 420, 180, 300), (120, 90, 240)


def furnish(school: School, now: datetime) -> None:
    """Send one to families of 7-А, and let another wait for tomorrow morning; the caller commits."""
    teacher = db.session.scalars(select(StaffMember).filter_by(login=WHO, school_id=school.id)).one()
    sheet, found = _brought(school, teacher, PAID, now)
    send(sheet, found, now, teacher)
    sheet, found = _brought(school, teacher, STILL_TO_PAY, now)
    tomorrow = now.astimezone(school.zone).date() + timedelta(days=1)
    moment = datetime.combine(tomorrow, time(10), school.zone).astimezone(UTC)
    let_it_go_at(sheet, found, moment, now, teacher)


def _brought(
    school: School, teacher: StaffMember, sums: Sequence[int], now: datetime
) -> tuple[MessageSheet, SheetPlan]:
    """A spreadsheet about the first children of the teacher's class, looked over."""
    template = db.session.scalars(select(MessageTemplate).filter_by(school_id=school.id, name=NAME)).one()
    own = db.session.scalars(select(SchoolClass).filter_by(teacher_id=teacher.id)).one()
    pupils = db.session.scalars(
        select(Pupil).filter_by(class_id=own.id).order_by(Pupil.name).limit(len(sums))
    )
    until = f"{now.astimezone(school.zone) + timedelta(days=4):%d.%m}"
    rows = [f"{own.name};{pupil.name};{amount};{until};" for pupil, amount in zip(pupils, sums, strict=True)]
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
    return sheet, plan_of(sheet, school, [own.id], now)
