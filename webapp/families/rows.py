"""Read the rows of a class list: what each says, and what is wrong with it (pure)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from notifier.phones import suspicious
from webapp.families import cells
from webapp.families.cells import BadCell, ClassName
from webapp.families.column_names import UNREMARKABLE
from webapp.families.columns import MANY, Columns, plain
from webapp.families.names import clean, fold, lost_letters, skeleton
from webapp.families.problems import Problem
from webapp.families.sheets import Sheet, SheetRow

T = TypeVar("T")

LIMITS = {"pupil": 120, "guardian": 120, "relation": 40, "address": 255}
_JOINT = {"phone": ", ", "email": ", ", "address": ", "}


@dataclass(frozen=True, slots=True)
class Row:
    """One pupil as the list says it; empty values are unknown."""

    number: int
    school_class: ClassName
    pupil: str
    guardian: str = ""
    relation: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    language: str = ""
    address: str = ""

    @property
    def contacts(self) -> tuple[tuple[str, str], ...]:
        return tuple(("sms", p) for p in self.phones) + tuple(("email", e) for e in self.emails)


@dataclass
class ClassList:
    """A list that was read: its good rows, its errors, and what deserves a look."""

    total: int = 0
    rows: list[Row] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    classes: set[ClassName] = field(default_factory=set)  # from bad rows as well
    # Skeletons of the names in bad rows: a pupil whose phone is mistyped has not left the school.
    named_badly: set[str] = field(default_factory=set)

    @property
    def bad_rows(self) -> int:
        return len({problem.row for problem in self.errors if problem.row is not None})


def read_rows(sheet: Sheet, columns: Columns, allowed: Collection[ClassName] | None = None) -> ClassList:
    """Read the rows below the header; with `allowed`, rows of other classes are errors."""
    found = ClassList()
    header = sheet.rows[columns.header]
    for column in columns.missing:
        found.errors.append(Problem(header.number, column, "missing_column"))
    if found.errors:
        return found
    found.warnings += _about_the_file(sheet, columns)
    readers = []
    for row in sheet.rows[columns.header + 1 :]:
        if row.cells == header.cells:  # a header printed anew on every page
            continue
        values = _values(row, columns)
        if not any(values.values()):
            continue
        found.total += 1
        reader = _RowReader(row.number, values, found)
        if read := reader.read(allowed):
            readers.append(read)
    if not found.total:
        found.errors.append(Problem(None, None, "no_rows"))
    found.rows = _without_repeats(readers, found)
    found.errors.sort(key=lambda problem: problem.row or 0)
    found.warnings.sort(key=lambda problem: problem.row or 0)
    return found


def _about_the_file(sheet: Sheet, columns: Columns) -> list[Problem]:
    header = sheet.rows[columns.header]
    warnings = []
    if sheet.old_encoding:
        warnings.append(Problem(None, None, "old_encoding"))
    if sheet.other_sheets:
        warnings.append(Problem(None, None, "other_sheets", ", ".join(sheet.other_sheets)))
    for cell, name in zip(header.cells, columns.names, strict=False):
        if not name and plain(cell) not in UNREMARKABLE:
            warnings.append(Problem(header.number, None, "unknown_column", clean(cell)))
    return warnings


def _values(row: SheetRow, columns: Columns) -> dict[str, str]:
    """The row's cells by canonical column; several columns of one kind are put together."""
    values: dict[str, str] = {}
    for name, cell in zip(columns.names, row.cells, strict=False):
        # A phone keeps its plus and its line breaks for the number reader.
        text = cell.strip() if name == "phone" else clean(cell)
        if not name or not text or (name not in {"class", "pupil"} and cells.is_nothing(text)):
            continue
        joint = _JOINT.get(name, " ") if name in MANY else " "
        values[name] = f"{values[name]}{joint}{text}" if name in values else text
    return values


