"""From which day to which a report is (pure): what a person picks, or types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from webapp.lessons.rules import clock_at
from webapp.times import monday_of

# A longer one is a mistake of the year.
LONGEST = 366
# The months in which the four terms of a school year begin; the days move, people correct them.
TERMS = (1, 4, 9, 11)
SUMMER = (6, 7, 8)


class BadDays(ValueError):
    """`reason` is one of no_date, backwards, too_long."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a report, both included."""

    first: date
    last: date

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1

    def since(self, zone: ZoneInfo) -> datetime:
        return clock_at(self.first, 0, zone).astimezone(UTC)

    def until(self, zone: ZoneInfo) -> datetime:
        """The midnight after the last day."""
        return clock_at(self.last + timedelta(days=1), 0, zone).astimezone(UTC)


def presets(today: date) -> dict[str, Days]:
    """The days people ask for most, up to today where they are not over yet."""
    monday, first = monday_of(today), today.replace(day=1)
    before = first - timedelta(days=1)
    return {
        "week": Days(monday, today),
        "last_week": Days(monday - timedelta(days=7), monday - timedelta(days=1)),
        "month": Days(first, today),
        "last_month": Days(before.replace(day=1), before),
        "term": term_of(today),
    }


def term_of(today: date) -> Days:
    """The term it is, up to today; in summer the one that ended with May."""
    if today.month in SUMMER:
        return Days(date(today.year, 4, 1), date(today.year, 5, 31))
    month = max(start for start in TERMS if start <= today.month)
    return Days(date(today.year, month, 1), today)


def read(first: str, last: str) -> Days:
    """Read the two days as an address or a command has them, "2026-11-01". Raises BadDays."""
    try:
        found = Days(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError:
        raise BadDays("no_date") from None
    if not all(2000 <= day.year <= 2099 for day in (found.first, found.last)):
        raise BadDays("no_date")
    if found.last < found.first:
        raise BadDays("backwards")
    if found.count > LONGEST:
        raise BadDays("too_long")
    return found
