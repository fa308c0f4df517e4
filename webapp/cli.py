"""The commands: `flask --app webapp …`. Kyrgyz or what `--lang` says; errors in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.exc import OperationalError, ProgrammingError

from notifier.database import db
from webapp.languages import DEFAULT, LANGUAGES
from webapp.staff.ready import WHAT_TO_DO, readiness


def init_app(app: Flask) -> None:
    from webapp.announcements.commands import announce
    from webapp.demo.commands import demo
    from webapp.families.commands import families
    from webapp.lessons.commands import lessons
    from webapp.reach.commands import reach
    from webapp.upkeep.doctor import doctor
    from webapp.upkeep.engine import restored, send_test, sweep
    from webapp.upkeep.people import staff
    from webapp.upkeep.setup import setup

    engine = (send_test, doctor, sweep, restored)
    for command in (setup, staff, families, announce, lessons, reach, *engine, demo):
        _make_plain(command)
        app.cli.add_command(command)


def _make_plain(command: click.Command) -> None:
    """Give a command and those below it `--lang`, and errors that say what to do."""
    if isinstance(command, click.Group):
        for below in command.commands.values():
            _make_plain(below)
    # The commands outlive the app they were first made for.
    if command.callback is None or getattr(command.callback, "is_plain", False):
        return
    command.callback = _plain(command.callback)
    command.params.append(
        click.Option(
            ["--lang"],
            type=click.Choice(list(LANGUAGES)),
            expose_value=False,
            is_eager=True,
            callback=_speak,
            help="The language of the answer.",
        )
    )


def _speak(context: click.Context, _option: click.Parameter, language: str | None) -> None:
    # A command below a group speaks as the group does.
    if language or context.parent is None or context.parent.parent is None:
        context.with_resource(force_locale(language or DEFAULT))


def _plain(callback: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(callback)
    def plain(*args: Any, **kwargs: Any) -> Any:
        try:
            return callback(*args, **kwargs)
        except (OperationalError, ProgrammingError):
            db.session.rollback()
            state = readiness()
            if state in WHAT_TO_DO:
                raise click.ClickException(str(WHAT_TO_DO[state])) from None
            raise

    plain.is_plain = True  # type: ignore[attr-defined]
    return plain
