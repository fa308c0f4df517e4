"""What every test stands on: a real database (SQLite and PostgreSQL), an app, a client, a cast."""

from __future__ import annotations

import ipaddress
import shutil
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from flask import Flask, g
from flask.testing import FlaskClient
from hypothesis import settings as hypothesis_settings
from sqlalchemy import make_url

# These keep the default language as they find it: so before a test's conftest lets it be another.
import webapp.cli
import webapp.schedule  # noqa: F401
from config import Settings, read_settings
from notifier.database import db
from tests import postgres
from tests.cast import Cast, engage
from tests.made_once import TEMPLATES
from webapp import create_app

# A busy machine is no failure: tests that promise speed measure it themselves.
hypothesis_settings.register_profile("kabarchy", deadline=None)
hypothesis_settings.load_profile("kabarchy")


# A Tuesday in a school term, 14:00 in Bishkek.
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse a mark under another name: `make test` finds these tests by the words in their files."""
    for mark in ("slow", "browser"):
        for path in {item.path for item in items if item.get_closest_marker(mark)}:
            if f"mark.{mark}" not in path.read_text():
                raise pytest.UsageError(f"{path}: write pytest.mark.{mark} in the file itself")


@pytest.fixture(autouse=True, scope="session")
def nothing_leaves_this_machine() -> Iterator[None]:
    """Refuse every connection that isn't to loopback or a unix socket."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in {socket.AF_INET, socket.AF_INET6}:
            host = socket.gethostbyname(address[0]) if address[0] == "localhost" else address[0]
            if not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"a test tried to reach {address[0]}")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def postgresql() -> Iterator[postgres.Postgres]:
    server = postgres.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with every table, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    app = create_app(read_settings({"INSTANCE_DIR": str(folder)}))
    with app.app_context():
        db.create_all()
        # As the migrations would leave it; that they agree with the models is a test of its own.
        command.stamp(app.extensions["migrate"].migrate.get_config(), "head")
        db.session.remove()
        db.engine.dispose()
    return folder / "kabarchy.sqlite3"


@pytest.fixture(scope="session")
def postgresql_template(postgresql: postgres.Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a PostgreSQL database with every table, made once and copied for each test."""
    url = postgresql.url()
    folder = tmp_path_factory.mktemp("template")
    app = create_app(read_settings({"INSTANCE_DIR": str(folder), "DATABASE_URL": url}))
    with app.app_context():
        db.create_all()
        # As the migrations would leave it; that they agree with the models is a test of its own.
        command.stamp(app.extensions["migrate"].migrate.get_config(), "head")
        db.session.remove()
        db.engine.dispose()
    return make_url(url).database or ""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Run the test once on each database."""
    return str(request.param)


@pytest.fixture
def environ(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The settings of the test's app; a test may change them before it asks for `app`."""
    instance = tmp_path / "instance"
    instance.mkdir()
    environ = {"INSTANCE_DIR": str(instance), "SECRET_KEY": "for tests alone, for tests alone, for tests"}
    if database == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), instance / "kabarchy.sqlite3")
        yield environ
        return
    template = request.getfixturevalue("postgresql_template")
    with request.getfixturevalue("postgresql").lent(template) as environ["DATABASE_URL"]:
        yield environ


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    return read_settings(environ)


class Browser(FlaskClient):
    """A client whose requests share nothing but cookies, though the test's own context is around them all."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        # What is remembered in `g` for one request: the person, the language, the form token.
        for name in list(g):
            g.pop(name)
        return super().open(*args, **kwargs)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The app with every table, inside its context."""
    app = create_app(settings)
    # The walk through the doors turns the check of forms on again; elsewhere it would hide what is tested.
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    app.test_client_class = Browser
    app.jinja_env.bytecode_cache = TEMPLATES
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def cast(app: Flask, now: datetime) -> Cast:
    """The people of the tests, already in the database."""
    return engage(now)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def sign_in(client: FlaskClient) -> Any:
    """Sign a member of staff in without the form: `sign_in(cast.teacher)`."""

    def enter(person: Any) -> FlaskClient:
        with client.session_transaction() as session:
            session["_user_id"] = person.get_id()
            session["_fresh"] = True
        return client

    return enter
