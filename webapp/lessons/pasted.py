"""Find the table in a pasted text: from Word, Excel or a messenger (pure)."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable

from webapp.families import delimited
from webapp.families.sheets import BadSheet, Sheet, SheetRow
from webapp.lessons import grid
from webapp.lessons.headings import columns_of
from webapp.lessons.rows import MAX_ROWS

_RULE = re.compile(r"[\s|:+=_-]*")  # |---|:---| and lines of dashes
_GAP = re.compile(r"\s{2,}")
_Split = Callable[[str], tuple[str, ...]]


def table_in(text: str) -> Sheet | None:
    """Return the table of a pasted text; None when it is no table. Raises BadSheet."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    filled = [line for line in lines if line.strip()]
    if len(filled) > 2 * MAX_ROWS:
        raise BadSheet("too_many_rows")
    if _most(filled, lambda line: "\t" in line) or _most(filled, lambda line: line.count(";") >= 3):
        return _delimited(text)
    if _most(filled, lambda line: line.count("|") >= 2):
        return _cut(lines, lambda line: tuple(cell.strip() for cell in line.strip().strip("|").split("|")))
    heads = [next(csv.reader([line]), []) for line in filled[:10] if len(line) < 1000]
    if any(columns_of(cells) or grid.top_of(cells) for cells in heads):
        return _delimited(text)
    if _most(filled, lambda line: len(_GAP.split(line.strip())) >= 3):
        return _cut(lines, lambda line: tuple(_GAP.split(line.strip())))
    return None


def _most(lines: list[str], fits: Callable[[str], bool]) -> bool:
    return bool(lines) and sum(map(fits, lines)) >= 0.5 * len(lines)


def _delimited(text: str) -> Sheet:
    try:
        rows = delimited.rows_of(text, MAX_ROWS + 1)
    except delimited.OpenQuote as error:
        raise BadSheet("open_quote", error.row) from None
    except csv.Error:
        raise BadSheet("broken") from None
    return Sheet(tuple(SheetRow(number, cells) for number, cells in rows))


def _cut(lines: list[str], split: _Split) -> Sheet:
    return Sheet(
        tuple(SheetRow(n, split(line)) for n, line in enumerate(lines, start=1) if not _RULE.fullmatch(line))
    )
