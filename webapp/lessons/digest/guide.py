"""The lessons that one digest is about, and who watches which of them (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

# A grade and its language of instruction: children who have these in common watch the same.
Group = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Airing:
    """One lesson as a digest tells it."""

    lesson_id: int
    revision: int
    starts_at: datetime
    ends_at: datetime
    day: date
    clock: str  # on the school's clocks: "9:00"
    channel: str
    subject: str
    short: str  # the subject abbreviated
    topic: str
    first_grade: int
    last_grade: int
    language: str
    repeat_of: int | None = None

    def is_for(self, group: Group) -> bool:
        grade, language = group
        return self.first_grade <= grade <= self.last_grade and self.language == language

    def overlaps(self, other: Airing) -> bool:
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Clash:
    """Two lessons at once on different channels; `again` shows the second one (or the first) once more."""

    first: Airing
    second: Airing
    again: Airing | None
    again_is_second: bool


class Guide:
    """The lessons of one day, or of a week, in the order of their start."""

    def __init__(
        self, airings: Iterable[Airing], again: Mapping[int, tuple[Airing, ...]] | None = None
    ) -> None:
        self.airings = tuple(sorted(airings, key=lambda airing: (airing.starts_at, airing.lesson_id)))
        # By lesson: the airings that show it again, the next one first.
        self.again = again or {}
        self.days = tuple(sorted({airing.day for airing in self.airings}))
        self._watched: dict[Group, tuple[Airing, ...]] = {}
        self._clashes: dict[tuple[Group, Group], tuple[Clash, ...]] = {}

    def watched_by(self, group: Group) -> tuple[Airing, ...]:
        """Return what these children watch: each lesson once, repeats only of earlier days."""
        if group not in self._watched:
            ids = {airing.lesson_id for airing in self.airings}
            self._watched[group] = tuple(
                airing for airing in self.airings if airing.is_for(group) and airing.repeat_of not in ids
            )
        return self._watched[group]

    def clashes(self, one: Group, other: Group) -> tuple[Clash, ...]:
        """Find the lessons that children of two groups cannot both watch on one television set."""
        key = (one, other)
        if key not in self._clashes:
            self._clashes[key] = tuple(
                self._clash(first, second, one, other)
                for first in self.watched_by(one)
                for second in self.watched_by(other)
                if first.overlaps(second)
                and first.channel != second.channel
                and first.lesson_id != second.lesson_id
            )
        return self._clashes[key]

    def _clash(self, first: Airing, second: Airing, one: Group, other: Group) -> Clash:
        """Offer a repeat that clashes with nothing, rather than the next one."""
        ways = [(again, True) for again in self.again.get(second.lesson_id, ())]
        ways += [(again, False) for again in self.again.get(first.lesson_id, ())]
        watched = [*self.watched_by(one), *self.watched_by(other)]
        free = [way for way in ways if not any(way[0].overlaps(airing) for airing in watched)]
        again, is_second = next(iter([*free, *ways]), (None, True))
        return Clash(first, second, again, is_second)
