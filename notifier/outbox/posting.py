"""Post: what is to be delivered is written down, in the transaction of what it belongs to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask import current_app
from sqlalchemy import Connection, Table, bindparam, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite

from config import Settings
from notifier.database import db
from notifier.models import Delivery, State, new_ref
from notifier.outbox.many import Among, document, recordset
from notifier.outbox.moves import Entry, moving, note
from notifier.policy import SHELF_LIFE

PRACTICE = "sandbox"
ROUTINE = 0
URGENT = 10

# PostgreSQL takes 65,535 parameters a statement, SQLite 32,766.
CHUNK = 1000

DELIVERIES = cast(Table, Delivery.__table__)
COLUMNS = DELIVERIES.c
FIND = Among(select(COLUMNS.dedupe_key, COLUMNS.id), COLUMNS.dedupe_key)
# What every new delivery has in common, in SQL: it need not be sent for each.
BEGINNING: dict[str, Any] = {"state": literal_column("'pending'")} | {
    name: literal_column("0") for name in ("epoch", "attempts", "absent_checks", "checks")
}
VARYING = (
    "ref", "dedupe_key", "channel", "address", "subject", "body", "segments", "priority", "not_before",
    "expires_at", "created_at", "provider",
)  # fmt: skip
INSERT_ROWS = (
    sqlite.insert(DELIVERIES)
    .values(BEGINNING | {name: bindparam(name) for name in VARYING})
    .on_conflict_do_nothing(index_elements=["dedupe_key"])
)
DOCUMENT = recordset({name: COLUMNS[name].type for name in VARYING})
INSERT_DOCUMENT = (
    postgresql.insert(DELIVERIES)
    .from_select(
        [*VARYING, *BEGINNING],
        select(*DOCUMENT.c, *BEGINNING.values()),
        include_defaults=False,
    )
    .on_conflict_do_nothing(index_elements=["dedupe_key"])
    .returning(COLUMNS.dedupe_key, COLUMNS.id)
)


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
    settings: Settings = current_app.config["SETTINGS"]
    # What was written in practice stays practice, also when real messages leave one day.
    provider = PRACTICE if settings.sandbox else None
    write = _write_a_document if connection.dialect.name == "postgresql" else _write_rows
    ids: dict[str, int] = {}
    for start in range(0, len(posts), CHUNK):
        chunk = posts[start : start + CHUNK]
        ids |= write(connection, [_row(p, now, provider) for p in chunk])
        known_before = [p.dedupe_key for p in chunk if p.dedupe_key not in ids]
        if known_before:
            ids |= _ids(FIND(connection, known_before))
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


def _write_rows(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Insert by the driver's executemany, the fastest on SQLite; the ids are to be asked for."""
    connection.execute(INSERT_ROWS, rows)
    return {}


def _write_a_document(connection: Connection, rows: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Insert by one statement with one parameter, the fastest on PostgreSQL, and return the new ids."""
    return _ids(connection.execute(INSERT_DOCUMENT, document(rows)))


def _ids(rows: Iterable[Any]) -> dict[str, int]:
    return {row.dedupe_key: row.id for row in rows}


def _row(p: Post, now: datetime, provider: str | None) -> dict[str, Any]:
    """What differs from one new delivery to the next."""
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
        "not_before": due,
        "expires_at": p.expires_at or due + SHELF_LIFE,
        "created_at": now,
        "provider": provider,
    }
