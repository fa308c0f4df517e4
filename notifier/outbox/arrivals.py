"""The two receipts that nearly all are: a message on its way is still on its way, or it has arrived.

Each is one statement for as many as come together; `receipts` decides about all others one by one. Only a
receipt that names the message we know by our ref counts here, and what is written is what `verdict.received`
says: a test compares them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    Text,
    bindparam,
    column,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from notifier.database import READING, UtcDateTime
from notifier.message import Outcome, Receipt
from notifier.models import State
from notifier.outbox.many import Inserting
from notifier.outbox.moves import ATTEMPTS, DELIVERIES, being, moving

# A ref of ours, and the provider's name for the message.
Named = tuple[str, str]

# In these a message on its way has nowhere to climb to.
SETTLED = (State.ACCEPTED, State.DELIVERED, State.UNDELIVERED)

_columns = DELIVERIES.c
_now = bindparam("now", type_=UtcDateTime())
_both = func.unnest(bindparam("refs", type_=ARRAY(Text)), bindparam("names", type_=ARRAY(Text))).table_valued(
    column("ref", Text), column("name", Text), name="told"
)
_both = _both.render_derived()
_pairs = func.json_each(bindparam("pairs", type_=Text)).table_valued("value", name="told")
_ref, _name = (func.json_extract(_pairs.c.value, f"$[{place}]") for place in (0, 1))


def _are_told(ref: Any, name: Any) -> tuple[Any, Any]:
    return _columns.ref == ref, _columns.provider_ref == name


def _arriving() -> Any:
    """Begin to move those that are accepted to `delivered`."""
    return (
        moving(State.DELIVERED, None)
        .where(being(State.ACCEPTED))
        .values(
            settled_at=_now,
            accepted_at=func.coalesce(_columns.accepted_at, _now),
            fault=None,
            error_code=None,
            error_text=None,
        )
    )


# Rows that another transaction holds are passed over here; the ordered path then waits for them: no deadlock.
_held = (
    select(_columns.id)
    .join(_both, _columns.ref == _both.c.ref)
    .where(being(State.ACCEPTED), _columns.provider_ref == _both.c.name)
    .with_for_update(of=DELIVERIES, skip_locked=True)
    .cte("held")
)
_moved = (
    _arriving()
    .where(_columns.id == _held.c.id)
    .returning(_columns.id, _columns.epoch, _columns.ref)
    .cte("moved")
)
_noted = (
    insert(ATTEMPTS)
    .from_select(
        ["delivery_id", "epoch", "at", "event", "state"],
        select(
            _moved.c.id,
            _moved.c.epoch,
            _now,
            literal(Outcome.DELIVERED.value, literal_execute=True),
            literal(State.DELIVERED.value, literal_execute=True),
        ),
        include_defaults=False,
    )
    .cte("noted")
)
ARRIVED_AT_ONCE = select(_moved.c.ref).add_cte(_noted)
ARRIVED = _arriving().where(*_are_told(_ref, _name)).returning(_columns.id, _columns.epoch, _columns.ref)
NOTE = Inserting(ATTEMPTS, ("delivery_id", "epoch", "at", "event", "state"))
STANDING = {
    "postgresql": select(_columns.ref).where(*_are_told(_both.c.ref, _both.c.name), being(*SETTLED)),
    "sqlite": select(_columns.ref).where(*_are_told(_ref, _name), being(*SETTLED)),
}


def says_it_arrived(receipt: Receipt) -> bool:
    """Whether this is the plain word that a message is there."""
    return receipt.outcome is Outcome.DELIVERED and _is_plain(receipt)


def says_it_travels(receipt: Receipt) -> bool:
    """Whether this only says what we know of an accepted message."""
    return receipt.outcome in {Outcome.ACCEPTED, Outcome.SENT} and _is_plain(receipt)


def _is_plain(receipt: Receipt) -> bool:
    return bool(receipt.provider_ref) and receipt.price is None and not (receipt.code or receipt.reason)


def arrived(engine: Engine, told: Sequence[Named], now: datetime) -> set[str]:
    """Write that these have arrived, and commit; return the refs of those that were on their way."""
    if engine.dialect.name == "postgresql":
        # The statement is a transaction of its own: one way to the database and back.
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            return set(connection.scalars(ARRIVED_AT_ONCE, _parameters(connection, told) | {"now": now}))
    with engine.begin() as connection:
        rows = connection.execute(ARRIVED, _parameters(connection, told) | {"now": now}).all()
        NOTE(
            connection,
            [(row.id, row.epoch, now, Outcome.DELIVERED.value, State.DELIVERED) for row in rows],
        )
        return {row.ref for row in rows}


def travelling(engine: Engine, told: Sequence[Named]) -> set[str]:
    """Return the refs of those whom the word that they are on their way does not change."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT", **READING) as connection:
        return set(connection.scalars(STANDING[engine.dialect.name], _parameters(connection, told)))


def _parameters(connection: Connection, told: Sequence[Named]) -> dict[str, Any]:
    if connection.dialect.name == "postgresql":
        return {"refs": [ref for ref, _ in told], "names": [name for _, name in told]}
    return {"pairs": json.dumps(told)}
