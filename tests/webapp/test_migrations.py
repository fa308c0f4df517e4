"""The migrations lay exactly the tables that the models describe, on SQLite and on PostgreSQL."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, text

from config import read_settings
from notifier.database import db
from tests import postgres
from webapp import create_app
from webapp.settings import MIGRATIONS
from webapp.staff.ready import Readiness, lay_tables, readiness


@pytest.fixture
def bare(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The app over a database with nothing in it."""
    environ = {"INSTANCE_DIR": str(tmp_path), "SECRET_KEY": "for tests alone, for tests alone, for tests"}
    if database == "postgresql":
        server: postgres.Postgres = request.getfixturevalue("postgresql")
        environ["DATABASE_URL"] = server.url()
    app = create_app(read_settings(environ))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_models_and_migrations_agree(bare: Flask) -> None:
    lay_tables()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, db.metadata)
    assert differences == [], "Make a migration: flask --app webapp db migrate -m 'what it does'"


def test_laying_the_tables_twice_changes_nothing(bare: Flask) -> None:
    lay_tables()
    db.session.execute(
        text(
            "INSERT INTO schools (name, short_name, phone, language, time_zone, is_demo, created_at) "
            "VALUES ('a', 'b', '', 'ky', 'Asia/Bishkek', :no, :now)"
        ),
        {"no": False, "now": datetime(2026, 11, 24, tzinfo=UTC).replace(tzinfo=None)},
    )
    db.session.commit()
    lay_tables()
    assert db.session.scalar(text("SELECT count(*) FROM schools")) == 1


def test_an_empty_and_an_old_database_are_told_apart_from_a_ready_one(bare: Flask) -> None:
    assert readiness() is Readiness.NO_TABLES
    lay_tables()
    assert readiness() is Readiness.READY
    db.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    db.session.commit()
    assert readiness() is Readiness.OLD_TABLES


def test_the_tables_can_be_taken_away_again(bare: Flask) -> None:
    lay_tables()
    command.downgrade(bare.extensions["migrate"].migrate.get_config(), "base")
    with db.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]


def test_references_are_checked_again_after_a_migration(bare: Flask) -> None:
    lay_tables()
    if db.engine.dialect.name == "sqlite":
        assert db.session.scalar(text("PRAGMA foreign_keys")) == 1


def test_migrations_are_numbered_and_named_for_what_they_do() -> None:
    revisions = list(ScriptDirectory(str(MIGRATIONS)).walk_revisions("base", "heads"))
    assert [revision.revision for revision in reversed(revisions)] == [
        f"{number:04}" for number in range(1, len(revisions) + 1)
    ]
    for revision in revisions:
        assert re.fullmatch(rf"{revision.revision}_[a-z]+(_[a-z0-9]+)+\.py", Path(revision.path).name)
