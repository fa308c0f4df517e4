"""Days as people write them: 2020-09-07, 07.09.2020, 7-сентябрь, «Понедельник, 7 сентября» (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from webapp.families.names import fold

# By how a word begins, so that every case is known: сентябрь, сентября, сентябрда, сент.
_MONTHS = (
    ("янв", "jan"),
    ("фев", "feb"),
    ("март", "мар", "mar"),
    ("апр", "apr"),
    ("май", "мая", "may"),
    ("июн", "jun"),
    ("июл", "jul"),
    ("авг", "aug"),
    ("сен", "sep"),
    ("окт", "oct"),
    ("ноя", "nov"),
    ("дек", "dec"),
)
# Monday first; ө ү ң are written о у н here, as many keyboards have it.
_WEEKDAYS = (
    ("дуйшомбу", "дуйш", "дш", "понедельник", "пон", "пн", "monday", "mon"),
    ("шейшемби", "шейш", "шш", "вторник", "вт", "tuesday", "tue"),
    ("шаршемби", "шарш", "шр", "среда", "среду", "ср", "wednesday", "wed"),
    ("бейшемби", "бейш", "бш", "четверг", "чет", "чт", "thursday", "thu"),
    ("жума", "жм", "пятница", "пятницу", "пят", "пт", "friday", "fri"),
    ("ишемби", "ишм", "иш", "суббота", "субботу", "суб", "сб", "saturday", "sat"),
    ("жекшемби", "жекш", "жк", "воскресенье", "воскр", "вс", "sunday", "sun"),
)
_WEEKDAY_OF = {word: number for number, words in enumerate(_WEEKDAYS) for word in words}
_PLAIN = str.maketrans("өүң", "оун")
_YEAR_WORDS = re.compile(r"\b(?:ж|жыл|жылы|жылдын|г|год|года|year|кун|куну|число)\b")

_YMD = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?:[t ]\d{1,2}:\d{2}(?::\d{2})?)?")
_DMY = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4}|\d{2})(?: \d{1,2}:\d{2}(?::\d{2})?)?(?!\d)")
_DAY_WORD = re.compile(r"(\d{1,2})\s*(?:-?(?:го|е|ое|st|nd|rd|th))?[\s.-]*([a-zа-я]{3,})\.?")
_WORD_DAY = re.compile(r"([a-zа-я]{3,})\.?\s*(\d{1,2})(?:-?(?:си|сы|у|су|st|nd|rd|th))?(?!\d)")
_DM = re.compile(r"(\d{1,2})[./](\d{1,2})\.?")
_YEAR = re.compile(r"(?<!\d)((?:19|20|21)\d\d)(?!\d)")
# What a spreadsheet calls a day when its cell lost the format: 44081 is 7 September 2020.
_SERIAL = re.compile(r"(\d{5})(?:\.0+)?")
_SERIAL_DAY_ZERO = date(1899, 12, 30)
_RANGE = re.compile(r"(\d{1,2})\s*-\s*\d{1,2}[\s.-]*([а-яa-z]{3,})\D{0,3}((?:19|20|21)\d\d)?")


class BadDate(ValueError):
    """No day of the calendar."""


@dataclass(frozen=True)
class WrittenDay:
    """What was written of a day; any part may be missing, but not all of them."""

    day: int | None = None
    month: int | None = None
    year: int | None = None
    weekday: int | None = None  # Monday is 0


# Every row of a timetable names its day, and a week has seven.
@lru_cache(maxsize=500)
def read_day(text: str) -> WrittenDay | None:
    """Take a day's text apart; None when it speaks of no day, or of more than a day."""
    plain = fold(text).translate(_PLAIN).strip(" ,;:()\"'«»")
    if not plain or len(plain) > 60:
        return None
    weekdays = [word for word in re.findall(r"[a-zа-я]+", plain) if word in _WEEKDAY_OF]
    if len(weekdays) > 1:
        return None
    weekday = _WEEKDAY_OF[weekdays[0]] if weekdays else None
    rest = re.sub(rf"\b{weekdays[0]}\b\.?", " ", plain) if weekdays else plain
    found, rest = _numbers(" ".join(rest.split()).strip(" ,.;-()"))
    if re.sub(r"[\s,.;()'\"«»-]+", "", _YEAR_WORDS.sub(" ", rest)):
        return None
    if found is None:
        return WrittenDay(weekday=weekday) if weekday is not None else None
    day, month, year = found
    return WrittenDay(day, month, year, weekday)


