"""A database that is locked, full, restarted or newer than the worker: the drain waits, and then goes on."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select, text

from notifier.database import BUSY_TIMEOUT_SECONDS, db
from notifier.models import Attempt, State
from tests import postgres
from tests.faults.conftest import SOAK
from tests.notifier.outgoing import drain, events, post, states, sweep
from tests.notifier.scripted import ScriptedChannel

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("app"), pytest.mark.timeout(600 if SOAK else 60)]

Figure = Callable[[str], None]
Cruel = Callable[[], None]

HOLD_THE_LOCK = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(float(sys.argv[2]))
connection.execute("ROLLBACK")
"""


def drain_while(cruel: Cruel, ids: list[int], latency: float = 0.05) -> tuple[ScriptedChannel, float]:
    """Drain, let something happen to the database when a quarter has left, and check that all was sent once.

    Returns the channel and the seconds from the end of the cruelty to the end of the work.
    """
    channel = ScriptedChannel(latency=latency, in_flight=8)
    over: list[float] = []

    def strike() -> None:
        while len(channel.took) < len(ids) // 4 and not finished.is_set():
            time.sleep(0.01)
        cruel()
        over.append(time.monotonic())
        # A server that was started here ends with the thread that started it.
        finished.wait()

    finished = threading.Event()
    striker = threading.Thread(target=strike)
    striker.start()
    try:
        drain(channel)
        end = time.monotonic()
        for minutes in (2, 13, 15):
            # What left or was to leave, but whose confirmation was lost, is found when its lease is over.
            if set(states(ids)) == {State.ACCEPTED}:
                break
            # Clocks that go on, ours and the provider's: what is due in a moment is waited for.
            channel.clock = lambda minutes=minutes: datetime.now(UTC) + timedelta(minutes=minutes)
            sweep(channel.clock())
            drain(channel, clock=channel.clock)
        assert Counter(states(ids)) == {State.ACCEPTED: len(ids)}
    finally:
        finished.set()
        striker.join()
    assert len(channel.took) == len({m.ref for m in channel.took}) == len(ids)
    return channel, end - over[0]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_database_that_another_program_locks_for_ten_seconds(app: Flask, figure: Figure) -> None:
    """Longer than SQLite waits by itself; no try is burnt and nothing becomes doubtful."""
    ids = post(200)
    seconds = BUSY_TIMEOUT_SECONDS * (4 if SOAK else 1) + 1.0
    path = app.config["SETTINGS"].instance / "kabarchy.sqlite3"

    def lock() -> None:
        command = [sys.executable, "-c", HOLD_THE_LOCK, str(path), str(seconds)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "held\n"

    _, recovery = drain_while(lock, ids)
    assert {e for id_ in ids for e in events(id_)} <= {"accepted", "released"}
    figure(f"locked for {seconds:.0f} s, all done {recovery:.1f} s after")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_full_disk(figure: Figure) -> None:
    """SQLite may not grow by a page: results wait in memory until there is room."""
    ids = post(200)
    pages = [2**30]

    @event.listens_for(db.engine, "checkout")
    def limit(connection: Any, *_: Any) -> None:
        connection.execute(f"PRAGMA max_page_count = {pages[0]}")

    def fill() -> None:
        pages[0] = 1  # SQLite takes it for as much as there is
        time.sleep(20 if SOAK else 4)
        pages[0] = 2**30

    _, recovery = drain_while(fill, ids)
    figure(f"all done {recovery:.1f} s after there was room")


@pytest.fixture
def restartable() -> Iterator[postgres.Postgres]:
    # Not in haste like the others' server: what it says is written must outlive a crash.
    server = postgres.start(["max_connections=20"])
    yield server
    server.stop()


class TestAServerOfItsOwn:
    @pytest.fixture
    def database(self) -> str:
        return "postgresql"

    @pytest.fixture
    def environ(self, tmp_path: Path, restartable: postgres.Postgres) -> dict[str, str]:
        return {
            "INSTANCE_DIR": str(tmp_path),
            "SECRET_KEY": "for tests alone, for tests alone, for tests",
            "DATABASE_URL": restartable.url(),
        }

    @pytest.mark.parametrize("crash", [False, True], ids=["shut down", "crashed"])
    def test_a_restart_of_postgresql(
        self, app: Flask, restartable: postgres.Postgres, figure: Figure, crash: bool
    ) -> None:
        """It is away for three seconds; what was sent meanwhile is written down when it is back."""
        db.create_all()
        ids = post(200)

        def restart() -> None:
            restartable.interrupt(30 if SOAK else 3, crash=crash)

        _, recovery = drain_while(restart, ids)
        figure(f"all done {recovery:.1f} s after it was back")


def test_a_database_newer_than_the_worker() -> None:
    """The pages were updated first and brought a column and an index; the old worker goes on."""
    ids = post(200)

    engine = db.engine

    def migrate() -> None:
        for statement in (
            "ALTER TABLE deliveries ADD COLUMN mood VARCHAR(20)",
            "ALTER TABLE attempts ADD COLUMN mood VARCHAR(20)",
            "CREATE INDEX ix_deliveries_mood ON deliveries (mood)",
        ):
            with engine.begin() as connection:
                connection.execute(text(statement))

    drain_while(migrate, ids)
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 200
