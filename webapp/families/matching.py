"""Which rows of a class list are one family, and whom of the school a row speaks of (pure)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from webapp.families.cells import ClassName
from webapp.families.contacts import Address, addresses
from webapp.families.models import Guardian, Pupil
from webapp.families.names import skeleton
from webapp.families.roster import Roster, name_of
from webapp.families.rows import Row

GuardianKey = tuple[str, Address]


def keys(row: Row) -> list[GuardianKey]:
    """List the guardian's name with each address: what two rows of one family have in common."""
    return [(skeleton(row.guardian), address) for address in row.contacts] if row.guardian else []


def match_pupils(rows: Sequence[Row], roster: Roster, only: Collection[ClassName] | None) -> dict[int, Pupil]:
    """Find the pupil each row speaks of, by row number; the surest pairs first, nobody twice."""
    pairs = []
    for row in rows:
        for pupil in roster.pupils.get(skeleton(row.pupil), ()):
            score = _likeness(row, pupil, only)
            if score:
                pairs.append((-score, row.number, pupil.id, pupil))
    matched: dict[int, Pupil] = {}
    taken: set[int] = set()
    for _score, number, _id, pupil in sorted(pairs, key=lambda pair: pair[:3]):
        if number not in matched and pupil.id not in taken:
            matched[number] = pupil
            taken.add(pupil.id)
    return matched


def _likeness(row: Row, pupil: Pupil, only: Collection[ClassName] | None) -> int:
    """How surely the row speaks of this pupil, who has the row's name; 0: somebody else."""
    guardians = pupil.family.guardians
    shares_address = any(a in row.contacts for guardian in guardians for a in addresses(guardian))
    same_guardian = bool(row.guardian) and any(skeleton(g.name) == skeleton(row.guardian) for g in guardians)
    school_class = name_of(pupil.school_class)
    if school_class != row.school_class:
        # A class teacher takes a pupil over from a colleague only by knowing the family's phone.
        foreign = only is not None and school_class not in only
        if not shares_address and (foreign or not same_guardian):
            return 0
    return (
        16 * shares_address
        + 8 * same_guardian
        + 4 * (school_class == row.school_class)
        + 2 * (pupil.left_at is None)
    )


def rows_by_guardian(rows: Sequence[Row]) -> list[list[Row]]:
    """Group the rows that name the same guardian with the same address, directly or by way of others."""
    group_of: dict[GuardianKey, list[Row]] = {}
    groups: list[list[Row]] = []
    for row in rows:
        found: list[list[Row]] = []
        for key in keys(row):
            if key in group_of and not any(group_of[key] is group for group in found):
                found.append(group_of[key])
        joined = [row] if not found else found[0]
        if found:
            joined.append(row)
        else:
            groups.append(joined)
        for other in found[1:]:
            joined += other
            groups = [group for group in groups if group is not other]
        for member in joined if len(found) > 1 else [row]:
            group_of.update(dict.fromkeys(keys(member), joined))
    return groups


def match_guardians(said: dict[str, list[Row]], known: Sequence[Guardian]) -> dict[str, Guardian]:
    """Find the guardian each name of the list stands for: by name, by address, by having no name."""
    matched: dict[str, Guardian] = {}

    def take(key: str, fits: list[Guardian]) -> None:
        free = [g for g in fits if not any(g is other for other in matched.values())]
        if key not in matched and free:
            matched[key] = free[0]

    for key in said:
        take(key, [g for g in known if key and skeleton(g.name) == key])
    for key, rows in said.items():
        theirs = {address for row in rows for address in row.contacts}
        take(key, [g for g in known if theirs & set(addresses(g))])
    for key in said:
        take(key, [g for g in known if not g.name] if key else list(known))
    return matched
