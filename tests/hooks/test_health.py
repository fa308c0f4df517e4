"""What those who run it ask: whether the process is up, and whether it can do its work."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import stamp

from config import read_settings
from notifier.database import db
from webapp import create_app


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A server that answers PING as Redis does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    while octets := connection.recv(4096):
                        connection.sendall(
                            b"+PONG\r\n" if b"PING" in octets else b"+OK\r\n" * octets.count(b"*")
                        )

        thread = Thread(target=answer)
        thread.start()
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}?protocol=2"
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


def unstamp() -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM alembic_version")


def test_the_process_is_up_whatever_the_database_does(tmp_path: Path) -> None:
    nowhere = "postgresql://nobody@127.0.0.1:1/none"
    app = create_app(read_settings({"INSTANCE_DIR": str(tmp_path), "DATABASE_URL": nowhere}))
    client = app.test_client()
    assert (client.get("/healthz").status_code, client.get("/healthz").json) == (200, {"status": "ok"})

    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {"status": "not ready", "database": "no_answer", "redis": "no_answer"}


def test_it_is_ready_when_database_tables_and_redis_are(
    app: Flask, client: FlaskClient, redis_url: str
) -> None:
    app.config["REDIS_URL"] = redis_url
    stamp()
    assert (client.get("/readyz").status_code, client.get("/readyz").json) == (
        200,
        {"status": "ready", "database": "ready", "redis": "ready"},
    )

    unstamp()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (
        503,
        {"status": "not ready", "database": "old_tables", "redis": "ready"},
    )


def test_it_is_not_ready_without_redis(app: Flask, client: FlaskClient) -> None:
    app.config["REDIS_URL"] = "redis://127.0.0.1:1"
    stamp()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (
        503,
        {"status": "not ready", "database": "ready", "redis": "no_answer"},
    )
