"""The one road from state to state: every write of a state goes through `moving`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    Update,
    bindparam,
    insert,
    literal_column,
    select,
    update,
)

from notifier.message import Fault
from notifier.models import TRANSITIONS, Attempt, Delivery, State
from notifier.outbox.many import Among, document, recordset

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
    absent_since: datetime | None
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


# The tables themselves: in the ORM's words the same statements cost several times as much.
DELIVERIES = cast(Table, Delivery.__table__)
ATTEMPTS = cast(Table, Attempt.__table__)

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
    return DELIVERIES.c.state == words[0] if len(words) == 1 else DELIVERIES.c.state.in_(words)


def moving(to: State, now: datetime | None) -> Update:
    """Begin the statement that moves deliveries to `to`; rows that may not go there are not touched."""
    return (
        update(DELIVERIES)
        .where(being(*sorted(ORIGINS[to])))
        .values(
            state=to,
            owner=None,
            lease_until=None,
            next_check_at=None,
            settled_at=now if to in FINAL else None,
        )
    )


# SQLite ignores the locks: there the transaction holds them already. The order prevents deadlocks.
STANDINGS = (
    select(*(DELIVERIES.c[name] for name in Standing._fields)).order_by(DELIVERIES.c.id).with_for_update()
)
# Made once: to make a statement costs more than to run it.
STANDINGS_OF = Among(STANDINGS, DELIVERIES.c.id)
STANDINGS_NAMED = Among(STANDINGS.add_columns(DELIVERIES.c.ref), DELIVERIES.c.ref)
NOTING = insert(ATTEMPTS)
NOTES = recordset({name: ATTEMPTS.c[name].type for name in Entry._fields})
NOTING_ALL = insert(ATTEMPTS).from_select(Entry._fields, select(*NOTES.c), include_defaults=False)


def standings(connection: Connection, *conditions: Any, passing_by: bool = False) -> list[Standing]:
    """Read and lock deliveries, so that a decision about them still holds when it is written.

    `passing_by` leaves out what another transaction has locked instead of waiting for its end.
    """
    found = STANDINGS.with_for_update(skip_locked=True) if passing_by else STANDINGS
    return [Standing(*row) for row in connection.execute(found.where(*conditions)).all()]


def standings_of(connection: Connection, ids: Sequence[int]) -> dict[int, Standing]:
    """Read and lock the deliveries with these ids."""
    return {row.id: Standing(*row) for row in STANDINGS_OF(connection, ids).all()}


def standings_named(connection: Connection, refs: Sequence[str]) -> dict[str, Standing]:
    """Read and lock the deliveries with these refs of ours."""
    return {ref: Standing(*row) for *row, ref in STANDINGS_NAMED(connection, refs).all()}


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
        if origin is not to:
            changed = changed - {"settled_at"} | {"next_check_at"}
        if not changed:
            continue
        also = {} if origin is to else {"new_settled_at": now if to in FINAL else None}
        values = [
            {"its_id": after.id, "its_epoch": after.epoch}
            | {f"new_{name}": getattr(after, name) for name in changed}
            | also
            for _, after in rows
        ]
        columns = tuple(sorted(changed))
        if connection.dialect.name == "postgresql":
            connection.execute(_writing_all(origin, to, columns), document(values))
        else:
            connection.execute(_writing(origin, to, columns), values)


@lru_cache(maxsize=256)
def _writing(origin: State, to: State, columns: tuple[str, ...]) -> Update:
    """The statement that writes these columns of a delivery on its way from `origin` to `to`."""
    return _written(origin, to, columns, bindparam)


@lru_cache(maxsize=256)
def _writing_all(origin: State, to: State, columns: tuple[str, ...]) -> Update:
    """The same for many deliveries in one statement, on PostgreSQL."""
    names = {"id": "its_id", "epoch": "its_epoch", "settled_at": "new_settled_at"}
    names |= {name: f"new_{name}" for name in columns}
    rows = recordset({new: DELIVERIES.c[name].type for name, new in names.items()})
    return _written(origin, to, columns, lambda name: rows.c[name])


def _written(origin: State, to: State, columns: tuple[str, ...], value: Callable[[str], Any]) -> Update:
    values = {name: value(f"new_{name}") for name in columns}
    if origin is to:
        statement = update(DELIVERIES).where(DELIVERIES.c.state == to)
    else:
        statement = moving(to, None)
        values["settled_at"] = value("new_settled_at")
    its = (DELIVERIES.c.id == value("its_id"), DELIVERIES.c.epoch == value("its_epoch"))
    return statement.where(*its).values(values)


def note(connection: Connection, entries: Sequence[Entry]) -> None:
    """Add lines to the log of attempts."""
    if not entries:
        return
    values = [entry._asdict() for entry in entries]
    if connection.dialect.name == "postgresql":
        connection.execute(NOTING_ALL, document(values))
    else:
        connection.execute(NOTING, values)
