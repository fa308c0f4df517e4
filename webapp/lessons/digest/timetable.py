"""Read the stored timetable as digests tell it: what takes place on some days, and what is shown again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from sqlalchemy import select

from notifier.database import db
from webapp.lessons.digest.guide import Airing, Guide
from webapp.lessons.digest.models import Span
from webapp.lessons.models import LessonRules, TvLesson
from webapp.lessons.queries import Wanted, lessons_on
from webapp.lessons.rules import DayOff
from webapp.lessons.subjects import Subjects
from webapp.staff.models import School

IN_BATCHES = 500  # databases limit the values of one statement
# How far ahead a repeat is worth waiting for.
REPEATS_WITHIN = timedelta(days=14)


def guide_of(
    school: School, rules: LessonRules, span: Span, first: date, *, after: datetime | None = None
) -> Guide:
    """Read the lessons that take place on these days, if not off, and the airings that show them again."""
    query = lessons_on(school.id, first, span.days, school.zone, Wanted())
    query = query.where(TvLesson.cancelled_at.is_(None))
    if after:
        query = query.where(TvLesson.starts_at > after)
    subjects = Subjects(rules.abbreviations)
    lessons = (airing_of(lesson, school, subjects) for lesson in db.session.scalars(query))
    airings = [airing for airing in lessons if not is_off(rules.days_off, airing.day)]
    again: dict[int, tuple[Airing, ...]] = {}
    ids = [airing.lesson_id for airing in airings]
    for start in range(0, len(ids), IN_BATCHES):
        repeats = (
            select(TvLesson)
            .where(
                TvLesson.repeat_of_id.in_(ids[start : start + IN_BATCHES]),
                TvLesson.cancelled_at.is_(None),
                TvLesson.starts_at < airings[-1].starts_at + REPEATS_WITHIN,
            )
            .order_by(TvLesson.starts_at)
        )
        for lesson in db.session.scalars(repeats):
            number = lesson.repeat_of_id or 0
            again[number] = (*again.get(number, ()), airing_of(lesson, school, subjects))
    return Guide(airings, again)


def is_off(days_off: Iterable[dict[str, str]], day: date) -> bool:
    """Say whether the school has a day off: channels may show lessons, and nobody is told of them."""
    return any(DayOff(**off).covers(day) for off in days_off)


def airing_of(lesson: TvLesson, school: School, subjects: Subjects) -> Airing:
    """Tell a stored lesson as a digest does."""
    local = lesson.starts_at.astimezone(school.zone)
    return Airing(
        lesson.id,
        lesson.revision,
        lesson.starts_at,
        lesson.ends_at,
        local.date(),
        f"{local.hour}:{local.minute:02}",
        lesson.channel.name,
        lesson.subject,
        subjects.short(lesson.subject, lesson.language),
        lesson.topic,
        lesson.first_grade,
        lesson.last_grade,
        lesson.language,
        lesson.repeat_of_id,
    )
