"""Every road by which a timetable comes in ends in the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from webapp.families.sheets import BadSheet, Sheet, read_sheets
from webapp.lessons import layout, pasted
from webapp.lessons.days import week_in, years_in
from webapp.lessons.messages import message_in
from webapp.lessons.rows import MAX_ROWS, Context, NoTimetable, RawRow
from webapp.lessons.rules import Rules
from webapp.lessons.xmltv import is_xmltv, read_xmltv


def context_of(rules: Rules, now: datetime) -> Context:
    """What a timetable read now, at this school, may leave unsaid."""
    return Context(
        today=now.astimezone(rules.zone).date(),
        zone=rules.zone,
        channel_names=tuple(name for channel in rules.channels for name in channel.names),
        language=rules.language,
    )


def read_file(content: bytes, context: Context) -> list[RawRow]:
    """Read a timetable from a file: XMLTV or any spreadsheet, told apart by their bytes.

    Slow, and touches no database: call it with no transaction open. Raises BadSheet.
    """
    rows = (
        read_xmltv(content, context.zone)
        if is_xmltv(content)
        else _from_sheets(read_sheets(content), context)
    )
    return _some(rows)


def read_pasted(text: str, context: Context) -> list[RawRow]:
    """Read a timetable from pasted text; raise BadSheet."""
    if not text.strip():
        raise BadSheet("empty")
    sheet = pasted.table_in(text)
    if sheet and sheet.rows:
        try:
            return _some(layout.rows_of(sheet, context))
        except NoTimetable:
            pass
    lines = text.splitlines()
    told = layout.told_by(" ".join(lines[:3]), (), context, lines)
    weeks = (week_in(line, told.today, told.year) for line in lines)
    told = replace(told, week=told.week or next(filter(None, weeks), None))
    return _some([layout.completed(row, told) for row in message_in(text, context.channel_names)])


def _from_sheets(sheets: Sequence[Sheet], context: Context) -> list[RawRow]:
    """The lessons of every sheet that holds any; what one sheet says of the year holds for its neighbours."""
    years = years_in(
        cell for sheet in sheets for row in sheet.rows[:40] for cell in row.cells if len(cell) < 200
    )
    context = replace(context, year=years.pop() if len(years) == 1 else None)
    rows: list[RawRow] = []
    for sheet in sheets:
        try:
            found = layout.rows_of(sheet, context)
        except NoTimetable:
            continue
        rows += found if len(sheets) == 1 else [replace(row, sheet=sheet.name) for row in found]
    return rows


def _some(rows: list[RawRow]) -> list[RawRow]:
    if not rows:
        raise BadSheet("no_header")
    if len(rows) > MAX_ROWS:
        raise BadSheet("too_many_rows")
    return rows
