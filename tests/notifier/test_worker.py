"""The worker as it is started: real processes, a real Valkey, Twilio's client against a server of truth."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from flask import Flask

from notifier import jobs, valkey
from notifier.models import State
from tests.notifier.outgoing import delivery, post, put, release_session, states
from tests.twilio_server import ACCOUNT, SENDER, TOKEN, Answer, TwilioServer

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def real_messages(request: pytest.FixtureRequest) -> None:
    """Post real messages: what is posted in practice mode is cancelled by a worker that sends for real."""
    if "engine_app" in request.fixturenames:
        config = request.getfixturevalue("engine_app").config
        config["SETTINGS"] = dataclasses.replace(config["SETTINGS"], sms_provider="twilio")


@pytest.fixture
def twilio() -> Iterator[TwilioServer]:
    with TwilioServer().running() as server:
        yield server


@pytest.fixture
def environment(engine_app: Flask, engine_environ: dict[str, str], twilio: TwilioServer) -> dict[str, str]:
    """What the worker finds in its environment."""
    return (
        {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
        | engine_environ
        | {
            "SMS_PROVIDER": "twilio",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_FROM": SENDER,
            "TWILIO_API_BASE": twilio.base,
            "SMS_PER_SECOND": "500",
            "PUBLIC_BASE_URL": "https://kabarchy.example.kg",
        }
    )


def start(environment: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    release_session()
    return subprocess.Popen(
        [sys.executable, "worker.py", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture
def worker(environment: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start workers that end with the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: str) -> subprocess.Popen[str]:
        started.append(start(environment, *arguments))
        return started[-1]

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=30)


def burst(environment: dict[str, str]) -> str:
    process = start(environment, "--burst")
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    return said


def eventually(condition: Callable[[], bool], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def descendants(pid: int) -> list[int]:
    """The children of a process and theirs."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                command = (entry / "cmdline").read_bytes()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == pid and b"valkey" not in command:
                found += [int(entry.name), *descendants(int(entry.name))]
    return found


def nudge(app: Flask) -> None:
    jobs._redis_rests_until = 0.0
    jobs.nudge()


def test_a_burst_delivers_what_is_due_and_leaves(environment: dict[str, str], twilio: TwilioServer) -> None:
    ids = post(30)
    later = post(1, first=100, not_before=datetime.now(UTC) + timedelta(hours=10))
    said = burst(environment)
    assert set(states(ids)) == {State.ACCEPTED}
    assert states(later) == [State.PENDING]
    assert sorted(twilio.sent_to) == sorted(delivery(id_).address for id_ in ids)
    assert "+996" not in said
    assert TOKEN not in said


def test_a_burst_with_nothing_to_do_leaves_at_once(environment: dict[str, str]) -> None:
    burst(environment)


def test_a_burst_works_without_redis(environment: dict[str, str], twilio: TwilioServer) -> None:
    ids = post(10)
    burst(environment | {"REDIS_URL": "redis://127.0.0.1:1/0"})
    assert set(states(ids)) == {State.ACCEPTED}
    assert len(twilio.messages) == 10


def test_a_nudge_wakes_the_worker_and_a_term_ends_it(
    engine_app: Flask, worker: Callable[..., subprocess.Popen[str]], twilio: TwilioServer
) -> None:
    process = worker()
    connection = redis.Redis.from_url(engine_app.config["REDIS_URL"])
    assert eventually(lambda: _answers(connection))
    ids = post(5)
    nudge(engine_app)
    assert eventually(lambda: set(states(ids)) == {State.ACCEPTED})
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    connection.close()
    assert not eventually(lambda: _answers(connection), 0.2)
    connection.close()


def test_what_nobody_nudged_for_is_found_by_the_sweep(
    worker: Callable[..., subprocess.Popen[str]],
) -> None:
    ids = post(3)
    worker("--processes", "2")
    assert eventually(lambda: set(states(ids)) == {State.ACCEPTED})


def test_a_term_ends_a_pool_of_workers_and_leaves_no_orphan(
    worker: Callable[..., subprocess.Popen[str]],
) -> None:
    ids = post(3)
    process = worker("--processes", "2")
    assert eventually(lambda: set(states(ids)) == {State.ACCEPTED})
    family = descendants(process.pid)
    assert len(family) >= 2
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family), 5)


def test_the_children_of_a_killed_pool_do_not_live_on(
    worker: Callable[..., subprocess.Popen[str]],
) -> None:
    ids = post(3)
    process = worker("--processes", "2")
    assert eventually(lambda: set(states(ids)) == {State.ACCEPTED})
    family = descendants(process.pid)
    process.kill()
    process.wait(5)
    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family), 25)


