"""Read csv and tsv the way old and new Excel, LibreOffice and phones write them (pure)."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from statistics import mode

DELIMITERS = ";,\t|"
# A cell with more lines than this is a quotation mark that was never closed.
MAX_CELL_LINES = 10
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_excel_says_separator = re.compile(r"\s*\"?sep=(.)\"?[ ;,\t]*(?:\r\n|\r|\n)", re.IGNORECASE)


class NotText(ValueError):
    """The bytes are no text in any encoding a class list comes in."""


class OpenQuote(ValueError):
    """A quotation mark opens in this row of the sheet and never closes."""

    def __init__(self, row: int) -> None:
        super().__init__(row)
        self.row = row


def decode(content: bytes) -> tuple[str, bool]:
    """Return the text, and whether it came in cp1251, which has no ң ө ү; raise NotText."""
    for bom, name in _BOMS:
        if content.startswith(bom):
            return _decoded(content, name), False
    if b"\0" in content[:4000]:
        # Text in UTF-16 without its mark: every other byte of spaces, digits and separators is zero.
        sample = content[:4000]
        big = sample[::2].count(0) > sample[1::2].count(0)
        return _decoded(content, "utf-16-be" if big else "utf-16-le"), False
    try:
        return content.decode("utf-8"), False
    except UnicodeDecodeError:
        return _decoded(content, "cp1251", "replace"), True


def _decoded(content: bytes, encoding: str, errors: str = "strict") -> str:
    try:
        text = content.decode(encoding, errors)
    except UnicodeDecodeError:
        raise NotText from None
    # Pictures and archives decode as cp1251, too; but text has no control characters to speak of.
    odd = sum(character < " " and character not in "\t\r\n\f\x1a" for character in text[:4000])
    if odd > 8 or "\0" in text:
        raise NotText
    return text


def rows_of(text: str, max_rows: int) -> list[tuple[int, tuple[str, ...]]]:
    """Return the rows that hold anything, with the number a spreadsheet program shows beside them.

    Stops after `max_rows` + 1. Raises OpenQuote, or csv.Error for cells of absurd length.
    """
    delimiter = ""
    if said := _excel_says_separator.match(text):
        # Excel obeys this line and does not show it, so rows are counted without it.
        delimiter, text = said[1], text[said.end() :]
    delimiter = delimiter or sniff(text)
    rows = []
    for number, cells in enumerate(_records(text, delimiter), start=1):
        if any(cell.count("\n") > MAX_CELL_LINES for cell in cells):
            raise OpenQuote(number)
        if any(cell.strip() for cell in cells):
            rows.append((number, tuple(cells)))
        if len(rows) > max_rows:
            break
    return rows


def sniff(text: str) -> str:
    """Say which character separates the cells: the one that cuts most rows into equally many."""

    def evenness(delimiter: str) -> tuple[int, int]:
        widths = []
        for cells in _records(text[:50_000], delimiter):
            if any(cell.strip() for cell in cells):
                widths.append(len(cells))
            if len(widths) >= 50:
                break
        usual = mode(sorted(widths, reverse=True)) if widths else 0
        return (widths.count(usual) * usual, usual) if usual > 1 else (0, 0)

    return max(DELIMITERS, key=evenness)


def _records(text: str, delimiter: str) -> Iterator[list[str]]:
    # newline="" would leave a lone \r inside cells of old Mac files; a row may end in \n, \r\n or \r.
    return csv.reader(
        io.StringIO(text, newline=None), delimiter=delimiter, skipinitialspace=delimiter != "\t"
    )
