"""The rate a provider allows, kept by all workers together, on a real Valkey."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from notifier import valkey
from notifier.pace import HORIZON, Pace


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with valkey.ensure(tmp_path_factory.mktemp("pace")) as url:
        yield url


@pytest.fixture
def connection(url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(url) as connection:
        connection.flushall()
        yield connection


def take(seconds: float, segments: int, *paces: Pace) -> list[float]:
    """Let workers take moments as fast as they get them, for so long; return all moments, in order."""

    async def work(pace: Pace, until: float) -> list[float]:
        loop = asyncio.get_running_loop()
        moments: list[float] = []
        while loop.time() < until:
            got = await pace.reserve([segments] * 3)
            moments += got
            await asyncio.sleep(max(0.01, pace.free - loop.time() - 0.1) if got else 0.05)
        return moments

    async def run() -> list[float]:
        until = asyncio.get_running_loop().time() + seconds
        found = await asyncio.gather(*(work(pace, until) for pace in paces))
        return sorted(moment for moments in found for moment in moments)

    moments = asyncio.run(run())
    for pace in paces:
        pace.close()
    return moments


def busiest_second(moments: list[float]) -> int:
    return max(sum(1 for m in moments if first <= m < first + 1) for first in moments)


def test_one_worker_keeps_the_rate_and_uses_it(connection: redis.Redis) -> None:
    moments = take(3, 1, Pace(connection, "sms", 40, "a"))
    assert busiest_second(moments) <= 41
    assert len(moments) >= 40 * 3 * 0.95


def test_three_workers_keep_one_rate_together(connection: redis.Redis) -> None:
    moments = take(3, 1, *(Pace(connection, "sms", 40, name) for name in "abc"))
    assert busiest_second(moments) <= 41
    assert len(moments) >= 40 * 3 * 0.95


def test_a_message_of_many_parts_takes_as_much_as_many_messages(connection: redis.Redis) -> None:
    moments = take(3, 4, Pace(connection, "sms", 40, "a"))
    assert busiest_second(moments) <= 11
    assert len(moments) >= 10 * 3 * 0.9


def test_nothing_is_promised_beyond_the_horizon(connection: redis.Redis) -> None:
    pace = Pace(connection, "sms", 10, "a")

    async def run() -> list[float]:
        now = asyncio.get_running_loop().time()
        return [moment - now for moment in await pace.reserve([1] * 100)]

    waits = asyncio.run(run())
    pace.close()
    assert len(waits) in {5, 6}
    assert max(waits) <= HORIZON + 0.05


def test_providers_have_rates_of_their_own(connection: redis.Redis) -> None:
    one, other = Pace(connection, "sms", 1, "a"), Pace(connection, "letters", 1, "a")

    async def run() -> int:
        return len(await one.reserve([1])) + len(await other.reserve([1]))

    assert asyncio.run(run()) == 2
    one.close()
    other.close()


def test_too_many_requests_slow_all_workers_down_for_a_while(connection: redis.Redis) -> None:
    one, other = Pace(connection, "sms", 100, "a"), Pace(connection, "sms", 100, "b")

    async def run() -> float:
        one.slow_down()
        one.slow_down()  # of the same volley
        await asyncio.sleep(0.2)
        await other.reserve([1])
        return other.rate

    assert asyncio.run(run()) == pytest.approx(70, abs=1)
    one.close()
    other.close()


def test_a_clock_of_redis_that_jumped_back_stops_nobody(connection: redis.Redis) -> None:
    seconds, micros = connection.time()
    future = (seconds + 3 * 3600) * 1_000_000 + micros
    connection.hset("kabarchy:pace:sms", mapping={"free": future, "last": 100_000})
    pace = Pace(connection, "sms", 10, "a")
    assert len(asyncio.run(pace.reserve([1]))) == 1
    pace.close()


def test_without_redis_each_worker_keeps_its_share(connection: redis.Redis, tmp_path: Path) -> None:
    first, second = Pace(connection, "sms", 40, "a"), Pace(connection, "sms", 40, "b")

    async def meet() -> None:
        await first.reserve([1])
        await second.reserve([1])
        await first.reserve([1])

    asyncio.run(meet())
    gone = _away(tmp_path)
    for pace in (first, second):
        pace._reserve = gone.register_script("return {}")
        pace.free = 0.0
    moments = take(2, 1, first, second)
    assert busiest_second(moments) <= 42
    # Redis may have counted before others came: each takes a quarter, whatever it heard.
    assert len(moments) >= 40 * 2 * 2 / 4 * 0.85


def test_who_never_met_the_others_is_careful_but_not_still(tmp_path: Path) -> None:
    moments = take(1.5, 1, Pace(_away(tmp_path), "sms", 40, "a"))
    assert 10 <= len(moments) <= 20


def _away(folder: Path) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(folder / "nobody"), retry=Retry(NoBackoff(), 0))
