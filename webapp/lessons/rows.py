"""A row of a timetable as it was written, before anything is held to the rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from webapp.lessons.headings import FIELDS

# What a timetable can hold; a week of all channels has under 400.
MAX_ROWS = 5_000


@dataclass(frozen=True)
class RawRow:
    """The texts of one lesson, by field; `number` is the row as the person sees it in the sheet."""

    number: int
    fields: dict[str, str] = field(default_factory=dict)
    sheet: str = ""  # named only when there are several

    @property
    def summary(self) -> str:
        """The row in one line."""
        names = ("date", "start", "end", "channel", "grade", "language", "subject", "topic")
        return " · ".join(self.fields[name] for name in names if self.fields.get(name))

    def as_json(self) -> dict[str, Any]:
        return {"row": self.number, "sheet": self.sheet, **{k: v for k, v in self.fields.items() if v}}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> RawRow:
        return cls(stored["row"], {f: stored[f] for f in FIELDS if stored.get(f)}, stored.get("sheet", ""))


@dataclass(frozen=True)
class Context:
    """What a table leaves unsaid: who reads it, when, and for which week."""

    today: date
    zone: ZoneInfo
    channel_names: tuple[str, ...] = ()  # every name of every channel
    week: date | None = None  # of a grid that names weekdays alone
    year: int | None = None  # of days written without one
    language: str = ""  # of lessons whose table says nothing, nor shows it


class NoTimetable(ValueError):
    """Nothing in the table looks like a timetable."""
