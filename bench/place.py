"""An installation of Kabarchy for one measurement: folder, database, embedded Valkey, provider, settings."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import func, literal_column, select

from bench import provider
from bench.databases import Databases
from bench.processes import Running, start, wait_until
from config import read_settings
from notifier.valkey import EmbeddedValkey
from notifier.valkey import url as valkey_url

TEXT = (
    "№95, 5-А: Урматтуу ата-эне! Эртең саат 9да Баластан каналында математика сабагы болот. "
    "Дептер даярдап коюңуз."
)

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Provider:
    """The Twilio-shaped server as a process, and what it knows."""

    def __init__(self, latency: float) -> None:
        self.process = start("-m", "bench.provider", "--latency", str(latency))
        assert self.process.process.stdout is not None
        self.url = f"http://127.0.0.1:{self.process.process.stdout.readline().strip()}"

    @property
    def accepted(self) -> int:
        """How many messages it has taken."""
        return int(self._ask("GET", "/truth")["accepted"])

    def truth(self) -> dict[str, Any]:
        """What it has taken, looked through for doubles."""
        return self._ask("GET", "/truth?checked")

    def taken_at(self, number: str) -> list[float]:
        """When it took the messages to this number."""
        found: list[float] = self._ask("GET", f"/truth?to={number}")["at"]
        return found

    def forget(self) -> None:
        self._ask("DELETE", "/truth")

    def _ask(self, method: str, path: str) -> dict[str, Any]:
        request = urllib.request.Request(f"{self.url}{path}", method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            found: dict[str, Any] = json.load(answer)
        return found

    def stop(self) -> None:
        self.process.stop()


class Place:
    """One installation; `app` is its web application, inside whose context the caller stands."""

    def __init__(self, folder: Path, database_url: str, api_base: str, settings: dict[str, str]) -> None:
        self.folder = folder
        self.environ = {
            "INSTANCE_DIR": str(folder),
            "DATABASE_URL": database_url,
            "REDIS_URL": valkey_url(folder),
            "SECRET_KEY": "for benchmarks alone, for benchmarks alone",
            "PUBLIC_BASE_URL": "http://127.0.0.1:8000",
            "SMS_PROVIDER": "twilio",
            "SMS_PER_SECOND": "100000",
            "TWILIO_ACCOUNT_SID": provider.ACCOUNT,
            "TWILIO_AUTH_TOKEN": provider.TOKEN,
            "TWILIO_FROM": "+15005550006",
            "TWILIO_MESSAGING_SERVICE_SID": "",
            "TWILIO_API_BASE": api_base,
            "MAIL_SERVER": "",
            **settings,
        }
        self.log = folder / "worker.log"
        self.app = self._app()

    def _app(self) -> Flask:
        from notifier.database import db
        from webapp import create_app

        app = create_app(read_settings(self.environ))
        with app.app_context():
            db.create_all()
        return app

    @property
    def database_url(self) -> str:
        return str(self.app.config["SQLALCHEMY_DATABASE_URI"])

    def post(self, count: int, start_at: int = 0) -> None:
        """Post this many messages, each to its own number with its own words, and commit."""
        from notifier import outbox
        from notifier.database import db
        from notifier.text import measure

        segments = measure(TEXT).segments
        now = datetime.now(UTC)
        numbers = range(start_at, start_at + count)
        posts = [
            outbox.Post(
                dedupe_key=f"bench:{i}",
                channel="sms",
                address=f"+996555{i:06d}",
                body=f"{TEXT} ({i})",
                segments=segments,
            )
            for i in numbers
        ]
        outbox.post(posts, now)
        db.session.commit()

    def counts(self) -> dict[str, int]:
        """How many deliveries are in which state."""
        from notifier.database import READING, db
        from notifier.models import Delivery

        with db.engine.connect().execution_options(**READING) as connection:
            rows = connection.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all()
        return {state.value: count for state, count in rows}

    def open_rows(self) -> int:
        """How many deliveries wait or are being sent: an index tells, so asking costs the worker nothing."""
        from notifier.database import READING, db
        from notifier.models import Delivery, State

        with db.engine.connect().execution_options(**READING) as connection:
            found = 0
            for state in (State.PENDING, State.SENDING):
                # A literal, because a partial index is used only for a condition that is no parameter.
                asked = select(func.count()).where(Delivery.state == literal_column(f"'{state.value}'"))
                found += connection.scalar(asked) or 0
        return found

    def workers(self, count: int, *arguments: str) -> list[Running]:
        """Start workers and wait until each of them listens."""
        from redis import Redis
        from rq import Worker

        started = [
            start(*(arguments or ("worker.py",)), env=self.environ, log=self.log) for _ in range(count)
        ]
        connection = Redis.from_url(self.environ["REDIS_URL"])

        def listening() -> bool:
            for each in started:
                if each.process.poll() is not None:
                    raise RuntimeError(f"a worker ended: {self.log.read_text()[-2000:]}")
            return len(Worker.all(connection=connection)) >= count

        wait_until(listening, 30, "the start of the workers")
        connection.close()
        return started


@contextlib.contextmanager
def place(
    databases: Databases, kind: str, api_base: str = "http://127.0.0.1:1", **settings: str
) -> Iterator[Place]:
    """Have an installation for as long as the block runs, inside its application's context."""
    from notifier.database import db

    folder = Path(tempfile.mkdtemp(prefix="kabarchy-bench-"))
    valkey = EmbeddedValkey(folder)
    valkey.start()
    try:
        made = Place(folder, databases.url(kind), api_base, settings)
        with made.app.app_context():
            try:
                yield made
            finally:
                db.session.remove()
                db.engine.dispose()
    finally:
        valkey.stop()
        shutil.rmtree(folder, ignore_errors=True)


def stop_all(processes: Sequence[Running]) -> None:
    for process in processes:
        process.process.terminate()
    for process in processes:
        process.stop()
