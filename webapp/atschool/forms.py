"""The form of a group; every fault has a sentence."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import date, timedelta

from flask_babel import LazyString, lazy_gettext
from werkzeug.datastructures import MultiDict

from notifier.text import tidy
from webapp.atschool.models import LONGEST_NAME, LONGEST_NOTE, LONGEST_PLACE, Group, Meeting
from webapp.atschool.times import clock

MOST_SEATS = 40
LONGEST_COURSE = timedelta(days=366)
_time = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


@dataclass
class GroupForm:
    token: str
    name: str = ""
    place: str = ""
    seats: str = "10"
    sanitary_note: str = ""
    responsible: str = ""
    first_day: str = ""
    last_day: str = ""
    starts: str = "9:00"
    ends: str = "10:30"
    weekdays: list[str] = field(default_factory=list)
    faults: dict[str, str | LazyString] = field(default_factory=dict)

    @classmethod
    def blank(cls, today: date, responsible_id: int) -> GroupForm:
        return cls(
            secrets.token_urlsafe(16),
            responsible=str(responsible_id),
            first_day=(today + timedelta(days=1)).isoformat(),
            last_day=(today + timedelta(days=30)).isoformat(),
        )

    @classmethod
    def of(cls, group: Group) -> GroupForm:
        meeting = group.meetings[0]
        return cls(
            group.token,
            group.name,
            group.place,
            str(group.seats),
            group.sanitary_note,
            str(group.responsible_id or ""),
            group.first_day.isoformat(),
            group.last_day.isoformat(),
            clock(meeting["starts"]),
            clock(meeting["ends"]),
            [str(each["weekday"]) for each in group.meetings],
        )

    @classmethod
    def read(cls, form: MultiDict[str, str]) -> GroupForm:
        def line(name: str, most: int = 1000) -> str:
            return " ".join(tidy(form.get(name, "")).split())[:most]

        return cls(
            form.get("token", "")[:32] or secrets.token_urlsafe(16),
            line("name"),
            line("place"),
            line("seats", 10),
            line("sanitary_note"),
            line("responsible", 10),
            line("first_day", 10),
            line("last_day", 10),
            line("starts", 5),
            line("ends", 5),
            form.getlist("weekdays"),
        )

    def holds(self, responsible_ids: set[int]) -> bool:
        """Say whether this is a group; what is at fault says why."""
        for name, most in (("name", LONGEST_NAME), ("place", LONGEST_PLACE)):
            if not 1 <= len(getattr(self, name)) <= most:
                self.faults[name] = lazy_gettext("Write from 1 to 60 characters.")
        if len(self.sanitary_note) > LONGEST_NOTE:
            self.faults["sanitary_note"] = lazy_gettext("This is too long: at most 500 characters.")
        if not self.seats.isdecimal() or not 1 <= int(self.seats) <= MOST_SEATS:
            self.faults["seats"] = lazy_gettext("Write a number of seats from 1 to 40.")
        if not self.weekdays or not {*self.weekdays} <= {*"0123456"}:
            self.faults["weekdays"] = lazy_gettext("Choose the days of the week.")
        if self.responsible not in {str(number) for number in responsible_ids}:
            self.faults["responsible"] = lazy_gettext("Choose who is responsible.")
        starts, ends = minutes(self.starts), minutes(self.ends)
        if starts is None or ends is None or not starts < ends:
            self.faults["starts"] = lazy_gettext(
                "Write the hours like 9:00 and 10:30, the earlier one first."
            )
        first, last = day(self.first_day), day(self.last_day)
        if first is None or last is None or not first <= last <= first + LONGEST_COURSE:
            self.faults["first_day"] = lazy_gettext("Choose the first and the last day, within a year.")
        return not self.faults

    def fill(self, group: Group) -> None:
        group.name, group.place, group.seats = self.name, self.place, int(self.seats)
        group.sanitary_note, group.responsible_id = self.sanitary_note, int(self.responsible)
        group.first_day, group.last_day = day(self.first_day) or date.min, day(self.last_day) or date.min
        starts, ends = minutes(self.starts) or 0, minutes(self.ends) or 0
        group.meetings = [
            Meeting(weekday=weekday, starts=starts, ends=ends)
            for weekday in sorted({int(each) for each in self.weekdays})
        ]


def minutes(text: str) -> int | None:
    """Read "9:00" or "9.00" as a minute of the day."""
    found = _time.fullmatch(text)
    return int(found[1]) * 60 + int(found[2]) if found else None


def day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2099 else None
