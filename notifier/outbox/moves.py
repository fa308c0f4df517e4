"""The one road from state to state: every write of a state goes through `moving`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
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


class Standing(NamedTuple):
    """How a delivery stands; a decision takes one and returns the next.

    A named tuple: replacing a field of it costs a tenth of what it costs in a dataclass.
    """

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


COLUMNS = tuple(getattr(Delivery, name) for name in Standing._fields)
# An answer never changes who it was for, when it was written or which try it is.
FIRST_CHANGING = Standing._fields.index("expires_at")
CHANGING = Standing._fields[FIRST_CHANGING:]


class Entry(NamedTuple):
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


def standings(connection: Connection, *conditions: Any) -> list[Standing]:
    """Read and lock deliveries, so that a decision about them still holds when it is written."""
    # SQLite ignores the lock: there the transaction holds it already. The order prevents deadlocks.
    found = select(*COLUMNS).where(*conditions).order_by(Delivery.id).with_for_update()
    return [Standing(*row) for row in connection.execute(found)]


def write(connection: Connection, changes: Iterable[tuple[Standing, Standing]], now: datetime) -> None:
    """Write decisions in bulk: each is how a delivery stood (locked) and how it shall stand.

    Raises ValueError for a move that the table does not know: that is a bug of the decision.
    """
    groups: defaultdict[tuple[State, State], list[tuple[Standing, Standing]]] = defaultdict(list)
    for before, after in changes:
        if before.state is not after.state and after.state not in TRANSITIONS[before.state]:
            raise ValueError(f"a delivery cannot go from {before.state} to {after.state}")
        groups[before.state, after.state].append((before, after))
    for (origin, to), rows in groups.items():
        # Only what changes is written: binding a value costs more than comparing it.
        changed = {
            name
            for before, after in rows
            for name, old, new in zip(CHANGING, before[FIRST_CHANGING:], after[FIRST_CHANGING:], strict=True)
            if old != new
        }
        if origin is to:
            statement = update(Delivery).where(Delivery.state == to)
        else:
            statement = moving(to, now)
            changed = changed - {"settled_at"} | {"next_check_at"}
        if not changed:
            continue
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in sorted(changed)}
        statement = statement.where(
            Delivery.id == bindparam("its_id"), Delivery.epoch == bindparam("its_epoch")
        ).values(values)
        connection.execute(
            statement,
            [
                {"its_id": after.id, "its_epoch": after.epoch}
                | {f"new_{name}": getattr(after, name) for name in changed}
                for _, after in rows
            ],
        )


def note(connection: Connection, entries: Sequence[Entry]) -> None:
    """Add lines to the log of attempts."""
    if entries:
        connection.execute(insert(Attempt), [entry._asdict() for entry in entries])
