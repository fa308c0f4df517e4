"""Which classes were late with their plan in the weeks before: for who answers for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from webapp.families.models import SchoolClass
from webapp.staff.models import School
from webapp.staffroom.models import PlanDeadline
from webapp.staffroom.plans import WEEK, PlanState, due_at, plans_of

# A month: long enough to tell a habit from an illness.
WEEKS_BACK = 4


@dataclass(slots=True)
class LateClass:
    """A class and the Mondays of the weeks it was told late, or not at all."""

    school_class: SchoolClass
    late: list[date] = field(default_factory=list)
    not_told: list[date] = field(default_factory=list)

    @property
    def times(self) -> int:
        return len(self.late) + len(self.not_told)


def late_before(
    school: School, classes: Sequence[SchoolClass], deadline: PlanDeadline, monday: date, now: datetime
) -> list[LateClass]:
    """List the classes that were late in the weeks before the one of `monday`, the worst first."""
    found: dict[int, LateClass] = {}
    for back in range(WEEKS_BACK, 0, -1):
        week = monday - back * WEEK
        if due_at(deadline, week, school) < deadline.set_at:
            continue  # there was no such hour yet
        plans = plans_of(school, classes, deadline, week, now)
        for row in plans.with_state(PlanState.LATE, PlanState.OVERDUE):
            late = found.setdefault(row.school_class.id, LateClass(row.school_class))
            (late.late if row.state is PlanState.LATE else late.not_told).append(week)
    return sorted(
        found.values(),
        key=lambda each: (-each.times, each.school_class.grade, each.school_class.letter),
    )
