"""A clock that jumps while messages leave, and two sweeps at the same moment."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from notifier import outbox
from notifier.database import db
from notifier.message import Message, Outcome, Receipt
from notifier.models import Attempt, State
from tests.notifier.outgoing import claim, depart, drain, post, put, release_session, states, sweep
from tests.notifier.scripted import ScriptedChannel

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("app")]


class Clock:
    """The machine's clock, which may be set."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset


@pytest.mark.parametrize("hours", [3, -3])
def test_a_clock_that_jumps_in_the_middle_of_a_broadcast(hours: int) -> None:
    """What is under way comes home; what a dead worker held is found by the new time; all leave once."""
    ids = post(100)
    dead = claim(datetime.now(UTC), limit=10, owner="dead")
    depart(dead[:5], datetime.now(UTC))
    clock, theirs = Clock(), Clock()
    channel = ScriptedChannel(latency=0.02, in_flight=4, clock=theirs)

    def script(message: Message) -> Receipt | None:
        if len(channel.seen) == 30:
            clock.offset = timedelta(hours=hours)
        if len(channel.seen) % 10 == 0:
            channel.take(message)
            return Receipt(outcome=Outcome.UNCERTAIN, code="lost")
        return None

    channel.script = script
    for minutes in (0, 2, 15, 17, 200, 220, 240):
        # Each time the same hour by a wall clock that is right again or wrong for good.
        theirs.offset = timedelta(minutes=minutes)
        clock.offset = theirs.offset + timedelta(hours=hours if channel.seen else 0)
        sweep(clock())
        drain(channel, clock=clock)
    assert Counter(states(ids)) == {State.ACCEPTED: 100}
    assert len(channel.took) == len({m.ref for m in channel.took}) == 100


def test_two_sweeps_at_once_do_the_work_of_one(now: datetime) -> None:
    ids = post(300, now=now)
    claim(now, limit=100)
    put(ids[-1], expires_at=now + timedelta(seconds=1))
    put(ids[-2], state=State.UNCERTAIN, expires_at=now + timedelta(seconds=1))
    release_session()
    later, engine, together = now + timedelta(seconds=61), db.engine, threading.Barrier(4)
    moved: list[int] = []

    def work() -> None:
        together.wait()
        moved.append(outbox.sweep(engine, later))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(moved) == 102
    assert Counter(states(ids)) == {
        State.UNCERTAIN: 100,
        State.PENDING: 198,
        State.EXPIRED: 1,
        State.NEEDS_HUMAN: 1,
    }
    assert db.session.scalar(select(func.count()).select_from(Attempt)) == 102
