"""Real workers, killed and frozen at every step, with the queue taken away: all in a hurry (hurried.py).

The provider is a Twilio-shaped server that knows what it took. Each number is written to once, so its list of
numbers is the truth: nobody is missing, nobody is there twice.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from flask import Flask
from sqlalchemy import select

from notifier import jobs, valkey
from notifier.database import db
from notifier.models import Delivery, State
from notifier.valkey import EmbeddedValkey
from tests.faults.conftest import ONE_OR_BOTH, SOAK, THE_OTHER_OR_BOTH
from tests.faults.hurried import ABSENCE_COUNTS_AFTER, LEASE, LOOK_AGAIN, STEPS
from tests.notifier.outgoing import post, release_session, states
from tests.twilio_server import ACCOUNT, SENDER, TOKEN, Answer, TwilioServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900 if SOAK else 240)]

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = 200
RATE = 25
# The longest that a message of a dead worker may wait, and some for a busy machine.
LONGEST = LEASE + ABSENCE_COUNTS_AFTER + 3 * LOOK_AGAIN + 25
Figure = Callable[[str], None]


@pytest.fixture
def server() -> Iterator[TwilioServer]:
    with TwilioServer().running() as server:
        server.latency = 0.3
        server.list_lag = 1.0
        yield server


@pytest.fixture
def environ(environ: dict[str, str], server: TwilioServer) -> dict[str, str]:
    return environ | {
        "SMS_PROVIDER": "twilio",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": SENDER,
        "TWILIO_API_BASE": server.base,
        "PUBLIC_BASE_URL": "https://kabarchy.example.kg",
        "REDIS_URL": valkey.url(Path(environ["INSTANCE_DIR"])),
        "SMS_PER_SECOND": str(RATE),
    }


@pytest.fixture
def queue(environ: dict[str, str]) -> Iterator[EmbeddedValkey]:
    """A Valkey that belongs to nobody's worker."""
    server = EmbeddedValkey(Path(environ["INSTANCE_DIR"]))
    server.start()
    yield server
    server.stop()


