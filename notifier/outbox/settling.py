"""Settle: what a provider said is written down, whichever way and in whichever order it came."""

from __future__ import annotations

import contextlib
import logging
import random
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import IntegrityError

from notifier.database import db
from notifier.message import Receipt
from notifier.models import Delivery, Suppression
from notifier.outbox import verdict
from notifier.outbox.moves import Entry, Standing, note, standings_named, standings_of, write
from notifier.outbox.pauses import pause
from notifier.outbox.verdict import Verdict
from notifier.policy import POLL_LADDER

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sent:
    """The provider's answer to a request that left."""

    id: int
    epoch: int
    provider: str
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class Released:
    """A claimed delivery whose request certainly never left."""

    id: int
    epoch: int
    reason: str
    departed: bool = False  # its attempt was marked already


@dataclass(frozen=True, slots=True)
class Polled:
    """What the provider said when asked about an accepted message; None: it could not say."""

    id: int
    epoch: int
    receipt: Receipt | None


@dataclass(frozen=True, slots=True)
class Looked:
    """The provider's refs that could be an uncertain message; None: its list was not to be had."""

    id: int
    epoch: int
    refs: Sequence[str] | None
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Again:
    """The provider has room again for a message that met a full queue."""

    id: int
    epoch: int


Answer = Sent | Released | Polled | Looked | Again


def settle(
    engine: Engine,
    answers: Sequence[Answer],
    now: datetime,
    ladders: Mapping[str, Sequence[timedelta]] | None = None,
) -> None:
    """Write what became of claimed and checked deliveries, in one transaction.

    Fenced by epoch: an answer for an earlier claim than the present one changes nothing.
    `ladders`: channel → times after which an accepted message without a receipt is asked about.
    """
    if len({a.id for a in answers}) < len(answers):
        for answer in answers:
            settle(engine, [answer], now, ladders)
        return
    try:
        with engine.begin() as connection:
            _settle(connection, answers, now, ladders or {})
    except IntegrityError:
        # Some provider gave one ref to two messages. Find out which; the others must not wait for it.
        if len(answers) == 1:
            _settle_without_ref(engine, answers[0], now, ladders or {})
            return
        for answer in answers:
            settle(engine, [answer], now, ladders)


def settle_receipt(ref: str, receipt: Receipt, now: datetime) -> bool:
    """Write a receipt that came for our `ref`, and commit; False when we never sent such a message.

    Status only climbs: what comes twice, late or out of order changes nothing. Receipts that come together,
    in threads of one process, are written together: whoever is first writes for all who wait.
    """
    db.session.commit()
    one = _Receipt(db.engine, ref, receipt, now)
    _WAITING.append(one)
    with _TURN:
        if one.known is None:
            together = [r for r in _WAITING if r.engine is one.engine and r is not one]
            for taken in (one, *together):
                with contextlib.suppress(ValueError):  # torn away from a writer that was stopped
                    _WAITING.remove(taken)
            _settle_receipts(one.engine, [one, *together])
    if one.fault is not None:
        raise one.fault
    return bool(one.known)


@dataclass(slots=True, eq=False)
class _Receipt:
    """A receipt that waits to be written; `known` says afterwards whether the message is ours."""

    engine: Engine
    ref: str
    receipt: Receipt
    now: datetime
    known: bool | None = None
    fault: Exception | None = None


_WAITING: list[_Receipt] = []
_TURN = threading.Lock()


def _settle_receipts(engine: Engine, together: list[_Receipt]) -> None:
    """Write receipts in one transaction; if that fails, each in its own, so that none fails for another."""
    try:
        # Two for the same message, or for the same name, are decided one after the other.
        if len({r.ref for r in together}) < len(together):
            raise _Apart
        with engine.begin() as connection:
            known = _write_receipts(connection, together)
        for one in together:
            one.known = one.ref in known
    except Exception as fault:
        if len(together) == 1:
            together[0].known, together[0].fault = False, fault
            return
        for one in together:
            _settle_receipts(engine, [one])


class _Apart(Exception):
    """These cannot be written together."""


