"""RQ's worker, made to outlive Redis, to stop without losing anything and to do periodic work."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any

import redis
from rq import Queue, Worker
from rq.job import Job

from notifier import jobs, leash
from notifier.database import db
from notifier.valkey import EmbeddedValkey, ValkeyError

log = logging.getLogger(__name__)

# How often an idle worker looks up from the queue: for periodic work and for a Valkey that needs a start.
TICK = 5
LONGEST_WAIT_FOR_REDIS = 5.0
# Ctrl-C reaches a worker twice, from the terminal and from whoever started it; that is one wish.
ONE_WISH = timedelta(seconds=0.25)


@dataclass(frozen=True, slots=True)
class Periodic:
    """A function to be run every so often, by its dotted name."""

    function: str
    every: timedelta


class KabarchyWorker(Worker):
    """An RQ worker on the one queue.

    What is different from RQ's: SIGTERM is passed to the running job, which lets its requests come home; a
    Redis that goes away is waited for; periodic work is put in the queue.
    """

    max_connection_wait_time = LONGEST_WAIT_FOR_REDIS
    log_result_lifespan = False
    # Set once for the process, before any worker is made.
    schedule: Sequence[Periodic] = ()
    valkey: EmbeddedValkey | None = None
    asked_to_stop = False

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        # An idle worker waits on the queue for worker_ttl - 15 seconds at a time.
        settings.setdefault("worker_ttl", 15 + TICK)
        settings.setdefault("job_monitoring_interval", TICK)
        settings.setdefault("log_job_description", False)
        super().__init__(*arguments, **settings)
        self._ticked_at = 0.0

    # Periodic work and the embedded Valkey, on RQ's own beat.

    def heartbeat(self, *arguments: Any, **settings: Any) -> None:
        if not self.is_horse:
            self.keep_valkey()
            self.tick()
        super().heartbeat(*arguments, **settings)

    def tick(self) -> None:
        """Put the periodic work that is due in the queue, once for all machines."""
        if time.monotonic() - self._ticked_at < TICK / 2:
            return
        self._ticked_at = time.monotonic()
        for work in self.schedule:
            period = int(work.every.total_seconds() * 1000)
            if self.connection.set(f"kabarchy:done:{work.function}", "1", nx=True, px=period):
                jobs.enqueue_once(work.function, self.connection)

    @classmethod
    def keep_valkey(cls) -> None:
        """Start the embedded Valkey anew if it has died."""
        if cls.valkey is not None and not cls.valkey.answers():
            try:
                cls.valkey.start()
            except ValkeyError as error:
                log.error("The embedded Valkey does not start: %s", error)

    # Living without Redis for a while.

    def maintain_heartbeats(self, *arguments: Any) -> None:
        # RQ would leave its running job alone in the world.
        with contextlib.suppress(redis.RedisError):
            super().maintain_heartbeats(*arguments)

    def set_shutdown_requested_date(self) -> None:
        with contextlib.suppress(redis.RedisError):
            super().set_shutdown_requested_date()  # type: ignore[no-untyped-call]

    # Stopping.

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        KabarchyWorker.asked_to_stop = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def request_force_stop(self, signum: int, frame: FrameType | None) -> None:
        first = self._shutdown_requested_date
        if first is not None and datetime.now(UTC) - first < ONE_WISH:
            return
        log.warning("Leaving at once; what is under way will be asked about later.")
        if self.horse_pid:
            self.kill_horse()
            self.wait_for_horse()
        sys.exit(1)

    def handle_warm_shutdown_request(self) -> None:
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]
        if self.horse_pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)

    def setup_work_horse_signals(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, stop_the_drain)
        # A worker that was killed cannot pass on a wish; the job must not go on without it for ever.
        leash.tie(signal.SIGTERM)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        # Connections of the parent are the parent's.
        db.engine.dispose(close=False)
        super().main_work_horse(job, queue)


def stop_the_drain(_signum: int, _frame: FrameType | None) -> None:
    jobs.STOP.requested = True
