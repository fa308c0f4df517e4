"""The engine's tests stand on an app that has no school in it: database and settings alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from config import read_settings
from notifier import valkey
from notifier.database import db, engine_options
from notifier.models import Delivery


@pytest.fixture
def engine_environ(tmp_path: Path, database: str, request: pytest.FixtureRequest) -> dict[str, str]:
    environ = {"INSTANCE_DIR": str(tmp_path), "SECRET_KEY": "for tests alone, for tests alone, for tests"}
    if database == "postgresql":
        environ["DATABASE_URL"] = request.getfixturevalue("postgresql").url()
    return environ


@pytest.fixture
def engine_app(engine_environ: dict[str, str]) -> Iterator[Flask]:
    """The engine's tables and settings, inside an app's context."""
    settings = read_settings(engine_environ)
    app = Flask("notifier")
    app.config.update(
        SETTINGS=settings,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        REDIS_URL=settings.redis_url or valkey.url(settings.instance),
    )
    db.init_app(app)
    with app.app_context():
        tables = [t for t in Delivery.metadata.sorted_tables if t.name in ENGINE_TABLES]
        Delivery.metadata.create_all(db.engine, tables=tables)
        yield app
        db.session.remove()
        db.engine.dispose()


ENGINE_TABLES = {
    *("deliveries", "attempts", "inbound", "suppressions", "provider_pauses"),
    *("papers", "paper_enclosures", "enclosures"),
}
