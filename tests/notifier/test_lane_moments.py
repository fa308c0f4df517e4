"""Each message leaves at its own moment, however late the loop is: lateness does not add up."""

from __future__ import annotations

import asyncio
import itertools
import selectors
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from notifier.lane import Lane
from notifier.outbox import Claimed
from tests.notifier.scripted import ScriptedChannel

A_SECOND = 200
LATE = 0.0008
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
CLAIMED = Claimed(
    id=0,
    epoch=1,
    ref="",
    channel="sms",
    address="+996555000000",
    subject="",
    body="Эртең сабак 8:00дө башталат.",
    segments=1,
    priority=0,
    not_before=NOW,
    attempts=0,
    paper_id=None,
)


class LateLoop(asyncio.SelectorEventLoop):
    """A loop whose time passes only while it waits, and which is always woken a little late."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Selector(self))

    def time(self) -> float:
        return self.now


class _Selector(selectors.SelectSelector):
    def __init__(self, loop: LateLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        if timeout:
            self._loop.now += timeout + LATE
        return super().select(0)


class EvenPace:
    """Gives moments one after the other, as Redis does, `A_SECOND` of them in a second."""

    tolerance = 0.012
    rate = float(A_SECOND)

    def __init__(self) -> None:
        self.free = 0.1
        self.misses = 0

    async def reserve(self, segments: Sequence[int]) -> list[float]:
        given = [self.free + n / A_SECOND for n in range(len(segments))]
        self.free += len(segments) / A_SECOND
        return given

    def missed(self) -> None:
        self.misses += 1


class Table:
    """A ledger of messages that are all due."""

    def __init__(self, count: int) -> None:
        self._waiting: Iterator[Claimed] = iter([replace(CLAIMED, id=n, ref=str(n)) for n in range(count)])

    async def claim(self, _channel: str, limit: int) -> list[Claimed]:
        return list(itertools.islice(self._waiting, limit))

    async def depart(self, claimed: Sequence[Claimed]) -> set[int]:
        return {each.id for each in claimed}

    def enter(self, _answer: object) -> None: ...


def test_a_loop_that_is_always_late_uses_the_whole_rate() -> None:
    count = 400
    channel, pace = ScriptedChannel(latency=0.15, in_flight=512), EvenPace()

    async def run() -> None:
        lane = Lane(channel, Table(count), pace, lambda: None)  # type: ignore[arg-type]
        work = asyncio.get_running_loop().create_task(lane.run())
        while lane.sent < count:
            await asyncio.sleep(0.05)
        lane.close()
        await work

    with asyncio.Runner(loop_factory=LateLoop) as runner:
        runner.run(run())
    moments = [moment for moment, _ in channel.seen]
    assert len(moments) == count
    assert pace.misses == 0
    assert (count - 1) / (moments[-1] - moments[0]) > A_SECOND * 0.99
