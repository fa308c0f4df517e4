"""Mend the rows of a timetable that waits to be applied, as people correct them on its page (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug.datastructures import MultiDict

from webapp.families.names import clean
from webapp.lessons.headings import FIELDS
from webapp.lessons.problems import Problem
from webapp.lessons.rows import RawRow

LONGEST_CELL = 300
ABSENT = frozenset({"no_date", "no_channel", "no_grade", "no_language"})
LEFT_OUT = "left_out"
MOST_CHANNELS = 10  # that one page asks about


def problems_by_row(errors: Sequence[Problem], warnings: Sequence[Problem]) -> dict[int, list[Problem]]:
    """The problems of each row, rows with errors first."""
    found: dict[int, list[Problem]] = {}
    for problem in [*errors, *warnings]:
        found.setdefault(problem.index, []).append(problem)
    return found


def unknown_channels(errors: Sequence[Problem]) -> list[tuple[str, int]]:
    """The channels' names that several rows have and the school does not, most frequent first."""
    counted = Counter(
        error.about["value"] for error in errors if error.code == "unknown_channel" and error.about
    )
    return [(name, count) for name, count in counted.most_common(MOST_CHANNELS) if count > 1]


def absent_fields(errors: Sequence[Problem]) -> list[tuple[str, int]]:
    """The fields of which several rows say nothing, though they must."""
    counted = Counter(error.column for error in errors if error.reason in ABSENT)
    return [(column, count) for column, count in counted.items() if count > 1]


def standing(rows: Sequence[dict[str, Any]]) -> list[tuple[int, RawRow]]:
    """Return the rows that nobody left out, each with its place among all of them.

    A row that is left out keeps its place: a form that is sent twice must not hit its neighbour.
    """
    return [(place, RawRow.from_json(row)) for place, row in enumerate(rows) if not row.get(LEFT_OUT)]


def mended(rows: Sequence[dict[str, Any]], form: MultiDict[str, str]) -> list[dict[str, Any]]:
    """Return the rows with what a form corrects, those that it leaves out marked so.

    Its fields are `row-<place>-<field>`; `leave_out` with places; `was-<n>` and `becomes-<n>` for a channel's
    name in all rows; `all-<field>` for all rows that say nothing of the field.
    """
    for_all = {
        field: form[f"all-{field}"].strip()[:LONGEST_CELL] for field in FIELDS if form.get(f"all-{field}")
    }
    left_out = {int(place) for place in form.getlist("leave_out") if place.isdecimal()}
    channels = {
        form[f"was-{n}"]: form.get(f"becomes-{n}", "") for n in range(MOST_CHANNELS) if f"was-{n}" in form
    }
    return [
        _renamed(for_all | row | _corrected(place, row, form), channels)
        | ({LEFT_OUT: True} if place in left_out else {})
        for place, row in enumerate(rows)
    ]


def _corrected(place: int, row: dict[str, Any], form: Mapping[str, str]) -> dict[str, str]:
    """What the form says of the fields of one row."""
    return {
        field: form[name].strip()[:LONGEST_CELL]
        for field in FIELDS
        if (name := f"row-{place}-{field}") in form and form[name].strip() != row.get(field, "")
    }


def _renamed(row: dict[str, Any], channels: dict[str, str]) -> dict[str, Any]:
    """The row with its channel under the name that was chosen for all rows."""
    chosen = channels.get(clean(row.get("channel", "")))
    return row | {"channel": chosen} if chosen else row
