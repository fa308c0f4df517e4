"""A lane: the messages of one channel on their way, many requests in flight at once."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from notifier import policy
from notifier.channels import Channel
from notifier.clock import uptime
from notifier.ledger import DATABASE_AWAY, Ledger
from notifier.message import Fault, Outcome, Receipt
from notifier.outbox import Claimed, Released, Sent
from notifier.pace import Pace
from notifier.window import Window

log = logging.getLogger(__name__)

# A request leaves only in the first half of its lease: a frozen process must not send late.
GUARD = policy.LEASE.total_seconds() / 2
# Longer than a channel's own timeouts (3 s to connect, 15 s to read): only a stuck one meets it.
PATIENCE = 22.0
# A letter with large files may take 75 s. Few at once: each has to get through a school's line in that time.
HEAVY_PATIENCE = 79.0
HEAVY_AT_ONCE = 2
# More of them in hand would leave no room for others: they wait in the table, each two for as much longer.
HEAVY_IN_HAND = 6
HEAVY_WAIT = 3.0
# Claimed beyond what is in flight, so that a slot that comes free finds its next message at hand.
AHEAD = 0.25
# With few in flight it is more: a claim for two letters costs the database as much as one for twenty.
LEAST_AHEAD = 32
# A pause between claims that find nothing; an urgent message waits no longer than this.
LOOK_EVERY = 0.25
LARGEST_CLAIM = 500
# A claim is made so much before its first message may leave: claiming takes some milliseconds, on a busy
# machine many.
LEAD = 0.25
NEVER = math.inf


@dataclass(slots=True, eq=False)
class Traveller:
    """A claimed delivery, when it was claimed (uptime) and when it may leave (the loop's clock)."""

    claimed: Claimed
    since: float
    moment: float = 0.0


class Lane:
    """Claims, paces and sends the messages of one channel."""

    def __init__(
        self, channel: Channel, ledger: Ledger, pace: Pace | None, call_help: Callable[[], None]
    ) -> None:
        self.channel = channel
        self.idle = False  # nothing in hand, and the last look found nothing
        self.closed = False  # takes nothing new; set by `close` or by a provider that must rest
        self.sent = 0
        self._ledger = ledger
        self._pace = pace
        self._call_help = call_help  # when there is more to do than this worker can take
        self._window = Window(channel.in_flight)
        self._held = 0  # claimed and not answered
        self._flying = 0
        self._heavy = 0  # of those with a slot: letters with large files
        self._ready: deque[Traveller] = deque()  # marked as attempted; wait for a slot and a moment
        self._due: deque[Traveller] = deque()  # have a slot, and their moment
        self._wanted = asyncio.Event()  # somebody is ready and there is a slot
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None
        self._claim_at = 0.0

    async def run(self) -> None:
        """Claim and send until closed; then let what is in flight come home."""
        loop = asyncio.get_running_loop()
        giving = loop.create_task(self._give_moments())
        while not self.closed:
            if giving.done():
                giving.result()  # a bug ends the job, loudly
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
            elif found and self._room >= self._batch and not (self._waiting or self.closed):
                continue
            await self._rest(wait)
        await giving
        self._give_back([*self._due, *self._ready], "stopped")
        self._heavy -= sum(t.claimed.is_heavy for t in self._due)
        self._due.clear()
        self._ready.clear()
        while self._tasks:
            await asyncio.wait(self._tasks)

    def close(self) -> None:
        """Take nothing new."""
        self.closed = True
        self._wake.set()
        self._wanted.set()

    @property
    def is_heavy(self) -> bool:
        """Whether a letter with large files is on its way."""
        return self._heavy > 0

    @property
    def _room(self) -> int:
        return self._window.width + self._ahead + 1 - self._held

    @property
    def _ahead(self) -> int:
        """How many to have at hand beyond those in flight."""
        width = self._window.width
        return int(max(width * AHEAD, min(width * 2, LEAST_AHEAD)))

    @property
    def _slots(self) -> int:
        """For how many more the provider has room at this moment."""
        return self._window.width - self._flying - len(self._due)

    @property
    def _waiting(self) -> bool:
        """Whether somebody with a slot waits for a moment; theirs tell when the next claim is worth it."""
        if not self._ready or self._slots <= 0:
            return False
        return self._heavy < HEAVY_AT_ONCE or not all(t.claimed.is_heavy for t in self._ready)

    @property
    def _batch(self) -> int:
        """How much room is worth a claim."""
        return max(1, self._ahead // 2)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _fill(self) -> bool:
        """Claim what there is room for and mark it for departure; False when nothing was due."""
        now = asyncio.get_running_loop().time()
        if self._waiting or self._room < self._batch or now < self._claim_at:
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
        claimed = self._without_surplus(claimed)
        if len(claimed) == limit == min(self._room + len(claimed), LARGEST_CLAIM):
            self._call_help()
        try:
            leaving = await self._ledger.depart(claimed)
        except DATABASE_AWAY:
            self._give_back([Traveller(c, since) for c in claimed], "the database was away", departed=False)
            raise
        self._held -= len(claimed) - len(leaving)
        self._ready.extend(Traveller(c, since) for c in claimed if c.id in leaving)
        if any(t.claimed.priority for t in self._ready):
            self._ready = deque(sorted(self._ready, key=lambda t: -t.claimed.priority))
        self._wanted.set()
        return True

    def _without_surplus(self, claimed: list[Claimed]) -> list[Claimed]:
        """Return to the table the letters with large files that would only wait in our hands."""
        heavy = [c for c in claimed if c.is_heavy]
        in_hand = self._heavy + sum(t.claimed.is_heavy for t in self._ready) if heavy else 0
        surplus = {c.id: c for c in heavy[max(0, HEAVY_IN_HAND - in_hand) :]}
        for place, c in enumerate(surplus.values()):
            wait = HEAVY_WAIT * (1 + place // HEAVY_AT_ONCE)
            self._ledger.enter(Released(c.id, c.epoch, "", wait=wait))
        self._held -= len(surplus)
        return [c for c in claimed if c.id not in surplus]

    async def _give_moments(self) -> None:
        """Give those that are ready a slot and a moment, until closed.

        A moment is asked for when there is a slot: it cannot be kept for long.
        """
        while not self.closed:
            await self._wanted.wait()
            self._wanted.clear()
            while self._waiting and not self.closed:
                going = self._chosen()
                # Whatever happens meanwhile, they are in sight.
                self._due.extend(going)
                if self._pace is not None:
                    await self._reserve(self._pace, going)
                self._pump()
                self._wake.set()

    def _chosen(self) -> list[Traveller]:
        """Take out of the ready those that get a slot now; of letters with large files few at once."""
        slots, going, passed = self._slots, list[Traveller](), list[Traveller]()
        while self._ready and len(going) < slots:
            traveller = self._ready.popleft()
            heavy = traveller.claimed.is_heavy
            if heavy and self._heavy >= HEAVY_AT_ONCE:
                passed.append(traveller)
            else:
                self._heavy += heavy
                going.append(traveller)
        self._ready.extendleft(reversed(passed))
        return going

    async def _reserve(self, pace: Pace, going: Sequence[Traveller]) -> None:
        """Ask for moments; what gets none soon goes back to the table, where urgent ones can overtake it."""
        for traveller in going:
            traveller.moment = NEVER
        moments = await pace.reserve([t.claimed.segments for t in going])
        for traveller, moment in zip(going, moments, strict=False):
            traveller.moment = moment
        if without := going[len(moments) :]:
            for traveller in without:
                self._due.remove(traveller)
                self._heavy -= traveller.claimed.is_heavy
            self._give_back(without, "")
        # The next claim is made when these have nearly left.
        self._claim_at = max(self._claim_at, pace.free - LEAD)

    def _give_back(self, travellers: Sequence[Traveller], reason: str, *, departed: bool = True) -> None:
        """Return messages that have not left to the table."""
        for t in travellers:
            self._ledger.enter(Released(t.claimed.id, t.claimed.epoch, reason, departed))
        self._held -= len(travellers)

    def _pump(self) -> None:
        """Let those leave whose moment has come."""
        loop = asyncio.get_running_loop()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._due and self._flying < self._window.width and not self.closed:
            if self._pace is not None:
                now = loop.time()
                moment = self._due[0].moment
                if moment > now + 0.0005:
                    if moment != NEVER:
                        self._timer = loop.call_at(moment, self._pump)
                    return
                # So late it would crowd those of other workers.
                if now - moment > self._pace.tolerance:
                    self._pace.missed()
                    late = self._due.popleft()
                    self._heavy -= late.claimed.is_heavy
                    self._ready.appendleft(late)
                    self._wanted.set()
                    continue
            self._flying += 1
            task = loop.create_task(self._send(self._due.popleft()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _send(self, traveller: Traveller) -> None:
        """Send one message and hand its answer to the ledger."""
        claimed, heavy = traveller.claimed, traveller.claimed.is_heavy
        if uptime() - traveller.since > GUARD:
            self._flying -= 1
            self._heavy -= heavy
            self._give_back([traveller], "its claim was too old to send")
        else:
            receipt = await self._ask(claimed)
            self._flying -= 1
            self._heavy -= heavy
            self._held -= 1
            self.sent += 1
            self._ledger.enter(Sent(claimed.id, claimed.epoch, self.channel.provider, receipt))
            self._learn(receipt)
        self._pump()
        if self._ready:
            self._wanted.set()
        if self._room >= self._batch:
            self._wake.set()

    async def _ask(self, claimed: Claimed) -> Receipt:
        try:
            async with asyncio.timeout(HEAVY_PATIENCE if claimed.is_heavy else PATIENCE):
                return await self.channel.send(claimed.message)
        except TimeoutError:
            return Receipt(outcome=Outcome.UNCERTAIN, code="stuck", reason="no answer in time")
        except Exception as error:
            # A bug of the channel; but whether this message left is a question like any other.
            log.exception("channel %s failed on delivery %d", self.channel.name, claimed.id)
            return Receipt(outcome=Outcome.UNCERTAIN, code="bug", reason=type(error).__name__)

    def _learn(self, receipt: Receipt) -> None:
        """Adapt to what the provider bears."""
        if receipt.outcome is Outcome.PAUSE:
            self.close()
            return
        if receipt.outcome is not Outcome.RETRY:
            self._window.widen()
            return
        now = asyncio.get_running_loop().time()
        if not self._window.narrow(now):
            return
        if self._pace is not None and receipt.fault is Fault.CAPACITY:
            self._pace.slow_down()
        if rest := self._window.rest:
            self._claim_at = now + rest
