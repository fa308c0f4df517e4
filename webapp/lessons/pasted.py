"""Read what people paste: a table from Word, Excel or a messenger, or a line for each lesson (pure)."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable

from webapp.families import delimited
from webapp.families.names import clean
from webapp.families.sheets import BadSheet, Sheet, SheetRow
from webapp.lessons.cells import is_grade, lesson_in
from webapp.lessons.clock import BadTime, read_span
from webapp.lessons.days import read_day
from webapp.lessons.headings import columns_of
from webapp.lessons.rows import MAX_ROWS, RawRow
from webapp.lessons.wording import channel_key

_RULE = re.compile(r"[\s|:+=_-]*")  # |---|:---| and lines of dashes
_GAP = re.compile(r"\s{2,}")
_TIME_FIRST = re.compile(
    r"^[^\w]*(?P<time>(?:саат\s+|с\s+)?\d{1,2}[:.]\d{2}(?:\s*(?:-|–|—|до)\s*\d{1,2}[:.]\d{2})?)(?:-?(?:дон|ден|дө|де|да))?"
    r"[\s,;:.—–-]*(?P<rest>.*)$"
)
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
    if any(columns_of(next(csv.reader([line]), [])) for line in filled[:10] if len(line) < 1000):
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


def message_in(text: str, channel_names: tuple[str, ...]) -> list[RawRow]:
    """Return the lessons of a message: a line for each, under headings with day, channel or grade.

    Below the first lesson a line that is neither is kept as a row: nothing may be lost silently.
    """
    by_key = {channel_key(name): name for name in channel_names}
    shared: dict[str, str] = {}
    rows: list[RawRow] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = clean(line).strip(" *_#:.,–—-")
        if not re.search(r"\w", words):
            continue
        if match := _TIME_FIRST.match(clean(line)):
            rows.append(RawRow(number, {**shared, "start": match["time"], **_lesson(match["rest"], by_key)}))
        elif (written := read_day(words)) and (written.day or written.weekday is not None):
            shared["date"] = words
        elif channel := _channel_of(words, by_key):
            shared["channel"] = channel
            shared.pop("grade", None)
        elif is_grade(words):
            shared["grade"] = words
        elif rows:
            rows.append(RawRow(number, {**shared, "subject": words}))
    return rows


def _channel_of(words: str, by_key: dict[str, str]) -> str:
    """The channel that a heading names, perhaps with other words around it."""
    key = f" {channel_key(words)} "
    if len(key) > 60:
        return ""
    return next((name for known, name in by_key.items() if f" {known} " in key), "")


def _lesson(rest: str, by_key: dict[str, str]) -> dict[str, str]:
    channel = ""
    for word in re.split(r"[,;()«»\"]|\s", rest):
        if word and channel_key(word) in by_key:
            channel = by_key[channel_key(word)]
            rest = re.sub(rf"[«\"(]?{re.escape(word)}[»\")]?[\s,;:.–—-]*", " ", rest, count=1)
            break
    return {**({"channel": channel} if channel else {}), **lesson_in(rest.strip(" ,;:.–—-"))}


def looks_like_a_message(text: str) -> bool:
    """Whether at least one line begins with a time."""
    for line in text.splitlines():
        if match := _TIME_FIRST.match(clean(line)):
            try:
                read_span(match["time"])
            except BadTime:
                continue
            return True
    return False
