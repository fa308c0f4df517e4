"""Times and lengths as people write them: 9.00, 09:00, 9:00-9:20, «20 мүнөт» (pure)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from webapp.families.names import fold

DAY = 24 * 60
LONGEST_TEXT = 60  # characters
LONGEST = 240  # minutes; a longer "lesson" is a mistake

# 9⁰⁰ is how Russian timetables print it.
_RAISED = re.compile("(\\d{1,2})([\u2070\u00b9\u00b2\u00b3\u2074-\u2079]{2})(?!\\d)")
_WORDS = re.compile(r"\b(?:саат|сааты|сагат|from|till|until|at|to|в|с|до|по|чейин|ден|дан|тен|тан)\b\.?")
_HOUR_LETTER = re.compile(r"(?<=\d)\s*(?:ч|h)\.?\s*(?=\d\d)")
_TIME = r"(\d{1,2})(?:([:.])(\d{1,2})(?::\d{2}(?:\.0+)?)?)?"
_ONE = re.compile(_TIME)
_TWO = re.compile(rf"{_TIME}\s*(?:-|\s)\s*{_TIME}")
_ONE_HYPHENED = re.compile(r"(\d{1,2})-(\d{2})")
_TWO_HYPHENED = re.compile(r"(\d{1,2})-(\d{2})\s*(?:-|\s)\s*(\d{1,2})-(\d{2})")
_FRACTION = re.compile(r"0\.(?:\d|\d{3,})")
_LENGTH = re.compile(r"(\d{1,3})(?:\.0+)?\s*(?:мун\w*|мүн\w*|мин\w*|min\w*|м|m|')?\.?")
_LENGTH_AS_TIME = re.compile(r"0?0:(\d{2})(?::00)?")


class BadTime(ValueError):
    """No time of the day, or no length of a lesson."""


@dataclass(frozen=True)
class Span:
    """Minutes since midnight; the end may not be written."""

    start: int
    end: int | None = None


def read_span(text: str) -> Span:
    """Read a time or two; raise BadTime."""
    if len(text) > LONGEST_TEXT:
        raise BadTime
    raised = _RAISED.sub(lambda m: f"{m[1]}:{unicodedata.normalize('NFKC', m[2])}", text)
    plain = _WORDS.sub(" ", fold(raised)).replace("–", "-")
    plain = " ".join(_HOUR_LETTER.sub(":", plain).split()).strip(" -,;.()")
    if _FRACTION.fullmatch(plain):
        return Span(_minute_of_fraction(float(plain)))
    if match := _ONE.fullmatch(plain):
        return Span(_minute(match[1], match[3], match[2]))
    if match := _TWO_HYPHENED.fullmatch(plain):
        return Span(_minute(match[1], match[2]), _minute(match[3], match[4]))
    if match := _ONE_HYPHENED.fullmatch(plain):
        return Span(_minute(match[1], match[2]))
    if match := _TWO.fullmatch(plain):
        return Span(_minute(match[1], match[3], match[2]), _minute(match[4], match[6], match[5]))
    raise BadTime


def _minute(hour: str, minute: str | None, mark: str | None = None) -> int:
    if minute is not None and len(minute) == 1:
        # A spreadsheet keeps the number 9.30 as 9.3; with a colon nobody means that.
        if mark != ".":
            raise BadTime
        minute += "0"
    if int(hour) > 23 or int(minute or 0) > 59:
        raise BadTime
    return int(hour) * 60 + int(minute or 0)


def _minute_of_fraction(part_of_day: float) -> int:
    """0.375 is what a spreadsheet calls 9:00 when its cell lost the format."""
    minutes = part_of_day * DAY
    if abs(minutes - round(minutes)) > 0.02 or round(minutes) >= DAY:
        raise BadTime
    return round(minutes)


def read_minutes(text: str) -> int:
    """Read the length of a lesson in minutes; raise BadTime."""
    plain = fold(text)
    match = _LENGTH.fullmatch(plain) or _LENGTH_AS_TIME.fullmatch(plain)
    if not match or not 1 <= int(match[1]) <= LONGEST:
        raise BadTime
    return int(match[1])


def written(minute: int) -> str:
    """Write a minute of the day as 09:00."""
    return f"{minute // 60:02}:{minute % 60:02}"
