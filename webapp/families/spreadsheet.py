"""Read the sheets of an xlsx, xls or ods file, in a process of its own.

Run as a script, by path: `python -I webapp/families/spreadsheet.py MAX_ROWS`, the file on standard input,
JSON on standard output. A few bytes can ask a spreadsheet library for gigabytes (one cell in the last row and
column does), and the library then aborts the process it runs in. So it runs in one that may die: with little
memory and time.
"""

from __future__ import annotations

import datetime
import io
import json
import resource
import sys
import zipfile
from collections.abc import Iterable
from typing import Any

import python_calamine

MEMORY = 768 * 1024 * 1024
CPU_SECONDS = 15
MAX_UNPACKED = 300 * 1024 * 1024
MAX_SHEETS, MAX_COLUMNS, MAX_CELL = 40, 60, 1000


def main() -> None:
    """Read standard input, write `{"sheets": …}` or `{"error": reason}`."""
    max_rows = int(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    content = sys.stdin.buffer.read()
    try:
        answer: dict[str, Any] = {"sheets": read(content, max_rows)}
    except BaseException as error:  # Rust's panics are no Exceptions.
        answer = {"error": reason(error, content)}
    json.dump(answer, sys.stdout)


def reason(error: BaseException, content: bytes) -> str:
    """Say in the words of `sheets.BadSheet` what is wrong."""
    if isinstance(error, MemoryError | TooBig):
        return "too_big"
    if isinstance(error, python_calamine.PasswordError) or "password" in str(error).lower():
        return "encrypted"
    if "detect file format" not in str(error) or b"xl/workbook.xml" in content:
        return "broken"
    return "not_a_sheet"


class TooBig(Exception):
    """The file unpacks to more than a class list can be."""


def read(content: bytes, max_rows: int) -> list[dict[str, Any]]:
    """Return the visible sheets, each with its name and `[number, [cells]]` of rows that hold anything."""
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(member.file_size for member in archive.infolist()) > MAX_UNPACKED:
                raise TooBig
    book = python_calamine.load_workbook(io.BytesIO(content))
    sheets = []
    for about in book.sheets_metadata[:MAX_SHEETS]:
        if (
            about.typ != python_calamine.SheetTypeEnum.WorkSheet
            or about.visible != python_calamine.SheetVisibleEnum.Visible
        ):
            continue
        sheet = book.get_sheet_by_name(about.name)
        if sheet.start is not None:
            sheets.append({"name": about.name, "rows": rows_of(sheet, max_rows), "merged": merged(sheet)})
    return sheets


def rows_of(sheet: python_calamine.CalamineSheet, max_rows: int) -> list[list[Any]]:
    filled = _merged_downwards(sheet.merged_cell_ranges or (), sheet.start[1] if sheet.start else 0)
    rows: list[list[Any]] = []
    above: dict[int, str] = {}
    # The library gives every row of the sheet, but columns only from the first with anything in it.
    for number, values in enumerate(sheet.iter_rows(), start=1):
        cells = [written(value)[:MAX_CELL] for value in values[:MAX_COLUMNS]]
        for column, first, last in filled:
            if number == first and column < len(cells):
                above[column] = cells[column]
            elif first < number <= last and column in above:
                cells[column] = above[column]
        if any(cells):
            rows.append([number, cells])
        if len(rows) > max_rows:
            break
    return rows


def merged(sheet: python_calamine.CalamineSheet) -> list[tuple[int, int, int, int]]:
    """Return the merged cells: first row and last (from 1), first column and last (as in `rows_of`)."""
    left = sheet.start[1] if sheet.start else 0
    ranges = (sheet.merged_cell_ranges or ())[:500]
    return [(top + 1, bottom + 1, first - left, last - left) for (top, first), (bottom, last) in ranges]


def _merged_downwards(
    ranges: Iterable[tuple[tuple[int, int], tuple[int, int]]], left: int
) -> list[tuple[int, int, int]]:
    """Columns and rows (from 1) of cells merged over rows: one class written beside all its pupils."""
    found = [
        (column - left, top + 1, bottom + 1)
        for (top, column), (bottom, _right) in ranges
        if bottom > top and 0 <= column - left < MAX_COLUMNS
    ]
    return sorted(found)[:500]


def written(value: object) -> str:
    """A cell as the person sees it: whole numbers without the ".0" that every number in a spreadsheet has."""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case float() if value.is_integer() and abs(value) < 10**15:
            return str(int(value))
        case datetime.datetime() | datetime.date():
            return value.isoformat()[:10]
        case _:
            return str(value)


if __name__ == "__main__":
    main()