class Started:
    """A started process of ours and whoever it started."""

    def __init__(self, environ: dict[str, str], *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.hurried", *arguments],
            cwd=ROOT,
            env=dict(os.environ) | environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def horse(self) -> int | None:
        """The process that runs the job, while there is one."""
        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(self.process.pid).children():
                if child.name().startswith("python") or "hurried" in " ".join(child.cmdline()):
                    return child.pid
        return None

    def until_frozen(self, seconds: float = 60) -> bool:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if psutil.Process(self.process.pid).status() == psutil.STATUS_STOPPED:
                return True
            time.sleep(0.05)
        return False

    def end(self) -> None:
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()


@pytest.fixture
def start(app: Flask, environ: dict[str, str]) -> Iterator[Callable[..., Started]]:
    """Start a process; all of them end with the test."""
    started: list[Started] = []

    def begin(*arguments: str, **settings: str) -> Started:
        started.append(Started(environ | settings, *arguments))
        return started[-1]

    yield begin
    for one in started:
        for sig in (signal.SIGCONT, signal.SIGTERM):
            one.process.send_signal(sig)
    for one in started:
        one.end()


def until(condition: Callable[[], bool], seconds: float, every: float = 0.05) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(every)
    return condition()


def busiest_second(moments: list[float]) -> int:
    return max(sum(1 for m in moments if first <= m < first + 1) for first in moments)


def all_arrive(server: TwilioServer, ids: list[int], seconds: float = LONGEST) -> float:
    """Wait until every message was accepted, check that each was taken once; return the seconds it took."""
    began = time.monotonic()
    until(lambda: set(states(ids)) == {State.ACCEPTED}, seconds, every=0.25)
    took = time.monotonic() - began
    assert Counter(states(ids)) == {State.ACCEPTED: len(ids)}
    sent = Counter(server.sent_to)
    assert {number: n for number, n in sent.items() if n > 1} == {}
    assert len(sent) == len(ids)
    release_session()
    names = {row.address: row.provider_ref for row in db.session.scalars(select(Delivery))}
    release_session()
    assert {m["to"]: m["sid"] for m in server.messages} == names
    assert server.violations == []
    return took


def test_kill_9(
    server: TwilioServer, queue: EmbeddedValkey, start: Callable[..., Started], figure: Figure
) -> None:
    """Worker, its child, and both at once, in turn; a dead worker is started again, as systemd would."""
    kills = 50 if SOAK else 6
    ids = post(MESSAGES)
    worker = start("worker")
    each = MESSAGES / (kills + 1)
    victims = itertools.cycle(["child", "worker", "both"])
    killed: Counter[str] = Counter()
    for n in range(1, kills + 1):
        until(lambda n=n: len(server.messages) >= each * n, 20, 0.01)
        until(lambda worker=worker: worker.horse() is not None, 20, 0.01)
        time.sleep(random.random() * server.latency)
        victim, horse = next(victims), worker.horse()
        if victim != "worker" and horse is not None:
            os.kill(horse, signal.SIGKILL)
        if victim != "child" or horse is None:
            worker.process.kill()
        killed[victim] += 1
        if victim != "child" or horse is None:
            worker.process.wait()
            worker = start("worker")
    took = all_arrive(server, ids)
    figure(
        f"{kills} kills ({dict(killed)}), the last message {took:.1f} s after the last kill "
        f"(lease {LEASE:g} s, absence counts after {ABSENCE_COUNTS_AFTER:g} s)"
    )


def test_frozen_for_longer_than_the_lease_at_every_step(
    server: TwilioServer, start: Callable[..., Started], database: str, figure: Figure
) -> None:
    """One worker freezes at each step; a healthy one goes on; then all of them wake up and go on too.

    SQLite has one lock for everybody, so there nobody may freeze inside a transaction.
    """
    ids = post(MESSAGES)
    # So that there is something to ask about.
    server.bad_answers.extend([Answer(status=500, accept=True), Answer(status=500)] * 8)
    steps = [step for step in STEPS if database == "postgresql" or step != "writing"]
    frozen = {step: start("drain", step, SMS_PER_SECOND="1000") for step in steps}
    assert {step: worker.until_frozen() for step, worker in frozen.items()} == dict.fromkeys(steps, True)
    start("drain", SMS_PER_SECOND="1000")
    began = time.monotonic()
    # What the frozen hold is all that may still wait.
    assert until(lambda: State.PENDING not in states(ids), LEASE + 20, every=0.25)
    time.sleep(max(0.0, LEASE + 2 - (time.monotonic() - began)))
    for worker in frozen.values():
        worker.process.send_signal(signal.SIGCONT)
    took = all_arrive(server, ids)
    assert all(worker.alive for worker in frozen.values())
    figure(f"{len(steps)} workers frozen for more than {LEASE:g} s, all done {took:.1f} s after they woke")


@ONE_OR_BOTH
def test_the_queue_is_killed_stays_away_and_comes_back_empty(
    server: TwilioServer,
    queue: EmbeddedValkey,
    start: Callable[..., Started],
    environ: dict[str, str],
    figure: Figure,
) -> None:
    """The queue only wakes the workers: the running drain does not even notice."""
    away = 60.0 if SOAK else 6.0
    ids = post(MESSAGES)
    start("worker", "--processes", "2")
    assert until(lambda: len(server.messages) >= 20, 30)
    queue._process.kill()  # type: ignore[union-attr]
    queue._process.wait()  # type: ignore[union-attr]
    shutil.rmtree(queue.data)
    more = post(20, first=MESSAGES)
    jobs.nudge()  # fails, and is forgotten
    before = len(server.messages)
    time.sleep(away)
    figure(f"{len(server.messages) - before} messages left in {away:g} s without a queue")
    queue.start()
    took = all_arrive(server, ids + more)
    # With the queue, without it, and while it came and went. A busy machine may hold a request up a little.
    busiest = busiest_second([message["taken_at"] for message in server.messages])
    figure(f"{busiest} messages in the busiest second, of {RATE} that are allowed")
    assert busiest <= RATE + 3
    figure(f"all done {took:.1f} s after an empty queue was there")


@THE_OTHER_OR_BOTH
def test_sigterm_lets_requests_come_home(
    server: TwilioServer, queue: EmbeddedValkey, start: Callable[..., Started], figure: Figure
) -> None:
    """What is under way is written down before the worker leaves, and the rest waits for the next."""
    server.latency = 1.2
    ids = post(MESSAGES)
    worker = start("worker")
    assert until(lambda: len(server.messages) >= 15, 30)
    began = time.monotonic()
    worker.process.terminate()
    worker.process.wait(20)
    took = time.monotonic() - began
    found = Counter(states(ids))
    assert set(found) == {State.ACCEPTED, State.PENDING}
    assert found[State.ACCEPTED] == len(server.messages) == len(set(server.sent_to))
    figure(f"left {took:.1f} s after SIGTERM with {found[State.ACCEPTED]} settled")
    server.latency = 0.1
    start("worker")
    all_arrive(server, ids)


@ONE_OR_BOTH
def test_a_second_sigterm_leaves_at_once(
    server: TwilioServer, queue: EmbeddedValkey, start: Callable[..., Started], figure: Figure
) -> None:
    """Whatever was under way is asked about later."""
    # When the first are taken half of it is over, and no answer comes for another 2 s.
    server.latency = 6.0
    ids = post(60)
    worker = start("worker", HURRIED_REQUEST="10")
    assert until(lambda: len(server.messages) >= 15, 30)
    worker.process.terminate()
    time.sleep(0.4)
    began = time.monotonic()
    worker.process.terminate()
    worker.process.wait(20)
    took = time.monotonic() - began
    assert took < 2
    # No answer came home, and none was made up.
    assert set(states(ids)) <= {State.SENDING, State.PENDING}
    assert states(ids).count(State.SENDING) >= 15
    server.latency = 0.1
    start("worker")
    figure(f"left in {took:.2f} s; all done {all_arrive(server, ids):.1f} s after the next was started")
