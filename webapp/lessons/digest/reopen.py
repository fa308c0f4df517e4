"""Look again at what families were told when something beside the lessons made it wrong.

A channel's name and the days off are not the lessons' own. A told lesson that they concern is marked as
changed, and the next minute's job compares what phones hold with what is true: see `mend`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from sqlalchemy import select

from notifier.database import db
from webapp.lessons.digest.models import Digest
from webapp.lessons.digest.timetable import is_off
from webapp.lessons.models import TvChannel, TvLesson
from webapp.lessons.rules import lock_timetable
from webapp.staff.models import School

DaysOff = Sequence[dict[str, str]]


def reopen(school: School, now: datetime, concerned: Callable[[TvLesson], bool]) -> list[TvLesson]:
    """Mark the concerned lessons that were told and are still to come as changed, and return them."""
    # A digest that is being written reads either the old settings and is marked, or the new ones.
    lock_timetable(school)
    told = (
        select(Digest.id)
        .where(
            Digest.school_id == school.id,
            Digest.announcement_id.is_not(None),
            Digest.ends_at > now,
            TvLesson.starts_at >= Digest.starts_at,
            TvLesson.starts_at < Digest.ends_at,
        )
        .exists()
    )
    coming = select(TvLesson).where(
        TvLesson.school_id == school.id,
        TvLesson.starts_at > now,
        TvLesson.cancelled_at.is_(None),
        told,
    )
    found = [lesson for lesson in db.session.scalars(coming) if concerned(lesson)]
    for lesson in found:
        lesson.changed_at = now
    return found


def days_off_changed(school: School, before: DaysOff, after: DaysOff, now: datetime) -> set[date]:
    """Look again at the days that are off now and were not, or the other way; return those newly off."""

    def concerned(lesson: TvLesson) -> bool:
        day = lesson.starts_at.astimezone(school.zone).date()
        return is_off(before, day) != is_off(after, day)

    days = {lesson.starts_at.astimezone(school.zone).date() for lesson in reopen(school, now, concerned)}
    return {day for day in days if is_off(after, day)}


def channel_renamed(school: School, channel: TvChannel, now: datetime) -> bool:
    """Look again at what was told of a channel; say whether anything was."""
    found = reopen(school, now, lambda lesson: lesson.channel_id == channel.id)
    for lesson in found:
        # The line that phones hold is kept under its revision, with the old name in it.
        lesson.revision += 1
    return bool(found)
