"""A provider at the wire's end for the engine's tests: it remembers what it took and answers by script."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from notifier.message import Listing, Message, Outcome, Receipt

TOOK = Outcome.ACCEPTED


@dataclass
class ScriptedChannel:
    """Answers each send by `script(message)`: a Receipt, or an exception to raise; by default it accepts."""

    name: str = "sms"
    provider: str = "scripted"
    in_flight: int = 16
    poll_ladder: Sequence[timedelta] = (timedelta(minutes=15),)
    repeatable: bool = False
    latency: float = 0.0
    script: Callable[[Message], Receipt | Exception | None] = lambda _message: None
    told: Callable[[str], Receipt | None] = lambda _ref: None  # what `check` says
    list_is_there: bool = True
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)  # the provider's own
    took: list[Message] = field(default_factory=list)  # really took: these reach the person
    seen: list[tuple[float, Message]] = field(default_factory=list)  # every request, with the loop's time
    refs: dict[str, str] = field(default_factory=dict)  # provider's ref → ours
    most_at_once: int = 0
    prefix: str = "PR"
    closed: bool = False

    def __post_init__(self) -> None:
        self._at_once = 0
        self._numbers = itertools.count(1)

    async def send(self, message: Message) -> Receipt:
        self.seen.append((asyncio.get_running_loop().time(), message))
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            await asyncio.sleep(self.latency)
            answer = self.script(message)
            if isinstance(answer, Exception):
                raise answer
            return answer or self.take(message)
        finally:
            self._at_once -= 1

    def take(self, message: Message) -> Receipt:
        """Take the message for good, whatever is answered then."""
        ref = f"{self.prefix}{next(self._numbers):06}"
        self.refs[ref] = message.ref
        self.took.append(message)
        return Receipt(outcome=TOOK, provider_ref=ref)

    async def check(self, provider_ref: str) -> Receipt | None:
        return self.told(provider_ref)

    async def find(self, message: Message, since: datetime) -> Listing | None:
        if not self.list_is_there:
            return None
        ours = {m.ref for m in self.took if (m.address, m.body) == (message.address, message.body)}
        return Listing([ref for ref, our in self.refs.items() if our in ours], self.clock())

    async def close(self) -> None:
        self.closed = True
