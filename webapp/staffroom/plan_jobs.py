"""What the worker does so that no plan is forgotten: it reminds the teacher before the hour and after it.

Harmless whenever, wherever and however often: each class's reminder is written once, whoever tries.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from datetime import UTC, date, datetime

from sqlalchemy import select

from notifier import jobs
from notifier.database import db
from webapp.announcements.kinds import STAFF
from webapp.announcements.models import Announcement
from webapp.families.models import SchoolClass
from webapp.reach.once import insert_once
from webapp.staff.models import School, StaffMember
from webapp.staffroom.handing import hand_to, plan_for, refusals
from webapp.staffroom.models import Kind, PlanDeadline, PlanReminder, StaffNotice
from webapp.staffroom.plans import WEEK, PlanState, due_at, ends_at, plans_of, reminds_at
from webapp.staffroom.wording import LANGUAGES, reminder
from webapp.times import monday_of

log = logging.getLogger(__name__)

REMIND = "webapp.staffroom.plan_jobs.remind"


def remind() -> None:
    """Remind whoever is to be reminded by now: the job that RQ runs."""
    remind_at(datetime.now(UTC))


def remind_at(now: datetime) -> int:
    """Do what is due, each school's week in its own transaction; say how many people were reminded."""
    reminded = 0
    school_ids = db.session.scalars(select(PlanDeadline.school_id).order_by(PlanDeadline.school_id)).all()
    for school_id in school_ids:
        for weeks_ahead in (0, 1):
            try:
                reminded += _remind_school(school_id, weeks_ahead, now)
                db.session.commit()
            except Exception:
                # The teachers of one school must not go without because of another's.
                db.session.rollback()
                log.exception("teachers could not be reminded of their plans")
    if reminded:
        jobs.nudge()
    return reminded


def _remind_school(school_id: int, weeks_ahead: int, now: datetime) -> int:
    deadline = db.session.get_one(PlanDeadline, school_id)
    school = db.session.get_one(School, school_id)
    monday = monday_of(now.astimezone(school.zone).date()) + weeks_ahead * WEEK
    due = due_at(deadline, monday, school)
    before = reminds_at(deadline, due, school)
    late = now >= due
    if (
        now >= ends_at(monday, school)
        or due < deadline.set_at
        or (not late and (before is None or now < before))
    ):
        return 0
    left = _not_reminded(school_id, monday, late=late)
    if not left:
        return 0
    wanted = PlanState.OVERDUE if late else PlanState.DUE
    of_teacher: defaultdict[int, list[SchoolClass]] = defaultdict(list)
    for row in plans_of(school, left, deadline, monday, now).classes:
        teacher_id = row.school_class.teacher_id
        if row.state is wanted and teacher_id and _takes(row.school_class, monday, now, late=late):
            of_teacher[teacher_id].append(row.school_class)
    for teacher_id, classes in of_teacher.items():
        teacher = db.session.get_one(StaffMember, teacher_id)
        _write(deadline, school, teacher, classes, monday, due, now, late=late)
    return len(of_teacher)


def _not_reminded(school_id: int, monday: date, *, late: bool) -> list[SchoolClass]:
    """List the classes whose teacher has not been reminded of this week, before the hour or after it."""
    done = select(PlanReminder.class_id).where(PlanReminder.monday == monday, PlanReminder.late.is_(late))
    return list(
        db.session.scalars(
            select(SchoolClass)
            .join(StaffMember, StaffMember.id == SchoolClass.teacher_id)
            .where(SchoolClass.school_id == school_id, StaffMember.active, SchoolClass.id.not_in(done))
            .order_by(SchoolClass.grade, SchoolClass.letter)
        )
    )


def _takes(school_class: SchoolClass, monday: date, now: datetime, *, late: bool) -> bool:
    return insert_once(
        PlanReminder,
        ["class_id", "monday", "late"],
        class_id=school_class.id,
        monday=monday,
        late=late,
        at=now,
    )


def _write(
    deadline: PlanDeadline,
    school: School,
    teacher: StaffMember,
    classes: list[SchoolClass],
    monday: date,
    due: datetime,
    now: datetime,
    *,
    late: bool,
) -> None:
    """Put a reminder on the teacher's page; by SMS, too, if the deputy wished so and there is money left."""
    names = ", ".join(each.name for each in classes)
    local = due.astimezone(school.zone)
    texts = {language: reminder(names, monday, local, language, late=late) for language in LANGUAGES}
    announcement = Announcement(
        school_id=school.id,
        token=f"plan:{monday}:{'late' if late else 'due'}:{classes[0].id}"[:32],
        kind=STAFF,
        text_ky=texts["ky"],
        text_ru=texts["ru"],
        created_at=now,
        published_at=now,
    )
    notice = StaffNotice(announcement=announcement, kind=Kind.REMINDER, sends=deadline.by_sms)
    db.session.add(notice)
    db.session.flush()
    intended = plan_for(notice, [teacher])
    if intended.messages and refusals(announcement, intended, now):
        notice.sends = False
        intended = plan_for(notice, [teacher])
    hand_to(notice, intended, now)
    for each in classes:
        db.session.get_one(PlanReminder, (each.id, monday, late)).announcement_id = announcement.id
