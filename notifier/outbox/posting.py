"""Post: what is to be delivered is written down, in the transaction of what it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from notifier.database import db
from notifier.models import Delivery, State, new_ref
from notifier.outbox.moves import Entry, moving, note
from notifier.policy import SHELF_LIFE

ROUTINE = 0
URGENT = 10

# PostgreSQL takes 65,535 parameters a statement, SQLite 32,766.
CHUNK = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """What is to be delivered, finished; the same `dedupe_key` is never posted twice."""

    dedupe_key: str
    channel: str
    address: str
    body: str
    subject: str = ""
    segments: int = 1
    priority: int = ROUTINE
    not_before: datetime | None = None
    expires_at: datetime | None = None


def post(posts: Sequence[Post], now: datetime) -> dict[str, int]:
    """Write deliveries in the caller's transaction and return dedupe key → id.

    A key that was posted before keeps its delivery as it is, so a repeated click or a rerun is harmless.
    """
    connection = db.session.connection()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(Delivery).on_conflict_do_nothing(index_elements=["dedupe_key"])
    ids: dict[str, int] = {}
    for start in range(0, len(posts), CHUNK):
        chunk = posts[start : start + CHUNK]
        connection.execute(statement, [_row(p, now) for p in chunk])
        found = select(Delivery.dedupe_key, Delivery.id).where(
            Delivery.dedupe_key.in_([p.dedupe_key for p in chunk])
        )
        ids |= {row.dedupe_key: row.id for row in connection.execute(found)}
    return ids


def cancel(ids: Iterable[int], now: datetime) -> int:
    """Take back deliveries that have not left, in the caller's transaction, and return how many.

    One that is being sent at this moment is past taking back.
    """
    connection = db.session.connection()
    wanted = list(ids)
    cancelled: list[Any] = []
    for start in range(0, len(wanted), CHUNK):
        statement = moving(State.CANCELLED, now).where(Delivery.id.in_(wanted[start : start + CHUNK]))
        cancelled += connection.execute(statement.returning(Delivery.id, Delivery.epoch)).all()
    note(
        connection,
        [
            Entry(delivery_id=id_, epoch=epoch, at=now, event="cancelled", state=State.CANCELLED)
            for id_, epoch in cancelled
        ],
    )
    return len(cancelled)


def _row(p: Post, now: datetime) -> dict[str, Any]:
    """The row of a new delivery."""
    due = max(p.not_before or now, now)
    return {
        "ref": new_ref(),
        "dedupe_key": p.dedupe_key,
        "channel": p.channel,
        "address": p.address,
        "subject": p.subject,
        "body": p.body,
        "segments": p.segments,
        "priority": p.priority,
        "state": State.PENDING,
        "epoch": 0,
        "not_before": due,
        "expires_at": p.expires_at or due + SHELF_LIFE,
        "attempts": 0,
        "absent_checks": 0,
        "checks": 0,
        "created_at": now,
    }
