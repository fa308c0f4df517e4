"""Find the lessons in a sheet: a list with a header, a grid of day × time, rows without a header (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from webapp.clock import BadTime, read_span
from webapp.families.names import clean, fold
from webapp.families.sheets import Sheet, SheetRow
from webapp.lessons import grid
from webapp.lessons.cells import grade_in
from webapp.lessons.days import BadDate, date_of, day_inside, read_day, week_in, years_in
from webapp.lessons.headings import FIELDS, columns_of
from webapp.lessons.rows import Context, NoTimetable, RawRow
from webapp.lessons.wording import BadGrade, BadLanguage, channel_key, read_grades, read_language

HEADER_WITHIN = 30
_kyrgyz_letters = re.compile("[ңөү]").search
_cyrillic = re.compile("[а-я]").search
_LANGUAGE_NAMED = (
    ("ru", re.compile(r"\b(?:орус|русск)").search),
    ("ky", re.compile(r"\b(?:кыргызча|кыргыз тили|кыргызский)").search),
)
# Fields that a row shares with the row above when its own cell is empty, as merged cells are saved.
_CARRIED = ("date", "channel")


def rows_of(sheet: Sheet, context: Context) -> list[RawRow]:
    """Return the lessons of a sheet as written, with what its title says filled in; raise NoTimetable."""
    channels = {channel_key(name) for name in context.channel_names}
    for index, row in enumerate(sheet.rows[:HEADER_WITHIN]):
        if columns := columns_of(row.cells):
            context = told_by(sheet.name, sheet.rows[: index + 1], context, _lines(sheet.rows[index + 1 :]))
            rows = list(_listed(sheet.rows[index + 1 :], columns, row.cells))
            return _completed(rows, sheet.name, sheet.rows[:index], context)
        if field := grid.top_of(row.cells, channels):
            context = told_by(sheet.name, sheet.rows[: index + 1], context, _lines(sheet.rows[index + 1 :]))
            rows = grid.rows_of(sheet, index, field)
            return _completed(rows, sheet.name, sheet.rows[:index], context)
    if columns := _guessed_columns(sheet.rows, context):
        rows = list(_listed(sheet.rows, columns, ()))
        return _completed(rows, sheet.name, (), told_by(sheet.name, (), context, _lines(sheet.rows)))
    raise NoTimetable


def _lines(rows: Sequence[SheetRow]) -> Iterator[str]:
    return (" ".join(row.cells) for row in rows)


def told_by(name: str, head: Sequence[SheetRow], context: Context, body: Iterable[str] = ()) -> Context:
    """Add to the context what a sheet's name, title and header tell: year, week, language.

    `body` are its other lines, which show their language when the head does not.
    """
    texts = [name, *(cell for row in head for cell in row.cells)]
    years = years_in(texts)
    year = years.pop() if len(years) == 1 else context.year
    week = context.week or next(filter(None, (week_in(text, context.today, year) for text in texts)), None)
    language = _language_of(" ".join(texts), body) or context.language
    return replace(context, year=year, week=week, language=language)


def _language_of(head: str, body: Iterable[str]) -> str:
    plain = fold(head)
    named = {code for code, is_named in _LANGUAGE_NAMED if is_named(plain)}
    if len(named) == 1:
        return named.pop()
    if _kyrgyz_letters(plain):
        return "ky"
    lines = [line for line in body if _cyrillic(line.lower())]
    # A Russian timetable has Kyrgyz names here and there, a Kyrgyz one has ң ө ү everywhere.
    if sum(bool(_kyrgyz_letters(line.lower())) for line in lines) > 0.2 * len(lines):
        return "ky"
    return "ru" if _cyrillic(plain) or lines else ""


def channel_in(texts: Sequence[str], names: Sequence[str]) -> str:
    """Return the channel that a title or a sheet's name speaks of; "" when none or several."""
    found: set[str] = set()
    for text in texts:
        words = f" {channel_key(text)} "
        found.update(name for name in names if f" {channel_key(name)} " in words)
    return found.pop() if len({channel_key(name) for name in found}) == 1 else ""


