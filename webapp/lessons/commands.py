"""`flask --app webapp lessons …`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import click
from flask_babel import gettext

from notifier.database import db
from webapp.announcements.commands import the_school
from webapp.families.commands import require_file
from webapp.families.sheets import MAX_BYTES, BadSheet
from webapp.lessons.check import Reading
from webapp.lessons.days import BadDate, date_of, read_day
from webapp.lessons.importing import Plan, bring_in, make_plan
from webapp.lessons.problems import Problem, file_problem
from webapp.lessons.roads import context_of, read_file
from webapp.lessons.rules import rules_of
from webapp.staff.models import School


@click.group()
def lessons() -> None:
    """The timetable of TV lessons."""


@lessons.command("import")
@click.argument("file", type=click.Path(path_type=Path))
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
    require_file(file)
    school = the_school(name)
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
        raise click.ClickException(
            gettext("“%(value)s” is not a day of the calendar. Write it like 07.09.2020.", value=text)
        ) from None


def _tell(
    counts: dict[str, int], errors: Sequence[Problem], warnings: Sequence[Problem], as_json: bool
) -> None:
    if as_json:
        lists = {"errors": [e.as_json() for e in errors], "warnings": [w.as_json() for w in warnings]}
        click.echo(json.dumps(counts | lists, ensure_ascii=False))
        return
    labels = {
        "rows": gettext("Rows in the list"),
        "created": gettext("New"),
        "updated": gettext("Changed"),
        "unchanged": gettext("Unchanged"),
        "cancelled": gettext("Cancelled"),
    }
    width = max(map(len, labels.values()))
    for key, count in counts.items():
        click.echo(f"{labels[key]:<{width}}  {count:>5}")
    for heading, problems in ((gettext("Errors"), errors), (gettext("Please look"), warnings)):
        if problems:
            click.echo(f"\n{heading}")
        for problem in problems:
            row = gettext("row %(row)s", row=problem.row) if problem.row else ""
            click.echo("  " + "  ".join(filter(None, (row, problem.message))))
    if errors:
        click.echo("\n" + gettext("Nothing was brought in. Correct the errors and try again."))
