"""Read a grid: days, channels or grades × times, or times × days; with merged cells (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from webapp import clock
from webapp.clock import BadTime, Span, read_span
from webapp.families.sheets import Sheet, SheetRow
from webapp.lessons.cells import is_grade, lesson_in
from webapp.lessons.days import read_day
from webapp.lessons.headings import recognise
from webapp.lessons.rows import RawRow
from webapp.lessons.wording import channel_key


def _span(cell: str) -> Span | None:
    try:
        return read_span(cell)
    except BadTime:
        return None


def _is_full_span(cell: str) -> bool:
    span = _span(cell)
    return bool(span and span.end is not None)


def top_of(cells: Sequence[str], channel_keys: Collection[str] = ()) -> str:
    """Say which field heads the columns of a grid, if this row does: date, start, channel, grade; else ""."""
    beside = [cell for cell in cells[1:] if cell.strip()]
    # Above the times stands what they are, or nothing: then one column may be enough.
    enough = 1 if cells and recognise(cells[0]) == "start" else 2
    for field, fits in (
        ("date", _is_day),
        ("channel", lambda cell: channel_key(cell) in channel_keys),
        ("grade", is_grade),
    ):
        if sum(map(fits, beside)) >= max(enough, 0.6 * len(beside)):
            return field
    return "start" if sum(map(_is_full_span, beside)) >= 3 else ""


def _is_day(cell: str) -> bool:
    written = read_day(cell)
    return bool(written and (written.weekday is not None or re.search(r"[^\W\d]", cell) or written.year))


def rows_of(sheet: Sheet, header: int, field: str) -> list[RawRow]:
    """Return the lessons of a grid whose header stands at `header` (index into the sheet's rows).

    `field` is what heads its columns; at the side stand the times, or the days when the times are on top.
    """
    head = sheet.rows[header]
    times_beside = field != "start"
    found = []
    for row in sheet.rows[header + 1 :]:
        side = _side(row, times_beside)
        if side is None:
            continue
        side_column, label = side
        for column in range(side_column + 1, min(len(row.cells), len(head.cells))):
            text, on_top = row.cells[column], head.cells[column]
            if (
                not text.strip()
                or not on_top.strip()
                or not _begins_here(sheet, row.number, column, times_beside)
            ):
                continue
            lesson = lesson_in(text)
            if not lesson:
                continue
            for top, beside in _places(sheet, header, row, column, label, times_beside):
                other = "start" if times_beside else "date"
                found.append(RawRow(row.number, {field: top.strip(), other: beside.strip(), **lesson}))
    return found


def _side(row: SheetRow, times_beside: bool) -> tuple[int, str] | None:
    """The column and the text that say the row's time (or day): the first one, or after a running number."""
    for column, cell in enumerate(row.cells[:2]):
        if (times_beside and re.search(r"\d\D+\d", cell) and _span(cell)) or (
            not times_beside and _is_day(cell)
        ):
            return column, cell
    return None


def _area(sheet: Sheet, number: int, column: int) -> tuple[int, int, int, int] | None:
    """The merged cells of which this one is part."""
    for area in sheet.merged:
        top, bottom, first, last = area
        if top <= number <= bottom and first <= column <= last:
            return area
    return None


def _begins_here(sheet: Sheet, number: int, column: int, times_beside: bool) -> bool:
    """Whether the cell is its own, not one that the reader filled from a merged cell above."""
    area = _area(sheet, number, column)
    if not area:
        return True
    return (number == area[0] or not times_beside) and column == area[2]


def _places(
    sheet: Sheet, header: int, row: SheetRow, column: int, label: str, times_beside: bool
) -> list[tuple[str, str]]:
    """Where on top and at the side a cell stands: once for each day it is merged over, in one long span."""
    head = sheet.rows[header].cells
    area = _area(sheet, row.number, column)
    columns = range(column, min(area[3] + 1 if area else column + 1, len(head)))
    if not times_beside:
        return [(_joined([head[c] for c in columns]), label)]
    beside = label
    if area and area[1] > area[0]:
        sides = [_side(other, times_beside) for other in sheet.rows if area[0] <= other.number <= area[1]]
        beside = _joined([side[1] for side in sides if side])
    return [(head[c], beside) for c in columns if head[c].strip()]


def _joined(labels: Sequence[str]) -> str:
    """The span from the first time's start to the last one's end."""
    first, last = _span(labels[0]), _span(labels[-1])
    if len(labels) == 1 or not first or not last:
        return labels[0]
    return f"{clock.written(first.start)}-{clock.written(last.end if last.end is not None else last.start)}"
