"""By when each class's plan of a week is told to its families (clause 4.2), and how the classes stand.

The plan counts as told when all lesson days of the week were told, or when the class's teacher says which
announcement told it, or that it was told in another way. Asked is a class that is written down as taught at a
distance on some day of the week, and one that has lessons on television unless it is at school all the week.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from notifier.database import db
from webapp.announcements.kinds import PERSONAL
from webapp.announcements.models import Announcement, AnnouncementClass
from webapp.families.models import SchoolClass
from webapp.families.modes import ClassMode, Mode
from webapp.lessons.rules import DayOff, clock_at, stored_rules
from webapp.reach.answers.remind import KIND as REMINDER
from webapp.reach.overview.timetable import ClassTold, week_told
from webapp.staff.models import School
from webapp.staffroom.models import Before, PlanDeadline, PlanReminder, PlanTold
from webapp.survey.sending import KIND as SURVEY
from webapp.times import monday_of

WEEK = timedelta(days=7)
SCHOOL_DAYS = 6  # Monday to Saturday
HOURS_BEFORE = timedelta(hours=3)
MORNING = 8 * 60
# From then on a page shows the week that comes instead of the one that is.
AHEAD = timedelta(days=3)
# What told a plan was written in the week before, or in the week itself.
RECENT = 5


class PlanState(StrEnum):
    """How a class stands with its plan; in the order in which a person should look."""

    OVERDUE = "overdue"  # the hour is over, and nobody told it
    LATE = "late"  # told after the hour
    DUE = "due"  # the hour is still to come
    IN_TIME = "in_time"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class ClassPlan:
    school_class: SchoolClass
    state: PlanState
    told_at: datetime | None
    by: str  # of whom that is known
    by_hand: bool  # somebody said so
    reminded: Mapping[bool, datetime]  # when its teacher was, before the hour (False) and after it (True)


@dataclass(frozen=True, slots=True)
class Plans:
    """The classes of a person in a week, those to look at first."""

    deadline: PlanDeadline
    monday: date
    due: datetime
    classes: list[ClassPlan]
    counts: Mapping[PlanState, int] = field(default_factory=dict)

    def with_state(self, *wanted: PlanState) -> list[ClassPlan]:
        return [row for row in self.classes if row.state in wanted]


def deadline_of(school_id: int) -> PlanDeadline | None:
    return db.session.get(PlanDeadline, school_id)


def due_at(deadline: PlanDeadline, monday: date, school: School) -> datetime:
    """Say by when the plan of a week is told; an hour that falls on a day off comes the day before that."""
    days_off = [DayOff(**off) for off in stored_rules(school).days_off]
    day = monday + timedelta(days=deadline.day)
    for _ in range(WEEK.days):
        if not any(off.covers(day) for off in days_off):
            break
        day -= timedelta(days=1)
    return clock_at(day, deadline.minute, school.zone).astimezone(UTC)


def reminds_at(deadline: PlanDeadline, due: datetime, school: School) -> datetime | None:
    """Say when teachers are reminded before the hour; None when they are not."""
    match deadline.before:
        case Before.HOURS:
            return due - HOURS_BEFORE
        case Before.DAY:
            return due - timedelta(days=1)
        case Before.MORNING:
            return min(
                clock_at(due.astimezone(school.zone).date(), MORNING, school.zone).astimezone(UTC), due
            )
    return None


def ends_at(monday: date, school: School) -> datetime:
    """From then on nobody is reminded of a week: it is over."""
    return clock_at(monday + timedelta(days=SCHOOL_DAYS), 0, school.zone).astimezone(UTC)


def week_to_show(deadline: PlanDeadline, school: School, now: datetime) -> date:
    """Say which week a person looks at: the next one, when its hour is near or over."""
    coming = monday_of(now.astimezone(school.zone).date()) + WEEK
    return coming if due_at(deadline, coming, school) - AHEAD <= now else coming - WEEK


def plans_of(
    school: School, classes: Sequence[SchoolClass], deadline: PlanDeadline, monday: date, now: datetime
) -> Plans:
    """Say for each of these classes how it stands with its plan of the week that begins on `monday`."""
    due = due_at(deadline, monday, school)
    ids = [each.id for each in classes]
    by_hand, reminded = _told_by_hand(ids, monday), _reminded(ids, monday)
    taught = taught_in(school, monday)
    # Nobody was late for an hour that was over when it was set.
    holds = due if due >= deadline.set_at else None
    rows = [
        _one_class(
            told,
            by_hand.get(told.school_class.id),
            taught,
            holds,
            now,
            reminded.get(told.school_class.id, {}),
        )
        for told in week_told(school, classes, monday, now).classes
    ]
    order = list(PlanState)
    rows.sort(key=lambda row: (order.index(row.state), row.school_class.grade, row.school_class.letter))
    return Plans(deadline, monday, due, rows, Counter(row.state for row in rows))


def _one_class(
    told: ClassTold,
    by_hand: PlanTold | None,
    taught: Taught,
    due: datetime | None,
    now: datetime,
    reminded: Mapping[bool, datetime],
) -> ClassPlan:
    said = by_hand.at if by_hand else None
    moments = [moment for moment in (told.whole_at, said) if moment]
    told_at = min(moments, default=None)
    if told_at is None:
        asked = taught.asks(told.school_class.id, has_lessons=told.lesson_days > 0)
        over = due is not None and now >= due
        state = PlanState.NOT_ASKED if not asked else PlanState.OVERDUE if over else PlanState.DUE
    else:
        state = PlanState.LATE if due is not None and told_at > due else PlanState.IN_TIME
    is_by_hand = said is not None and said == told_at
    by = by_hand.by.name if by_hand and is_by_hand and by_hand.by else ", ".join(told.by)
    return ClassPlan(told.school_class, state, told_at, by, by_hand is not None, reminded)


def _told_by_hand(class_ids: Collection[int], monday: date) -> dict[int, PlanTold]:
    rows = db.session.scalars(
        select(PlanTold)
        .where(PlanTold.class_id.in_(class_ids), PlanTold.monday == monday)
        .options(joinedload(PlanTold.by))
    )
    return {row.class_id: row for row in rows}


def _reminded(class_ids: Collection[int], monday: date) -> dict[int, dict[bool, datetime]]:
    found: dict[int, dict[bool, datetime]] = {}
    for row in db.session.scalars(
        select(PlanReminder).where(PlanReminder.class_id.in_(class_ids), PlanReminder.monday == monday)
    ):
        found.setdefault(row.class_id, {})[row.late] = row.at
    return found


@dataclass(frozen=True, slots=True)
class Taught:
    """Which classes are written down as taught at school all the week, and which away from it on some day."""

    at_school: Collection[int] = ()
    away: Collection[int] = ()

    def asks(self, class_id: int, *, has_lessons: bool) -> bool:
        """Whether a class needs a plan: it is away, or its lessons on television say that it is."""
        return class_id in self.away or (has_lessons and class_id not in self.at_school)


def taught_in(school: School, monday: date) -> Taught:
    """Look how the classes are taught in a week; days off count for nothing."""
    off = [DayOff(**each) for each in stored_rules(school).days_off]
    week = [monday + timedelta(days=number) for number in range(SCHOOL_DAYS)]
    days = [day for day in week if not any(each.covers(day) for each in off)]
    if not days:
        return Taught()
    modes = db.session.scalars(
        select(ClassMode)
        .where(ClassMode.school_id == school.id, ClassMode.starts <= days[-1], ClassMode.ends >= days[0])
        .order_by(ClassMode.created_at.desc(), ClassMode.id.desc())
    ).all()
    if not modes:
        return Taught()
    class_ids = db.session.scalars(select(SchoolClass.id).where(SchoolClass.school_id == school.id))
    found = {each: {_mode_on(modes, each, day) for day in days} for each in class_ids}
    return Taught(
        {each for each, kinds in found.items() if kinds == {Mode.AT_SCHOOL}},
        {each for each, kinds in found.items() if kinds & {Mode.DISTANCE, Mode.MIXED}},
    )


def _mode_on(modes: Sequence[ClassMode], class_id: int, day: date) -> str | None:
    """What is written down for a day, as `families.modes.mode_of` finds it: the class's own goes first."""
    holding = [each for each in modes if each.starts <= day <= each.ends]
    for wanted in (class_id, None):
        for each in holding:
            if each.class_id == wanted:
                return each.mode
    return None


def recent_announcements(school_class: SchoolClass, monday: date, school: School) -> Sequence[Announcement]:
    """List what may have told a class its plan: what was sent to it in the week before, or in the week."""
    since = clock_at(monday - WEEK, 0, school.zone).astimezone(UTC)
    until = clock_at(monday + WEEK, 0, school.zone).astimezone(UTC)
    return db.session.scalars(
        select(Announcement)
        .join(AnnouncementClass, AnnouncementClass.announcement_id == Announcement.id)
        .where(
            AnnouncementClass.class_id == school_class.id,
            Announcement.author_id.is_not(None),
            Announcement.kind.not_in(PERSONAL | {SURVEY, REMINDER}),
            Announcement.published_at >= since,
            Announcement.published_at < until,
        )
        .order_by(Announcement.published_at.desc())
        .limit(RECENT)
    ).all()
