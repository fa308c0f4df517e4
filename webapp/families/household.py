"""A family as it will be after a class list: who is told, where, and what of it is different (pure)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from webapp.families.cells import ClassName
from webapp.families.contacts import Address, addresses
from webapp.families.matching import match_guardians
from webapp.families.models import Family, Guardian
from webapp.families.names import better, skeleton
from webapp.families.rows import Row


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that will be different: a field (a column, or "family", "returned"), before and after."""

    field: str
    before: str
    after: str


@dataclass
class GuardianPlan:
    """A guardian as they will be; `guardian` is None for one the family doesn't have yet."""

    guardian: Guardian | None
    name: str
    relation: str
    language: str
    contacts: list[Address]

    def changes(self) -> Iterator[Change]:
        old = self.guardian
        if old is None:
            yield Change("guardian", "", self.name)
            if self.contacts:
                yield Change("phone", "", _written(self.contacts))
            return
        pairs = (("guardian", old.name, self.name), ("relation", old.relation, self.relation))
        for column, before, after in (*pairs, ("language", old.language, self.language)):
            if before != after:
                yield Change(column, before, after)
        for column, channel in (("phone", "sms"), ("email", "email")):
            known, told = addresses(old, channel), [a for a in self.contacts if a[0] == channel]
            if known != told:
                yield Change(column, _written(known), _written(told))


@dataclass
class Household:
    """The rows of one family, and the family as it will be."""

    family: Family | None
    rows: list[Row] = field(default_factory=list)
    guardians: list[GuardianPlan] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where they live: as the first row that says so."""
        said = next((row.address for row in self.rows if row.address), "")
        return said or (self.family.address if self.family else "")

    @property
    def adds_guardian(self) -> bool:
        """Whether the list names a guardian beside those a family already has."""
        known = self.family.guardians if self.family else []
        return bool(known) and any(plan.guardian is None for plan in self.guardians)


def plan_guardians(household: Household, class_languages: Mapping[ClassName, str]) -> list[GuardianPlan]:
    """Say what each guardian the rows name will be, keeping what the rows leave empty."""
    said: dict[str, list[Row]] = {}
    for row in household.rows:
        if row.guardian or row.contacts:
            said.setdefault(skeleton(row.guardian), []).append(row)
    matched = match_guardians(said, household.family.guardians if household.family else [])
    plans = []
    for key, rows in said.items():
        old, first = matched.get(key), rows[0]
        contacts = []
        for channel in ("sms", "email"):
            listed = dict.fromkeys(a for row in rows for a in row.contacts if a[0] == channel)
            contacts += list(listed) or (addresses(old, channel) if old else [])
        name = first.guardian
        for row in rows[1:]:
            name = better(name, row.guardian)
        plans.append(
            GuardianPlan(
                old,
                (better(old.name, name) if name else old.name) if old else name,
                next((row.relation for row in rows if row.relation), old.relation if old else ""),
                next(
                    (row.language for row in rows if row.language),
                    old.language if old else class_languages[first.school_class],
                ),
                contacts,
            )
        )
    return plans


def family_changes(household: Household) -> Iterator[Change]:
    if household.family is None:
        return
    if household.address != household.family.address:
        yield Change("address", household.family.address, household.address)
    for plan in household.guardians:
        yield from plan.changes()


def _written(contacts: Sequence[Address]) -> str:
    return ", ".join(address for _channel, address in contacts)
