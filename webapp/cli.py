"""The commands: `flask --app webapp …`. Errors come in one sentence.

They speak Kyrgyz, or what `--lang` says. Those that only answer whoever looks after the server speak the
language of the terminal; the others write things that must not depend on it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any

import click
from flask import Flask
from flask_babel import force_locale
from sqlalchemy.exc import OperationalError, ProgrammingError

from notifier.database import db
from webapp.languages import DEFAULT, LANGUAGES, of_terminal
from webapp.staff.ready import WHAT_TO_DO, readiness

Speak = Callable[[click.Context, click.Parameter, str | None], None]


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

    for command in (setup, staff, families, announce, lessons, reach, demo):
        _make_plain(command, _speak)
        app.cli.add_command(command)
    for command in (send_test, doctor, sweep, restored):
        _make_plain(command, _speak_as_the_terminal)
        app.cli.add_command(command)


def _make_plain(command: click.Command, speak: Speak) -> None:
    """Give a command and those below it `--lang`, and errors that say what to do."""
    if isinstance(command, click.Group):
        for below in command.commands.values():
            _make_plain(below, speak)
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
            callback=speak,
            help="The language of the answer.",
        )
    )


def _speak(context: click.Context, _option: click.Parameter, language: str | None) -> None:
    # A command below a group speaks as the group does.
    if language or context.parent is None or context.parent.parent is None:
        context.with_resource(force_locale(language or DEFAULT))


def _speak_as_the_terminal(context: click.Context, option: click.Parameter, language: str | None) -> None:
    _speak(context, option, language or of_terminal(os.environ))


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
