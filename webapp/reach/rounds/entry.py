"""What was written on paper, typed back: row by row, each checked, and all or nothing kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import gettext

from webapp.reach.contacts.forms import OLDEST
from webapp.reach.contacts.note import LONGEST_NOTE
from webapp.reach.contacts.talks import Talk, moment_of, take
from webapp.reach.models import ContactLog, Means, Outcome
from webapp.reach.rounds.models import Round, RoundRow
from webapp.reach.rounds.results import KEYS
from webapp.staff.models import StaffMember

# 24.11, 24.11.2026, also with a slash or spaces; and as a browser's own date field writes it.
_DAY = re.compile(r"(\d{1,2})\s*[./\s-]\s*(\d{1,2})(?:\s*[./\s-]\s*(\d{4}|\d{2}))?\.?")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(slots=True)
class Typed:
    """A row of the grid: what was typed, and what is wrong with it."""

    row: RoundRow
    key: str
    day: str
    note: str
    before: ContactLog | None  # what was noted of this row earlier: it stays
    outcome: Outcome | None = None
    on: date | None = None
    error: str = ""

    @property
    def is_new(self) -> bool:
        """Whether there is something to note."""
        return self.before is None and bool(self.key or self.note)


def show_date(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def read_day(text: str, today: date) -> date | None:
    """Read a day as people type it; without a year it is the latest such day. None when it is none."""
    text = text.strip()
    try:
        if _ISO.fullmatch(text):
            return date.fromisoformat(text)
        found = _DAY.fullmatch(text)
        if not found:
            return None
        day, month, year = int(found[1]), int(found[2]), found[3]
        if year:
            return date(int(year) + (2000 if len(year) == 2 else 0), month, day)
        this_year = date(today.year, month, day)
        return this_year if this_year <= today else date(today.year - 1, month, day)
    except ValueError:
        return None


def read_grid(
    a_round: Round,
    rows: Sequence[RoundRow],
    before: Mapping[str, ContactLog],
    form: Mapping[str, str],
    today: date,
) -> list[Typed]:
    """Read every row of the form, in the order of the paper, and say beside it what is wrong."""
    keys = KEYS[Means(a_round.means)]
    typed = []
    for row in rows:
        line = Typed(
            row,
            form.get(f"key-{row.position}", "").strip(),
            form.get(f"day-{row.position}", show_date(today)).strip(),
            form.get(f"note-{row.position}", "").strip(),
            before.get(row.token),
        )
        if line.is_new:
            _check(line, keys, a_round, today)
        typed.append(line)
    return typed


def _check(line: Typed, keys: Mapping[str, Outcome], a_round: Round, today: date) -> None:
    made = a_round.made_at.date()
    line.outcome, line.on = keys.get(line.key), read_day(line.day, today)
    if not line.key:
        line.error = gettext("What came of it? Type one of the keys above.")
    elif line.outcome is None:
        line.error = gettext("There is no key %(key)s: type one of those above.", key=line.key[:3])
    elif line.on is None:
        line.error = gettext("Write the date like this: %(date)s", date=show_date(today))
    elif line.on > today:
        line.error = gettext("This day is still to come.")
    elif line.on < min(made, today) - timedelta(days=1) or line.on < today - OLDEST:
        line.error = gettext("This is before the list was made.")
    elif len(line.note) > LONGEST_NOTE:
        line.error = gettext("The note is too long: at most 1000 characters.")


def keep(a_round: Round, typed: Sequence[Typed], by: StaffMember, now: datetime) -> list[Typed]:
    """Note the new rows in the caller's transaction; return those that were not noted before.

    Only a grid without a fault is kept. Of two who type the same paper, each row counts once.
    """
    kept = []
    for line in typed:
        if not line.is_new or line.outcome is None or line.on is None:
            continue
        talk = Talk(
            token=line.row.token,
            means=Means(a_round.means),
            outcome=line.outcome,
            at=moment_of(line.on, by, now, not_before=a_round.made_at),
            note=line.note,
        )
        if take(line.row.family, talk, by, now) is not None:
            kept.append(line)
    return kept
