"""Find the header of a spreadsheet and say which column fills which field, and which names the child (pure).

What the person's program hides is not there: what one sees is what is sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from webapp.families.columns import HEADER_WITHIN, recognise
from webapp.families.sheets import Sheet, SheetRow
from webapp.message_templates.fields import CLASS, GUARDIAN, KNOWN, PUPIL, Asked, key_of

OWN = {"pupil": PUPIL, "class": CLASS, "guardian": GUARDIAN}
# By these a row says whom it is about.
FINDERS = frozenset({"pupil", "class", "phone"})


@dataclass(frozen=True, slots=True)
class Column:
    place: int  # from 0
    header: str
    key: str = ""  # of the field it fills
    finds: str = ""  # one of FINDERS


@dataclass
class Layout:
    """How a sheet is laid out for a template."""

    sheet: Sheet
    header: int  # index of the header among the sheet's rows
    columns: list[Column]
    ignored: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    missing: list[Asked] = field(default_factory=list)

    @property
    def finds(self) -> set[str]:
        return {column.finds for column in self.columns if column.finds}

    @property
    def rows(self) -> list[SheetRow]:
        """The rows that are seen, below the header."""
        below = self.sheet.rows[self.header + 1 :]
        return [row for row in below if row.number not in self.sheet.hidden_rows]

    @property
    def hidden_rows(self) -> int:
        """How many rows with something in them are not seen."""
        return len(self.sheet.rows) - self.header - 1 - len(self.rows)


def lay_out(sheets: Sequence[Sheet], asked: Sequence[Asked]) -> Layout:
    """Choose the sheet and the row that name the most of what is asked, the first where they are even."""
    known = _keys(asked)
    best = max(
        ((sheet, index) for sheet in sheets for index in range(min(HEADER_WITHIN, len(sheet.rows)))),
        key=lambda place: _named(place[0], place[1], known),
    )
    sheet, header = best
    others = tuple(other.name for other in sheets if other is not sheet and len(other.rows) > 1)
    layout = Layout(replace(sheet, other_sheets=others), header, [])
    headers = _headers(sheet, header)
    for place, text in enumerate(headers):
        column = _column(place, text, known)
        if not text:
            continue
        if place in sheet.hidden_columns:
            layout.hidden.append(text)
        elif column.key or column.finds:
            layout.columns.append(column)
        else:
            layout.ignored.append(text)
    filled = Counter(column.key for column in layout.columns if column.key and column.key not in KNOWN)
    layout.doubled = [
        next(each.header for each in layout.columns if each.key == key)
        for key, times in filled.items()
        if times > 1
    ]
    layout.missing = [each for each in asked if each.key not in filled and each.key not in KNOWN]
    return layout


def _keys(asked: Iterable[Asked]) -> dict[str, str]:
    """The keys of fields, and as an old Excel without ң ө ү would have left them."""
    keys = [each.key for each in asked]
    return {_worn(key): key for key in keys} | {key: key for key in keys}


def _worn(key: str) -> str:
    return "".join(letter for letter in key if letter not in "ңөү")


def _headers(sheet: Sheet, header: int) -> list[str]:
    """The names of the columns; one that is merged over surname and name stands over both."""
    row = sheet.rows[header]
    headers = [" ".join(cell.split())[:80] for cell in row.cells]
    for top, bottom, first, last in sheet.merged:
        if top <= row.number <= bottom and 0 <= first < len(headers) and recognise(headers[first]) == "pupil":
            for place in range(first + 1, min(last + 1, len(headers))):
                headers[place] = headers[place] or headers[first]
    return headers


def _column(place: int, header: str, known: dict[str, str]) -> Column:
    finds = recognise(header)
    key = known.get(key_of(header), "")
    if not key and OWN.get(finds) in known:
        key = OWN[finds]
    return Column(place, header, key, finds if finds in FINDERS else "")


def _named(sheet: Sheet, index: int, known: dict[str, str]) -> int:
    """How many things this row names, were it the header."""
    said = set()
    for place, cell in enumerate(sheet.rows[index].cells):
        if cell and len(cell) <= 80 and place not in sheet.hidden_columns:
            column = _column(place, cell, known)
            said |= {column.key, column.finds}
    return len(said - {""})
