"""Workers: RQ's own, made to outlive Redis, to stop without losing anything and to do periodic work."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import Any

import redis
from flask import Flask, current_app
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker_pool import WorkerPool

from config import Settings
from notifier import channels, jobs, outbox
from notifier.database import db
from notifier.valkey import EmbeddedValkey, ValkeyError

log = logging.getLogger(__name__)

# How often an idle worker looks up from the queue: for periodic work and for a Valkey that needs a start.
TICK = 5
LONGEST_WAIT_FOR_REDIS = 5.0
# Ctrl-C reaches a worker twice, from the terminal and from whoever started it; that is one wish.
ONE_WISH = timedelta(seconds=0.25)
PR_SET_PDEATHSIG = 1


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
            super().set_shutdown_requested_date()

    # Stopping.

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        KabarchyWorker.asked_to_stop = True
        super().request_stop(signum, frame)

    def request_force_stop(self, signum: int, frame: FrameType | None) -> None:
        if datetime.now(UTC) - self._shutdown_requested_date < ONE_WISH:
            return
        log.warning("Leaving at once; what is under way will be asked about later.")
        if self.horse_pid:
            self.kill_horse()
            self.wait_for_horse()
        sys.exit(1)

    def handle_warm_shutdown_request(self) -> None:
        super().handle_warm_shutdown_request()
        if self.horse_pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)

    def setup_work_horse_signals(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _stop_the_drain)
        # A worker that was killed cannot pass on a wish; the job must not go on without it for ever.
        die_with_parent(signal.SIGTERM)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        # Connections of the parent are the parent's.
        db.engine.dispose(close=False)
        super().main_work_horse(job, queue)


class KabarchyPool(WorkerPool):
    """RQ's pool of worker processes, which also looks after the embedded Valkey."""

    def check_workers(self, respawn: bool = True) -> None:
        KabarchyWorker.keep_valkey()
        super().check_workers(respawn)


def _stop_the_drain(_signum: int, _frame: FrameType | None) -> None:
    jobs.STOP.requested = True


def die_with_parent(sig: signal.Signals) -> None:
    """Ask the kernel (Linux) to send this process `sig` when its parent dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(sig), 0, 0, 0)


@contextlib.contextmanager
def redis_for_workers(app: Flask, needed: bool = True) -> Iterator[redis.Redis | None]:
    """Yield a connection to Redis, having started the embedded Valkey where no server is set.

    Without `needed`, None when there is no Redis to be had.
    """
    settings: Settings = app.config["SETTINGS"]
    embedded = None if settings.redis_url else EmbeddedValkey(settings.instance)
    try:
        if embedded is not None:
            try:
                embedded.start()
            except ValkeyError:
                if needed:
                    raise
                yield None
                return
        KabarchyWorker.valkey = embedded
        with redis.Redis.from_url(app.config["REDIS_URL"], socket_connect_timeout=3) as connection:
            if not needed:
                try:
                    connection.ping()
                except redis.RedisError:
                    yield None
                    return
            yield connection
    finally:
        if embedded is not None:
            embedded.stop()


def run(app: Flask, schedule: Sequence[Periodic], processes: int) -> None:
    """Work until somebody asks for an end."""
    KabarchyWorker.schedule = schedule
    _warm_up(app)
    with app.app_context(), redis_for_workers(app) as connection:
        assert connection is not None
        if processes == 1:
            _work_for_good(connection)
        else:
            KabarchyPool(
                [jobs.QUEUE],
                connection=connection,
                num_workers=processes,
                worker_class=PoolWorker,
                serializer=JSONSerializer,
            ).start(logging_level="WARNING")


class PoolWorker(KabarchyWorker):
    """A worker in a process of its own: the pool's loop is in the parent."""

    def work(self, *_arguments: Any, **_settings: Any) -> bool:
        die_with_parent(signal.SIGTERM)
        # The parent looks after it: a server dies with the process that started it.
        KabarchyWorker.valkey = None
        _work_for_good(self.connection)
        return True


def drain_and_leave(app: Flask) -> None:
    """Send what is due and fetch the receipts that are about to come, then return."""
    _warm_up(app)
    with app.app_context(), redis_for_workers(app, needed=False) as connection:
        if connection is None:
            log.warning("Redis is away: draining without the queue")
            _drain_here()
            return
        jobs.enqueue_once("notifier.jobs.sweep", connection)
        jobs.enqueue_once(jobs.DELIVER, connection, turn=None)
        _worker(connection).work(burst=True, logging_level="WARNING")
        if KabarchyWorker.asked_to_stop:
            return
        # Another worker may have taken the job, or Redis may have lost it.
        if _anything_due():
            _drain_here()


def _drain_here() -> None:
    signal.signal(signal.SIGTERM, _stop_the_drain)
    signal.signal(signal.SIGINT, _stop_the_drain)
    outbox.sweep(db.engine, datetime.now(UTC))
    jobs.drain()


def _anything_due() -> bool:
    settings: Settings = current_app.config["SETTINGS"]
    paused = outbox.paused(db.engine)
    working = [name for name, c in channels.build(settings).items() if c.provider not in paused]
    return outbox.anything_due(db.engine, working, datetime.now(UTC))


def _worker(connection: redis.Redis) -> KabarchyWorker:
    return KabarchyWorker([jobs.the_queue(connection)], connection=connection, serializer=JSONSerializer)


def _work_for_good(connection: redis.Redis) -> None:
    """Run RQ workers one after the other: RQ's quits when Redis hangs or fails at the wrong moment."""
    wait = 0.5
    while not KabarchyWorker.asked_to_stop:
        signal.signal(signal.SIGTERM, _leave)
        signal.signal(signal.SIGINT, _leave)
        began = time.monotonic()
        try:
            KabarchyWorker.keep_valkey()
            _worker(connection).work(logging_level="WARNING")
        except (redis.RedisError, OSError) as error:
            log.error("Redis is away (%s); trying again.", type(error).__name__)
        if KabarchyWorker.asked_to_stop:
            return
        wait = 0.5 if time.monotonic() - began > 30 else min(wait * 2, LONGEST_WAIT_FOR_REDIS)
        signal.signal(signal.SIGTERM, _leave)
        signal.signal(signal.SIGINT, _leave)
        time.sleep(wait)


def _leave(_signum: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _warm_up(app: Flask) -> None:
    """Import what jobs need before they are forked: Twilio's client alone takes most of a second."""
    settings: Settings = app.config["SETTINGS"]
    channels.build(settings)
