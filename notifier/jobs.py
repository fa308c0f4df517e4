"""What RQ runs: `deliver` drains the table, `sweep` recovers; `nudge` wakes a worker."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import socket
import sys
import time
from datetime import UTC, datetime
from functools import cache
from typing import Any

import redis
from flask import current_app
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from config import Settings
from notifier import channels, outbox
from notifier.database import db
from notifier.drain import Drain, Drained, Stop
from notifier.pace import Pace

log = logging.getLogger(__name__)

QUEUE = "kabarchy"
DELIVER = "notifier.jobs.deliver"
SWEEP = "notifier.jobs.sweep"
# A drain makes way after a turn, so that other work in the queue is done too.
TURN = 55.0
# Far more than a turn with its last requests and writes takes.
JOB_TIMEOUT = 240
# A failed job says what happened in the log; Redis need not keep it for RQ's year.
FAILURE_TTL = 3600
SWITCH_INTERVAL = 0.001
# After Redis failed, pages do without it for so long.
REDIS_REST = 5.0

# Set by the worker when it is asked to end.
STOP = Stop()

_redis_rests_until = 0.0


def nudge(function: str = DELIVER) -> None:
    """Wake a worker: put the one job for `function` in the queue if none is waiting.

    A nudge that fails is logged and forgotten: the table is the truth, and the sweep finds what waits.
    """
    global _redis_rests_until  # noqa: PLW0603
    if time.monotonic() < _redis_rests_until:
        return
    try:
        enqueue_once(function, _quick_redis(current_app.config["REDIS_URL"]))
    except (redis.RedisError, OSError) as error:
        _redis_rests_until = time.monotonic() + REDIS_REST
        log.warning("the worker could not be woken (%s); the sweep will find the work", type(error).__name__)


def enqueue_once(function: str, connection: redis.Redis, **arguments: Any) -> bool:
    """Put a job in the queue unless one for the same function waits already; tell whether it was put."""
    name = function.rpartition(".")[2]
    queue = the_queue(connection)
    waiting: Any = connection.lrange(queue.key, 0, 100)
    if any(job.decode().startswith(f"{name}-") for job in waiting):
        return False
    queue.enqueue(
        function,
        job_id=f"{name}-{secrets.token_hex(8)}",
        kwargs=arguments,
        job_timeout=JOB_TIMEOUT,
        result_ttl=0,
        failure_ttl=FAILURE_TTL,
    )
    return True


def the_queue(connection: redis.Redis) -> Queue:
    """The only queue: a worker on two can lose a job to kill -9."""
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer)


def deliver(turn: float | None = TURN) -> None:
    """Send what is due and ask about what is in doubt, until nothing is due soon or the turn is over."""
    drained = drain(turn)
    if drained.interrupted:
        nudge()


def sweep() -> None:
    """Recover what was left lying, and see that what is due gets sent."""
    now = datetime.now(UTC)
    end_practice(now)
    moved = outbox.sweep(db.engine, now)
    if moved:
        log.info("the sweep moved %d deliveries", moved)
    if anything_due(now):
        nudge()


def anything_due(now: datetime) -> bool:
    """Tell whether a drain would find something to do: for the channels whose provider is not paused."""
    settings: Settings = current_app.config["SETTINGS"]
    paused = outbox.paused(db.engine)
    working = [name for name, c in channels.build(settings).items() if c.provider not in paused]
    return outbox.anything_due(db.engine, working, now)


def end_practice(now: datetime) -> None:
    """Where real messages leave, see that nothing written in practice does."""
    settings: Settings = current_app.config["SETTINGS"]
    if settings.sandbox:
        return
    if ended := outbox.end_practice(db.engine, now):
        log.warning("%d messages from practice mode were cancelled; they would have become real", ended)


def drain(turn: float | None = None) -> Drained:
    """Run one drain in this process: a lane for each channel claims, calls its `send` and settles."""
    # The database's thread gives way to the loop at each row, and would wait for 5 ms to go on each time.
    sys.setswitchinterval(SWITCH_INTERVAL)
    settings: Settings = current_app.config["SETTINGS"]
    # Random, because a forked worker has its parent's name and may have its number.
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"[:64]
    connection = _quick_redis(current_app.config["REDIS_URL"])
    engine = db.engine

    async def run() -> Drained:
        built = channels.build(settings)
        rates = {"sms": settings.sms_per_second}
        paces = {
            name: Pace(connection, f"{name}:{built[name].provider}", rate, owner)
            for name, rate in rates.items()
            if name in built
        }
        helpers = _Helpers()
        return await Drain(
            engine,
            built,
            owner=owner,
            clock=lambda: datetime.now(UTC),
            paces=paces,
            call_help=helpers.call,
            stop=STOP,
            practice=settings.sandbox,
        ).run(turn)

    return asyncio.run(run())


class _Helpers:
    """Calls another worker to a drain that is too much for one: each calls the next."""

    def __init__(self) -> None:
        self._next = 0.0
        self._app = current_app._get_current_object()  # type: ignore[attr-defined]

    def call(self) -> None:
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + 2
        asyncio.get_running_loop().run_in_executor(None, self._nudge)

    def _nudge(self) -> None:
        with self._app.app_context():
            nudge()


@cache
def _quick_redis(url: str) -> redis.Redis:
    """A connection that gives up at once: a page must not hang because Redis is away."""
    return redis.Redis.from_url(
        url, socket_connect_timeout=0.3, socket_timeout=1.0, retry=Retry(NoBackoff(), 0)
    )
