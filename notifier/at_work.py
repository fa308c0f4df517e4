"""Whether the program that sends is at work: what pages, the doctor and whoever watches the house ask."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import redis
import rq
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import ColumnElement, func, or_, select

from notifier.database import db
from notifier.message import Outcome
from notifier.models import Attempt, Delivery, ProviderPause, State
from notifier.outbox import ROUTINE, URGENT, being

# A worker gives a sign every few seconds, also in the middle of a long job.
SILENT_AFTER = timedelta(minutes=2)
# For so long a message may wait, though it is due, before anybody wonders.
PATIENCE = {URGENT: timedelta(minutes=3), ROUTINE: timedelta(minutes=10)}
CHANNELS = ("sms", "email")
# Lines of the log that are no work of the worker's: receipts, and what people decide on pages.
OF_OTHERS = (Outcome.SENT, Outcome.DELIVERED, Outcome.UNDELIVERED, "cancelled", "person")
# So many of the latest lines are looked at: receipts come in crowds.
LINES = 500


def worker_seen(redis_url: str, now: datetime) -> bool:
    """Tell whether a worker gave a sign of life lately.

    Raises redis.RedisError or OSError when the queue's server does not answer: then nobody works either.
    """
    # A page must not hang because Redis does.
    with redis.Redis.from_url(
        redis_url, socket_connect_timeout=1, socket_timeout=2, retry=Retry(NoBackoff(), 0)
    ) as connection:
        beats = [worker.last_heartbeat for worker in rq.Worker.all(connection=connection)]
    seen = (beat if beat.tzinfo else beat.replace(tzinfo=UTC) for beat in beats if beat)
    return any(beat > now - SILENT_AFTER for beat in seen)


def messages_stand(now: datetime) -> bool:
    """Tell whether messages that are due have waited for minutes while the worker did nothing at all.

    A long queue that moves is no fault, however slow it is; and a provider that rests explains itself.
    When all is well it is one question: a step down an index for each channel and priority.
    """
    urgent, routine = (_due(priority, now - PATIENCE[priority]) for priority in (URGENT, ROUTINE))
    waits = db.session.execute(select(urgent, routine, select(ProviderPause.provider).exists())).one()
    if not any(waits[:2]) or waits[2]:
        return False
    lines = select(Attempt.at, Attempt.event).order_by(Attempt.id.desc()).limit(LINES).subquery()
    worked = db.session.scalar(select(func.max(lines.c.at)).where(lines.c.event.not_in(OF_OTHERS)))
    return worked is None or worked <= now - PATIENCE[URGENT if waits[0] else ROUTINE]


def nobody_sends(redis_url: str, now: datetime) -> bool:
    """Tell whether messages stand because no worker is at work; Redis is asked only when they stand."""
    if not messages_stand(now):
        return False
    try:
        return not worker_seen(redis_url, now)
    except (redis.RedisError, OSError):
        return True


def _due(priority: int, by: datetime) -> ColumnElement[bool]:
    """Whether a message of this priority has been due since `by`; in the words of ix_deliveries_due."""
    return or_(
        *(
            select(Delivery.id)
            .where(
                being(State.PENDING),
                Delivery.channel == channel,
                Delivery.priority == priority,
                Delivery.not_before <= by,
            )
            .exists()
            for channel in CHANNELS
        )
    )
