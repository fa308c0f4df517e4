"""The difference between a class list and the school: who is new, changed, unchanged, leaving (pure).

1. Each row is matched with a pupil: same name, and the same class or the same guardian or phone.
2. Rows that name the same guardian with the same phone or e-mail address are one family; so are rows that
   name a guardian of a family the school has. Other rows stay with their pupil's family, or begin a new one.
3. What the rows say about a family is compared with what is known. Empty cells say nothing.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from webapp.families.cells import ClassName
from webapp.families.contacts import Address
from webapp.families.household import Change, Household, family_changes, plan_guardians
from webapp.families.matching import keys, match_pupils, rows_by_guardian
from webapp.families.models import Family, Pupil
from webapp.families.names import better
from webapp.families.problems import Problem
from webapp.families.roster import Roster, name_of
from webapp.families.rows import ClassList, Row


@dataclass
class PupilPlan:
    row: Row
    pupil: Pupil | None
    household: Household
    changes: list[Change]

    @property
    def kind(self) -> str:
        if self.pupil is None:
            return "new"
        return "changed" if self.changes or self.household.changes else "unchanged"

    @property
    def name(self) -> str:
        """The pupil's name as it will be."""
        return better(self.pupil.name, self.row.pupil) if self.pupil else self.row.pupil


@dataclass
class Plan:
    """Everything that applying the list would do."""

    households: list[Household]
    pupils: list[PupilPlan]
    leaving: list[Pupil]
    new_classes: dict[ClassName, str]  # and the language each is taught in
    warnings: list[Problem]

    def of_kind(self, kind: str) -> list[PupilPlan]:
        return [plan for plan in self.pupils if plan.kind == kind]

    @property
    def fingerprint(self) -> str:
        """Says whether a plan made anew is still the one a person agreed to."""
        facts = [
            [
                (p.row.number, p.kind, p.pupil and p.pupil.id, p.changes, p.household.changes)
                for p in self.pupils
            ],
            [pupil.id for pupil in self.leaving],
        ]
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


def make_plan(found: ClassList, roster: Roster, only: Collection[ClassName] | None = None) -> Plan:
    """Compare the good rows of a list with the school; `only` are the classes a class teacher may change."""
    matched = match_pupils(found.rows, roster, only)
    new_classes = _new_classes(found.rows, roster)
    languages = {name: known.language for name, known in roster.classes.items()} | new_classes
    households = _households(found.rows, roster, matched)
    pupils = []
    for household in households:
        household.guardians = plan_guardians(household, languages)
        household.changes = list(family_changes(household))
        for row in household.rows:
            pupil = matched.get(row.number)
            changes = list(_pupil_changes(row, pupil, household)) if pupil else []
            pupils.append(PupilPlan(row, pupil, household, changes))
    pupils.sort(key=lambda plan: plan.row.number)
    return Plan(
        households,
        pupils,
        _leaving(found, roster, {pupil.id for pupil in matched.values()}),
        new_classes,
        _shared(households, roster),
    )


def _households(rows: Sequence[Row], roster: Roster, matched: dict[int, Pupil]) -> list[Household]:
    """Put the rows together into families."""
    by_family: dict[int, Household] = {}
    households = []
    for group in rows_by_guardian(rows):
        family = _family_of(group, roster, [matched[row.number] for row in group if row.number in matched])
        household = by_family.get(family.id) if family else None
        if household is None:
            household = Household(family)
            households.append(household)
            if family:
                by_family[family.id] = household
        household.rows += group
    for household in households:
        household.rows.sort(key=lambda row: row.number)
    return households


def _family_of(group: list[Row], roster: Roster, pupils: list[Pupil]) -> Family | None:
    """The family the school already has for these rows: by the guardian, else by the pupils."""
    own = {pupil.family_id for pupil in pupils}
    known = [roster.named[key] for row in group for key in keys(row) if key in roster.named]
    candidates = known or [pupil.family for pupil in pupils]
    return min(candidates, key=lambda family: (family.id not in own, family.id), default=None)


def _new_classes(rows: Sequence[Row], roster: Roster) -> dict[ClassName, str]:
    """Classes the school hasn't yet, with the language most of their families read."""
    languages: dict[ClassName, Counter[str]] = {}
    for row in rows:
        if row.school_class not in roster.classes:
            languages.setdefault(row.school_class, Counter()).update([row.language] if row.language else [])
    default = roster.school.language
    return {name: (c.most_common(1)[0][0] if c else default) for name, c in sorted(languages.items())}


def _pupil_changes(row: Row, pupil: Pupil, household: Household) -> Iterator[Change]:
    if better(pupil.name, row.pupil) != pupil.name:
        yield Change("pupil", pupil.name, row.pupil)
    if name_of(pupil.school_class) != row.school_class:
        yield Change("class", pupil.school_class.name, str(row.school_class))
    if pupil.left_at is not None:
        yield Change("returned", "", "")
    if household.family is None or pupil.family_id != household.family.id:
        yield Change("family", _guardian_names(pupil.family), ", ".join(g.name for g in household.guardians))


def _guardian_names(family: Family) -> str:
    return ", ".join(guardian.name for guardian in family.guardians)


def _leaving(found: ClassList, roster: Roster, matched: set[int]) -> list[Pupil]:
    """Pupils of the list's classes whom it doesn't name; a bad row still names its pupil."""
    gone = [
        pupil
        for name, pupils in roster.pupils.items()
        for pupil in pupils
        if pupil.left_at is None
        and pupil.id not in matched
        and name not in found.named_badly
        and name_of(pupil.school_class) in found.classes
    ]
    return sorted(gone, key=lambda pupil: (name_of(pupil.school_class), pupil.name, pupil.id))


def _shared(households: Sequence[Household], roster: Roster) -> list[Problem]:
    """Warn of every row whose phone or e-mail address also stands with another family."""
    holders: dict[Address, set[object]] = {key: set(families) for key, families in roster.sharing.items()}
    for household in households:
        for plan in household.guardians:
            for contact in plan.contacts:
                holders.setdefault(contact, set()).add(_identity(household))
    warnings = []
    for household in households:
        for row in household.rows:
            for channel, address in row.contacts:
                if holders.get((channel, address), set()) - {_identity(household)}:
                    column = "phone" if channel == "sms" else "email"
                    warnings.append(Problem(row.number, column, "shared_phone", address))
    return warnings


def _identity(household: Household) -> object:
    return household.family.id if household.family else f"new {household.rows[0].number}"
