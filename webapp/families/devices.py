"""What a household has at home and who reads there: dated, by whom learned, the newest of it counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, Subquery, func, select

from notifier.database import db
from webapp.families.models import DeviceFact, Family
from webapp.staff.models import Role, StaffMember

__all__ = [
    "CHOICES", "HAVINGS", "NO", "SEES_DEVICES", "UNKNOWN", "YES", "DeviceFact", "Devices", "Fact", "Known",
    "facts_of", "families_known", "newest", "note_device",
]  # fmt: skip

# A quarter: by then a phone is broken, lent or sold, and somebody should ask again.
STALE_AFTER = timedelta(days=92)
# Clause 1.5: what a family cannot afford is seen by these alone; a class teacher sees their own class's.
SEES_DEVICES = frozenset({Role.DIRECTOR, Role.DEPUTY_DIRECTOR, Role.SOCIAL_PEDAGOGUE, Role.CLASS_TEACHER})
YES, NO, UNKNOWN = "yes", "no", ""
LONGEST_VALUE = 255


class Fact(StrEnum):
    TV = "tv"
    CHANNELS = "channels"  # which the television gets: names, a line each
    BUTTON_PHONE = "button_phone"
    SMARTPHONE = "smartphone"
    COMPUTER = "computer"  # or a tablet
    INTERNET = "internet"
    PHONE_BY_DAY = "phone_by_day"  # who holds the phone while there are lessons
    READS = "reads"


# What there is or is not, in the order in which one asks.
HAVINGS = (Fact.SMARTPHONE, Fact.BUTTON_PHONE, Fact.COMPUTER, Fact.INTERNET, Fact.TV)
# The values a fact may have, beside UNKNOWN; that of the channels is written freely.
CHOICES: dict[Fact, tuple[str, ...]] = dict.fromkeys(HAVINGS, (YES, NO)) | {
    Fact.PHONE_BY_DAY: ("adult", "child", "away", "nobody"),
    Fact.READS: ("ky", "ru", "both", "none"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one fact; `by` is a name of the staff, "" where the family said so itself."""

    value: str
    learned_at: datetime
    by: str = ""

    def is_stale(self, now: datetime) -> bool:
        return now - self.learned_at > STALE_AFTER


@dataclass(frozen=True, slots=True)
class Devices:
    """All that is known of one household; what nobody knows is not in it."""

    known: dict[Fact, Known] = field(default_factory=dict)

    def __getitem__(self, fact: Fact) -> Known | None:
        return self.known.get(fact)

    def value(self, fact: Fact) -> str:
        """The newest value, or UNKNOWN."""
        known = self.known.get(fact)
        return known.value if known else UNKNOWN

    def has(self, having: Fact) -> bool | None:
        """Say whether there is such a device; None: nobody knows."""
        return {YES: True, NO: False}.get(self.value(having))

    @property
    def channels(self) -> list[str]:
        """The TV channels the household gets."""
        return self.value(Fact.CHANNELS).splitlines()

    def stale(self, now: datetime) -> list[Fact]:
        """List what should be asked again."""
        return [fact for fact, known in self.known.items() if known.is_stale(now)]


def facts_of(family_ids: Iterable[int]) -> dict[int, Devices]:
    """Say what is known of each of these families, in one query; a family nobody knows of has none."""
    ids = list(family_ids)
    found = {family_id: Devices() for family_id in ids}
    facts = newest(DeviceFact.family_id.in_(ids))
    rows = db.session.execute(
        select(facts.c.family_id, facts.c.fact, facts.c.value, facts.c.learned_at, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == facts.c.staff_id)
        .where(facts.c.value != UNKNOWN)
    )
    for family_id, fact, value, learned_at, name in rows:
        found[family_id].known[Fact(fact)] = Known(value, learned_at, name or "")
    return found


def newest(which: ColumnElement[bool]) -> Subquery:
    """The facts that count among `which`: of each family and fact the one learned last."""
    place = func.row_number().over(
        partition_by=(DeviceFact.family_id, DeviceFact.fact),
        order_by=(DeviceFact.learned_at.desc(), DeviceFact.id.desc()),
    )
    ranked = select(DeviceFact, place.label("place")).where(which).subquery()
    return select(ranked).where(ranked.c.place == 1).subquery()


def families_known(school_id: int, fact: Fact, value: str) -> Select[tuple[int]]:
    """Select the ids of a school's families of which this is the last that was learned."""
    facts = newest((DeviceFact.school_id == school_id) & (DeviceFact.fact == fact))
    return select(facts.c.family_id).where(facts.c.value == value)


def note_device(
    family: Family,
    fact: Fact,
    value: str,
    learned_at: datetime,
    by: StaffMember | None = None,
    *,
    inbound_id: int | None = None,
) -> None:
    """Write down what was learned, in the caller's transaction.

    The same again is worth writing: it is fresh from now on. Raises ValueError for a value the fact has not.
    """
    if fact in CHOICES and value not in {*CHOICES[fact], UNKNOWN}:
        raise ValueError(f"{fact} is not {value!r}")
    db.session.add(
        DeviceFact(
            school_id=family.school_id,
            family_id=family.id,
            fact=fact,
            value=value[:LONGEST_VALUE],
            learned_at=learned_at,
            staff_id=by.id if by else None,
            inbound_id=inbound_id,
        )
    )


def as_channels(names: Collection[str]) -> str:
    """Write channels as the value of their fact; names that don't fit any more are left out."""
    lines: list[str] = []
    for name in dict.fromkeys(" ".join(each.split()) for each in names):
        if name and len("\n".join([*lines, name])) <= LONGEST_VALUE:
            lines.append(name)
    return "\n".join(lines)
