"""Settings: every one is documented, every fault is named at once, and none gives a secret away."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from dotenv import dotenv_values
from flask.cli import FlaskGroup

from config import ROOT, SettingsError, read_settings
from notifier.database import db
from tests import postgres
from tests.cast import Cast
from webapp import create_app
from webapp.staff import passwords

EXAMPLE = ROOT / ".env.example"
TWILIO = {
    "SMS_PROVIDER": "twilio",
    "SECRET_KEY": "for tests alone, for tests alone, for tests",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "a token of the tests",
    "TWILIO_FROM": "Mektep95",
    "PUBLIC_BASE_URL": "https://kabarchy.example.kg",
}


class Asked(Mapping[str, str]):
    """An environment with nothing in it that remembers what was asked for."""

    def __init__(self, instance: Path) -> None:
        self.names: set[str] = set()
        self.values_there = {"INSTANCE_DIR": str(instance)}

    def __getitem__(self, name: str) -> str:
        self.names.add(name)
        return self.values_there[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_there)

    def __len__(self) -> int:
        return len(self.values_there)


def test_every_setting_is_in_the_example_and_nothing_else(tmp_path: Path) -> None:
    asked = Asked(tmp_path)
    read_settings(asked)
    assert set(dotenv_values(EXAMPLE)) == asked.names


@pytest.mark.parametrize(
    ("said", "port", "tls"),
    [
        ({}, 587, True),
        ({"MAIL_USE_SSL": "true"}, 465, False),
        ({"MAIL_USE_SSL": "true", "MAIL_PORT": "2465"}, 2465, False),
    ],
    ids=str,
)
def test_mail_goes_to_the_port_of_its_kind(
    tmp_path: Path, said: dict[str, str], port: int, tls: bool
) -> None:
    found = read_settings({"INSTANCE_DIR": str(tmp_path)} | said)
    assert (found.mail_port, found.mail_use_tls) == (port, tls)


def test_a_port_is_a_whole_number(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        read_settings({"INSTANCE_DIR": str(tmp_path), "PORT": "8000.7", "MAIL_PORT": "nan"})
    assert error.value.faults == [
        "PORT must be a whole number, not '8000.7'.",
        "MAIL_PORT must be a number from 1 to 65535, not 'nan'.",
    ]


def test_every_setting_of_the_example_has_words_above_it() -> None:
    for block in EXAMPLE.read_text().split("\n\n"):
        if "=" in block:
            assert re.match(r"#|[A-Z_]+=", block)
    first = [block.splitlines()[0] for block in EXAMPLE.read_text().split("\n\n")]
    assert all(line.startswith("#") for line in first)


def test_a_copy_of_the_example_changes_nothing(tmp_path: Path) -> None:
    copy = {name: value or "" for name, value in dotenv_values(EXAMPLE).items()}
    assert read_settings(copy | {"INSTANCE_DIR": str(tmp_path)}) == read_settings(
        {"INSTANCE_DIR": str(tmp_path)}
    )


def test_all_faults_are_named_at_once(tmp_path: Path) -> None:
    a_file = tmp_path / "instance"
    a_file.touch()
    with pytest.raises(SettingsError) as error:
        read_settings(
            {
                "INSTANCE_DIR": str(a_file),
                "DATABASE_URL": "mysql://kabarchy:pass-word@db.example.org/kabarchy",
                "REDIS_URL": "http://127.0.0.1",
                "SMS_PROVIDER": "twilio",
                "PORT": "many",
                "SMS_PER_SECOND": "0",
                "MAIL_USE_SSL": "perhaps",
                "MAIL_USERNAME": "kabarchy",
                "PUBLIC_BASE_URL": "kabarchy.example.kg",
                "TRUSTED_PROXIES": "-1",
            }
        )
    for name in (
        "PORT", "SMS_PER_SECOND", "MAIL_USE_SSL", "MAIL_PASSWORD", "PUBLIC_BASE_URL", "TRUSTED_PROXIES",
        "SECRET_KEY", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM", "INSTANCE_DIR",
        "DATABASE_URL", "REDIS_URL",
    ):  # fmt: skip
        assert any(name in fault for fault in error.value.faults), name


def test_a_fault_never_repeats_a_secret(tmp_path: Path) -> None:
    secrets = {
        "SECRET_KEY": "short-but-secret",
        "TWILIO_AUTH_TOKEN": "tokentoken",
        "MAIL_PASSWORD": "pass-word",
    }
    with pytest.raises(SettingsError) as error:
        read_settings({"INSTANCE_DIR": str(tmp_path), "PORT": "x", **secrets})
    assert not any(secret in str(error.value) for secret in secrets.values())


def test_the_key_made_at_the_first_start_is_kept(tmp_path: Path) -> None:
    first = read_settings({"INSTANCE_DIR": str(tmp_path)}).secret_key
    assert len(first) >= 32
    assert read_settings({"INSTANCE_DIR": str(tmp_path)}).secret_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_a_command_tells_wrong_settings_without_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INSTANCE_DIR", str(tmp_path))
    monkeypatch.setenv("PORT", "many")
    monkeypatch.setenv("SMS_PER_SECOND", "0")
    answer = CliRunner().invoke(FlaskGroup(create_app=create_app), ["setup"])
    assert answer.exit_code == 1
    assert "PORT must be a number" in answer.output
    assert "SMS_PER_SECOND must be a number" in answer.output
    assert "Traceback" not in answer.output


@pytest.fixture
def locked(monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """Paths that belong to somebody else: they may be read, not written. Root, too, is refused."""
    foreign: set[Path] = set()
    access = os.access

    def refused(path: Path, mode: int) -> bool:
        return access(path, mode) and not (Path(path) in foreign and mode & os.W_OK)

    monkeypatch.setattr("config.os.access", refused)
    return foreign


def faults_of(said: Mapping[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as error:
        read_settings(said)
    return error.value.faults


@pytest.mark.parametrize("what", ["empty", "with its key", "with its database"])
def test_a_folder_of_somebody_else_is_named_with_what_to_do(
    tmp_path: Path, locked: set[Path], what: str
) -> None:
    if what == "with its key":
        read_settings({"INSTANCE_DIR": str(tmp_path)})
    if what == "with its database":
        sqlite3.connect(tmp_path / "kabarchy.sqlite3").close()
    locked |= {tmp_path, tmp_path / "kabarchy.sqlite3"}
    assert faults_of({"INSTANCE_DIR": str(tmp_path), "PORT": "many"}) == [
        "PORT must be a number from 1 to 65535, not 'many'.",
        f"Kabarchy cannot write in {tmp_path}: run it as the user that owns it, "
        "or give it to the user Kabarchy runs as (chown).",
    ]


def test_files_that_root_left_there_are_named(tmp_path: Path, locked: set[Path]) -> None:
    (tmp_path / "valkey").mkdir()
    for name in ("kabarchy.sqlite3", "kabarchy.sqlite3-wal"):
        (tmp_path / name).touch()
    locked |= {tmp_path / "kabarchy.sqlite3", tmp_path / "kabarchy.sqlite3-wal", tmp_path / "valkey"}
    found = faults_of({"INSTANCE_DIR": str(tmp_path)})
    assert [fault.partition(":")[0] for fault in found] == [
        f"Kabarchy cannot write in {tmp_path}/valkey",
        f"Kabarchy cannot write {tmp_path}/kabarchy.sqlite3",
        f"Kabarchy cannot write {tmp_path}/kabarchy.sqlite3-wal",
    ]


def test_a_folder_that_nothing_is_kept_in_may_be_anybodys(tmp_path: Path, locked: set[Path]) -> None:
    locked.add(tmp_path)
    elsewhere = {"DATABASE_URL": "postgresql://db/kabarchy", "REDIS_URL": "redis://queue"}
    read_settings({"INSTANCE_DIR": str(tmp_path), "SECRET_KEY": "k" * 32} | elsewhere)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, locked: set[Path]) -> None:
    a_file = tmp_path / "passwd"
    a_file.touch()
    assert faults_of({"INSTANCE_DIR": str(a_file / "x" / "y")}) == [
        f"INSTANCE_DIR must be a folder, and '{a_file}' is a file."
    ]
    locked.add(tmp_path)
    (fault,) = faults_of({"INSTANCE_DIR": str(tmp_path / "kabarchy" / "instance")})
    assert fault.startswith(f"Kabarchy cannot make the folder {tmp_path}/kabarchy/instance: ")


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    database = tmp_path / "kabarchy.sqlite3"
    database.write_text("The list of my class")
    assert any(
        f"{database} is no SQLite database." in fault for fault in faults_of({"INSTANCE_DIR": str(tmp_path)})
    )
    database.unlink()
    other = tmp_path / "other.sqlite3"
    other.mkdir()
    said = {"INSTANCE_DIR": str(tmp_path), "DATABASE_URL": f"sqlite:///{other}"}
    assert faults_of(said)[0].startswith(f"{other} is no SQLite database.")


def test_a_disk_without_room_for_the_key_is_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any, **_settings: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("config.os.open", full)
    assert faults_of({"INSTANCE_DIR": str(tmp_path)}) == [
        f"Kabarchy cannot keep its key in {tmp_path}/secret_key: No space left on device."
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    ["deploy/run.py", "worker.py", "-m flask --app webapp doctor", "-m flask --app webapp reach report"],
)
@pytest.mark.parametrize("kept", ["nothing", "no database"])
def test_every_command_tells_it_without_a_traceback(tmp_path: Path, command: str, kept: str) -> None:
    instance = tmp_path / "passwd" / "x"
    if kept == "nothing":
        instance.parent.touch()
    else:
        instance.mkdir(parents=True)
        (instance / "kabarchy.sqlite3").write_text("The list of my class")
    clean = {"DATABASE_URL": "", "REDIS_URL": "", "SMS_PROVIDER": "", "SECRET_KEY": "", "PORT": ""}
    done = subprocess.run(
        [sys.executable, *command.split()],
        cwd=ROOT,
        env=os.environ | clean | {"INSTANCE_DIR": str(instance)},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    said = done.stdout + done.stderr
    assert done.returncode in {1, 2}
    assert ("is a file." if kept == "nothing" else "is no SQLite database.") in said
    assert "Traceback" not in said


@pytest.mark.slow
def test_gunicorn_says_what_is_wrong_and_no_more(tmp_path: Path) -> None:
    bad = {"INSTANCE_DIR": str(tmp_path), "PORT": "many", "SMS_PER_SECOND": "0", "WEB_CONCURRENCY": "1"}
    gunicorn = "-m gunicorn -c deploy/gunicorn.conf.py -b unix:{}/socket webapp:create_app()"
    done = subprocess.run(
        [sys.executable, *gunicorn.format(tmp_path).split()],
        cwd=ROOT,
        env=os.environ | bad,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 3
    assert done.stderr.splitlines()[:3] == [
        "Kabarchy cannot start:",
        "PORT must be a number from 1 to 65535, not 'many'.",
        "SMS_PER_SECOND must be a number from 0.01 to 100000, not '0'.",
    ]
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) <= 7


@pytest.fixture
def with_demo_school(cast: Cast) -> None:
    cast.school.is_demo = True
    db.session.commit()


def test_with_a_real_provider_the_start_refuses_demo_logins(
    environ: dict[str, str], with_demo_school: None
) -> None:
    with pytest.raises(SettingsError, match="demo remove"):
        create_app(read_settings(environ | TWILIO))


def test_the_start_refuses_no_demo_school_whose_accounts_are_closed(
    environ: dict[str, str], with_demo_school: None
) -> None:
    db.session.execute(db.text("UPDATE staff SET active = :no"), {"no": False})
    db.session.commit()
    create_app(read_settings(environ | TWILIO))


def test_even_if_it_had_started_nobody_signs_in_with_a_demo_login(
    environ: dict[str, str], cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(read_settings(environ | TWILIO))
    app.config["WTF_CSRF_ENABLED"] = False
    cast.school.is_demo = True
    cast.teacher.password_hash = passwords.hashed(passwords.DEMO)
    db.session.commit()
    client = app.test_client()
    answer = client.post(
        "/login", data={"login": "aigul", "password": passwords.DEMO}, headers={"Host": "kabarchy.example.kg"}
    )
    assert answer.status_code == 401
    assert passwords.DEMO not in answer.text
    with app.app_context():
        db.engine.dispose()


def test_a_real_provider_needs_no_tables_to_start(tmp_path: Path) -> None:
    app = create_app(read_settings(TWILIO | {"INSTANCE_DIR": str(tmp_path)}))
    form = {"login": "aigul", "password": "whatever it is"}
    app.config["WTF_CSRF_ENABLED"] = False
    assert app.test_client().post("/login", data=form).status_code == 503
    with app.app_context():
        db.engine.dispose()


def test_the_page_says_what_to_run_when_there_are_no_tables(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    environ: dict[str, Any] = {"INSTANCE_DIR": str(tmp_path)}
    if database == "postgresql":
        server: postgres.Postgres = request.getfixturevalue("postgresql")
        environ["DATABASE_URL"] = server.url()
    app = create_app(read_settings(environ))
    client = app.test_client()
    client.set_cookie("kabarchy", "")
    answer = client.get("/login")
    assert answer.status_code == 503
    assert "flask --app webapp setup" in answer.text
    runner = app.test_cli_runner()
    with app.app_context():
        said = runner.invoke(args=["staff", "list"])
        assert said.exit_code == 1
        assert "flask --app webapp setup" in said.output
        db.session.remove()
        db.engine.dispose()
