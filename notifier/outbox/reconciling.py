"""Reconcile: the sweep finds whatever was left lying, however long ago, and nothing is ever too old."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine, or_, select, update

from notifier import policy
from notifier.database import db
from notifier.message import Fault, Message
from notifier.models import Delivery, State
from notifier.outbox.moves import Entry, Standing, literal, note, standings, write

BATCH = 500
IN = Delivery.state.in_


@dataclass(frozen=True, slots=True)
class Check:
    """A delivery whose provider is to be asked: what became of it, or whether it has it at all."""

    id: int
    epoch: int
    state: State
    channel: str
    address: str
    subject: str
    body: str
    ref: str
    provider_ref: str | None
    last_attempt_at: datetime | None
    created_at: datetime

    @property
    def message(self) -> Message:
        return Message(ref=self.ref, address=self.address, body=self.body, subject=self.subject)

    @property
    def since(self) -> datetime:
        return (self.last_attempt_at or self.created_at) - policy.LOOK_BACK


CHECK_COLUMNS = tuple(getattr(Delivery, name) for name in Check.__dataclass_fields__)


def sweep(engine: Engine, now: datetime) -> int:
    """Recover whatever needs no provider for it, and return how many deliveries moved.

    1. A lapsed lease means that a worker died or froze: nobody knows whether it sent.
    2. What waited past its end is expired; what was uncertain past its end is for a person.
    3. What met a full queue goes once more.
    """
    moved = 0
    for step in (_lapse, _expire, _give_to_a_person, _send_once_more):
        while True:
            with engine.begin() as connection:
                changes = step(connection, now)
                write(connection, changes, now)
                note(connection, [_entry(step.__name__, after, now) for _, after in changes])
            moved += len(changes)
            if len(changes) < BATCH:
                break
    return moved


def claim_checks(engine: Engine, channels: Iterable[str], limit: int, now: datetime) -> list[Check]:
    """Take deliveries about which their provider is to be asked, the longest due first; at most `limit`.

    Should the asker die, they are due again after a lease.
    """
    with engine.begin() as connection:
        due = (
            select(Delivery.id)
            .where(
                Delivery.next_check_at.is_not(None),
                Delivery.next_check_at <= now,
                Delivery.channel.in_(list(channels)),
                IN([State.UNCERTAIN, State.ACCEPTED]),
            )
            .order_by(Delivery.next_check_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("due")
        )
        statement = (
            update(Delivery)
            .where(Delivery.id.in_(select(due.c.id)))
            .values(next_check_at=now + policy.LEASE)
            .returning(*CHECK_COLUMNS)
        )
        return [Check(*row) for row in connection.execute(statement)]


def decide(delivery_id: int, to: State, now: datetime) -> bool:
    """Carry out what a person decided about a delivery in doubt, in the caller's transaction.

    `to`: DELIVERED (the family has it), PENDING (send it again) or CANCELLED (let it be).
    False when it was not in doubt any more.
    """
    if to not in {State.DELIVERED, State.PENDING, State.CANCELLED}:
        raise ValueError(f"a person cannot decide for {to}")
    connection = db.session.connection()
    rows = standings(connection, Delivery.id == delivery_id, Delivery.state == State.NEEDS_HUMAN)
    changes = []
    for row in rows:
        after = replace(row, state=to, next_check_at=None)
        if to is State.PENDING:
            # It is in doubt because its time was over; a person gives it a new one.
            end = now + policy.SHELF_LIFE
            after = replace(after, not_before=now, absent_checks=0, expires_at=end)
        changes.append((row, after))
    write(connection, changes, now)
    note(connection, [_entry("person", after, now) for _, after in changes])
    return bool(changes)


Changes = list[tuple[Standing, Standing]]


def _lapse(connection: Connection, now: datetime) -> Changes:
    """Those whose lease is over; or so far off that a clock must have jumped."""
    rows = standings(
        connection,
        IN(literal(State.SENDING)),
        or_(
            Delivery.lease_until.is_(None),
            Delivery.lease_until <= now,
            Delivery.lease_until > now + 2 * policy.LEASE,
        ),
        limit=BATCH,
    )
    return [(row, replace(row, state=State.UNCERTAIN, next_check_at=now)) for row in rows]


def _expire(connection: Connection, now: datetime) -> Changes:
    rows = standings(connection, IN(literal(State.PENDING)), Delivery.expires_at <= now, limit=BATCH)
    return [(row, replace(row, state=State.EXPIRED, next_check_at=None)) for row in rows]


def _give_to_a_person(connection: Connection, now: datetime) -> Changes:
    rows = standings(connection, IN(literal(State.UNCERTAIN)), Delivery.expires_at <= now, limit=BATCH)
    return [(row, replace(row, state=State.NEEDS_HUMAN, next_check_at=None)) for row in rows]


def _send_once_more(connection: Connection, now: datetime) -> Changes:
    rows = standings(
        connection,
        IN(literal(State.UNDELIVERED)),
        Delivery.fault.in_([Fault.CAPACITY, Fault.OUR_ACCOUNT]),
        Delivery.next_check_at.is_not(None),
        Delivery.next_check_at <= now,
        limit=BATCH,
    )
    changes = []
    for row in rows:
        over = row.expires_at is not None and row.expires_at <= now
        again = replace(row, state=State.PENDING, not_before=now, next_check_at=None)
        changes.append((row, replace(row, next_check_at=None) if over else again))
    return changes


EVENTS: dict[str, str] = {
    "_lapse": "lapsed",
    "_expire": "expired",
    "_give_to_a_person": "needs_human",
    "_send_once_more": "resend",
    "person": "person",
}


def _entry(step: str, after: Standing, now: datetime) -> Entry:
    return Entry(delivery_id=after.id, epoch=after.epoch, at=now, event=EVENTS[step], state=after.state)