def _listed(rows: Sequence[SheetRow], columns: Sequence[str], header: Sequence[str]) -> Iterator[RawRow]:
    carried: dict[str, str] = {}
    for row in rows:
        if tuple(row.cells) == tuple(header):  # printed anew on every page
            continue
        fields = {
            name: cell.strip()
            for name, cell in zip(columns, row.cells, strict=False)
            if name and cell.strip()
        }
        filled = [cell.strip() for cell in row.cells if cell.strip()]
        if len(set(filled)) == 1 and len(fields) <= 1 and (written := read_day(filled[0])) and written.day:
            carried["date"] = filled[0]  # a day as a heading of its own
            continue
        if not fields:
            continue
        for name in _CARRIED if "date" in columns else ("weekday", *_CARRIED):
            if name in fields:
                carried[name] = fields[name]
            elif name in carried:
                fields[name] = carried[name]
        yield RawRow(row.number, fields)


def _completed(rows: list[RawRow], name: str, title: Sequence[SheetRow], context: Context) -> list[RawRow]:
    """Fill in what the rows share with their sheet, and write their days in full."""
    texts = [name, *(cell for row in title for cell in row.cells)]
    channel = channel_in(texts, context.channel_names)
    grade = next(filter(None, map(grade_in, texts)), "")
    # A range of days in a title is no day, and neither are two of them.
    days = {day for text in texts if (day := day_inside(text)) and not week_in(text, context.today, None)}
    shared = {"channel": channel, "grade": grade, "date": days.pop() if len(days) == 1 else ""}
    return [completed(row, context, shared) for row in rows]


def completed(row: RawRow, context: Context, shared: Mapping[str, str] = MappingProxyType({})) -> RawRow:
    """Return the row with its day written in full and with what stands once for all rows."""
    fields = {name: text for name, text in [*shared.items(), *row.fields.items()] if text}
    if context.language:
        fields.setdefault("language", context.language)
    if row.fields.get("weekday") and not row.fields.get("date"):
        fields.pop("date", None)  # the row's weekday says it
    text = clean(fields.get("date", "") or fields.get("weekday", ""))
    if written := read_day(text):
        try:
            fields["date"] = date_of(written, context.today, year=context.year, week=context.week).isoformat()
        except BadDate:
            pass  # stays as written, and the check will say so
        else:
            if written.weekday is not None and not fields.get("weekday"):
                fields["weekday"] = text
    return replace(row, fields=fields)


def _guessed_columns(rows: Sequence[SheetRow], context: Context) -> tuple[str, ...] | None:
    """Say what the columns hold by what most of their cells look like; None when there is no telling."""
    width = max((len(row.cells) for row in rows), default=0)
    names = [""] * width
    channels = {channel_key(name) for name in context.channel_names}
    for field, fits in _LOOKS:
        for column in range(width):
            cells = [
                row.cells[column].strip()
                for row in rows[:100]
                if column < len(row.cells) and row.cells[column].strip()
            ]
            good = sum(fits(cell, channels) for cell in cells)
            if not names[column] and field not in names and cells and good >= 0.6 * len(cells):
                names[column] = field
    rest = iter(["subject", "topic"])
    for column in range(width):
        if not names[column] and any(
            column < len(row.cells) and len(row.cells[column].strip()) > 3 for row in rows
        ):
            names[column] = next(rest, "")
    return (
        tuple(names) if {"start", "grade", "subject"} <= set(names) and set(names) <= {"", *FIELDS} else None
    )


def _is_time(cell: str, _channels: set[str]) -> bool:
    try:
        read_span(cell)
    except BadTime:
        return False
    return bool(re.search(r"\d\s*[:.-]\s*\d\d", cell))


def _is_grade(cell: str, _channels: set[str]) -> bool:
    try:
        return read_grades(cell).last <= 12
    except BadGrade:
        return False


def _is_language(cell: str, _channels: set[str]) -> bool:
    try:
        return bool(read_language(cell)) and len(cell) < 12
    except BadLanguage:
        return False


def _is_date(cell: str, _channels: set[str]) -> bool:
    written = read_day(cell)
    return bool(
        written and written.day and (written.year or re.search(r"[^\W\d]", cell) or not _is_time(cell, set()))
    )


def _is_weekday(cell: str, _channels: set[str]) -> bool:
    written = read_day(cell)
    return bool(written and written.weekday is not None and not written.day)


_LOOKS: tuple[tuple[str, Callable[[str, set[str]], bool]], ...] = (
    ("channel", lambda cell, channels: channel_key(cell) in channels),
    ("weekday", _is_weekday),
    ("date", _is_date),
    ("start", _is_time),
    ("end", _is_time),
    ("language", _is_language),
    ("grade", _is_grade),
    ("minutes", lambda cell, _channels: bool(re.fullmatch(r"\d{2}(?:\s*(?:мүн|мин|min)\w*\.?)?", cell))),
)
