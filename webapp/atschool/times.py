"""When a group meets: told in the words of an SMS, and the days on which it does. No database here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from webapp.atschool.models import Meeting

DAYS = {
    "ky": ("Дш", "Шш", "Шр", "Бш", "Жм", "Иш", "Жк"),
    "ru": ("Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


def clock(minute: int) -> str:
    return f"{minute // 60}:{minute % 60:02}"


def times_said(meetings: Sequence[Meeting], language: str) -> str:
    """Write "Дш, Шр 9:00-11:00; Жм 10:00-11:00": days with the same hours together."""
    hours: dict[tuple[int, int], list[str]] = {}
    for meeting in sorted(meetings, key=lambda each: each["weekday"]):
        days = hours.setdefault((meeting["starts"], meeting["ends"]), [])
        days.append(DAYS[language][meeting["weekday"]])
    return "; ".join(
        f"{', '.join(days)} {clock(starts)}-{clock(ends)}" for (starts, ends), days in hours.items()
    )


def meeting_days(meetings: Iterable[Meeting], first: date, last: date) -> list[date]:
    """List the days on which a group meets, from its first to its last."""
    weekdays = {meeting["weekday"] for meeting in meetings}
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return [day for day in days if day.weekday() in weekdays]
