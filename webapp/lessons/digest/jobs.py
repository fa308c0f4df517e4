"""What the worker does about digests every minute: tell what is due, correct what no longer holds."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial

from sqlalchemy import func, select

from notifier import jobs
from notifier.database import db
from webapp.announcements.publish import Unready
from webapp.lessons.digest.hours import spans_due
from webapp.lessons.digest.mend import mend
from webapp.lessons.digest.models import Digest, Span
from webapp.lessons.digest.send import send
from webapp.lessons.models import LessonRules, TvLesson
from webapp.lessons.rules import clock_at
from webapp.staff.models import School

log = logging.getLogger(__name__)

TELL = "webapp.lessons.digest.jobs.tell"
# A district of a thousand schools takes minutes: the job makes way for deliveries in between.
TURN = 50.0
# The last lesson of a week that is told on its eve.
FURTHEST = timedelta(days=9)


def tell() -> None:
    """Send the digests that are due and the corrections that are needed: the job that RQ runs."""
    if not tell_what_is_due(datetime.now(UTC), TURN):
        jobs.nudge(TELL)


def tell_what_is_due(now: datetime, turn: float | None = None) -> bool:
    """Do all that is due, each school in its own transaction; False when the turn ended before that.

    Harmless whenever, wherever and however often: a digest is written once, a phone's message posted once.
    """
    until = time.monotonic() + turn if turn else None
    posted = False
    for act in [*_to_send(now), *_to_mend(now)]:
        try:
            posted = act() or posted
            db.session.commit()
        except Unready as unready:
            db.session.rollback()
            log.info("a digest waits: %s", unready)
        except Exception:
            # The families of one school must not go without because of another's.
            db.session.rollback()
            log.exception("a digest could not be written")
        if until and time.monotonic() > until:
            break
    else:
        until = None
    if posted:
        jobs.nudge()
    return until is None


def _to_send(now: datetime) -> list[Callable[[], bool]]:
    """List what should have been told by now and was not: the week before the day, which looks who has it."""
    written = set(
        db.session.execute(
            select(Digest.school_id, Digest.span, Digest.first_day).where(Digest.ends_at > now)
        ).tuples()
    )
    # From the next lesson to the last one of the days that can be due.
    coming = (
        select(TvLesson.school_id, func.min(TvLesson.starts_at).label("first"), func.max(TvLesson.starts_at))
        .where(TvLesson.starts_at > now, TvLesson.starts_at < now + FURTHEST, TvLesson.cancelled_at.is_(None))
        .group_by(TvLesson.school_id)
    )
    lessons = {school_id: (first, last) for school_id, first, last in db.session.execute(coming).tuples()}
    schools = db.session.execute(
        select(School, LessonRules.digest_at)
        .join(LessonRules, LessonRules.school_id == School.id)
        .where(LessonRules.digest_at.is_not(None))
        .order_by(School.id)
    ).tuples()
    found: list[Callable[[], bool]] = []
    for school, minute in schools:
        if school.id not in lessons or minute is None:
            continue
        first_lesson, last_lesson = lessons[school.id]
        for span, day in sorted(spans_due(now, minute, school.zone), key=lambda due: due[0] is Span.DAY):
            starts = clock_at(day, 0, school.zone)
            ends = clock_at(day + timedelta(days=span.days), 0, school.zone)
            if (school.id, span, day) not in written and first_lesson < ends and last_lesson >= starts:
                found.append(partial(_send, school.id, span, day, now))
    return found


def _send(school_id: int, span: Span, day: date, now: datetime) -> bool:
    digest = send(db.session.get_one(School, school_id), span, day, now)
    return digest is not None and digest.announcement_id is not None


def _to_mend(now: datetime) -> list[Callable[[], bool]]:
    """List the digests of days to come whose school changed lessons since."""
    changed = (
        select(1)
        .where(TvLesson.school_id == Digest.school_id, TvLesson.changed_at > Digest.composed_at)
        .exists()
    )
    # A lesson that was moved out of these days is still to be told of.
    found = db.session.scalars(select(Digest.id).where(Digest.ends_at > now, changed).order_by(Digest.id))
    return [partial(_mend, number, now) for number in found]


def _mend(number: int, now: datetime) -> bool:
    return mend(db.session.get_one(Digest, number), now) > 0
