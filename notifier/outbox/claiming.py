"""Claim: a worker takes due deliveries under a lease, and marks each before its request leaves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, Engine, Integer, Table, bindparam, func, or_, select, update

from notifier.database import READING
from notifier.message import Fault, Message, Stationery
from notifier.models import Delivery, State, Suppression
from notifier.outbox.many import Among
from notifier.outbox.moves import DELIVERIES, Entry, being, moving, note, standings, write
from notifier.outbox.papers import Drawer
from notifier.outbox.posting import PRACTICE
from notifier.policy import HEAVY_LEASE, LEASE, quiet_at


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery in a worker's hands; `epoch` is the fence: whoever claims it later has a higher one."""

    id: int
    epoch: int
    ref: str
    channel: str
    address: str
    subject: str
    body: str
    segments: int
    priority: int
    not_before: datetime
    attempts: int
    paper_id: int | None
    stationery: Stationery | None = None

    @property
    def is_heavy(self) -> bool:
        return self.stationery is not None and self.stationery.is_heavy

    @property
    def message(self) -> Message:
        return Message(
            ref=self.ref,
            address=self.address,
            body=self.body,
            subject=self.subject,
            attempt=self.attempts + 1,
            stationery=self.stationery,
        )


D = DELIVERIES.c
SUPPRESSIONS = cast(Table, Suppression.__table__)
PENDING = being(State.PENDING)
# Made once: to make a statement costs more than to run it.
DUE = (
    select(D.id)
    .where(
        PENDING,
        D.channel == bindparam("of_channel"),
        D.priority == bindparam("of_priority"),
        D.not_before <= bindparam("due_by"),
        D.withdrawn_at.is_(None),
        or_(D.provider.is_(None), D.provider != bindparam("not_of")),
    )
    .order_by(D.not_before, D.id)
    .limit(bindparam("at_most", type_=Integer))
    .with_for_update(skip_locked=True)
    # PostgreSQL may run a plain subquery with a limit more than once, a CTE never.
    .cte("due")
)
TAKE = (
    moving(State.SENDING, None)
    .where(D.id.in_(select(DUE.c.id)))
    .values(epoch=D.epoch + 1, owner=bindparam("new_owner"), lease_until=bindparam("new_lease"))
    .returning(*(D[name] for name in Claimed.__dataclass_fields__ if name != "stationery"))
)
LAST_LOOK = Among(
    select(D.id, D.epoch, D.state, D.expires_at, D.withdrawn_at, D.quiet_from, D.quiet_until)
    .order_by(D.id)
    .with_for_update(),
    D.id,
)
LEAVE = Among(update(DELIVERIES).values(last_attempt_at=bindparam("moment"), attempts=D.attempts + 1), D.id)
HOLD_LONGER = Among(update(DELIVERIES).values(lease_until=bindparam("new_lease")), D.id)
SILENT = Among(
    select(SUPPRESSIONS.c.channel, SUPPRESSIONS.c.address, SUPPRESSIONS.c.farewell_id), SUPPRESSIONS.c.address
)


def claim(
    engine: Engine,
    *,
    channel: str,
    limit: int,
    owner: str,
    now: datetime,
    practice: bool = True,
    drawer: Drawer | None = None,
) -> list[Claimed]:
    """Take due deliveries for sending, urgent first, then the oldest; at most `limit`. Commits.

    `pending → sending`, epoch + 1, a lease of `policy.LEASE`. Letters come on their paper out of `drawer`.
    `practice`: whether what was written in practice may leave, which it may not for real phones.
    """
    drawer = drawer or Drawer()
    taken: list[Claimed] = []
    with engine.begin() as connection:
        # One priority after the other: each is a short walk along the index, however many rows wait for
        # the morning or are long done.
        priority = _highest_priority(connection, channel)
        while priority is not None:
            taken += _take(
                connection,
                channel=channel,
                priority=priority,
                limit=limit - len(taken),
                owner=owner,
                now=now,
                practice=practice,
            )
            if len(taken) == limit:
                break
            priority = _highest_priority(connection, channel, below=priority)
        # Within this transaction: a letter without its files must not be in anybody's hands.
        return [
            replace(c, stationery=drawer.take(connection, c.paper_id)) if c.paper_id is not None else c
            for c in taken
        ]


