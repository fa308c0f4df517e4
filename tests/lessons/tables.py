"""Timetables for the tests, and the rules of a school that has just begun."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter

from webapp.families.lesson_rules import CAPS
from webapp.lessons.check import Reading, check
from webapp.lessons.drafts import Draft
from webapp.lessons.models import TvChannel
from webapp.lessons.roads import context_of
from webapp.lessons.rows import RawRow
from webapp.lessons.rules import CHANNELS, DAYS_OFF, DayOff, Rules

TV = Path(__file__).parents[1] / "data" / "tv"
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HEADER = ("date", "weekday", "start", "end", "minutes", "channel", "grade", "language", "subject", "topic")

RULES = Rules(
    school_id=1,
    zone=ZoneInfo("Asia/Bishkek"),
    language="ky",
    first_grade=1,
    last_grade=11,
    caps=CAPS,
    days_off=tuple(DayOff(*off) for off in DAYS_OFF),
    channels=tuple(TvChannel(id=n, school_id=1, **channel) for n, channel in enumerate(CHANNELS, start=1)),
)
CONTEXT = context_of(RULES, NOW)


def sample_rows() -> list[dict[str, str]]:
    with (TV / "sample_timetable.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def read(rows: Sequence[RawRow], rules: Rules = RULES) -> Reading:
    reading = check(rows, rules, CONTEXT.today)
    reading.add_overlaps((), rules.zone)
    return reading


def facts(drafts: Sequence[Draft]) -> set[tuple[object, ...]]:
    """What of the drafts must be the same by every road."""
    return {(draft.channel.name, *draft.key[1:], *draft.content) for draft in drafts}


def as_csv(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def book(
    sheets: dict[str, list[list[object]]], merged: dict[str, list[tuple[int, int, int, int, str]]]
) -> bytes:
    """An xlsx file; merged cells are first row, first column, last row, last column (from 0) and text."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            for first_row, first_column, last_row, last_column, text in merged.get(name, []):
                sheet.merge_range(first_row, first_column, last_row, last_column, text)
    return content.getvalue()
