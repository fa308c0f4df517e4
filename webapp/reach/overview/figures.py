"""What the overview shows to those who decide, within what they may see: numbers, no drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, case, func, literal, literal_column, select

from notifier.database import db
from webapp.families.models import SchoolClass
from webapp.families.queries import families_seen_by
from webapp.lessons.rules import clock_at
from webapp.reach.models import FollowUp
from webapp.reach.queries import Reach, Report, Scope, Week, by_week, report
from webapp.staff.models import StaffMember
from webapp.times import monday_of

# What reached a family last year says little today.
DAYS = 30
WEEKS = 8
# A task open for this many days or more; each counts in the last of them that it has come to.
AGES = (0, 1, 3, 7)


@dataclass(frozen=True, slots=True)
class OpenTasks:
    """The open follow-ups by the days they have been open, and how many are past the day they were due."""

    by_age: dict[int, int]  # one of AGES → tasks
    overdue: int
    urgent: int

    @property
    def total(self) -> int:
        return sum(self.by_age.values())


@dataclass(frozen=True, slots=True)
class Overview:
    """How far families were reached in the last days, week by week, and what is still to be done."""

    since: datetime
    found: Report
    weeks: list[Week]
    tasks: OpenTasks

    def lowest(self, most: int) -> list[tuple[SchoolClass, Reach]]:
        """The classes with the least of their families reached first; those nobody wrote to are left out."""
        tried = [(each, reach) for each, reach in self.found.classes if was_tried(reach)]
        tried.sort(key=lambda row: (row[1].reached / row[1].families, row[0].grade, row[0].letter))
        return tried[:most]


def was_tried(reach: Reach) -> bool:
    """Say whether anybody got as far as being sent to: a class nobody wrote to has not failed."""
    return any(families for place, families in reach.at.items() if place > 0)


def overview(person: StaffMember, classes: Sequence[SchoolClass], now: datetime) -> Overview:
    """Count everything as `flask reach report` does for the same classes and days."""
    since = days_ago(DAYS, now, person.school.zone)
    scope = Scope(person.school_id, [each.id for each in classes], since=since)
    edges = mondays(now, person.school.zone)
    return Overview(since, report(scope, classes), by_week(scope, edges), open_tasks(person, now))


def days_ago(days: int, now: datetime, zone: ZoneInfo) -> datetime:
    """The midnight that began the day so many days ago, so that a report can name it by its date."""
    return clock_at(now.astimezone(zone).date() - timedelta(days=days), 0, zone).astimezone(UTC)


def mondays(now: datetime, zone: ZoneInfo, weeks: int = WEEKS) -> list[datetime]:
    """The moments at which this week and those before it begin, and the end of this one."""
    this = monday_of(now.astimezone(zone).date())
    first = this - timedelta(weeks=weeks - 1)
    return [clock_at(first + timedelta(weeks=n), 0, zone).astimezone(UTC) for n in range(weeks + 1)]


def open_tasks(person: StaffMember, now: datetime) -> OpenTasks:
    """Count the open follow-ups of the families this person sees."""
    age = case(
        *((FollowUp.opened_at <= now - timedelta(days=days), literal(days)) for days in reversed(AGES[1:])),
        else_=literal(0),
    ).label("age")
    late = func.sum(case((FollowUp.due_at < now, 1), else_=0))
    urgent = func.sum(case((FollowUp.priority == 0, 1), else_=0))
    query: Select[tuple[int, int, int, int]] = (
        select(age, func.count(), late, urgent)
        # A literal, because a partial index is used only for a condition that is no parameter.
        .where(FollowUp.school_id == person.school_id, FollowUp.state == literal_column("'open'"))
        .group_by(age)
    )
    if not person.sees_whole_school:
        query = query.where(FollowUp.family_id.in_(families_seen_by(person)))
    rows = db.session.execute(query).tuples().all()
    by_age = dict.fromkeys(AGES, 0) | {days: tasks for days, tasks, *_ in rows}
    return OpenTasks(by_age, sum(row[2] for row in rows), sum(row[3] for row in rows))
