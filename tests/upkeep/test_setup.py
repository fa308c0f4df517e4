"""Setting up: from nothing to a school, and harmless again."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from config import read_settings
from notifier.database import db
from tests.upkeep.conftest import Run
from webapp import create_app
from webapp.staff import passwords
from webapp.staff.models import School, StaffMember


@pytest.fixture
def sandbox_run(tmp_path: Path) -> Run:
    """Commands over no database at all, as on the first day."""
    app = create_app(read_settings({"INSTANCE_DIR": str(tmp_path)}))
    runner = app.test_cli_runner()

    def command(*arguments: str, **typed: str):  # type: ignore[no-untyped-def]
        with app.app_context():
            answer = runner.invoke(args=[*arguments, "--lang", "en"], **typed)
            db.session.remove()
            db.engine.dispose()
        return answer

    return command


def test_from_nothing_to_a_school_in_one_command(sandbox_run: Run) -> None:
    answer = sandbox_run("setup", "--school", "№95 мектеп-гимназия")
    assert answer.exit_code == 0
    assert answer.output == "School: №95 мектеп-гимназия\n"
    again = sandbox_run("setup", "--school", "№95  мектеп-гимназия")
    assert (again.exit_code, again.output) == (0, answer.output)


def test_the_demo_school_is_made_once_and_its_logins_are_told_each_time(sandbox_run: Run) -> None:
    answer = sandbox_run("setup", "--demo")
    assert answer.exit_code == 0
    assert passwords.DEMO in answer.output
    for role in ("Director", "Class teacher", "Social pedagogue", "Psychologist", "School office"):
        assert role in answer.output
    assert sandbox_run("setup", "--demo").output == answer.output
    assert passwords.DEMO in sandbox_run("setup").output


def test_where_there_is_a_school_no_demo_school_is_made(sandbox_run: Run) -> None:
    sandbox_run("setup", "--school", "Сынак мектеби", "--short-name", "№1")
    assert passwords.DEMO not in sandbox_run("setup", "--demo").output


def test_with_nothing_to_make_it_says_what_comes_next(sandbox_run: Run) -> None:
    assert "setup --school" in sandbox_run("setup").output


def test_the_short_name_comes_from_the_number_of_the_school(app: Flask, run: Run) -> None:
    run("setup", "--school", "Бишкек шаарындагы № 95 мектеп-гимназия")
    run("setup", "--school", "Келечек")
    assert [school.short_name for school in db.session.scalars(db.select(School).order_by(School.id))] == [
        "№95",
        "Келечек",
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--school", " "], "Write the name of the school"),
        (["--school", "а" * 121], "at most 120 characters"),
        (["--school", "Узак аталыштагы мектеп лицейи"], '--short-name "№95"'),
    ],
)
def test_a_name_that_will_not_do_is_refused_in_a_sentence(
    app: Flask, run: Run, arguments: list[str], said: str
) -> None:
    answer = run("setup", *arguments)
    assert answer.exit_code == 1
    assert said in answer.output
    assert db.session.scalar(db.select(db.func.count()).select_from(School)) == 0


def test_a_real_provider_has_no_demo_school(environ: dict[str, str], app: Flask, run: Run) -> None:
    run("setup", "--demo")
    real = {
        "SMS_PROVIDER": "twilio",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "a token",
        "TWILIO_FROM": "Mektep95",
    }
    # The context of a command: an app for it may be made, to remove what is in the way.
    app.config["SETTINGS"] = read_settings(environ | real)
    refused = run("setup", "--demo")
    assert refused.exit_code == 1
    assert "SMS_PROVIDER=sandbox" in refused.output
    left = run("setup")
    assert left.exit_code == 1
    assert "demo remove" in left.output
    assert passwords.DEMO not in left.output
    assert run("demo", "remove").exit_code == 0
    assert run("setup").exit_code == 0
    assert db.session.scalar(db.select(db.func.count()).select_from(StaffMember)) == 0


def test_a_database_that_is_away_is_told_in_a_sentence(tmp_path: Path) -> None:
    app = create_app(
        read_settings(
            {
                "INSTANCE_DIR": str(tmp_path),
                "DATABASE_URL": "postgresql://kabarchy@/kabarchy?host=/nowhere/at/all",
            }
        )
    )
    with app.app_context():
        answer = app.test_cli_runner().invoke(args=["setup", "--lang", "en"])
    assert answer.exit_code == 1
    assert "The database does not answer" in answer.output
    assert "Traceback" not in answer.output
