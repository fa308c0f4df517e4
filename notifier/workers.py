"""The worker process: runs RQ workers for good, or drains what is due and leaves."""

from __future__ import annotations

import contextlib
import gc
import logging
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from types import FrameType
from typing import Any

import redis
from flask import Flask
from rq.serializers import JSONSerializer
from rq.worker_pool import WorkerPool
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from notifier import channels, jobs, leash, outbox
from notifier.database import db
from notifier.rq_worker import (
    LONGEST_WAIT_FOR_REDIS,
    KabarchyWorker,
    Periodic,
    stop_the_drain,
)
from notifier.valkey import EmbeddedValkey, ValkeyError

log = logging.getLogger(__name__)


def run(app: Flask, schedule: Sequence[Periodic], processes: int) -> None:
    """Work until somebody asks for an end."""
    KabarchyWorker.schedule = schedule
    _warm_up(app)
    with app.app_context(), _redis(app) as connection:
        # Before anything can be claimed; the sweep finds what comes later.
        with contextlib.suppress(SQLAlchemyError):
            jobs.end_practice(datetime.now(UTC))
        db.session.remove()
        db.engine.dispose()
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


class KabarchyPool(WorkerPool):
    """RQ's pool of worker processes, which also looks after the embedded Valkey."""

    def check_workers(self, respawn: bool = True) -> None:
        KabarchyWorker.keep_valkey()
        super().check_workers(respawn)


class PoolWorker(KabarchyWorker):
    """A worker in a process of its own: the pool's loop is in the parent."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        # It must come to life while Redis is away.
        super().__init__(*arguments, prepare_for_work=False, **settings)

    def work(self, *_arguments: Any, **_settings: Any) -> bool:
        leash.tie(signal.SIGTERM)
        # The parent looks after it: a server dies with the process that started it.
        KabarchyWorker.valkey = None
        _work_for_good(self.connection)
        return True


def drain_and_leave(app: Flask) -> None:
    """Send what is due and fetch the receipts that are about to come, then return."""
    _warm_up(app)
    with app.app_context():
        jobs.end_practice(datetime.now(UTC))
        try:
            with _redis(app) as connection:
                jobs.enqueue_once(jobs.SWEEP, connection)
                jobs.enqueue_once(jobs.DELIVER, connection, turn=None)
                _worker(connection).work(burst=True, logging_level="WARNING")
        except (redis.RedisError, OSError, ValkeyError) as error:
            log.warning("Redis is away (%s): draining without the queue", type(error).__name__)
        # Another worker may have taken the job, or Redis may have lost it.
        if not _asked_to_stop() and jobs.anything_due(datetime.now(UTC)):
            _drain_here()


def _drain_here() -> None:
    signal.signal(signal.SIGTERM, stop_the_drain)
    signal.signal(signal.SIGINT, stop_the_drain)
    outbox.sweep(db.engine, datetime.now(UTC))
    jobs.drain()


def _worker(connection: redis.Redis) -> KabarchyWorker:
    return KabarchyWorker([jobs.the_queue(connection)], connection=connection, serializer=JSONSerializer)


def _work_for_good(connection: redis.Redis) -> None:
    """Run RQ workers one after the other: RQ's quits when Redis hangs or fails at the wrong moment."""
    wait = 0.5
    while not _asked_to_stop():
        signal.signal(signal.SIGTERM, _leave)
        signal.signal(signal.SIGINT, _leave)
        began = time.monotonic()
        try:
            KabarchyWorker.keep_valkey()
            _worker(connection).work(logging_level="WARNING")
        except (redis.RedisError, OSError) as error:
            log.error("Redis is away (%s); trying again.", type(error).__name__)
        if _asked_to_stop():
            return
        wait = 0.5 if time.monotonic() - began > 30 else min(wait * 2, LONGEST_WAIT_FOR_REDIS)
        signal.signal(signal.SIGTERM, _leave)
        signal.signal(signal.SIGINT, _leave)
        time.sleep(wait)


def _asked_to_stop() -> bool:
    return KabarchyWorker.asked_to_stop


def _leave(_signum: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _warm_up(app: Flask) -> None:
    """Import what jobs need before they are forked: Twilio's client alone takes most of a second."""
    settings: Settings = app.config["SETTINGS"]
    channels.build(settings)
    # A collection in a fork would touch, and so copy, every page of what it shares with its parent: 35 MB.
    gc.collect()
    gc.freeze()


@contextlib.contextmanager
def _redis(app: Flask) -> Iterator[redis.Redis]:
    """Yield a connection to Redis, having started the embedded Valkey where no server is set."""
    settings: Settings = app.config["SETTINGS"]
    embedded = None if settings.redis_url else EmbeddedValkey(settings.instance)
    KabarchyWorker.valkey = embedded
    try:
        if embedded is not None:
            embedded.start()
        with redis.Redis.from_url(app.config["REDIS_URL"], socket_connect_timeout=3) as connection:
            yield connection
    finally:
        if embedded is not None:
            embedded.stop()