def depart(engine: Engine, claimed: Sequence[Claimed], now: datetime) -> set[int]:
    """Look once more at deliveries that are about to leave, mark the attempt, and return who may go. Commits.

    1. Those whose claim no longer holds are left alone.
    2. Those suppressed or expired in the meantime end here.
    3. Those taken back, or whose quiet hours have begun, go back to wait: the former for the sweep.
    4. The others get their `last_attempt_at` committed before any request is made; what is heavy is held
       for longer.
    """
    held = {c.id: c for c in claimed}
    ending: dict[int, tuple[State, Fault | None]] = {}
    waiting: dict[int, datetime] = {}
    leaving: set[int] = set()
    with engine.begin() as connection:
        # Few columns: this is done for every message, the rest only for those that end here.
        rows = LAST_LOOK(connection, list(held)).all()
        silent = _suppressed(connection, claimed)
        for id_, epoch, state, expires_at, withdrawn_at, quiet_from, quiet_until in rows:
            if state is not State.SENDING or epoch != held[id_].epoch:
                continue
            if silent.get((held[id_].channel, held[id_].address), id_) != id_:
                ending[id_] = (State.SUPPRESSED, Fault.OPTED_OUT)
            elif expires_at is not None and expires_at <= now:
                ending[id_] = (State.EXPIRED, None)
            elif withdrawn_at is not None:
                waiting[id_] = now
            elif rings_at := quiet_at(now, quiet_from, quiet_until):
                waiting[id_] = rings_at
            else:
                leaving.add(id_)
        if leaving:
            LEAVE(connection, list(leaving), moment=now)
            if heavy := [id_ for id_ in leaving if held[id_].is_heavy]:
                HOLD_LONGER(connection, heavy, new_lease=now + HEAVY_LEASE)
        if ending:
            _end(connection, ending, now)
        if waiting:
            _put_back(connection, waiting, now)
    return leaving


def anything_due(engine: Engine, channels: Iterable[str], now: datetime) -> bool:
    """Tell whether a drain of these channels would find something to do now."""
    soonest = next_due(engine, channels)
    return soonest is not None and soonest <= now


def next_due(engine: Engine, channels: Iterable[str]) -> datetime | None:
    """The moment at which the next delivery or check of these channels is due; None when nothing waits."""
    moments: list[datetime | None] = []
    with engine.connect().execution_options(**READING) as connection:
        for channel in channels:
            moments.append(_next_check(connection, channel))
            priority = _highest_priority(connection, channel)
            while priority is not None:
                moments.append(_next_of(connection, channel, priority))
                priority = _highest_priority(connection, channel, below=priority)
    return min((m for m in moments if m is not None), default=None)


def _highest_priority(connection: Connection, channel: str, below: int | None = None) -> int | None:
    """The highest priority that waits on `channel`: one step down the index."""
    highest = select(func.max(Delivery.priority)).where(PENDING, Delivery.channel == channel)
    if below is not None:
        highest = highest.where(Delivery.priority < below)
    found: int | None = connection.scalar(highest)
    return found


def _next_of(connection: Connection, channel: str, priority: int) -> datetime | None:
    """When the oldest of one priority is due."""
    found: datetime | None = connection.scalar(
        select(func.min(Delivery.not_before)).where(
            PENDING, Delivery.channel == channel, Delivery.priority == priority
        )
    )
    return found


def _next_check(connection: Connection, channel: str) -> datetime | None:
    """When the next look after a delivery of `channel` is due."""
    found: datetime | None = connection.scalar(
        select(Delivery.next_check_at)
        .where(Delivery.next_check_at.is_not(None), Delivery.channel == channel)
        .order_by(Delivery.next_check_at)
        .limit(1)
    )
    return found


def _take(
    connection: Connection,
    *,
    channel: str,
    priority: int,
    limit: int,
    owner: str,
    now: datetime,
    practice: bool,
) -> list[Claimed]:
    """Take due deliveries of one priority, the oldest first."""
    of = {
        "of_channel": channel,
        "of_priority": priority,
        "due_by": now,
        "at_most": limit,
        "not_of": "" if practice else PRACTICE,
    }
    new = {"new_owner": owner, "new_lease": now + LEASE}
    taken = [Claimed(*row) for row in connection.execute(TAKE, of | new).all()]
    # RETURNING keeps no order.
    taken.sort(key=lambda c: (c.not_before, c.id))
    return taken


def _end(connection: Connection, ending: Mapping[int, tuple[State, Fault | None]], now: datetime) -> None:
    """End deliveries that may not leave."""
    changes = []
    for row in standings(connection, Delivery.id.in_(ending)):
        state, fault = ending[row.id]
        changes.append((row, row._replace(state=state, fault=fault, next_check_at=None)))
    write(connection, changes, now)
    note(
        connection,
        [
            Entry(delivery_id=after.id, epoch=after.epoch, at=now, event=after.state, state=after.state)
            for _, after in changes
        ],
    )


def _put_back(connection: Connection, waiting: Mapping[int, datetime], now: datetime) -> None:
    """Let deliveries that may not leave now wait until these moments."""
    changes = [
        (row, row._replace(state=State.PENDING, not_before=waiting[row.id]))
        for row in standings(connection, Delivery.id.in_(waiting))
    ]
    write(connection, changes, now)
    note(
        connection,
        [
            Entry(delivery_id=after.id, epoch=after.epoch, at=now, event="quiet", state=after.state)
            for _, after in changes
            if after.not_before > now
        ],
    )


def _suppressed(connection: Connection, rows: Sequence[Claimed]) -> dict[tuple[str, str], int | None]:
    """Those (channel, address) of `rows` that must not be written to, each with its farewell, if any."""
    if not rows:
        return {}
    found = SILENT(connection, [row.address for row in rows])
    return {(channel, address): farewell for channel, address, farewell in found}
