"""A database that is busy for too long: the person is told, nothing is half done, and once more does it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from notifier.database import db
from notifier.models import Delivery
from tests.announcements.writing import write
from tests.cast import Cast
from webapp.announcements.models import Announcement
from webapp.staff.models import AuditEntry
from webapp.upkeep.scheduled import let_all_go

BUSY = "Go back with the back key of your browser or phone and press the button once more"


# Where the page came from, and where its one link leads.
REFERERS = {
    "http://localhost/announcements/7/edit?page=2": ["/announcements/7/edit?page=2"],
    "http://localhost": ["/"],
    "https://evil.example/announcements/7": [],
    "http://localhost//evil.example": [],
    "http://[": [],
}


@pytest.fixture
def app(app: Flask) -> Flask:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@contextmanager
def locked(app: Flask) -> Iterator[None]:
    """Let another program write for longer than anybody waits, which is cut short here."""

    def impatient(connection: Any, *_: Any) -> None:
        name = "sqlite" if db.engine.dialect.name == "sqlite" else ""
        connection.execute("PRAGMA busy_timeout = 100" if name else "SET lock_timeout = '100ms'")

    db.session.remove()
    event.listen(db.engine, "checkout", impatient)
    try:
        if db.engine.dialect.name == "sqlite":
            path = app.config["SETTINGS"].instance / "kabarchy.sqlite3"
            other = sqlite3.connect(path, isolation_level=None)
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
            other.close()
        else:
            event.remove(db.engine, "checkout", impatient)
            with db.engine.connect() as other:
                other.exec_driver_sql("LOCK TABLE announcements IN ACCESS EXCLUSIVE MODE")
                event.listen(db.engine, "checkout", impatient)
                yield
    finally:
        event.remove(db.engine, "checkout", impatient)
        db.session.remove()
        db.engine.dispose()


def counted() -> tuple[int, int, int]:
    tables = (Announcement, Delivery, AuditEntry)
    return tuple(db.session.scalar(select(func.count()).select_from(each)) or 0 for each in tables)  # type: ignore[return-value]


def test_who_sends_meanwhile_is_told_and_sends_once(
    app: Flask, client: FlaskClient, sign_in: Any, cast: Cast, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    draft = write(cast, now=now)
    number, seen = draft.id, {"seen": draft.fingerprint}
    sign_in(cast.teacher)
    # While the database is busy nobody knows who reads, but their browser knows in what language.
    client.post("/language/en")
    before = counted()
    with locked(app):
        answer = client.post(f"/announcements/{number}/send", data=seen)
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) < 60
        assert BUSY in answer.text
        # What was written is behind the browser's back key; no link leads away from it to the first page.
        assert "is busy just now" in answer.text
        assert "not ready" not in answer.text
        assert "<a" not in answer.text.split("<main")[1]
        for referer, link in REFERERS.items():
            again = client.post(f"/announcements/{number}/send", data=seen, headers={"Referer": referer})
            assert re.findall(r'href="([^"]*)"', again.text.split("<main")[1]) == link
        if db.engine.dialect.name == "postgresql":  # SQLite is read meanwhile
            page = client.get("/announcements?page=1").text.split("<main")[1]
            assert "Try again" in page
            assert re.findall(r'href="([^"]*)"', page) == ["/announcements?page=1"]
    assert "+996" not in caplog.text
    assert counted() == before
    assert client.post(f"/announcements/{number}/send", data=seen).status_code == 303
    assert client.post(f"/announcements/{number}/send", data=seen).status_code == 303
    assert counted() == (before[0], before[1] + 3, before[2] + 1)


def test_what_was_to_go_by_itself_meanwhile_goes_afterwards_and_once(
    app: Flask, cast: Cast, now: datetime
) -> None:
    draft = write(cast, now=now)
    draft.goes_at, draft.goes_by_id = now, cast.teacher.id
    db.session.commit()
    before = counted()
    with locked(app):
        with pytest.raises(Exception, match="lock"):
            let_all_go(now)
        db.session.rollback()
    later = now + timedelta(minutes=1)
    assert [let_all_go(later), let_all_go(later)] == [1, 0]
    assert counted() == (before[0], before[1] + 3, before[2] + 1)
