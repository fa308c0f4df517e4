"""Which messages of a spreadsheet one looks at before they are sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from webapp.announcements.audience.households import Child, Envelope
from webapp.announcements.render import Finished
from webapp.families.looking import is_called
from webapp.message_templates.sheets.plan import SheetPlan

FIRST = 3
# Who looks for a name in everybody's types more of it.
MOST_OF_A_NAME = 10


@dataclass(frozen=True, slots=True)
class Look:
    """The messages one looks at: the first ones, a row's or a child's; and the rows before and after it."""

    messages: list[tuple[Envelope, Finished, list[int]]]
    row: int | None = None
    before: int | None = None
    after: int | None = None
    unknown: bool = False  # that row is not sent
    homeless: bool = False  # its family has no address
    name: str = ""  # of the child that was asked for


def look_at(found: SheetPlan, wanted: str) -> Look:
    """Show the first messages, or those of the row or child that was asked for."""
    listed = [
        (envelope, message, [row.number for row in found.lines_of(envelope)])
        for envelope, message in found.plan.messages
    ]
    rows = [number for number, _ in found.kept.rows]
    if not wanted.strip():
        return Look(sorted(listed, key=lambda each: each[2])[:FIRST], after=rows[0] if rows else None)
    if any(sign.isalpha() for sign in wanted):
        return _of_a_child(found, listed, wanted.strip())
    row = int(wanted) if wanted.strip().isdecimal() and len(wanted) < 9 else 0
    if row not in rows:
        return Look(
            [],
            row,
            next((n for n in reversed(rows) if n < row), None),
            next((n for n in rows if n > row), None),
            unknown=True,
        )
    place = rows.index(row)
    messages = [each for each in listed if row in each[2]]
    return Look(
        messages,
        row,
        rows[place - 1] if place else None,
        rows[place + 1] if place + 1 < len(rows) else None,
        homeless=not messages,
    )


def _of_a_child(found: SheetPlan, listed: list[tuple[Envelope, Finished, list[int]]], wanted: str) -> Look:
    named = [each for each in listed if _is_among(each[0].children, wanted)]
    homeless = not named and any(
        _is_among(household.children, wanted) for household in found.plan.audience.without_address
    )
    return Look(named[:MOST_OF_A_NAME], name=wanted, unknown=not named and not homeless, homeless=homeless)


def _is_among(children: Iterable[Child], wanted: str) -> bool:
    return any(is_called(child.name, wanted) for child in children)
