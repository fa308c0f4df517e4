"""A child who came to a lesson at school was spoken to, and with it its family.

The lessons lie below on the stairs and know nothing of reach: it looks down and writes what it finds.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import select

from notifier.database import db
from webapp.atschool.models import Attendance
from webapp.atschool.queries import visits_noted_since
from webapp.families.models import Family
from webapp.reach.contacts.note import note_contact
from webapp.reach.models import ContactLog, Means, Outcome
from webapp.staff.models import School, StaffMember

NOTE = "webapp.reach.contacts.lessons_at_school.note"
# A worker that stood still for a term finds all of it; what lies longer ago reaches nobody any more.
LOOK_BACK = timedelta(days=100)
MOST = 5000


def note() -> None:
    """Write down the visits nobody has yet: the job that RQ runs."""
    note_visits(datetime.now(UTC))


def note_visits(now: datetime) -> int:
    """Write each visit into the contact log, once, whoever tries; commits. Return how many are new.

    One that is corrected later stays in the log: rows there are only ever added.
    """
    visits = {_token(visit): visit for visit in visits_noted_since(now - LOOK_BACK, MOST)}
    known = set(
        db.session.scalars(
            select(ContactLog.token).where(
                ContactLog.means == Means.LESSON, ContactLog.noted_at >= now - LOOK_BACK
            )
        )
    )
    new = 0
    for token in visits.keys() - known:
        visit = visits[token]
        family = db.session.get_one(Family, visit.member.pupil.family_id)
        by = db.session.get(StaffMember, visit.noted_by_id) if visit.noted_by_id else None
        at = min(_ended(visit), visit.noted_at)
        new += note_contact(family, Means.LESSON, Outcome.SPOKE, at, by, token, now) is not None
        db.session.commit()
    return new


def _token(visit: Attendance) -> str:
    return f"lesson:{visit.member_id}:{visit.day.isoformat()}"


def _ended(visit: Attendance) -> datetime:
    group = visit.member.group
    school = db.session.get_one(School, group.school_id)
    ends = next((each["ends"] for each in group.meetings if each["weekday"] == visit.day.weekday()), 0)
    return datetime.combine(visit.day, time(ends // 60, ends % 60), school.zone).astimezone(UTC)
