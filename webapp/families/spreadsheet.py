"""Read the sheets of an xlsx, xls or ods file, in a process of its own.

Run as a script, by path: `python -I webapp/families/spreadsheet.py MAX_ROWS`, the file on standard input,
JSON on standard output. A few bytes can ask a spreadsheet library for gigabytes (one cell in the last row and
column does), and the library then aborts the process it runs in. So it runs in one that may die: with little
memory and time.
"""

from __future__ import annotations

import datetime
import html
import io
import json
import re
import resource
import sys
import zipfile
import zlib
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
    hidden = hidden_in(content)
    sheets = []
    for about in book.sheets_metadata[:MAX_SHEETS]:
        if (
            about.typ != python_calamine.SheetTypeEnum.WorkSheet
            or about.visible != python_calamine.SheetVisibleEnum.Visible
        ):
            continue
        sheet = book.get_sheet_by_name(about.name)
        if sheet.start is not None:
            rows, columns = hidden.get(about.name, ([], []))
            left = sheet.start[1]
            sheets.append(
                {
                    "name": about.name,
                    "rows": rows_of(sheet, max_rows),
                    "merged": merged(sheet),
                    "hidden_rows": rows,
                    "hidden_columns": [column - left for column in columns if column >= left],
                }
            )
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


Hidden = dict[str, tuple[list[int], list[int]]]
MAX_MARKUP = 64 * 1024 * 1024
_attribute = re.compile(rb'([\w:-]+)\s*=\s*"([^"]*)"')
_xlsx = re.compile(rb"<(?:\w+:)?(row|col)\b([^>]*)>")
_ods = re.compile(rb"<table:(table|table-row|table-column)(\s[^>]*)?>")


def hidden_in(content: bytes) -> Hidden:
    """Say which rows (from 1) and columns (from 0) of each sheet its owner has hidden; of xls nobody knows.

    The library does not tell. Read as text, so that no markup can do harm; what cannot be read hides nothing.
    """
    if not content.startswith(b"PK"):
        return {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if "content.xml" in archive.namelist():
                return _hidden_in_ods(_part(archive, "content.xml"))
            return {name: _hidden_in_xlsx(_part(archive, part)) for name, part in _parts_of_xlsx(archive)}
    except (KeyError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error):
        return {}


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    return archive.read(name) if archive.getinfo(name).file_size <= MAX_MARKUP else b""


def _parts_of_xlsx(archive: zipfile.ZipFile) -> Iterable[tuple[str, str]]:
    """Each sheet's name, and where in the archive it stands."""
    relations = _part(archive, "xl/_rels/workbook.xml.rels")
    targets = {
        about[b"Id"]: about[b"Target"].decode()
        for about in _tags(rb"Relationship", relations)
        if about.keys() >= {b"Id", b"Target"}
    }
    for about in _tags(rb"sheet", _part(archive, "xl/workbook.xml"))[:MAX_SHEETS]:
        target = targets.get(next((about[key] for key in about if key.endswith(b":id")), b""))
        if target and b"name" in about:
            part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            yield html.unescape(about[b"name"].decode()), part


def _tags(name: bytes, markup: bytes) -> list[dict[bytes, bytes]]:
    found = re.findall(rb"<(?:\w+:)?" + name + rb"\s([^>]*)>", markup)
    return [dict(_attribute.findall(attributes)) for attributes in found]


def _hidden_in_xlsx(markup: bytes) -> tuple[list[int], list[int]]:
    rows: list[int] = []
    columns: list[int] = []
    number = 0
    for tag, attributes in _xlsx.findall(markup):
        if tag == b"row":
            numbered = re.search(rb'\br="(\d{1,7})"', attributes)
            number = int(numbered[1]) if numbered else number + 1
        if not re.search(rb'\bhidden="(?:1|true)"', attributes):
            continue
        if tag == b"row":
            rows.append(number)
        else:
            about = dict(_attribute.findall(attributes))
            first, last = int(about.get(b"min", b"1")), int(about.get(b"max", b"0"))
            columns += range(first - 1, min(last, first + MAX_COLUMNS))
    return rows, columns


def _hidden_in_ods(markup: bytes) -> Hidden:
    found: Hidden = {}
    rows: list[int] = []
    columns: list[int] = []
    row = column = 0
    for tag, attributes in _ods.findall(markup):
        about = dict(_attribute.findall(attributes))
        if tag == b"table":
            rows, columns, row, column = [], [], 0, 0
            found[html.unescape(about.get(b"table:name", b"").decode())] = rows, columns
            continue
        gone = about.get(b"table:visibility") in {b"collapse", b"filter"}
        times = min(int(about.get(f"table:number-{tag.decode()[6:]}s-repeated".encode(), b"1")), 2**20)
        if tag == b"table-row":
            if gone:
                rows += range(row + 1, row + 1 + min(times, 10_000))
            row += times
        else:
            if gone:
                columns += range(column, column + min(times, MAX_COLUMNS))
            column += times
    return found


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
        case float():
            # As a spreadsheet program counts: 0.1 + 0.2 is 0.3.
            return f"{value:.15g}"
        case datetime.datetime() if value.time() != datetime.time():
            return value.isoformat(" ", "minutes")[:16]
        case datetime.datetime() | datetime.date():
            return value.isoformat()[:10]
        case _:
            return str(value)


if __name__ == "__main__":
    main()
