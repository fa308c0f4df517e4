"""`flask --app webapp reach period`: the report of a period, for scripts and for the archive."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from notifier.database import db
from webapp.announcements.commands import the_school
from webapp.families.models import SchoolClass
from webapp.reach.period.days import BadDays, presets, read
from webapp.reach.period.figures import period_report
from webapp.reach.period.files import WRITERS, file_name
from webapp.reach.period.words import FAULTS


@click.command("period")
@click.option("--from", "first", metavar="YYYY-MM-DD", help="The first day; without one, of this month.")
@click.option("--to", "last", metavar="YYYY-MM-DD", help="The last day; without one, today.")
@click.option("--format", "form", type=click.Choice(list(WRITERS)), default="json", show_default=True)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="The file to write, or a folder to write it into."
)
@click.option("--school", "school_name", help="Which school, when there are several.")
@with_appcontext
def period_command(
    first: str | None, last: str | None, form: str, output: Path | None, school_name: str | None
) -> None:
    """Write the report of some days: announcements, reach, tasks, contacts and cost, by class."""
    school, now = the_school(school_name), datetime.now(UTC)
    month = presets(now.astimezone(school.zone).date())["month"]
    try:
        days = read(first or month.first.isoformat(), last or month.last.isoformat())
    except BadDays as bad:
        raise click.ClickException(str(FAULTS[bad.reason])) from None
    classes = db.session.scalars(
        select(SchoolClass)
        .where(SchoolClass.school_id == school.id)
        .order_by(SchoolClass.grade, SchoolClass.letter)
    ).all()
    found = period_report(school, classes, days, now, whole_school=True)
    content = WRITERS[form](found)
    if output is None and form == "json":
        click.echo(content.decode(), nl=False)
        return
    if output is None or output.is_dir():
        output = (output or Path()) / file_name(found, form)
    try:
        output.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{output}: {error.strerror}") from None
    click.echo(str(output))