def test_a_term_lets_requests_in_flight_come_home(
    worker: Callable[..., subprocess.Popen[str]], twilio: TwilioServer
) -> None:
    twilio.bad_answers.extend(Answer(status=503, accept=True, stall=3) for _ in range(32))
    ids = post(100)
    process = worker()
    assert eventually(lambda: len(twilio.messages) >= 32)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    found = states(ids)
    assert State.SENDING not in found
    assert found.count(State.UNCERTAIN) >= 32  # so said the answers that were waited for
    assert len(twilio.sent_to) == len(set(twilio.sent_to))


def test_a_second_term_leaves_at_once_and_loses_nothing(
    worker: Callable[..., subprocess.Popen[str]], twilio: TwilioServer, environment: dict[str, str]
) -> None:
    twilio.bad_answers.extend(Answer(accept=True, stall=10) for _ in range(5))
    ids = post(5)
    process = worker()
    assert eventually(lambda: len(twilio.messages) == 5)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait(10)
    assert time.monotonic() - began < 3
    assert set(states(ids)) == {State.SENDING}
    _recover(environment, ids)
    assert set(states(ids)) == {State.ACCEPTED}
    assert len(twilio.messages) == 5


@pytest.mark.parametrize("victim", ["worker", "job", "both"])
def test_a_killed_worker_loses_nothing_and_texts_nobody_twice(
    worker: Callable[..., subprocess.Popen[str]],
    twilio: TwilioServer,
    environment: dict[str, str],
    victim: str,
) -> None:
    # Half of them were taken before the kill, half were not.
    twilio.bad_answers.extend(Answer(accept=n % 2 == 0, stall=4, drop=True) for n in range(20))
    ids = post(20)
    process = worker()
    assert eventually(lambda: len(twilio.requests) >= 20)
    victims = {"worker": [process.pid], "job": descendants(process.pid)}
    victims["both"] = victims["worker"] + victims["job"]
    assert victims["job"]
    for pid in victims[victim]:
        os.kill(pid, signal.SIGKILL)
    if victim == "job":
        process.kill()  # it would begin to recover by itself
    process.wait(10)
    assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in victims["job"]), 25)
    assert len(twilio.messages) == 10

    _recover(environment, ids)
    taken = set(twilio.sent_to)
    for id_ in ids:
        was_taken = delivery(id_).address in taken
        assert delivery(id_).state is (State.ACCEPTED if was_taken else State.UNCERTAIN)
    for _ in range(2):  # two looks, long after it was first looked for
        twilio.ahead += 1800
        for id_ in ids:
            if delivery(id_).state is State.UNCERTAIN:
                put(id_, next_check_at=datetime.now(UTC))
        burst(environment)
    assert set(states(ids)) == {State.ACCEPTED}
    assert len(twilio.messages) == 20
    assert len(set(twilio.sent_to)) == 20


def test_a_worker_outlives_its_valkey(
    engine_app: Flask, worker: Callable[..., subprocess.Popen[str]], twilio: TwilioServer
) -> None:
    process = worker()
    connection = redis.Redis.from_url(engine_app.config["REDIS_URL"])
    assert eventually(lambda: _answers(connection))
    instance = engine_app.config["SETTINGS"].instance
    os.kill(int((instance / "valkey" / "valkey.pid").read_text()), signal.SIGKILL)
    ids = post(3)
    assert eventually(lambda: set(states(ids)) == {State.ACCEPTED}, 40)
    assert process.poll() is None
    connection.close()


def test_a_worker_waits_for_a_redis_that_is_not_there_yet(
    environment: dict[str, str], tmp_path: Path, twilio: TwilioServer
) -> None:
    other = tmp_path / "other"
    process = start(environment | {"REDIS_URL": valkey.url(other)})
    try:
        ids = post(3)
        time.sleep(4)
        assert process.poll() is None
        with valkey.ensure(other):
            assert eventually(lambda: set(states(ids)) == {State.ACCEPTED}, 40)
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
    finally:
        process.kill()
        process.communicate()


def _answers(connection: redis.Redis) -> bool:
    try:
        return bool(connection.ping())
    except redis.RedisError:
        return False


def _recover(environment: dict[str, str], ids: list[int]) -> None:
    """Let the leases lapse without waiting for it, then let a burst do what a sweep and a drain do."""
    long_ago = datetime.now(UTC) - timedelta(minutes=2)
    for id_ in ids:
        if delivery(id_).state is State.SENDING:
            put(id_, lease_until=long_ago)
    burst(environment)