def _write_receipts(connection: Connection, together: Sequence[_Receipt]) -> set[str]:
    """Decide about receipts for different messages, write that down, and return the refs that are ours."""
    rows = standings_named(connection, [one.ref for one in together])
    found: list[tuple[Standing, Verdict]] = []
    named: set[str] = set()
    for one in together:
        row = rows.get(one.ref)
        if row is None:
            continue
        result = verdict.received(row, one.receipt, one.now, POLL_LADDER)
        name = result.after.provider_ref
        if name and name != row.provider_ref:
            if name in named or _attached(connection, [name]):
                log.warning(
                    "a receipt names a message that belongs to another delivery; its name is not kept"
                )
                result = verdict.received(row, verdict.nameless(one.receipt), one.now, POLL_LADDER)
            named.add(name)
        found.append((row, result))
    if together:
        _write(connection, found, max(one.now for one in together))
    return set(rows)


def _settle(
    connection: Connection,
    answers: Sequence[Answer],
    now: datetime,
    ladders: Mapping[str, Sequence[timedelta]],
) -> None:
    rows = standings_of(connection, [a.id for a in answers])
    attached = _attached(connection, [ref for a in answers if isinstance(a, Looked) for ref in a.refs or ()])
    found: list[tuple[Standing, Verdict]] = []
    for answer in answers:
        row = rows.get(answer.id)
        if row is None:
            continue
        if row.epoch != answer.epoch:
            log.info("an answer came for an earlier claim")
            if isinstance(answer, Sent):
                found.append((row, verdict.late(row, answer.receipt)))
            continue
        ladder = ladders.get(row.channel, POLL_LADDER)
        match answer:
            case Sent(receipt=receipt, provider=provider):
                chance = random.random()  # noqa: S311
                result = verdict.answered(
                    row, receipt, provider=provider, now=now, ladder=ladder, chance=chance
                )
            case Released(reason=reason, departed=departed):
                result = verdict.released(row, reason, departed)
            case Polled(receipt=receipt_or_none):
                result = verdict.polled(row, receipt_or_none, now, ladder)
            case Again():
                result = verdict.again(row, now)
            case Looked(refs=refs, repeatable=repeatable):
                free = None if refs is None else [ref for ref in refs if ref not in attached]
                result = verdict.looked(row, free, now, ladder, repeatable)
                if result.after.provider_ref:
                    attached.add(result.after.provider_ref)
        found.append((row, result))
    _write(connection, found, now)


def _write(connection: Connection, found: Sequence[tuple[Standing, Verdict]], now: datetime) -> None:
    """Write verdicts, their lines in the log, and what else they ask for."""
    write(connection, [(row, v.after) for row, v in found if v.after != row], now)
    note(
        connection,
        [
            Entry(
                delivery_id=row.id,
                epoch=row.epoch,
                at=now,
                event=v.event,
                state=v.after.state,
                code=v.code or None,
                reason=v.reason[:255] or None,
            )
            for row, v in found
            if v.event
        ],
    )
    for row, v in found:
        if v.pauses:
            pause(connection, v.pauses, v.code, v.reason, now)
        if v.silences:
            _silence(connection, row, now)


def _settle_without_ref(
    engine: Engine, answer: Answer, now: datetime, ladders: Mapping[str, Sequence[timedelta]]
) -> None:
    """Settle an answer whose provider_ref another delivery has already."""
    log.error("a provider gave one message name to two deliveries; the second goes without it")
    if isinstance(answer, Sent):
        answer = Sent(answer.id, answer.epoch, answer.provider, verdict.nameless(answer.receipt))
    with engine.begin() as connection:
        _settle(connection, [answer], now, ladders)


def _attached(connection: Connection, refs: Sequence[str]) -> set[str]:
    """Those of `refs` that belong to a delivery already."""
    if not refs:
        return set()
    found = select(Delivery.provider_ref).where(Delivery.provider_ref.in_(refs))
    return {ref for ref in connection.scalars(found) if ref}


def _silence(connection: Connection, row: Standing, now: datetime) -> None:
    """Remember that a person told the provider to be left in peace."""
    known = select(Suppression.id).where(
        Suppression.channel == row.channel, Suppression.address == row.address
    )
    if connection.scalar(known) is None:
        connection.execute(
            Suppression.__table__.insert().values(  # type: ignore[attr-defined]
                channel=row.channel, address=row.address, reason="opted_out", created_at=now
            )
        )
