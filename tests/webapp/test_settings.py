"""Settings: every one is documented, every fault is named at once, and none gives a secret away."""

from __future__ import annotations

import re
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
