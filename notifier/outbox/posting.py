"""Post: what is to be delivered is written down, in the transaction of what it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import case, literal_column, select, update

from config import Settings
from notifier.database import db
from notifier.models import Delivery, State, new_ref
from notifier.outbox.many import Among, Inserting
from notifier.outbox.moves import DELIVERIES, Entry, being, moving, note
from notifier.outbox.papers import Letterhead, papers_for
from notifier.policy import SHELF_LIFE

PRACTICE = "sandbox"
ROUTINE = 0
URGENT = 10

# What has left, or may have, and may have to leave once more.
ON_ITS_WAY = (State.SENDING, State.UNCERTAIN, State.ACCEPTED, State.UNDELIVERED, State.NEEDS_HUMAN)

WITHDRAW = (
    update(DELIVERIES)
    .where(being(*ON_ITS_WAY), DELIVERIES.c.withdrawn_at.is_(None))
    # Nor is one that met a full queue sent when there is room again.
    .values(next_check_at=case((being(State.UNDELIVERED), None), else_=DELIVERIES.c.next_check_at))
)

# PostgreSQL takes 65,535 parameters a statement, SQLite 32,766.
CHUNK = 1000

COLUMNS = DELIVERIES.c
FIND = Among(select(COLUMNS.dedupe_key, COLUMNS.id), COLUMNS.dedupe_key)
# What every new delivery has in common, in SQL: it need not be sent for each.
BEGINNING: dict[str, Any] = {"state": literal_column("'pending'")} | {
    name: literal_column("0") for name in ("epoch", "attempts", "absent_checks", "checks")
}
VARYING = (
    "ref", "dedupe_key", "channel", "address", "subject", "body", "segments", "priority", "not_before",
    "quiet_from", "quiet_until", "expires_at", "created_at", "provider", "paper_id",
)  # fmt: skip
INSERT = Inserting(DELIVERIES, VARYING, BEGINNING, unless="dedupe_key", returning=["dedupe_key", "id"])


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
    # From when until when it must not ring should it still wait, and every day again; None: at any hour.
    quiet: tuple[datetime, datetime] | None = None
    expires_at: datetime | None = None
    letterhead: Letterhead | None = None  # of a letter


def post(posts: Sequence[Post], now: datetime) -> dict[str, int]:
    """Write deliveries in the caller's transaction and return dedupe key → id.

    A key that was posted before keeps its delivery as it is, so a repeated click or a rerun is harmless.
    """
    connection = db.session.connection()
    settings: Settings = current_app.config["SETTINGS"]
    # What was written in practice stays practice, also when real messages leave one day.
    provider = PRACTICE if settings.sandbox else None
    papers = papers_for(connection, {p.letterhead for p in posts if p.letterhead})
    ids: dict[str, int] = {}
    for start in range(0, len(posts), CHUNK):
        chunk = posts[start : start + CHUNK]
        ids |= _ids(INSERT(connection, [_row(p, now, provider, papers) for p in chunk]))
        # SQLite names none, PostgreSQL the new ones.
        unnamed = [p.dedupe_key for p in chunk if p.dedupe_key not in ids]
        if unnamed:
            ids |= _ids(FIND(connection, unnamed))
    return ids


def cancel(ids: Iterable[int], now: datetime, *, for_good: bool = True) -> list[int]:
    """Take back deliveries, in the caller's transaction, and return those that had not left.

    One that is being sent at this moment, or that a provider has, is past taking back; but `for_good` it does
    not leave once more, should the provider not take it or give it up.
    """
    connection = db.session.connection()
    wanted = sorted(ids)
    cancelled: list[Any] = []
    for start in range(0, len(wanted), CHUNK):
        these = Delivery.id.in_(wanted[start : start + CHUNK])
        statement = moving(State.CANCELLED, now).where(these)
        cancelled += connection.execute(statement.returning(Delivery.id, Delivery.epoch)).all()
        if for_good:
            connection.execute(WITHDRAW.where(these).values(withdrawn_at=now))
    note(
        connection,
        [
            Entry(delivery_id=id_, epoch=epoch, at=now, event="cancelled", state=State.CANCELLED)
            for id_, epoch in cancelled
        ],
    )
    return [id_ for id_, _ in cancelled]


def _ids(rows: Iterable[Any]) -> dict[str, int]:
    return dict(tuple(row) for row in rows)


def _row(p: Post, now: datetime, provider: str | None, papers: Mapping[Letterhead, int]) -> tuple[Any, ...]:
    """What differs from one new delivery to the next, in the order of `VARYING`."""
    due = max(p.not_before or now, now)
    return (
        new_ref(),
        p.dedupe_key,
        p.channel,
        p.address,
        p.subject,
        p.body,
        p.segments,
        p.priority,
        due,
        *(p.quiet or (None, None)),
        p.expires_at or due + SHELF_LIFE,
        now,
        provider,
        papers[p.letterhead] if p.letterhead else None,
    )
