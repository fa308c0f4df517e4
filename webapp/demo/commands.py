"""`flask --app webapp demo`: the main job on the demo school, without a screen."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_babel import get_locale, gettext

from notifier.database import db
from webapp.demo.rehearsal import WorkerFailed, rehearse
from webapp.demo.school import demo_schools, remove


@click.group(invoke_without_command=True)
@click.pass_context
def demo(context: click.Context) -> None:
    """Try the main job on invented families: a class list comes in, a notice goes out, who was reached?

    It happens in a place of its own that is thrown away: nothing here is changed.
    """
    if context.invoked_subcommand is None:
        from webapp import create_app

        language = str(get_locale() or "ky")
        with tempfile.TemporaryDirectory(prefix="kabarchy-demo-") as folder:
            try:
                rehearse(create_app, Path(folder), click.echo, language)
            except WorkerFailed as error:
                raise click.ClickException(str(error)) from None


@demo.command("remove")
@with_appcontext
def remove_command() -> None:
    """Take the demo school away: its people, its families and every message to them."""
    schools = demo_schools()
    for school in schools:
        remove(school)
    db.session.commit()
    click.echo(gettext("The demo school is gone.") if schools else gettext("There is no demo school."))
