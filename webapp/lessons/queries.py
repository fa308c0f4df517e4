"""Questions about the timetable, answered within one school; anything else is 404."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import abort
from sqlalchemy import Select, func, select

from notifier.database import db
from webapp.families.models import SchoolClass
from webapp.lessons.models import LessonImport, TvChannel, TvLesson
from webapp.lessons.rules import clock_at
from webapp.staff.models import StaffMember

RECENT_IMPORTS = 10


@dataclass(frozen=True)
class Wanted:
    """What a person wants to see of the timetable; None: all of it."""

    grade: int | None = None
    language: str | None = None
    channel_id: int | None = None

    @property
    def is_everything(self) -> bool:
        return self == Wanted()


def lessons_on(
    school_id: int, first: date, days: int, zone: ZoneInfo, wanted: Wanted
) -> Select[tuple[TvLesson]]:
    """Ask for the lessons of some days in the order of their start, cancelled ones too."""
    query = (
        select(TvLesson)
        .where(
            TvLesson.school_id == school_id,
            TvLesson.starts_at >= clock_at(first, 0, zone),
            TvLesson.starts_at < clock_at(first + timedelta(days=days), 0, zone),
            TvLesson.withdrawn.is_(False),
        )
        .order_by(TvLesson.starts_at, TvLesson.first_grade, TvLesson.id)
    )
    if wanted.grade is not None:
        query = query.where(TvLesson.first_grade <= wanted.grade, TvLesson.last_grade >= wanted.grade)
    if wanted.language:
        query = query.where(TvLesson.language == wanted.language)
    if wanted.channel_id:
        query = query.where(TvLesson.channel_id == wanted.channel_id)
    return query


def for_class(school_class: SchoolClass) -> Wanted:
    """What the pupils of a class watch."""
    return Wanted(school_class.grade, school_class.language)


def next_on_each_channel(school_id: int, now: datetime, until: datetime) -> set[int]:
    """Return the ids of the lesson that each channel shows next, before `until`."""
    lessons = db.session.execute(
        select(TvLesson.channel_id, TvLesson.id)
        .where(
            TvLesson.school_id == school_id,
            TvLesson.starts_at > now,
            TvLesson.starts_at < until,
            TvLesson.cancelled_at.is_(None),
        )
        .order_by(TvLesson.starts_at.desc())
    ).all()
    # Read from the end, so that the first of each channel is the one that stays.
    return set(dict(tuple(row) for row in lessons).values())


def lesson_of(person: StaffMember, number: int) -> TvLesson:
    """Find a lesson of this person's school, or answer 404."""
    found = db.session.get(TvLesson, number)
    if not found or found.school_id != person.school_id or found.withdrawn:
        abort(404)
    return found


def channel_of(person: StaffMember, number: int) -> TvChannel:
    """Find a channel of this person's school, or answer 404."""
    found = db.session.get(TvChannel, number)
    if not found or found.school_id != person.school_id:
        abort(404)
    return found


def import_of(person: StaffMember, number: int) -> LessonImport:
    """Find a timetable that was brought in: one's own, or an applied one of the school; or answer 404."""
    found = db.session.get(LessonImport, number)
    if not found or found.school_id != person.school_id:
        abort(404)
    if not found.applied_at and found.staff_id != person.id:
        abort(404)
    return found


def recent_imports(school_id: int) -> Sequence[LessonImport]:
    """List the timetables that were applied last, the newest first."""
    return db.session.scalars(
        select(LessonImport)
        .where(LessonImport.school_id == school_id, LessonImport.applied_at.is_not(None))
        .order_by(LessonImport.applied_at.desc())
        .limit(RECENT_IMPORTS)
    ).all()


def lessons_per_channel(school_id: int) -> dict[int, int]:
    """Count the lessons of each channel, also those nobody sees any more."""
    rows = db.session.execute(
        select(TvLesson.channel_id, func.count())
        .where(TvLesson.school_id == school_id)
        .group_by(TvLesson.channel_id)
    ).all()
    return dict(tuple(row) for row in rows)


def classes_that_watch(school_id: int, wanted: Wanted) -> Sequence[SchoolClass]:
    """List the classes of the school whose pupils these lessons are for."""
    query = select(SchoolClass).where(SchoolClass.school_id == school_id)
    if wanted.grade is not None:
        query = query.where(SchoolClass.grade == wanted.grade)
    if wanted.language:
        query = query.where(SchoolClass.language == wanted.language)
    return db.session.scalars(query.order_by(SchoolClass.grade, SchoolClass.letter)).all()


def class_led_by(person: StaffMember) -> SchoolClass | None:
    """Return the class this person leads; the lowest when there are several."""
    return db.session.scalar(
        select(SchoolClass)
        .where(SchoolClass.school_id == person.school_id, SchoolClass.teacher_id == person.id)
        .order_by(SchoolClass.grade, SchoolClass.letter)
        .limit(1)
    )


def any_class_of(person: StaffMember, number: int) -> SchoolClass:
    """Find a class of this person's school, whoever leads it, or answer 404."""
    found = db.session.get(SchoolClass, number)
    if not found or found.school_id != person.school_id:
        abort(404)
    return found
