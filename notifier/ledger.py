"""The ledger: the drain's one thread for the database, so that the loop that sends never waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from notifier import outbox
from notifier.outbox import Answer, Check, Claimed

log = logging.getLogger(__name__)

T = TypeVar("T")

# Results are written together: a transaction costs the same for one row as for a hundred.
FLUSH_EVERY = 0.1
LARGEST_FLUSH = 500
# How long to keep trying to write down what was sent, once the drain is over. What cannot be written is not
# lost: its lease lapses and the provider is asked.
LAST_TRIES = 30.0


class Ledger:
    """Claims for the lanes and settles for them in bulk."""

    def __init__(
        self,
        engine: Engine,
        owner: str,
        clock: Callable[[], datetime],
        ladders: Mapping[str, Sequence[timedelta]],
        *,
        practice: bool = True,
    ) -> None:
        self._engine = engine
        self._owner = owner
        self._clock = clock
        self._ladders = ladders
        self._practice = practice
        self._answers: list[Answer] = []
        self._writing = False
        self._drawer = outbox.Drawer()
        self._closing = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "ledger")

    @property
    def empty(self) -> bool:
        """Whether everything that was answered is written down."""
        return not self._answers and not self._writing

    def enter(self, answer: Answer) -> None:
        """Take an answer; it is written down within `FLUSH_EVERY`."""
        self._answers.append(answer)

    async def claim(self, channel: str, limit: int) -> list[Claimed]:
        return await self._do(
            lambda: outbox.claim(
                self._engine,
                channel=channel,
                limit=limit,
                owner=self._owner,
                now=self._clock(),
                practice=self._practice,
                drawer=self._drawer,
            )
        )

    async def depart(self, claimed: Sequence[Claimed]) -> set[int]:
        return await self._do(lambda: outbox.depart(self._engine, claimed, self._clock()))

    async def claim_checks(self, channels: Iterable[str], limit: int) -> list[Check]:
        return await self._do(lambda: outbox.claim_checks(self._engine, channels, limit, self._clock()))

    async def sweep(self) -> int:
        return await self._do(lambda: outbox.sweep(self._engine, self._clock()))

    async def paused(self) -> set[str]:
        return await self._do(lambda: outbox.paused(self._engine))

    async def next_due(self, channels: Iterable[str]) -> datetime | None:
        return await self._do(lambda: outbox.next_due(self._engine, channels))

    async def keep(self) -> None:
        """Write answers down every `FLUSH_EVERY` until closed; a database that fails is tried again.

        Not to be cancelled: what is being written at that moment would be lost from sight.
        """
        wait = FLUSH_EVERY
        while not self._closing.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._closing.wait()
            wait = FLUSH_EVERY if await self.flush() else min(wait * 2, 2.0)

    async def flush(self) -> bool:
        """Write down what was answered; False when the database would not take it."""
        while self._answers and not self._writing:
            batch, self._answers = self._answers[:LARGEST_FLUSH], self._answers[LARGEST_FLUSH:]
            self._writing = True
            try:
                await self._do(lambda b=batch: outbox.settle(self._engine, b, self._clock(), self._ladders))  # type: ignore[misc]
            except SQLAlchemyError as error:
                self._answers = batch + self._answers
                log.error("the database does not take results (%s); trying again", type(error).__name__)
                return False
            finally:
                self._writing = False
        return True

    async def close(self) -> None:
        """Write the last answers down and let the thread go."""
        self._closing.set()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + LAST_TRIES
        while not self.empty and loop.time() < deadline:
            if not await self.flush():
                await asyncio.sleep(0.5)
            elif self._writing:
                await asyncio.sleep(0.01)
        if self._answers:
            log.error("%d results could not be written; their providers will be asked", len(self._answers))
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _do(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


# What a database that is locked, full, restarting or gone raises: worth trying again.
DATABASE_AWAY = (DBAPIError,)
