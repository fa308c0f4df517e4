"""What was answered to a kind's questions, as `Announcement.fields` keeps it, for a text to say."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from webapp.families.modes import Mode

_hour = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)(?::[0-5]\d)?")


def read_day(text: str) -> date | None:
    """Read a browser's day, 2026-12-01, or one typed as 1.12.2026; None for anything else."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        try:
            found = datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            return None
    return found if 2000 <= found.year <= 2099 else None


def read_hour(text: str) -> str:
    """Read an hour, 9:00 or 9.00, as 09:00; "" for anything else."""
    found = _hour.fullmatch(text)
    return f"{int(found[1]):02}:{found[2]}" if found else ""


class Said:
    """The answers by name; what was not answered is empty."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = {name: answer for name, answer in answers.items() if answer}

    @classmethod
    def read(cls, text: str) -> Said:
        """Read what `written` wrote; of anything else nothing."""
        try:
            kept = json.loads(text) if text else {}
        except ValueError:
            kept = {}
        return cls(kept if isinstance(kept, dict) else {})

    def written(self) -> str:
        """Write it so that equal ones are equal texts; "" when there is nothing."""
        return json.dumps(self.answers, ensure_ascii=False, sort_keys=True) if self.answers else ""

    def __getitem__(self, name: str) -> str:
        answer = self.answers.get(name)
        return answer if isinstance(answer, str) else ""

    def many(self, name: str) -> list[str]:
        answer = self.answers.get(name)
        return [each for each in answer if isinstance(each, str)] if isinstance(answer, list) else []

    def ticked(self, name: str) -> bool:
        return self.answers.get(name) is True

    def day(self, name: str) -> date | None:
        return read_day(self[name])

    def hour(self, name: str) -> str:
        return read_hour(self[name])

    def moment(self, day: str, hour: str, zone: ZoneInfo) -> datetime | None:
        """The moment at which the school's clocks show that day and hour."""
        found, time = self.day(day), self.hour(hour)
        if not found or not time:
            return None
        return datetime.fromisoformat(f"{found}T{time}").replace(tzinfo=zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class About:
    """What a text may say that nobody need type."""

    phone: str = ""  # of the school
    answered: bool = False  # families can answer an SMS
    child: str = ""  # as its family calls it
    class_name: str = ""  # of the child
    mode: Mode = Mode.AT_SCHOOL  # how that class is taught today
    support: str = ""  # the phone of the psychologist and the social pedagogue


def support(said: Said, about: About) -> str:
    """Name where help is, if the author wished so: the words are the same in both languages."""
    return f"Психолог, соцпедагог: {about.support}" if said.ticked("support") and about.support else ""