class _RowReader:
    """Reads one row, telling every fault and not only the first."""

    def __init__(self, number: int, values: dict[str, str], found: ClassList) -> None:
        self.number, self.values, self.found = number, values, found
        self.bad = False

    def error(
        self, column: str, code: str, value: str = "", reason: str = "", limit: int | None = None
    ) -> None:
        self.bad = True
        self.found.errors.append(Problem(self.number, column, code, value, reason, limit=limit))

    def warn(self, column: str, code: str, value: str = "") -> None:
        self.found.warnings.append(Problem(self.number, column, code, value))

    def parse(self, column: str, code: str, read: Callable[[str], T], nothing: T) -> T:
        if column not in self.values:
            return nothing
        try:
            return read(self.values[column])
        except BadCell as bad:
            self.error(column, code, bad.value, bad.reason)
            return nothing

    def text(self, column: str) -> str:
        text = self.values.get(column, "")
        if len(text) > LIMITS[column]:
            self.error(column, "too_long", limit=LIMITS[column])
            return ""
        if column != "relation" and lost_letters(text):
            self.warn(column, "lost_letters", text)
        return text

    def read(self, allowed: Collection[ClassName] | None) -> Row | None:
        row = self._read(allowed)
        if row is None:
            self.found.named_badly.add(skeleton(self.values.get("pupil", "")))
        return row

    def _read(self, allowed: Collection[ClassName] | None) -> Row | None:
        school_class = self.parse("class", "bad_class", cells.class_name, None)
        if school_class and allowed is not None and school_class not in allowed:
            # One sentence for the row is enough: its other faults are somebody else's.
            self.error("class", "not_your_class", str(school_class))
            return None
        if "class" not in self.values:
            self.error("class", "missing_class")
        if "pupil" not in self.values:
            self.error("pupil", "missing_pupil")
        elif not any(c.isalpha() for c in self.values["pupil"]):
            self.error("pupil", "bad_pupil", self.values["pupil"])
        pupil, guardian = self.text("pupil"), self.text("guardian")
        numbers = self.parse("phone", "bad_phone", cells.numbers, cells.Numbers([], []))
        emails: list[str] = self.parse("email", "bad_email", cells.emails, [])
        language = self.parse("language", "bad_language", cells.language, "")
        relation, address = self.text("relation"), self.text("address")
        if school_class:
            self.found.classes.add(school_class)
        if self.bad or school_class is None:
            return None
        for landline in numbers.landlines:
            self.warn("phone", "landline_left_out", landline)
        for number in filter(suspicious, numbers.good):
            self.warn("phone", "suspicious_phone", number)
        if not numbers.good and not emails:
            self.warn("phone", "no_address")
        return Row(
            self.number,
            school_class,
            pupil,
            guardian,
            relation,
            tuple(numbers.good),
            tuple(emails),
            language,
            address,
        )


def _without_repeats(rows: Sequence[Row], found: ClassList) -> list[Row]:
    """Leave out rows that say again what a row above said; tell of children who share class and name."""
    kept: list[Row] = []
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        namesakes = by_name.setdefault(skeleton(row.pupil), [])
        twin = next((other for other in namesakes if _same_child(other, row)), None)
        if twin:
            reason = "" if twin.school_class == row.school_class else "other_class"
            found.errors.append(
                Problem(row.number, "pupil", "duplicate_row", row.pupil, reason, other=twin.number)
            )
            continue
        alike = next((other for other in namesakes if other.school_class == row.school_class), None)
        if alike:
            found.warnings.append(Problem(row.number, "pupil", "same_name", row.pupil, other=alike.number))
        namesakes.append(row)
        kept.append(row)
    return kept


def _same_child(one: Row, other: Row) -> bool:
    same_guardian = fold(one.guardian) == fold(other.guardian)
    shared = bool(set(one.contacts) & set(other.contacts))
    if one.school_class == other.school_class:
        return same_guardian or (shared and not (one.guardian and other.guardian))
    return same_guardian and shared
