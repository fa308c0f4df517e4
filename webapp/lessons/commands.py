"""`flask --app webapp lessons …`."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import click

from notifier.database import db
from webapp.families.sheets import MAX_BYTES, BadSheet
from webapp.lessons.check import Reading
from webapp.lessons.days import BadDate, date_of, read_day
from webapp.lessons.importing import Plan, bring_in, make_plan
from webapp.lessons.problems import Problem, file_problem
from webapp.lessons.roads import context_of, read_file
from webapp.lessons.rules import rules_of
from webapp.staff.models import School
from webapp.staff.queries import school_named, schools


@click.group()
def lessons() -> None:
    """The timetable of TV lessons."""


@lessons.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option(
    "--replace", "replacing", is_flag=True, help="Cancel lessons that the timetable does not have any more."
)
@click.option("--week", help="A day of the week in question, for a grid that names weekdays without dates.")
@click.option("--school", "name", help="The school, if there are several.")
def import_lessons(
    *, file: Path, dry_run: bool, as_json: bool, replacing: bool, week: str | None, name: str | None
) -> None:
    """Bring a timetable in from a spreadsheet or an XMLTV guide."""
    school = _school(name)
    now = datetime.now(UTC)
    context = context_of(rules_of(school), now)
    if week:
        context = replace(context, week=_day(week, context.today))
    school_id = school.id
    # Parsing is slow; nobody should wait for the database meanwhile.
    db.session.rollback()
    try:
        with file.open("rb") as stream:
            rows = read_file(stream.read(MAX_BYTES + 1), context)
    except BadSheet as error:
        _tell(Plan(Reading()).counts, [file_problem(error)], [], as_json)
        raise SystemExit(1) from None
    school = db.session.get_one(School, school_id)
    if dry_run:
        plan = make_plan(rows, rules_of(school), now)
        db.session.rollback()
    else:
        plan = bring_in(rows, school, file.name[:120], now, replace=replacing)
        db.session.commit()
    bad = bool(plan.reading.errors)
    counts = plan.counts
    if replacing:
        counts["cancelled"] = len(plan.missing)
    if bad:
        counts |= dict.fromkeys(counts.keys() - {"rows", "unchanged"}, 0)
    _tell(counts, plan.reading.errors, plan.reading.warnings, as_json)
    if bad:
        raise SystemExit(1)


def _day(text: str, today: date) -> date:
    written = read_day(text)
    try:
        if written is None:
            raise BadDate
        return date_of(written, today)
    except BadDate:
        raise click.ClickException(f"“{text}” is no day: write it like 2026-09-07.") from None


def _tell(counts: dict[str, Any], errors: list[Problem], warnings: list[Problem], as_json: bool) -> None:
    if as_json:
        lists = {"errors": [e.as_json() for e in errors], "warnings": [w.as_json() for w in warnings]}
        click.echo(json.dumps(counts | lists, ensure_ascii=False))
        return
    for title, problems in (("Error", errors), ("Warning", warnings)):
        for problem in problems:
            click.echo(f"{title}, row {problem.row} ({problem.code}): {problem.message}", err=True)
    click.echo(", ".join(f"{word}: {count}" for word, count in counts.items()))


def _school(name: str | None) -> School:
    if name:
        found = school_named(name)
        if not found:
            raise click.ClickException(f"There is no school called “{name}”.")
        return found
    everyone = schools()
    if not everyone:
        raise click.ClickException("There is no school yet: run flask --app webapp setup.")
    if len(everyone) > 1:
        raise click.ClickException("There are several schools: say which one with --school NAME.")
    return everyone[0]
