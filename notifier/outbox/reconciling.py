"""Reconcile: the sweep finds whatever was left lying, however long ago, and nothing is ever too old."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, or_, select, true, update

from notifier import policy
from notifier.database import db
from notifier.message import Message
from notifier.models import Delivery, State
from notifier.outbox.moves import Entry, Standing, being, moving, note, standings, write
from notifier.outbox.posting import PRACTICE

BATCH = 500
# The condition of the index on `expires_at`.
WAITING = being(State.PENDING, State.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Check:
    """A delivery whose provider is to be asked what became of it, or whether it has it at all.

    One that met a full queue is `undelivered` here: it is only to be sent once more.
    """

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
    2. What was taken back on its way and has come back to wait does not leave again.
    3. What waited past its end is expired; what was uncertain past its end is for a person.
    """
    moved = 0
    for step, event in EVENTS.items():
        while True:
            with engine.begin() as connection:
                changes = step(connection, now)
                write(connection, changes, now)
                note(connection, [_entry(event, after, now) for _, after in changes])
            moved += len(changes)
            if len(changes) < BATCH:
                break
    return moved


def doubt(engine: Engine, now: datetime) -> int:
    """Doubt whatever is due in a database that was put back from a backup, and return how much that is.

    It may have left since the backup was made: so its provider is asked before it leaves.
    """
    sweep(engine, now)
    with engine.begin() as connection:
        # As if a worker had taken them all and died.
        taken = connection.execute(
            moving(State.SENDING, None)
            .where(
                Delivery.not_before <= now, or_(Delivery.provider.is_(None), Delivery.provider != PRACTICE)
            )
            .values(epoch=Delivery.epoch + 1, lease_until=now)
        )
    sweep(engine, now)
    return taken.rowcount


def end_practice(engine: Engine, now: datetime) -> int:
    """Take back what was written in practice and has not ended, and return how many: it must never be real.

    One that is being sent just now lapses first, and is found the next time.
    """
    ended = 0
    # Each in the words of an index: this runs with every sweep.
    for state, also in (
        (State.PENDING, true()),
        (State.UNCERTAIN, Delivery.next_check_at.is_not(None)),
        (State.NEEDS_HUMAN, true()),
    ):
        # Nobody need be asked about a practice message in doubt.
        to = State.NEEDS_HUMAN if state is State.UNCERTAIN else State.CANCELLED
        while True:
            with engine.begin() as connection:
                practice = _found(connection, Delivery.id, being(state), also, Delivery.provider == PRACTICE)
                changes = [(row, row._replace(state=to, next_check_at=None)) for row in practice]
                write(connection, changes, now)
                note(connection, [_entry(to.value, after, now) for _, after in changes])
            ended += len(changes) if to is State.CANCELLED else 0
            if len(changes) < BATCH:
                break
    return ended


def claim_checks(engine: Engine, channels: Iterable[str], limit: int, now: datetime) -> list[Check]:
    """Take deliveries about which their provider is to be asked, the longest due first; at most `limit`.

    Should the asker die, they are due again after a lease. Commits.
    """
    taken: list[Check] = []
    with engine.begin() as connection:
        for channel in channels:
            due = (
                select(Delivery.id)
                .where(
                    Delivery.next_check_at.is_not(None),
                    Delivery.next_check_at <= now,
                    Delivery.channel == channel,
                )
                .order_by(Delivery.next_check_at)
                .limit(limit - len(taken))
                .with_for_update(skip_locked=True)
                .cte("due")
            )
            statement = (
                update(Delivery)
                .where(Delivery.id.in_(select(due.c.id)))
                .values(next_check_at=now + policy.LEASE)
                .returning(*CHECK_COLUMNS)
            )
            taken += [Check(*row) for row in connection.execute(statement)]
    return taken


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
        after = row._replace(state=to, next_check_at=None)
        if to is State.PENDING:
            # It is in doubt because its time was over; a person gives it a new one.
            end = now + policy.SHELF_LIFE
            after = after._replace(not_before=now, absent_checks=0, expires_at=end)
        changes.append((row, after))
    write(connection, changes, now)
    if to is State.PENDING:
        # Though it may have been taken back: a person's later word counts.
        connection.execute(update(Delivery).where(Delivery.id == delivery_id).values(withdrawn_at=None))
    note(connection, [_entry("person", after, now) for _, after in changes])
    return bool(changes)


Changes = list[tuple[Standing, Standing]]


def _lapse(connection: Connection, now: datetime) -> Changes:
    """A lapsed lease becomes a doubt, never a second try."""
    over = _found(connection, Delivery.lease_until, being(State.SENDING), Delivery.lease_until <= now)
    # So far off that the clock must have jumped.
    never = Delivery.lease_until > now + 2 * policy.LEASE
    over += _found(connection, Delivery.lease_until, being(State.SENDING), never)
    return [(row, row._replace(state=State.UNCERTAIN, next_check_at=now, absent_since=None)) for row in over]


def _withdraw(connection: Connection, now: datetime) -> Changes:
    back = (being(State.PENDING), Delivery.withdrawn_at.is_not(None))
    rows = _found(connection, Delivery.withdrawn_at, *back)
    return [(row, row._replace(state=State.CANCELLED, next_check_at=None)) for row in rows]


def _expire(connection: Connection, now: datetime) -> Changes:
    over = Delivery.expires_at <= now
    rows = _found(connection, Delivery.expires_at, WAITING, being(State.PENDING), over)
    return [(row, row._replace(state=State.EXPIRED, next_check_at=None)) for row in rows]


def _give_to_a_person(connection: Connection, now: datetime) -> Changes:
    over = Delivery.expires_at <= now
    rows = _found(connection, Delivery.expires_at, WAITING, being(State.UNCERTAIN), over)
    return [(row, row._replace(state=State.NEEDS_HUMAN, next_check_at=None)) for row in rows]


def _found(connection: Connection, order: Any, *conditions: Any) -> list[Standing]:
    """Find and lock deliveries, `BATCH` at most: first by an index alone, then by their ids."""
    ids = connection.scalars(select(Delivery.id).where(*conditions).order_by(order).limit(BATCH)).all()
    if not ids:
        return []
    # A worker that froze in the middle of a transaction must not hold up the recovery of all the others.
    return standings(connection, Delivery.id.in_(ids), *conditions, passing_by=True)


EVENTS = {
    _lapse: "lapsed",
    _withdraw: "cancelled",
    _expire: "expired",
    _give_to_a_person: "needs_human",
}


def _entry(event: str, after: Standing, now: datetime) -> Entry:
    return Entry(delivery_id=after.id, epoch=after.epoch, at=now, event=event, state=after.state)
