"""Commands are run over a database with tables and nobody in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask

from notifier.database import db

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask) -> Run:
    """Run a command in English: `run("staff", "list")`; `input=` is what the person types."""
    runner = app.test_cli_runner()

    def command(*arguments: str, **typed: str) -> Result:
        answer = runner.invoke(args=[*arguments, "--lang", "en"], **typed)
        # A command's context ends with it; the test's stays, and must not keep the database locked.
        db.session.rollback()
        return answer

    return command
