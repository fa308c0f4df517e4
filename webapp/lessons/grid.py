"""Read the grid of day × time, either way round, with cells merged over days or over times (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from webapp.families.sheets import Sheet, SheetRow
from webapp.lessons import clock
from webapp.lessons.cells import lesson_in
from webapp.lessons.clock import BadTime, Span, read_span
from webapp.lessons.days import read_day
from webapp.lessons.rows import RawRow


def _span(cell: str) -> Span | None:
    try:
        return read_span(cell)
    except BadTime:
        return None


def _is_full_span(cell: str) -> bool:
    span = _span(cell)
    return bool(span and span.end is not None)


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row heads a grid: two days, or two spans of time, beside the first column."""
    beside = cells[1:]
    return sum(_is_day(cell) for cell in beside) >= 2 or sum(_is_full_span(cell) for cell in beside) >= 3


def _is_day(cell: str) -> bool:
    written = read_day(cell)
    return bool(written and (written.weekday is not None or re.search(r"[^\W\d]", cell) or written.year))


def rows_of(sheet: Sheet, header: int) -> list[RawRow]:
    """Return the lessons of a grid whose header stands at `header` (index into the sheet's rows)."""
    head = sheet.rows[header]
    days_on_top = sum(_is_day(cell) for cell in head.cells[1:]) >= 2
    found = []
    for row in sheet.rows[header + 1 :]:
        side = _side(row, days_on_top)
        if side is None:
            continue
        side_column, label = side
        for column in range(side_column + 1, min(len(row.cells), len(head.cells))):
            text, on_top = row.cells[column], head.cells[column]
            if (
                not text.strip()
                or not on_top.strip()
                or not _begins_here(sheet, row.number, column, days_on_top)
            ):
                continue
            lesson = lesson_in(text)
            if not lesson:
                continue
            for top, beside in _places(sheet, header, row, column, label, days_on_top):
                day, time = (top, beside) if days_on_top else (beside, top)
                found.append(RawRow(row.number, {"date": day.strip(), "start": time.strip(), **lesson}))
    return found


def _side(row: SheetRow, days_on_top: bool) -> tuple[int, str] | None:
    """The column and the text that say the row's time (or day): the first one, or after a running number."""
    for column, cell in enumerate(row.cells[:2]):
        if (days_on_top and re.search(r"\d\D+\d", cell) and _span(cell)) or (
            not days_on_top and _is_day(cell)
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


def _begins_here(sheet: Sheet, number: int, column: int, days_on_top: bool) -> bool:
    """Whether the cell is its own, not one that the reader filled from a merged cell above."""
    area = _area(sheet, number, column)
    if not area:
        return True
    return (number == area[0] or not days_on_top) and column == area[2]


def _places(
    sheet: Sheet, header: int, row: SheetRow, column: int, label: str, days_on_top: bool
) -> list[tuple[str, str]]:
    """Where on top and at the side a cell stands: once for each day it is merged over, in one long span."""
    head = sheet.rows[header].cells
    area = _area(sheet, row.number, column)
    columns = range(column, min(area[3] + 1 if area else column + 1, len(head)))
    if not days_on_top:
        return [(_joined([head[c] for c in columns]), label)]
    beside = label
    if area and area[1] > area[0]:
        sides = [_side(other, days_on_top) for other in sheet.rows if area[0] <= other.number <= area[1]]
        beside = _joined([side[1] for side in sides if side])
    return [(head[c], beside) for c in columns if head[c].strip()]


def _joined(labels: Sequence[str]) -> str:
    """The span from the first time's start to the last one's end."""
    first, last = _span(labels[0]), _span(labels[-1])
    if len(labels) == 1 or not first or not last:
        return labels[0]
    return f"{clock.written(first.start)}-{clock.written(last.end if last.end is not None else last.start)}"
