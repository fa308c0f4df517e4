"""The one road from state to state: every write of a state goes through `moving`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Update,
    bindparam,
    insert,
    literal_column,
    select,
    update,
)

from notifier.message import Fault
from notifier.models import TRANSITIONS, Attempt, Delivery, State

ORIGINS: dict[State, frozenset[State]] = {
    to: frozenset(state for state, nexts in TRANSITIONS.items() if to in nexts) for to in State
}
FINAL = frozenset(
    {State.DELIVERED, State.UNDELIVERED, State.FAILED, State.SUPPRESSED, State.EXPIRED, State.CANCELLED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a delivery stands; a decision takes one and returns the next."""

    id: int
    state: State
    epoch: int
    channel: str
    address: str
    created_at: datetime
    last_attempt_at: datetime | None
    # What a decision may change, beside the state:
    expires_at: datetime | None
    not_before: datetime
    attempts: int
    absent_checks: int
    checks: int
    next_check_at: datetime | None
    provider: str | None
    provider_ref: str | None
    fault: Fault | None
    error_code: str | None
    error_text: str | None
    price: Decimal | None
    accepted_at: datetime | None
    settled_at: datetime | None


NAMES = tuple(field.name for field in fields(Standing))
# A provider's answer never changes who it was for, when it was written or which try it is.
CHANGING = NAMES[NAMES.index("expires_at") :]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line for the log of attempts."""

    delivery_id: int
    epoch: int
    at: datetime
    event: str
    state: State
    code: str | None = None
    reason: str | None = None


def being(*states: State) -> ColumnElement[bool]:
    """The condition that a delivery is in one of `states`, in words that a partial index understands.

    SQLite uses one only for its very own condition, literal and with the states in the same order.
    """
    words: list[Any] = [literal_column(f"'{state.value}'") for state in states]
    return Delivery.state == words[0] if len(words) == 1 else Delivery.state.in_(words)


def moving(to: State, now: datetime) -> Update:
    """Begin the statement that moves deliveries to `to`; rows that may not go there are not touched."""
    return (
        update(Delivery)
        .where(being(*sorted(ORIGINS[to])))
        .values(
            state=to,
            owner=None,
            lease_until=None,
            next_check_at=None,
            settled_at=now if to in FINAL else None,
        )
    )


def standings(connection: Connection, *conditions: Any, limit: int | None = None) -> list[Standing]:
    """Read and lock deliveries, so that a decision about them still holds when it is written."""
    found: Select[Any] = select(*(getattr(Delivery, name) for name in NAMES)).where(*conditions)
    # SQLite ignores it: there the transaction holds the write lock already. The order prevents deadlocks.
    found = found.order_by(Delivery.id).with_for_update()
    if limit is not None:
        found = found.limit(limit)
    return [Standing(**dict(zip(NAMES, row, strict=True))) for row in connection.execute(found)]


def write(connection: Connection, changes: Iterable[tuple[Standing, Standing]], now: datetime) -> None:
    """Write decisions in bulk: each is how a delivery stood (locked) and how it shall stand.

    Raises ValueError for a move that the table does not know: that is a bug of the decision.
    """
    groups: defaultdict[tuple[State | None, State], list[dict[str, Any]]] = defaultdict(list)
    for before, after in changes:
        same = before.state == after.state
        if not same and after.state not in TRANSITIONS[before.state]:
            raise ValueError(f"a delivery cannot go from {before.state} to {after.state}")
        values = {f"new_{name}": getattr(after, name) for name in CHANGING}
        values |= {"its_id": before.id, "its_epoch": before.epoch}
        if not same:
            values["new_settled_at"] = now if after.state in FINAL else None
        groups[before.state if same else None, after.state].append(values)
    columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in CHANGING}
    for (stays, to), rows in groups.items():
        statement = moving(to, now) if stays is None else update(Delivery).where(Delivery.state == stays)
        statement = statement.where(
            Delivery.id == bindparam("its_id"), Delivery.epoch == bindparam("its_epoch")
        ).values(columns)
        connection.execute(statement, rows)


def note(connection: Connection, entries: Sequence[Entry]) -> None:
    """Add lines to the log of attempts."""
    if entries:
        connection.execute(insert(Attempt), [asdict(entry) for entry in entries])
