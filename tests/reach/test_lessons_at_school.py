"""A child who came to a lesson at school was spoken to: written down once, whoever looks, however often."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from notifier.database import db
from tests.cast import Cast
from webapp.atschool import seats
from webapp.atschool.models import Attendance, Group, Member
from webapp.families.models import Pupil
from webapp.reach.contacts.lessons_at_school import note_visits
from webapp.reach.models import ContactLog, Means, Outcome


def test_who_came_was_spoken_to_once(cast: Cast, now: datetime) -> None:
    group = Group(
        school_id=cast.school.id,
        name="1-топ",
        place="12-кабинет",
        seats=5,
        meetings=[{"weekday": 0, "starts": 540, "ends": 630}],
        responsible_id=cast.teacher.id,
        first_day=date(2026, 11, 23),
        last_day=date(2026, 12, 30),
        created_at=now,
    )
    db.session.add(group)
    db.session.flush()
    children = db.session.scalars(
        select(Pupil).where(Pupil.name.in_(["Нурлан Экөөбаев", "Асан Мисалов"])).order_by(Pupil.name)
    ).all()
    seats.add(group, children, cast.teacher, now)
    members = {member.pupil.name: member for member in db.session.scalars(select(Member))}
    for name, came in (("Нурлан Экөөбаев", True), ("Асан Мисалов", False)):
        db.session.add(
            Attendance(
                member_id=members[name].id,
                day=date(2026, 11, 23),
                came=came,
                noted_at=now,
                noted_by_id=cast.teacher.id,
            )
        )
    db.session.commit()
    assert note_visits(now) == 1
    assert note_visits(now + timedelta(days=1)) == 0
    contact = db.session.scalars(select(ContactLog)).one()
    assert (contact.family_id, contact.means, contact.outcome) == (
        cast.siblings.id,
        Means.LESSON,
        Outcome.SPOKE,
    )
    # When the lesson ended, 10:30 in Bishkek.
    assert contact.at == datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
    assert contact.staff_id == cast.teacher.id
