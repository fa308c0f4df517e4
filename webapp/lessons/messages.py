"""Read a message with a line for each lesson, under headings with day, channel or grade (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from webapp.families.names import clean
from webapp.lessons.cells import is_grade, lesson_in
from webapp.lessons.days import day_inside, read_day
from webapp.lessons.rows import RawRow
from webapp.lessons.wording import channel_key

LONGEST_LINE = 400
_T = r"\d{1,2}[:.]\d{2}"
_TIME = re.compile(
    rf"(?<![\d.:])(?:саат\s+|с\s+)?(?P<time>{_T}(?:\s*(?:-|–|—|до)\s*{_T})?)(?![\d.:]*\d)(?:-?(?:дон|ден|дө|де|да)\b)?"
)
_BARE_GRADE = re.compile(r"\A\s*(\d{1,2}(?:\s*[-–]\s*\d{1,2})?)\s*\Z")
_EDGES = " ,;:.|–—-"


def message_in(text: str, channel_names: Sequence[str]) -> list[RawRow]:
    """Return the lessons of a message; without any line that holds a time, nothing.

    Below the first lesson a line that is neither is kept as a row: nothing may be lost silently.
    """
    by_key = {channel_key(name): name for name in channel_names}
    shared: dict[str, str] = {}
    rows: list[RawRow] = []
    for number, line in enumerate(text.splitlines(), start=1):
        words = clean(line[:LONGEST_LINE]).strip(" *_#:.,–—-")
        if not re.search(r"\w", words):
            continue
        written = read_day(words)
        time = None if written and written.day else _TIME.search(words)
        if time:
            rest = f"{words[: time.start()].rstrip(_EDGES)}\n{words[time.end() :].lstrip(_EDGES)}"
            rows.append(RawRow(number, {**shared, "start": time["time"], **_lesson(rest, by_key)}))
        elif heading := _heading(words, by_key):
            if "channel" in heading:
                shared.pop("grade", None)
            shared |= heading
        elif rows:
            rows.append(RawRow(number, {**shared, "subject": words}))
    return rows if any("start" in row.fields for row in rows) else []


def _heading(words: str, by_key: dict[str, str]) -> dict[str, str]:
    """What a line says for the lines below it."""
    found = {}
    written = read_day(words)
    if day := words if written else day_inside(words):
        found["date"] = day
    key = f" {channel_key(words)} "
    named = [name for known, name in by_key.items() if f" {known} " in key]
    if named and len(key) < 60:
        found["channel"] = named[0]
    if is_grade(words):
        found["grade"] = words
    return found


def _lesson(rest: str, by_key: dict[str, str]) -> dict[str, str]:
    found = {}
    for word in re.split(r"[,;()«»\"|]|\s", rest):
        if word and channel_key(word) in by_key:
            found["channel"] = by_key[channel_key(word)]
            rest = re.sub(rf"[«\"(]?{re.escape(word)}[»\")]?[,;:.–—-]*", " ", rest, count=1)
            break
    before, _, after = rest.partition("\n")
    if day := day_inside(before):
        found["date"] = day
        before = " ".join(word for word in before.split() if word not in day.split())
    pieces = [
        piece for part in (before, after) for piece in re.split(r"[|;]", part) if re.search(r"\w", piece)
    ]
    if len(pieces) > 1:
        # Between bars a number alone is the grade.
        pieces = [_BARE_GRADE.sub(r"\1-класс", piece) for piece in pieces]
    return found | lesson_in("\n".join(piece.strip(_EDGES) for piece in pieces))
