"""Hold the rows of a timetable to the rules: the lessons they say, and what is wrong with them (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from webapp.clock import LONGEST, BadTime, Span, read_minutes, read_span, written
from webapp.families.names import clean
from webapp.lessons.days import BadDate, date_of, read_day
from webapp.lessons.drafts import Draft, overlaps
from webapp.lessons.models import LONGEST_SUBJECT, LONGEST_TOPIC, TvChannel, TvLesson
from webapp.lessons.problems import Problem
from webapp.lessons.rows import RawRow
from webapp.lessons.rules import Rules, clock_at
from webapp.lessons.wording import BadGrade, BadLanguage, nearest_channel, read_grades, read_language, tidy

T = TypeVar("T")

# «К?рк?м ?н?р»; a topic may well end in a question mark.
_lost_letters = re.compile(r"\w\?\w|(?<!\S)\?\w|\ufffd").search
_NOT_A_REPEAT = frozenset({"", "-", "—", "no", "0", "нет", "жок"})


@dataclass
class Reading:
    """A timetable that was read: its lessons and everything there is to say about its rows."""

    rows: int = 0
    drafts: list[Draft] = field(default_factory=list)
    errors: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def add_overlaps(self, stored: Iterable[TvLesson], zone: ZoneInfo) -> None:
        """Warn of lessons that share a channel and a minute, among themselves or with `stored` ones."""
        self.warnings += overlaps(self.drafts, stored, zone)
        self.warnings.sort(key=lambda problem: (problem.sheet, problem.row))


def check(rows: Sequence[RawRow], rules: Rules, today: date) -> Reading:
    """Read every row by itself and tell every fault of each."""
    reading = Reading()
    seen = set()
    for index, row in enumerate(rows):
        checked = _Row(row, index, rules, today)
        draft = checked.read()
        # The same lesson in the list and in the grid of one workbook is one lesson.
        identity = (draft.key, draft.content) if draft else None
        if identity and row.sheet and identity in seen:
            continue
        seen.add(identity)
        reading.rows += 1
        reading.errors += checked.errors
        reading.warnings += checked.warnings
        if draft:
            reading.drafts.append(draft)
    return reading


class _Fault(Exception):
    """A cell that cannot be used; `reason` as in `problems.ERRORS`."""

    def __init__(self, column: str, reason: str, **about: Any) -> None:
        super().__init__(reason)
        self.column, self.reason, self.about = column, reason, about


class _Row:
    """Reads one row, telling every fault and not only the first."""

    def __init__(self, row: RawRow, index: int, rules: Rules, today: date) -> None:
        self.row, self.index, self.rules, self.today = row, index, rules, today
        self.texts = {name: clean(text) for name, text in row.fields.items()}
        self.errors: list[Problem] = []
        self.warnings: list[Problem] = []

    def warn(self, column: str, reason: str, **about: Any) -> None:
        self.warnings.append(self.problem(column, reason, about))

    def problem(self, column: str, reason: str, about: dict[str, Any]) -> Problem:
        return Problem(self.row.number, column, reason, about, self.row.sheet, self.index)

    def attempt(self, read: Callable[[], T]) -> T | None:
        """Return what `read` finds; None, and the fault among the errors, when the row says it wrongly."""
        try:
            return read()
        except _Fault as fault:
            self.errors.append(self.problem(fault.column, fault.reason, fault.about))
            return None

    def text(self, column: str) -> str:
        return self.texts.get(column, "")

    def read(self) -> Draft | None:
        day = self.attempt(self._day)
        span = self.attempt(self._span)
        channel = self.attempt(self._channel)
        grades = self.attempt(self._grades)
        language = self.attempt(self._language)
        if not (day and span and channel and grades and language):
            return None
        start, minutes = span
        draft = Draft(
            channel,
            clock_at(day, start, self.rules.zone),
            minutes,
            *grades,
            language,
            tidy(self.text("subject"), LONGEST_SUBJECT),
            tidy(self.text("topic"), LONGEST_TOPIC),
            self.text("repeat").lower() not in _NOT_A_REPEAT,
            self.row.number,
            self.row.sheet,
            self.index,
        )
        self._hold_to_rules(draft, day)
        return draft

    def _day(self) -> date:
        text = self.text("date")
        if not text:
            raise _Fault("date", "no_date")
        day = read_day(text)
        try:
            if day is None:
                raise BadDate
            return date_of(day, self.today)
        except BadDate:
            raise _Fault("date", "bad_date", value=text) from None

    def _span(self) -> tuple[int, int]:
        """The start, in minutes of the day, and the length."""
        if not self.text("start"):
            raise _Fault("start", "no_time")
        start, end_column = self._time("start"), self._time("end") if self.text("end") else None
        end = end_column.start if end_column else start.end
        minutes = self._minutes()
        if end is None and minutes is None:
            raise _Fault("end", "no_end")
        if end is not None:
            about = {"start": written(start.start), "end": written(end)}
            if end <= start.start:
                raise _Fault("end", "end_before_start", **about)
            if minutes not in {None, end - start.start}:
                raise _Fault("minutes", "two_lengths", value=minutes, long=end - start.start, **about)
            minutes = end - start.start
        if (minutes or 0) > LONGEST:
            raise _Fault("end", "too_long", value=minutes)
        return start.start, minutes or 0

    def _time(self, column: str) -> Span:
        try:
            return read_span(self.text(column))
        except BadTime:
            raise _Fault(column, "bad_time", value=self.text(column)) from None

    def _minutes(self) -> int | None:
        if not self.text("minutes"):
            return None
        try:
            return read_minutes(self.text("minutes"))
        except BadTime:
            raise _Fault("minutes", "bad_time", value=self.text("minutes")) from None

    def _channel(self) -> TvChannel:
        text = self.text("channel")
        if not text:
            raise _Fault("channel", "no_channel")
        if channel := self.rules.channel(text):
            return channel
        known = {name: channel.name for channel in self.rules.channels for name in channel.names}
        meant = nearest_channel(text, known)
        if meant:
            raise _Fault("channel", "unknown_channel_meant", value=text, meant=known[meant])
        raise _Fault("channel", "unknown_channel", value=text)

    def _grades(self) -> tuple[int, int]:
        text = self.text("grade")
        if not text:
            raise _Fault("grade", "no_grade")
        try:
            grades = read_grades(text)
        except BadGrade:
            raise _Fault("grade", "bad_grade", value=text) from None
        first, last = self.rules.first_grade, self.rules.last_grade
        if grades.first < first or grades.last > last:
            raise _Fault("grade", "grade_outside", value=text, first=first, last=last)
        if grades.letter:
            self.warn("grade", "class_letter", value=text)
        return grades.first, grades.last

    def _language(self) -> str:
        text = self.text("language")
        if not text:
            raise _Fault("language", "no_language")
        try:
            return read_language(text)
        except BadLanguage as error:
            if error.meant:
                raise _Fault("language", "bad_language_meant", value=text, meant=error.meant) from None
            raise _Fault("language", "bad_language", value=text) from None

    def _hold_to_rules(self, draft: Draft, day: date) -> None:
        for column, text in (("subject", draft.subject), ("topic", draft.topic)):
            if _lost_letters(text):
                self.warn(column, "lost_letters", value=text)
        shown = f"{day:%d.%m.%Y}"
        grades = (
            str(draft.first_grade)
            if draft.first_grade == draft.last_grade
            else f"{draft.first_grade}–{draft.last_grade}"
        )
        if weekday := self.text("weekday"):
            said = read_day(weekday)
            if said is None or said.weekday not in {None, day.weekday()}:
                self.warn("weekday", "weekday_mismatch", value=weekday, date=shown)
        if day.weekday() == 6:
            self.warn("date", "sunday", date=shown)
        elif off := self.rules.day_off(day):
            self.warn("date", "day_off", date=shown, name=off.name)
        cap = self.rules.cap(draft.first_grade, draft.last_grade)
        if cap is not None and draft.minutes > cap:
            self.warn("minutes", "cap_exceeded", value=draft.minutes, grade=grades, cap=cap)
        if not draft.channel.carries(draft.first_grade, draft.last_grade):
            self.warn("grade", "channel_grade", channel=draft.channel.name, grade=grades)


def without(rows: Sequence[RawRow], left_out: Iterable[int]) -> list[RawRow]:
    """Return the rows but those at the given places."""
    gone = set(left_out)
    return [row for index, row in enumerate(rows) if index not in gone]
