"""The drain when the database is away, when there are two of it, and when the rate is low."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import redis
from sqlalchemy import Engine, create_engine, event, text

from notifier import valkey
from notifier.database import db
from notifier.drain import Drain
from notifier.models import State
from notifier.pace import Pace
from tests.notifier.outgoing import drain, events, post, post_urgently, release_session, states
from tests.notifier.scripted import ScriptedChannel

pytestmark = pytest.mark.usefixtures("engine_app")


def after(seconds: float, work: Callable[[], None]) -> threading.Thread:
    """Do `work` in a thread of its own, a moment later."""

    def wait() -> None:
        time.sleep(seconds)
        work()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


@pytest.mark.parametrize("database", ["sqlite"])
def test_a_database_that_is_locked_for_a_while_holds_up_the_drain_and_loses_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ids = post(200)
    path = db.engine.url.database
    assert path is not None
    release_session()

    def hold() -> None:
        other = sqlite3.connect(path, isolation_level=None, timeout=10)
        other.execute("BEGIN IMMEDIATE")
        time.sleep(1.5)
        other.execute("ROLLBACK")
        other.close()

    event.listen(db.engine, "connect", lambda connection, _: connection.execute("PRAGMA busy_timeout = 100"))
    db.engine.dispose()
    thread = after(0.3, hold)
    channel = ScriptedChannel(latency=0.05)
    drain(channel)
    thread.join()
    assert set(states(ids)) == {State.ACCEPTED}
    assert len(channel.took) == len({m.ref for m in channel.took}) == 200
    assert "the database" in caplog.text


@pytest.mark.parametrize("database", ["postgresql"])
def test_a_database_that_throws_everybody_out_loses_nothing() -> None:
    ids = post(200)
    release_session()
    other = create_engine(db.engine.url)

    def throw_out() -> None:
        for _ in range(5):
            with other.connect() as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE pid <> pg_backend_pid() AND datname = current_database()"
                    )
                )
            time.sleep(0.15)

    db.session.remove()
    thread = after(0.2, throw_out)
    channel = ScriptedChannel(latency=0.05)
    drain(channel)
    thread.join()
    other.dispose()
    db.engine.dispose()
    assert len(channel.took) == len({m.ref for m in channel.took})
    # A claim whose answer was lost with its connection waits for its lease; nothing else does.
    found = states(ids)
    assert set(found) <= {State.ACCEPTED, State.SENDING}
    assert found.count(State.ACCEPTED) == len(channel.took) > 100


def test_two_workers_share_the_work_and_text_nobody_twice() -> None:
    ids = post(400)
    channels = [ScriptedChannel(latency=0.02, in_flight=8) for _ in range(2)]
    for n, channel in enumerate(channels):
        channel.prefix = f"W{n}-"
    release_session()
    engine = db.engine
    threads = [threading.Thread(target=_work, args=(engine, channel)) for channel in channels]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = [m.ref for channel in channels for m in channel.took]
    assert len(took) == len(set(took)) == 400
    assert min(len(channel.took) for channel in channels) > 50
    assert set(states(ids)) == {State.ACCEPTED}


def _work(engine: Engine, channel: ScriptedChannel) -> None:
    work = Drain(engine, {"sms": channel}, owner="w", clock=lambda: datetime.now(UTC))
    asyncio.run(work.run())


@pytest.mark.parametrize("database", ["sqlite"])
def test_the_rate_is_kept_and_an_urgent_message_passes_the_others_within_a_second(tmp_path: Path) -> None:
    post(60)
    release_session()
    engine = db.engine
    written: list[float] = []

    def write() -> None:
        post_urgently(engine)
        written.append(time.monotonic())

    channel = ScriptedChannel(latency=0.1)
    with valkey.ensure(tmp_path / "pace") as url, redis.Redis.from_url(url) as connection:
        thread = after(1.0, write)
        drain(channel, paces={"sms": Pace(connection, "sms", 20, "one")})
        thread.join()
    moments = [moment for moment, _ in channel.seen]
    busiest = max(sum(1 for m in moments if first <= m < first + 1) for first in moments)
    assert busiest <= 21
    assert 60 / (moments[-1] - moments[0]) > 20 * 0.9
    # The loop's clock is the monotonic one.
    (urgent,) = [moment for moment, message in channel.seen if message.address == "+996555999999"]
    assert urgent - written[0] < 1


def test_few_slots_stay_full_whatever_the_rate_would_allow(tmp_path: Path) -> None:
    """A moment is asked for when there is a slot: none passes unused, and everybody gets one."""
    ids = post(80)
    channel = ScriptedChannel(latency=0.1, in_flight=8)
    with valkey.ensure(tmp_path / "pace") as url, redis.Redis.from_url(url) as connection:
        drain(channel, paces={"sms": Pace(connection, "sms", 1000, "one")})
    assert set(states(ids)) == {State.ACCEPTED}
    assert len(channel.seen) == 80
    assert channel.most_at_once == 8
    moments = [moment for moment, _ in channel.seen]
    # Ten volleys at best; a busy machine and the moments themselves take a little.
    assert moments[-1] - moments[0] < 2.5
    assert all(entries == ["accepted"] for entries in map(events, ids))
