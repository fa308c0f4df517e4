"""A lane: the messages of one channel on their way, many requests in flight at once."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from notifier import policy
from notifier.channels import Channel
from notifier.clock import uptime
from notifier.ledger import DATABASE_AWAY, Ledger
from notifier.message import Outcome, Receipt
from notifier.outbox import Claimed, Released, Sent
from notifier.pace import Pace

log = logging.getLogger(__name__)

# A request leaves only in the first half of its lease: a frozen process must not send late.
GUARD = policy.LEASE.total_seconds() / 2
# Longer than a channel's own timeouts (3 s to connect, 15 s to read): only a stuck one meets it.
PATIENCE = 22.0
# Claimed beyond what is in flight, so that a slot that comes free finds its next message at hand.
AHEAD = 0.25
# A pause between claims that find nothing; an urgent message waits no longer than this.
LOOK_EVERY = 0.25
# So many volleys of refusals with nothing between them mean that the provider is away: let it be for a while.
AWAY_AFTER = 4
LONGEST_REST = 30.0
VOLLEY = 0.5
LARGEST_CLAIM = 500
# A claim is made so much before its first message may leave: claiming takes some milliseconds, on a busy
# machine many.
LEAD = 0.25
TOO_MANY = frozenset({"429", "20429"})


@dataclass(slots=True)
class Traveller:
    """A claimed delivery, when it was claimed (uptime) and when it may leave (the loop's clock)."""

    claimed: Claimed
    since: float
    moment: float = 0.0


class Lane:
    """Claims, paces and sends the messages of one channel."""

    def __init__(
        self, channel: Channel, ledger: Ledger, pace: Pace | None, crowd: Callable[[], None]
    ) -> None:
        self.channel = channel
        self.idle = False  # nothing in hand, and the last look found nothing
        self.closed = False  # takes nothing new; set by `close` or by a provider that must rest
        self.paused = False
        self.sent = 0
        self._ledger = ledger
        self._pace = pace
        self._crowd = crowd  # called when there is more to do than this worker can take
        self._limit = float(channel.in_flight)
        self._held = 0  # claimed and not answered
        self._flying = 0
        self._ready: deque[Traveller] = deque()
        self._late: list[Traveller] = []  # missed their moment and need another
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._free_at = 0.0  # when this process may let the next one leave
        self._claim_at = 0.0
        self._failures = 0
        self._learned_at = 0.0

    async def run(self) -> None:
        """Claim and send until closed; then let what is in flight come home."""
        loop = asyncio.get_running_loop()
        while not self.closed:
            self._wake.clear()
            self.idle = False
            wait = LOOK_EVERY
            try:
                found = await self._fill()
            except DATABASE_AWAY as error:
                log.error("the database is away (%s); trying again", type(error).__name__)
                found, wait = False, 1.0
            self.idle = not found and not self._held
            if self._claim_at > loop.time():
                wait = min(wait, self._claim_at - loop.time())
            elif found and self._room >= self._batch and not self.closed:
                continue
            await self._rest(wait)
        self._give_back([*self._ready, *self._late], "stopped", departed=True)
        self._ready.clear()
        self._late.clear()
        while self._tasks:
            await asyncio.wait(self._tasks)

    def close(self) -> None:
        """Take nothing new."""
        self.closed = True
        self._wake.set()

    @property
    def _room(self) -> int:
        return int(self._limit * (1 + AHEAD)) + 1 - self._held

    @property
    def _batch(self) -> int:
        """How much room is worth a claim."""
        return max(1, int(self._limit * AHEAD / 2))

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _fill(self) -> bool:
        """Claim what there is room for and mark it for departure; False when nothing was due."""
        loop = asyncio.get_running_loop()
        if self._late:
            late, self._late = self._late, []
            await self._give_moments(late, departed=True)
        if self._room < self._batch or loop.time() < self._claim_at:
            return True
        limit = min(self._room, LARGEST_CLAIM)
        if self._pace is not None:
            # What would wait longer stays in the table, where an urgent one can overtake it.
            limit = max(1, min(limit, int(self._pace.rate * 0.2)))
        since = uptime()
        claimed = await self._ledger.claim(self.channel.name, limit)
        if not claimed:
            return False
        self._held += len(claimed)
        if len(claimed) == limit == min(self._room + len(claimed), LARGEST_CLAIM):
            self._crowd()
        await self._give_moments([Traveller(c, since) for c in claimed], departed=False)
        return True

    async def _give_moments(self, travellers: Sequence[Traveller], *, departed: bool) -> None:
        """Give each its moment to leave, and mark the attempt of those who got one."""
        if self._pace is not None:
            moments = await self._pace.reserve([t.claimed.segments for t in travellers])
            for traveller, moment in zip(travellers, moments, strict=False):
                traveller.moment = moment
            self._give_back(travellers[len(moments) :], "", departed=departed)
            travellers = travellers[: len(moments)]
            # The next claim is made when these have nearly left.
            self._claim_at = max(self._claim_at, self._pace.free - LEAD)
        if not departed:
            try:
                leaving = await self._ledger.depart([t.claimed for t in travellers])
            except DATABASE_AWAY:
                self._give_back(travellers, "the database was away", departed=False)
                raise
            self._held -= len(travellers) - len(leaving)
            travellers = [t for t in travellers if t.claimed.id in leaving]
        self._ready.extend(travellers)
        self._pump()

    def _give_back(self, travellers: Sequence[Traveller], reason: str, *, departed: bool) -> None:
        """Return messages that have not left to the table."""
        for t in travellers:
            self._ledger.enter(Released(t.claimed.id, t.claimed.epoch, reason, departed))
        self._held -= len(travellers)

    def _pump(self) -> None:
        """Let those leave whose moment has come, as far as the provider bears them."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._ready and self._flying < max(1, int(self._limit)) and not self.closed:
            now = loop.time()
            if self._pace is not None:
                moment = max(self._ready[0].moment, self._free_at)
                if moment > now + 0.0005:
                    self._timer = loop.call_at(moment, self._pump)
                    return
                # So late it would crowd those of other workers.
                if now - self._ready[0].moment > self._pace.tolerance:
                    self._late.append(self._ready.popleft())
                    self._wake.set()
                    continue
                self._free_at = now + self._ready[0].claimed.segments / self._pace.rate
            self._flying += 1
            task = loop.create_task(self._send(self._ready.popleft()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, traveller: Traveller) -> None:
        """Send one message and hand its answer to the ledger."""
        claimed = traveller.claimed
        if uptime() - traveller.since > GUARD:
            self._flying -= 1
            self._give_back([traveller], "its claim was too old to send", departed=True)
        else:
            receipt = await self._ask(claimed)
            self._flying -= 1
            self._held -= 1
            self.sent += 1
            self._ledger.enter(Sent(claimed.id, claimed.epoch, self.channel.provider, receipt))
            self._learn(receipt)
        self._pump()
        if self._room >= self._batch:
            self._wake.set()

    async def _ask(self, claimed: Claimed) -> Receipt:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.channel.send(claimed.message)
        except TimeoutError:
            return Receipt(outcome=Outcome.UNCERTAIN, code="stuck", reason="no answer in time")
        except Exception as error:
            # A bug of the channel; but whether this message left is a question like any other.
            log.exception("channel %s failed on delivery %d", self.channel.name, claimed.id)
            return Receipt(outcome=Outcome.UNCERTAIN, code="bug", reason=type(error).__name__)

    def _learn(self, receipt: Receipt) -> None:
        """Adapt to what the provider bears: a little more after each success, much less after a refusal."""
        if receipt.outcome is Outcome.PAUSE:
            self.paused = True
            self.close()
            return
        if receipt.outcome is not Outcome.RETRY:
            self._failures = 0
            self._limit = min(self._limit + 1 / self._limit, self.channel.in_flight)
            return
        now = asyncio.get_running_loop().time()
        # A volley of refusals is one lesson.
        if now - self._learned_at < VOLLEY:
            return
        self._learned_at = now
        self._failures += 1
        self._limit = max(1.0, self._limit * 0.6)
        if self._pace is not None and receipt.code in TOO_MANY:
            self._pace.slow_down()
        if self._failures >= AWAY_AFTER:
            self._claim_at = now + min(2.0 ** min(self._failures - AWAY_AFTER, 10), LONGEST_REST)
