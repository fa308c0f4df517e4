"""`flask --app webapp families import FILE`."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from flask_babel import gettext

from notifier.database import db
from webapp.families.importing import (
    as_json,
    bring_in,
    compare,
    counts,
    file_problem,
    read_file,
    require_header,
)
from webapp.families.problems import Problem
from webapp.families.rows import ClassList
from webapp.families.sheets import MAX_BYTES, BadSheet
from webapp.staff.models import School
from webapp.staff.queries import school_named, schools


def require_file(path: Path) -> None:
    """Say it in the person's language when there is no such file."""
    if not path.is_file():
        raise click.ClickException(
            gettext("There is no file %(name)s. Check its name and folder, and try again.", name=path)
        )


@click.group()
def families() -> None:
    """Classes, pupils and their families."""


@families.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--json", "as_document", is_flag=True, help="Print one JSON document.")
@click.option("--skip-bad", is_flag=True, help="Leave out rows with errors instead of refusing the list.")
@click.option(
    "--leaving", is_flag=True, help="Mark pupils of these classes who are not in the list as having left."
)
@click.option("--school", "school_name", help="Name of the school; not needed when there is only one.")
def import_(
    *, file: Path, dry_run: bool, as_document: bool, skip_bad: bool, leaving: bool, school_name: str | None
) -> None:
    """Bring a class list in: xlsx, xls, ods, csv or tsv.

    New and changed pupils are written; pupils who are no longer in the list stay, unless --leaving is given.
    With errors in the list nothing is written and the exit status is 1, unless --skip-bad is given.
    """
    require_file(file)
    school = _school(school_name)
    # Parsing is slow; nobody should wait for the database meanwhile.
    school_id = school.id
    db.session.rollback()
    try:
        with file.open("rb") as stream:
            read = read_file(stream.read(MAX_BYTES + 1))
        require_header(read)
        found = read.found
    except BadSheet as error:
        found = ClassList(errors=[file_problem(error)])
    school = db.session.get_one(School, school_id)
    refused = bool(found.errors) and (not skip_bad or not found.rows)
    if refused or dry_run:
        plan = compare(found, school)
    else:
        plan = bring_in(found, school, datetime.now(UTC), leaving=leaving) or compare(found, school)
        db.session.commit()
    result = counts(found, plan)
    if refused:
        # Nothing of it happens, and a dry run says what would.
        result |= {"created": 0, "updated": 0}
    warnings = [*found.warnings, *plan.warnings]
    if as_document:
        document = result | {"errors": as_json(found.errors), "warnings": as_json(warnings)}
        click.echo(json.dumps(document, ensure_ascii=False))
    else:
        _print_table(result, found.errors, warnings)
    if refused:
        sys.exit(1)


def _school(name: str | None) -> School:
    found = schools()
    if not found:
        raise click.ClickException(gettext("There is no school yet. Run: flask --app webapp setup"))
    only = found[0] if len(found) == 1 else None
    if school := school_named(name) if name else only:
        return school
    names = ", ".join(each.name for each in found)
    raise click.ClickException(gettext("Say which school with --school. There are: %(names)s", names=names))


def _print_table(result: dict[str, int], errors: Sequence[Problem], warnings: Sequence[Problem]) -> None:
    labels = {
        "rows": gettext("Rows in the list"),
        "created": gettext("New"),
        "updated": gettext("Changed"),
        "unchanged": gettext("Unchanged"),
        "leaving": gettext("No longer in the list"),
    }
    width = max(map(len, labels.values()))
    for key, label in labels.items():
        click.echo(f"{label:<{width}}  {result[key]:>5}")
    for heading, problems in ((gettext("Errors"), errors), (gettext("Please look"), warnings)):
        if problems:
            click.echo(f"\n{heading}")
        for problem in problems:
            row = "" if problem.row is None else gettext("row %(row)s", row=problem.row)
            click.echo("  " + "  ".join(filter(None, (row, problem.label, problem.message))))
    if errors:
        click.echo("\n" + gettext("Rows with errors were not brought in."))
