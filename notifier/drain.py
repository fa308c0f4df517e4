"""Drain: send what is due and ask about what is in doubt, in one event loop, until nothing is left to do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from notifier.channels import Channel
from notifier.lane import Lane
from notifier.ledger import DATABASE_AWAY, Ledger
from notifier.models import State
from notifier.outbox import Again, Check, Looked, Polled
from notifier.pace import Pace

log = logging.getLogger(__name__)

# What is due within this time is waited for: a sandbox's receipts, a first retry.
LINGER = timedelta(seconds=5)
SWEEP_EVERY = 15.0
LOOK_EVERY = 0.1
CHECKS_AT_ONCE = 32
CHECK_PATIENCE = 20.0
# Requests in flight come home within their own timeouts (18 s); after SIGTERM there is this long.
STOPPING = 19.0
# At the end of a turn letters with large files have longer, while other messages go on. One that SIGTERM cuts
# off goes once more under the same Message-ID.
HEAVY_STOPPING = 80.0


@dataclass
class Stop:
    """Whether somebody asked for an end; a signal handler may set it."""

    requested: bool = False


@dataclass
class Drained:
    sent: int
    interrupted: bool  # there may be more to do


class Drain:
    """One turn of one worker at the table of deliveries."""

    def __init__(
        self,
        engine: Engine,
        channels: Mapping[str, Channel],
        *,
        owner: str,
        clock: Callable[[], datetime],
        paces: Mapping[str, Pace] | None = None,
        call_help: Callable[[], None] = lambda: None,
        stop: Stop | None = None,
        practice: bool = True,
    ) -> None:
        self._channels = channels
        self._clock = clock
        self._stop = stop or Stop()
        self._paces = paces or {}
        self._call_help = call_help
        ladders = {c.name: c.poll_ladder for c in channels.values()}
        self._ledger = Ledger(engine, owner, clock, ladders, practice=practice)
        self._lanes: list[Lane] = []
        self._checks_idle = False

    async def run(self, turn: float | None = None) -> Drained:
        """Work until nothing is due soon, a stop is requested or `turn` seconds are over."""
        loop = asyncio.get_running_loop()
        end = None if turn is None else loop.time() + turn
        paused = await self._ledger.paused()
        working = {name: c for name, c in self._channels.items() if c.provider not in paused}
        self._lanes = [
            Lane(channel, self._ledger, self._paces.get(name), self._call_help)
            for name, channel in working.items()
        ]
        keeper = loop.create_task(self._ledger.keep())
        sending = [loop.create_task(lane.run()) for lane in self._lanes]
        asking = loop.create_task(self._ask(list(working)))
        try:
            interrupted = await self._watch(end, sending)
        finally:
            for lane in self._lanes:
                lane.close()
            asking.cancel()
            if sending:
                await asyncio.wait(sending, timeout=STOPPING)
            await asyncio.gather(asking, return_exceptions=True)
            await self._ledger.close()
            await asyncio.gather(keeper, return_exceptions=True)
            for channel in self._channels.values():
                await channel.close()
            for pace in self._paces.values():
                pace.close()
        return Drained(sum(lane.sent for lane in self._lanes), interrupted)

    async def _watch(self, end: float | None, sending: list[asyncio.Task[None]]) -> bool:
        """Wait for the end of the work and return whether it was cut short."""
        loop = asyncio.get_running_loop()
        sweep_at = loop.time() + SWEEP_EVERY
        while True:
            if self._stop.requested or (end is not None and self._turn_is_over(end)):
                return True
            for task in sending:
                if task.done():
                    task.result()  # a bug in a lane ends the job, loudly
            try:
                if await self._nothing_left():
                    return False
                if loop.time() >= sweep_at:
                    # A long drain would keep the sweep waiting in the queue behind it.
                    sweep_at = loop.time() + SWEEP_EVERY
                    await self._ledger.sweep()
                    await self._respect_pauses()
            except DATABASE_AWAY as error:
                log.error("the database is away (%s); trying again", type(error).__name__)
                await asyncio.sleep(1)
            await asyncio.sleep(LOOK_EVERY)

    def _turn_is_over(self, end: float) -> bool:
        """Whether a turn that should end now may: letters with large files come home before."""
        now = asyncio.get_running_loop().time()
        if now < end:
            return False
        slow = [lane for lane in self._lanes if lane.is_heavy]
        for lane in slow:
            lane.close()
        return not slow or now >= end + HEAVY_STOPPING

    async def _nothing_left(self) -> bool:
        if not self._all_idle():
            return False
        names = [lane.channel.name for lane in self._lanes if not lane.closed]
        soonest = await self._ledger.next_due(names) if names else None
        # Idle still: else what was due may just have been taken in hand.
        return self._all_idle() and (soonest is None or soonest > self._clock() + LINGER)

    def _all_idle(self) -> bool:
        lanes = all(lane.idle or (lane.closed and not lane.is_heavy) for lane in self._lanes)
        return lanes and self._checks_idle and self._ledger.empty

    async def _respect_pauses(self) -> None:
        """Close lanes whose provider another worker has paused."""
        paused = await self._ledger.paused()
        for lane in self._lanes:
            if lane.channel.provider in paused:
                lane.close()

    async def _ask(self, names: list[str]) -> None:
        """Ask providers about accepted messages without a receipt and about uncertain ones, for ever."""
        while True:
            self._checks_idle = False
            try:
                checks = await self._ledger.claim_checks(names, CHECKS_AT_ONCE) if names else []
            except DATABASE_AWAY:
                checks = []
                await asyncio.sleep(1)
            self._checks_idle = not checks
            await asyncio.gather(*(self._check(check) for check in checks))
            if not checks:
                await asyncio.sleep(0.3)

    async def _check(self, check: Check) -> None:
        """Ask about one delivery and hand the answer to the ledger."""
        channel = self._channels[check.channel]
        try:
            async with asyncio.timeout(CHECK_PATIENCE):
                if check.state is State.ACCEPTED:
                    receipt = await channel.check(check.provider_ref) if check.provider_ref else None
                    self._ledger.enter(Polled(check.id, check.epoch, receipt))
                elif check.state is State.UNDELIVERED:
                    self._ledger.enter(Again(check.id, check.epoch))
                elif channel.repeatable:
                    self._ledger.enter(Looked(check.id, check.epoch, None, repeatable=True))
                else:
                    listing = await channel.find(check.message, check.since)
                    self._ledger.enter(Looked(check.id, check.epoch, listing))
        except TimeoutError:
            pass  # it is due again when its lease is over
        except Exception:
            log.exception("channel %s failed when asked about delivery %d", check.channel, check.id)
