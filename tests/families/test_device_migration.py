"""What was known of televisions before devices had facts is kept, in both directions."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from config import read_settings
from notifier.database import db
from webapp import create_app


def test_a_known_television_becomes_a_fact_and_back(
    tmp_path: Path, database: str, request: pytest.FixtureRequest
) -> None:
    environ = {"INSTANCE_DIR": str(tmp_path), "SECRET_KEY": "for tests alone, for tests alone, for tests"}
    if database == "postgresql":
        environ["DATABASE_URL"] = request.getfixturevalue("postgresql").url()
    app = create_app(read_settings(environ))
    with app.app_context():
        alembic = app.extensions["migrate"].migrate.get_config()
        command.upgrade(alembic, "0009")
        moment = {"at": datetime(2026, 11, 2, tzinfo=UTC).replace(tzinfo=None), "yes": True, "no": False}
        db.session.execute(
            text(
                "INSERT INTO schools (id, name, short_name, phone, language, time_zone, is_demo, created_at) "
                "VALUES (1, 'a', 'b', '', 'ky', 'Asia/Bishkek', :no, :at)"
            ),
            moment,
        )
        for family, has in ((1, ":yes"), (2, ":no"), (3, "NULL")):
            db.session.execute(
                text(
                    "INSERT INTO families (id, school_id, address, needs_look, has_tv, has_tv_at) "
                    f"VALUES ({family}, 1, '', '', {has}, :at)"
                ),
                moment,
            )
        db.session.commit()
        command.upgrade(alembic, "0010")
        facts = db.session.execute(text("SELECT family_id, fact, value FROM device_facts ORDER BY family_id"))
        assert facts.all() == [(1, "tv", "yes"), (2, "tv", "no")]
        db.session.commit()
        command.downgrade(alembic, "0009")
        rows = db.session.execute(text("SELECT id, has_tv FROM families ORDER BY id")).tuples()
        assert [(number, None if has is None else bool(has)) for number, has in rows] == [
            (1, True),
            (2, False),
            (3, None),
        ]
        db.session.remove()
        db.engine.dispose()
