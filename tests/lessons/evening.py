"""What the tests of digests share: an evening, a school with lessons tomorrow, and phones to look at."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from notifier.database import db
from notifier.models import Delivery, State
from tests.cast import Cast
from webapp.announcements.models import Announcement
from webapp.families.models import SchoolClass
from webapp.lessons.digest.jobs import tell_what_is_due
from webapp.lessons.models import TvChannel, TvLesson

BISHKEK = ZoneInfo("Asia/Bishkek")
TUESDAY = date(2026, 11, 24)
TOMORROW = date(2026, 11, 25)


def at(clock: str, day: date = TUESDAY) -> datetime:
    """The moment at which the clocks of Bishkek show this on that day."""
    hour, minute = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BISHKEK).astimezone(UTC)


EVENING = at("18:30")


def lesson(
    cast: Cast,
    clock: str,
    subject: str = "Математика",
    *,
    day: date = TOMORROW,
    grade: int = 5,
    language: str = "ky",
    channel: str = "ЭЛТР",
    topic: str = "",
    minutes: int = 30,
    repeat_of: TvLesson | None = None,
    changed_at: datetime | None = None,
    **values: Any,
) -> TvLesson:
    """Put a lesson into the timetable of the cast's school."""
    its_channel = db.session.scalars(
        select(TvChannel).filter_by(school_id=cast.school.id, name=channel)
    ).one()
    made = TvLesson(
        school_id=cast.school.id,
        channel_id=its_channel.id,
        starts_at=at(clock, day),
        minutes=minutes,
        first_grade=grade,
        last_grade=grade,
        language=language,
        subject=subject,
        topic=topic,
        repeat_of_id=repeat_of.id if repeat_of else None,
        changed_at=changed_at or at("12:00"),
        **values,
    )
    db.session.add(made)
    db.session.commit()
    return made


def school_class(cast: Cast, grade: int, letter: str, language: str) -> SchoolClass:
    made = SchoolClass(school_id=cast.school.id, grade=grade, letter=letter, language=language)
    db.session.add(made)
    db.session.commit()
    return made


def tell(now: datetime = EVENING) -> None:
    """Let the worker's minute come."""
    tell_what_is_due(now)
    db.session.expire_all()


def texts(
    address: str | None = None, *, states: tuple[State, ...] = tuple(set(State) - {State.CANCELLED})
) -> list[str]:
    """What was posted to this address, or to everybody, oldest first; not what was taken back."""
    query = select(Delivery.body).where(Delivery.state.in_(states)).order_by(Delivery.id)
    return list(db.session.scalars(query.where(Delivery.address == address) if address else query))


def text(address: str) -> str:
    """The only message to this address."""
    (found,) = texts(address)
    return found


def all_left(now: datetime, state: State = State.DELIVERED) -> None:
    """Let everything that waits have left."""
    db.session.execute(
        update(Delivery)
        .where(Delivery.state == State.PENDING)
        .values(state=state, accepted_at=now, settled_at=now)
    )
    db.session.commit()


def announcements() -> list[Announcement]:
    return list(db.session.scalars(select(Announcement).order_by(Announcement.id)))


def change(lesson: TvLesson, now: datetime, **values: Any) -> None:
    """Change a lesson as its page does."""
    for name, value in values.items():
        setattr(lesson, name, value)
    lesson.revision, lesson.changed_at = lesson.revision + 1, now
    db.session.commit()


def later(moment: datetime, minutes: float) -> datetime:
    return moment + timedelta(minutes=minutes)
