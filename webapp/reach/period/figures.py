"""The numbers of a report: a row for each class and one for all of them, each family and copy once in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from webapp.announcements.kinds import CALLED
from webapp.announcements.levels import Level
from webapp.announcements.money.budget import price_of
from webapp.families.models import SchoolClass
from webapp.reach.causes import Cause, causes_by_class
from webapp.reach.furthest import furthest
from webapp.reach.models import Means
from webapp.reach.period import queries
from webapp.reach.period.days import Days
from webapp.reach.queries import Reach, Report, Scope
from webapp.staff.models import School

# What the kinds of announcements are added up under: what staff choose to write, the timetable; any other is
# "other".
GROUPS = dict.fromkeys(CALLED, "announcements") | {"digest": "timetable", "correction": "timetable"}
OTHER = "other"


@dataclass(slots=True)
class Row:
    """What took place with the families of a class, or of all classes (no class)."""

    school_class: SchoolClass | None
    reach: Reach = field(default_factory=lambda: Reach({}))
    kinds: Counter[str] = field(default_factory=Counter)  # announcements by kind
    copies: Counter[int] = field(default_factory=Counter)  # Level → what families were told, each by itself
    contacts: Counter[str] = field(default_factory=Counter)  # Means → how often
    replies: int = 0
    # Of the children in classes where somebody ticked whose work for an assignment is there.
    work_asked: int = 0
    work_handed_in: int = 0
    opened: int = 0
    closed: int = 0
    causes: Counter[Cause] = field(default_factory=Counter)  # why families were not reached
    segments: int = 0
    cost: Decimal | None = None

    @property
    def name(self) -> str:
        return self.school_class.name if self.school_class else ""

    @property
    def teacher(self) -> str:
        teacher = self.school_class.teacher if self.school_class else None
        return teacher.name if teacher else ""

    @property
    def groups(self) -> Counter[str]:
        """Announcements, added up by what they were."""
        found: Counter[str] = Counter()
        for kind, count in self.kinds.items():
            found[GROUPS.get(kind, OTHER)] += count
        return found

    @property
    def messages(self) -> int:
        return self.copies.total()

    @property
    def arrived(self) -> int:
        """Copies that came to their family."""
        return sum(count for level, count in self.copies.items() if level >= Level.DELIVERED)

    @property
    def not_reached(self) -> int:
        """Families nothing came to in these days."""
        return self.reach.families - self.reach.reached

    @property
    def other_contacts(self) -> int:
        return self.contacts.total() - self.contacts[Means.CALL] - self.contacts[Means.VISIT]

    def as_dict(self) -> dict[str, object]:
        return {
            **({"class": self.name, "teacher": self.teacher} if self.school_class else {}),
            "families": self.reach.families,
            "not_reached": self.not_reached,
            "causes": {cause.value: self.causes[cause] for cause in Cause if self.causes[cause]},
            "reach": self.reach.as_dict(),
            "announcements": {"all": self.kinds.total(), **dict(sorted(self.kinds.items()))},
            "messages": {"all": self.messages, **{level.key: self.copies[level] for level in Level}},
            "replies": self.replies,
            "work": {"asked": self.work_asked, "handed_in": self.work_handed_in},
            "follow_ups": {"opened": self.opened, "closed": self.closed},
            "contacts": {"all": self.contacts.total(), **dict(sorted(self.contacts.items()))},
            "segments": self.segments,
            "cost": None if self.cost is None else float(self.cost),
        }


@dataclass(frozen=True, slots=True)
class ToStaff:
    """What was written to the staff: no class's, and paid for by the school all the same."""

    notices: int
    segments: int
    cost: Decimal | None

    def as_dict(self) -> dict[str, object]:
        cost = None if self.cost is None else float(self.cost)
        return {"notices": self.notices, "segments": self.segments, "cost": cost}


@dataclass(frozen=True, slots=True)
class PeriodReport:
    """All a report says; `classes` in the order of grades.

    `staff` is only there when the report is of the whole school: what the school paid is both together.
    """

    school: School
    days: Days
    made_at: datetime
    total: Row
    classes: list[Row]
    staff: ToStaff | None = None

    @property
    def segments(self) -> int:
        """The SMS parts of all, families and staff."""
        return self.total.segments + (self.staff.segments if self.staff else 0)

    @property
    def cost(self) -> Decimal | None:
        return price_of(self.school, self.segments)

    def as_dict(self) -> dict[str, object]:
        together = {"segments": self.segments, "cost": None if self.cost is None else float(self.cost)}
        return {
            "school": self.school.name,
            "from": self.days.first.isoformat(),
            "to": self.days.last.isoformat(),
            **self.total.as_dict(),
            **({"staff": self.staff.as_dict(), "together": together} if self.staff else {}),
            "classes": [row.as_dict() for row in self.classes],
        }


def period_report(
    school: School, classes: Sequence[SchoolClass], days: Days, now: datetime, *, whole_school: bool
) -> PeriodReport:
    """Count everything about these classes; the row of all is the school's when they are the whole school."""
    scope = Scope(
        school.id,
        [each.id for each in classes],
        since=days.since(school.zone),
        until=days.until(school.zone),
    )
    rows: dict[int | None, Row] = defaultdict(lambda: Row(None))
    rows.update({each.id: Row(each) for each in classes})
    rows[None] = Row(None)
    came = furthest(scope)
    _reach(rows, came.report(classes))
    for class_id, level, count in queries.copies(scope):
        rows[class_id].copies[level] += count
    for class_id, kind, count, segments in queries.announcements(scope, whole_school=whole_school):
        rows[class_id].kinds[kind] += count
        rows[class_id].segments += segments
    for class_id, means, count in queries.contacts(scope, whole_school=whole_school):
        rows[class_id].contacts[means] += count
    for class_id, opened, closed in queries.follow_ups(scope, whole_school=whole_school):
        rows[class_id].opened, rows[class_id].closed = opened, closed
    for class_id, count in queries.replies(scope):
        rows[class_id].replies = count
    for class_id, asked, there in queries.work(scope):
        for row in (rows[class_id], rows[None]):
            row.work_asked += asked
            row.work_handed_in += there
    for number, causes in causes_by_class(scope, came).items():
        rows[number].causes = causes
    _price(rows.values(), school)
    staff = None
    if whole_school:
        notices, segments = queries.to_staff(scope)
        staff = ToStaff(notices, segments, price_of(school, segments))
    return PeriodReport(school, days, now, rows[None], [rows[each.id] for each in classes], staff)


def _reach(rows: dict[int | None, Row], found: Report) -> None:
    rows[None].reach = found.total
    for school_class, reach in found.classes:
        rows[school_class.id].reach = reach


def _price(rows: Iterable[Row], school: School) -> None:
    for row in rows:
        row.cost = price_of(school, row.segments)
