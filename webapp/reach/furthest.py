"""How far every family came, read once for everything that a report counts of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from notifier.database import db
from webapp.announcements.audience.find import has_usable_address
from webapp.families.models import Family, SchoolClass
from webapp.reach.queries import NO_ADDRESS, Reach, Report, Scope, families_by_class

# So many families are named in one query.
AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Furthest:
    """How far every family of every class came, read once for all that is counted of it."""

    levels: dict[tuple[int, int], int]  # (class, family) → Level
    with_address: set[int]  # of the families nothing was sent to, those there is an address of

    @property
    def whole(self) -> dict[int, int]:
        """Every family once, at its furthest."""
        found: dict[int, int] = {}
        for (_, family_id), place in self.levels.items():
            found[family_id] = max(place, found.get(family_id, 0))
        return found

    def report(self, classes: Iterable[SchoolClass]) -> Report:
        """The same numbers as `report`."""
        by_class: dict[int, Counter[int]] = defaultdict(Counter)
        for (class_id, family_id), place in self.levels.items():
            by_class[class_id][self._place(family_id, place)] += 1
        total = Counter(self._place(family_id, place) for family_id, place in self.whole.items())
        return Report(
            Reach(total), [(each, Reach(by_class[each.id])) for each in classes if each.id in by_class]
        )

    def _place(self, family_id: int, place: int) -> int:
        return place if place or family_id in self.with_address else NO_ADDRESS


def furthest(scope: Scope) -> Furthest:
    """Read how far every family of every class of the scope came."""
    rows = db.session.execute(families_by_class(scope))
    levels = {(class_id, family_id): place for family_id, class_id, place in rows}
    untold = sorted({family_id for (_, family_id), place in levels.items() if not place})
    with_address: set[int] = set()
    for some in batched(untold, AT_ONCE):
        with_address.update(
            db.session.scalars(select(Family.id).where(Family.id.in_(some), has_usable_address(Family.id)))
        )
    return Furthest(levels, with_address)


def batched(numbers: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    """Give them so many at a time: a query holds no more than some thousands."""
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]
