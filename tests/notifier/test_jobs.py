"""The jobs: a nudge wakes a worker, and never hurts whoever gives it."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator

import pytest
import redis
from flask import Flask

from notifier import jobs, valkey


@pytest.fixture
def database() -> str:
    return "sqlite"  # the queue does not care


@pytest.fixture(autouse=True)
def awake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget that Redis was away in another test."""
    monkeypatch.setattr(jobs, "_redis_rests_until", 0.0)


@pytest.fixture
def server(engine_app: Flask) -> Iterator[redis.Redis]:
    with (
        valkey.ensure(engine_app.config["SETTINGS"].instance) as url,
        redis.Redis.from_url(url) as connection,
    ):
        yield connection


def waiting(connection: redis.Redis) -> list[str]:
    return [job.func_name for job in jobs.the_queue(connection).jobs]


def test_a_nudge_puts_the_one_drain_job_in_the_queue(server: redis.Redis) -> None:
    jobs.nudge()
    assert waiting(server) == ["notifier.jobs.deliver"]


def test_many_nudges_are_one_job(server: redis.Redis) -> None:
    for _ in range(50):
        jobs.nudge()
    assert waiting(server) == ["notifier.jobs.deliver"]


def test_a_job_that_is_running_does_not_keep_the_next_from_waiting(server: redis.Redis) -> None:
    jobs.nudge()
    assert jobs.the_queue(server).pop_job_id()
    jobs.nudge()
    assert waiting(server) == ["notifier.jobs.deliver"]


def test_a_job_holds_no_text_and_no_number(server: redis.Redis) -> None:
    jobs.nudge()
    (job,) = jobs.the_queue(server).jobs
    assert (list(job.args), job.kwargs) == ([], {})
    assert job.failure_ttl == 3600
    assert job.result_ttl == 0


@pytest.mark.usefixtures("engine_app")
def test_a_nudge_without_redis_is_logged_and_forgotten(caplog: pytest.LogCaptureFixture) -> None:
    began = time.monotonic()
    jobs.nudge()
    assert time.monotonic() - began < 0.5
    assert "the sweep will find the work" in caplog.text
    assert all(record.levelno == logging.WARNING for record in caplog.records)


def test_a_redis_that_hangs_holds_up_one_page_for_a_second_and_the_next_not_at_all(engine_app: Flask) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        engine_app.config["REDIS_URL"] = f"redis://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        jobs.nudge()
        assert time.monotonic() - began < 2
        began = time.monotonic()
        jobs.nudge()
        assert time.monotonic() - began < 0.1
    jobs._quick_redis(engine_app.config["REDIS_URL"]).close()


def test_a_redis_that_comes_back_is_nudged_again(engine_app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.nudge()
    monkeypatch.setattr(jobs, "REDIS_REST", 0.0)
    monkeypatch.setattr(jobs, "_redis_rests_until", 0.0)
    with (
        valkey.ensure(engine_app.config["SETTINGS"].instance) as url,
        redis.Redis.from_url(url) as connection,
    ):
        jobs.nudge()
        assert waiting(connection) == ["notifier.jobs.deliver"]
