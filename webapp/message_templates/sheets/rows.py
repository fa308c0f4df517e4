"""Read the rows of a spreadsheet: whom each is about, and what fills the fields (pure)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext

from webapp.families.names import clean
from webapp.message_templates.fields import KNOWN, LONGEST_VALUE, NO, YES, Asked, line
from webapp.message_templates.sheets.layout import Column, Layout
from webapp.message_templates.sheets.problems import Problem

# What a spreadsheet program writes where it could not calculate.
NOT_CALCULATED = (
    "#N/A",
    "#REF!",
    "#VALUE!",
    "#DIV/0!",
    "#NAME?",
    "#NULL!",
    "#NUM!",
    "#Н/Д",
    "#ССЫЛКА!",
    "#ЗНАЧ!",
)

# As the reader of spreadsheets writes the days and hours of their cells.
_day = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?: (\d\d:\d\d))?").fullmatch
_hour = re.compile(r"(\d\d:\d\d):00").fullmatch
# What a cell has calculated, and shows shorter.
_long_fraction = re.compile(r"-?\d+\.\d{5,}").fullmatch


@dataclass
class Line:
    """One row: what it says of the child, and the values of fields by key."""

    number: int
    pupil: str = ""
    school_class: str = ""
    phone: str = ""
    values: dict[str, str] = field(default_factory=dict)


@dataclass
class Kept:
    """All of a spreadsheet that is needed until it is sent."""

    columns: list[Column]
    rows: list[tuple[int, list[str]]]  # number, the cells of `columns`
    ignored: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)  # columns
    hidden_rows: int = 0
    sheet: str = ""
    other_sheets: list[str] = field(default_factory=list)
    old_encoding: bool = False
    old_excel: bool = False  # an xls: nobody knows what it hides

    @classmethod
    def of(cls, layout: Layout) -> Kept:
        places = [column.place for column in layout.columns]
        rows = [
            (row.number, [row.cells[place].strip() if place < len(row.cells) else "" for place in places])
            for row in layout.rows
        ]
        return cls(
            layout.columns,
            [row for row in rows if any(row[1])],
            layout.ignored,
            layout.hidden,
            layout.hidden_rows,
            layout.sheet.name,
            list(layout.sheet.other_sheets),
            layout.sheet.old_encoding,
        )

    def as_json(self) -> dict[str, Any]:
        said = dict(vars(self))
        said["columns"] = [[each.place, each.header, each.key, each.finds] for each in self.columns]
        return said

    @classmethod
    def read(cls, said: dict[str, Any]) -> Kept:
        columns = [Column(*each) for each in said["columns"]]
        rows = [(number, cells) for number, cells in said["rows"]]
        return cls(**{**said, "columns": columns, "rows": rows})

    def header_of(self, *wanted: str) -> str:
        """How the sheet calls the column that finds one of these, or fills this field."""
        for name in wanted:
            for column in self.columns:
                if name in {column.finds, column.key}:
                    return column.header
        return ""


def read_lines(kept: Kept, asked: Sequence[Asked]) -> tuple[list[Line], list[Problem]]:
    """Read every row, and name everything that is wrong with their cells at once."""
    kinds = {each.key: each for each in asked if each.key not in KNOWN}
    lines, problems = [], []
    for number, cells in kept.rows:
        read = Line(number)
        names = []
        for column, cell in zip(kept.columns, cells, strict=True):
            if column.finds == "pupil":
                names.append(clean(cell))
            elif column.finds == "class":
                read.school_class = read.school_class or clean(cell)
            elif column.finds == "phone":
                read.phone = f"{read.phone}, {cell}".strip(", ")
            if column.key in kinds:
                read.values[column.key] = as_said(cell)
        for column in kept.columns:
            if column.key in kinds and (fault := fault_in(read.values, kinds[column.key])):
                problems.append(Problem(number, column.header, fault))
        read.pupil = " ".join(filter(None, names))
        lines.append(read)
    return lines, _together(problems, lines, kept)


def _together(problems: list[Problem], lines: list[Line], kept: Kept) -> list[Problem]:
    """Say once of a column that is empty from top to bottom that nobody has filled it in."""
    named = Counter(problem.column for problem in problems)
    whole = [
        column.header
        for column in kept.columns
        if named[column.header] == len(lines) > 1 and not any(each.values.get(column.key) for each in lines)
    ]
    sentence = gettext("Nobody has filled this column in. Write it in each row, or make it an optional part.")
    return [Problem(None, header, sentence) for header in whole] + [
        problem for problem in problems if problem.column not in whole
    ]


def as_said(cell: str) -> str:
    """A cell as it stands in a message: a day, an hour and a fraction as people here write them."""
    said = line(cell)
    if found := _day(said):
        year, month, day, hour = found.groups()
        return f"{day}.{month}.{year}" + (f" {hour}" if hour else "")
    if _long_fraction(said):
        return f"{float(said):.2f}"
    return found[1] if (found := _hour(said)) else said


def fault_in(values: Mapping[str, str], asked: Asked) -> str:
    """Say what is wrong with the cell that fills a field; "" when nothing is."""
    value = values[asked.key]
    sentence: str = ""
    if value.upper() in NOT_CALCULATED:
        sentence = gettext("The spreadsheet could not calculate this cell. Correct it and upload again.")
    elif value.startswith("="):
        sentence = gettext(
            "“%(value)s” is a formula that was never calculated. Write what it should say, as text.",
            value=value[:40],
        )
    elif len(value) > LONGEST_VALUE:
        sentence = gettext(
            "The cell is too long: at most %(limit)s characters. Shorten it.", limit=LONGEST_VALUE
        )
    elif not value and not asked.may_be_empty(values):
        sentence = gettext(
            "The cell is empty. Fill it in, or make “%(name)s” an optional part of the template.",
            name=asked.name,
        )
    elif asked.kind == "yes_no" and value.casefold() not in YES | NO:
        sentence = gettext(
            "“%(value)s” is neither yes nor no. Write ооба or жок, да or нет; an empty cell says no.",
            value=value[:40],
        )
    elif "�" in value:
        sentence = gettext("A letter of “%(value)s” is lost. Write it again.", value=value[:40])
    return sentence