def _numbers(text: str) -> tuple[tuple[int, int, int | None] | None, str]:
    """Day, month, year (or None), and what is left of the text."""
    if match := _SERIAL.fullmatch(text):
        serial = _SERIAL_DAY_ZERO + timedelta(days=int(match[1]))
        return (serial.day, serial.month, serial.year), ""
    if match := _YMD.search(text):
        return (int(match[3]), int(match[2]), int(match[1])), text[: match.start()] + text[match.end() :]
    if match := _DMY.search(text):
        year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
        return (int(match[1]), int(match[2]), year), text[: match.start()] + text[match.end() :]
    year_match = _YEAR.search(text)
    year_found = int(year_match[1]) if year_match else None
    if year_match:
        text = f"{text[: year_match.start()]} {text[year_match.end() :]}"
    for pattern, day_group, word_group in ((_DAY_WORD, 1, 2), (_WORD_DAY, 2, 1)):
        match = pattern.search(text)
        if match and (month := month_named(match[word_group])):
            return (
                int(match[day_group]),
                month,
                year_found,
            ), f"{text[: match.start()]} {text[match.end() :]}"
    if (match := _DM.search(text)) and 1 <= int(match[2]) <= 12:
        return (int(match[1]), int(match[2]), year_found), f"{text[: match.start()]} {text[match.end() :]}"
    return None, text


def month_named(word: str) -> int | None:
    """Return the number of the month that `word` names in Kyrgyz, Russian or English, in any case."""
    for number, stems in enumerate(_MONTHS, start=1):
        if word.startswith(stems):
            return number
    return None


def date_of(written: WrittenDay, today: date, *, year: int | None = None, week: date | None = None) -> date:
    """Say which day of the calendar was meant; raise BadDate.

    Without a year: `year`, else the one that makes the weekday true, nearest to `today`.
    With a weekday alone: that day of `week`, which is any day of the week.
    """
    if written.day is None or written.month is None:
        if written.weekday is None or week is None:
            raise BadDate
        return week - timedelta(days=week.weekday()) + timedelta(days=written.weekday)
    if written.year is not None or year is not None:
        return _exactly(written.year or year or 0, written.month, written.day)
    days = []
    for near in (today.year - 1, today.year, today.year + 1):
        try:
            days.append(_exactly(near, written.month, written.day))
        except BadDate:
            continue
    if not days:
        raise BadDate
    return min(days, key=lambda d: (written.weekday not in {None, d.weekday()}, abs((d - today).days)))


def _exactly(year: int, month: int, day: int) -> date:
    if not 2000 <= year <= 2100:
        raise BadDate
    try:
        return date(year, month, day)
    except ValueError:
        raise BadDate from None


def day_inside(text: str) -> str:
    """Return the part of a line that says a day of the calendar, with its weekday; "" if it says none."""
    words = re.findall(r"[^\s()«»\"*_]+", text)[:30]
    for length in range(min(5, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            part = " ".join(words[start : start + length])
            written = read_day(part)
            if written and written.day:
                return part
    return ""


def years_in(texts: Iterable[str]) -> set[int]:
    """Return the years that some texts name, from 2000 to 2100."""
    years: set[int] = set()
    for text in texts:
        years.update(int(year) for year in _YEAR.findall(text) if 2000 <= int(year) <= 2100)
        written = read_day(text)
        if written and written.year:
            years.add(written.year)
    return years


def week_in(text: str, today: date, year: int | None) -> date | None:
    """Return the first day of a range in a title: «7–11-сентябрь 2020-ж.»; None when there is none."""
    match = _RANGE.search(fold(text).translate(_PLAIN))
    month = month_named(match[2]) if match else None
    if not match or not month:
        return None
    try:
        return date_of(
            WrittenDay(int(match[1]), month, int(match[3]) if match[3] else None), today, year=year
        )
    except BadDate:
        return None
