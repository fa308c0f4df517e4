"""Which classes were told the TV lessons of a week, by whom and when (clause 3.3.1)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import and_, func, select

from notifier.database import db
from webapp.announcements.models import Announcement, AnnouncementClass
from webapp.families.models import SchoolClass
from webapp.lessons.digest.models import Digest, Span
from webapp.lessons.models import TvLesson
from webapp.lessons.queries import Wanted, lessons_on
from webapp.lessons.rules import DayOff, clock_at, stored_rules
from webapp.staff.models import School, StaffMember

WEEK = 7


class Told(StrEnum):
    """How a class stands with its timetable of the week; in the order in which a person should look."""

    NOBODY = "nobody"  # lessons were shown, and nobody told the class
    ANNOUNCED = "announced"  # the same, but its teacher wrote something in that week
    PARTLY = "partly"  # some days were told, some were not
    LATE = "late"  # told when a lesson had begun
    NOT_YET = "not_yet"  # its lessons are still to come
    IN_TIME = "in_time"
    NO_LESSONS = "no_lessons"


@dataclass(frozen=True, slots=True)
class Telling:
    """That the lessons of some days were told to a class, when and by whom; None: by the evening messages."""

    first_day: date
    days: int
    at: datetime
    by: str | None


@dataclass(frozen=True, slots=True)
class ClassTold:
    """One class and its week."""

    school_class: SchoolClass
    status: Told
    lesson_days: int  # days with lessons for it
    told_days: int  # of these
    first_at: datetime | None  # when it was told first, and last
    last_at: datetime | None
    whole_at: datetime | None  # from when on all its lesson days were told; None while some were not
    by: tuple[str, ...]  # who of the staff told; empty: the evening messages, or nobody
    own: int  # announcements of its class teacher in that week, whatever they are about
    own_at: datetime | None


@dataclass(frozen=True, slots=True)
class Week:
    """The classes of a person in a week, those to look at first."""

    monday: date
    classes: list[ClassTold]
    counts: Mapping[Told, int] = field(default_factory=dict)

    def with_status(self, *wanted: Told) -> list[ClassTold]:
        return [each for each in self.classes if each.status in wanted]


def week_told(school: School, classes: Sequence[SchoolClass], monday: date, now: datetime) -> Week:
    """Say for each of these classes how it was told the lessons of the week that begins on `monday`."""
    tellings, own = _tellings(school, monday), _own_announcements(school, monday)
    lessons = _first_lessons(school, monday)
    rows = [
        _one_class(each, _lessons_of(each, lessons), tellings.get(each.id, []), own.get(each.id), now)
        for each in classes
    ]
    order = list(Told)
    rows.sort(key=lambda row: (order.index(row.status), row.school_class.grade, row.school_class.letter))
    return Week(monday, rows, Counter(row.status for row in rows))


def _one_class(
    school_class: SchoolClass,
    lessons: Mapping[date, datetime],
    tellings: Sequence[Telling],
    own: tuple[int, datetime] | None,
    now: datetime,
) -> ClassTold:
    told: dict[date, datetime] = {}
    for telling in tellings:
        for day in lessons:
            if 0 <= (day - telling.first_day).days < telling.days:
                told[day] = min(told.get(day, telling.at), telling.at)
    moments = [telling.at for telling in tellings]
    return ClassTold(
        school_class,
        _status(lessons, told, own is not None, now),
        lesson_days=len(lessons),
        told_days=len(told),
        first_at=min(moments, default=None),
        last_at=max(moments, default=None),
        whole_at=max(told.values()) if lessons and len(told) == len(lessons) else None,
        by=tuple(dict.fromkeys(telling.by for telling in tellings if telling.by)),
        own=own[0] if own else 0,
        own_at=own[1] if own else None,
    )


def _status(
    lessons: Mapping[date, datetime], told: Mapping[date, datetime], wrote: bool, now: datetime
) -> Told:
    if not lessons:
        return Told.NO_LESSONS
    begun = [day for day, starts_at in lessons.items() if starts_at <= now]
    missed = [day for day in begun if day not in told]
    if missed and not told:
        return Told.ANNOUNCED if wrote else Told.NOBODY
    if missed:
        return Told.PARTLY
    if any(told[day] > lessons[day] for day in told):
        return Told.LATE
    return Told.IN_TIME if told else Told.NOT_YET


def _tellings(school: School, monday: date) -> dict[int, list[Telling]]:
    """By class, every digest about days of the week; what corrects one tells no new day."""
    rows = db.session.execute(
        select(
            AnnouncementClass.class_id,
            Digest.first_day,
            Digest.span,
            Announcement.published_at,
            StaffMember.name,
        )
        .join(Announcement, Announcement.id == AnnouncementClass.announcement_id)
        .join(Digest, Digest.announcement_id == Announcement.id)
        .outerjoin(StaffMember, StaffMember.id == Announcement.author_id)
        .where(
            Digest.school_id == school.id,
            Digest.first_day >= monday,
            Digest.first_day < monday + timedelta(days=WEEK),
        )
        .order_by(Announcement.published_at)
    ).tuples()
    found: dict[int, list[Telling]] = defaultdict(list)
    for class_id, first_day, span, at, by in rows:
        if at is not None:
            found[class_id].append(Telling(first_day, Span(span).days, at, by))
    return found


def _own_announcements(school: School, monday: date) -> dict[int, tuple[int, datetime]]:
    """By class, how many announcements its class teacher sent it in the week, and when the last."""
    start, end = (
        clock_at(monday + timedelta(days=days), 0, school.zone).astimezone(UTC) for days in (0, WEEK)
    )
    rows = db.session.execute(
        select(SchoolClass.id, func.count(), func.max(Announcement.published_at))
        .join(AnnouncementClass, AnnouncementClass.class_id == SchoolClass.id)
        .join(
            Announcement,
            and_(
                Announcement.id == AnnouncementClass.announcement_id,
                Announcement.author_id == SchoolClass.teacher_id,
            ),
        )
        .where(
            Announcement.school_id == school.id,
            Announcement.published_at >= start,
            Announcement.published_at < end,
        )
        .group_by(SchoolClass.id)
    ).tuples()
    return {class_id: (count, last) for class_id, count, last in rows if last}


def _first_lessons(school: School, monday: date) -> dict[tuple[int, int, str], dict[date, datetime]]:
    """By grades and language, the first lesson of each day that takes place; none on days off."""
    days_off = [DayOff(**off) for off in stored_rules(school).days_off]
    query = lessons_on(school.id, monday, WEEK, school.zone, Wanted()).where(TvLesson.cancelled_at.is_(None))
    columns = query.with_only_columns(
        TvLesson.first_grade, TvLesson.last_grade, TvLesson.language, TvLesson.starts_at
    )
    found: dict[tuple[int, int, str], dict[date, datetime]] = defaultdict(dict)
    for first, last, language, starts_at in db.session.execute(columns).tuples():
        day = starts_at.astimezone(school.zone).date()
        if not any(off.covers(day) for off in days_off):
            found[first, last, language].setdefault(day, starts_at)
    return found


def _lessons_of(
    school_class: SchoolClass, lessons: Mapping[tuple[int, int, str], Mapping[date, datetime]]
) -> dict[date, datetime]:
    """The first lesson of each day for one class."""
    found: dict[date, datetime] = {}
    for (first, last, language), by_day in lessons.items():
        if language == school_class.language and first <= school_class.grade <= last:
            for day, starts_at in by_day.items():
                found[day] = min(found.get(day, starts_at), starts_at)
    return found
