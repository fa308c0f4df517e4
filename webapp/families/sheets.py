"""Turn an uploaded file into rows that still know their numbers in the person's sheet."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from webapp.families import delimited

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 5_000
_READER = Path(__file__).with_name("spreadsheet.py")
_READER_SECONDS = 30

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_EXCEL_BEFORE_97 = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_NO_SHEETS = (b"%PDF", b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"{\\rtf", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b")


class BadSheet(Exception):
    """A file no class list can be read from; `reason` is the code the pages explain.

    One of: empty too_big broken encrypted no_header too_many_rows old_format web_page not_a_sheet open_quote.
    """

    def __init__(self, reason: str, row: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.row = reason, row


class SheetRow(NamedTuple):
    number: int  # as the spreadsheet program shows it
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """The rows of one sheet that hold anything."""

    rows: tuple[SheetRow, ...]
    name: str = ""
    # Cells merged into one: first row and last (as numbered), first column and last (from 0).
    merged: tuple[tuple[int, int, int, int], ...] = ()
    old_encoding: bool = False  # cp1251: ң ө ү cannot have survived
    other_sheets: tuple[str, ...] = ()  # with something in them, and not read
    # What the person's program does not show, as far as the file says so: rows as numbered, columns from 0.
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()


def read_sheets(content: bytes) -> list[Sheet]:
    """Read every sheet of xlsx, xls, ods, csv or tsv, told by their bytes, not by name; raise BadSheet."""
    if len(content) > MAX_BYTES:
        raise BadSheet("too_big")
    if not content.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        raise BadSheet("empty")
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:2000].lower()
    if content.startswith(_EXCEL_BEFORE_97) or (start.startswith(b"<?xml") and b"excel" in start):
        raise BadSheet("old_format")
    if start.startswith((b"<!doctype", b"<html", b"<table", b"<meta", b"<?xml")):
        raise BadSheet("web_page")
    if content.startswith(_OLE) and _ENCRYPTED in content:
        raise BadSheet("encrypted")
    if content.startswith(_NO_SHEETS):
        raise BadSheet("not_a_sheet")
    found = _from_book(content) if content.startswith((_ZIP, _OLE)) else [_from_text(content)]
    sheets = [sheet for sheet in found if sheet.rows]
    if not sheets:
        raise BadSheet("empty")
    if any(len(sheet.rows) > MAX_ROWS + 1 for sheet in sheets):  # and the header
        raise BadSheet("too_many_rows")
    return sheets


def _from_text(content: bytes) -> Sheet:
    try:
        text, old_encoding = delimited.decode(content)
        rows = delimited.rows_of(text, MAX_ROWS + 1)
    except delimited.NotText:
        raise BadSheet("not_a_sheet") from None
    except delimited.OpenQuote as error:
        raise BadSheet("open_quote", error.row) from None
    except csv.Error:
        raise BadSheet("broken") from None
    return Sheet(tuple(SheetRow(number, cells) for number, cells in rows), old_encoding=old_encoding)


def _from_book(content: bytes) -> list[Sheet]:
    return [
        Sheet(
            tuple(SheetRow(number, tuple(cells)) for number, cells in found["rows"]),
            found["name"],
            tuple(tuple(area) for area in found["merged"]),
            hidden_rows=frozenset(found["hidden_rows"]),
            hidden_columns=frozenset(found["hidden_columns"]),
        )
        for found in _ask_reader(content)
    ]


def _ask_reader(content: bytes) -> list[dict[str, Any]]:
    try:
        done = subprocess.run(
            [sys.executable, "-I", "-B", str(_READER), str(MAX_ROWS + 1)],
            input=content,
            capture_output=True,
            timeout=_READER_SECONDS,
            env={"RUST_BACKTRACE": "0"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise BadSheet("too_big") from None
    if done.returncode < 0:  # killed by its limits of memory and time
        raise BadSheet("too_big")
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        raise BadSheet("broken") from None
    if "error" in answer:
        raise BadSheet(answer["error"])
    sheets: list[dict[str, Any]] = answer["sheets"]
    return sheets
