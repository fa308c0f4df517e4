"""Settle: what a provider said is written down, whichever way and in whichever order it came."""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, select
from sqlalchemy.exc import DataError, IntegrityError

from notifier.message import Listing, Receipt
from notifier.models import Delivery, Suppression
from notifier.outbox import verdict
from notifier.outbox.moves import Entry, Standing, note, standings_of, write
from notifier.outbox.pauses import pause
from notifier.outbox.verdict import Verdict
from notifier.policy import POLL_LADDER

log = logging.getLogger(__name__)

# What the database says of an answer it will never take, however often it is asked.
UNWRITABLE = (DataError, IntegrityError)


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
    wait: float = 0.0  # seconds before it is claimed again


@dataclass(frozen=True, slots=True)
class Polled:
    """What the provider said when asked about an accepted message; None: it could not say."""

    id: int
    epoch: int
    receipt: Receipt | None


@dataclass(frozen=True, slots=True)
class Looked:
    """What the provider's list has of an uncertain message; None: it was not to be had."""

    id: int
    epoch: int
    listing: Listing | None
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
    """Write what became of claimed and checked deliveries, in one transaction, and commit.

    Raises what a database raises that is away; an answer that it will never take is logged and left out.
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
    except UNWRITABLE:
        # Some provider gave one ref to two messages, or one that has no room. Find out which; the others must
        # not wait for it.
        if len(answers) == 1:
            _settle_without_ref(engine, answers[0], now, ladders or {})
            return
        for answer in answers:
            settle(engine, [answer], now, ladders)


def _settle(
    connection: Connection,
    answers: Sequence[Answer],
    now: datetime,
    ladders: Mapping[str, Sequence[timedelta]],
) -> None:
    rows = standings_of(connection, [a.id for a in answers])
    listings = [a.listing for a in answers if isinstance(a, Looked) and a.listing]
    known = attached(connection, [ref for listing in listings for ref in listing.refs])
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
            case Released(reason=reason, departed=departed, wait=wait):
                not_before = now + timedelta(seconds=wait) if wait else row.not_before
                result = verdict.released(row, reason, departed, not_before)
            case Polled(receipt=receipt_or_none):
                result = verdict.polled(row, receipt_or_none, now, ladder)
            case Again():
                result = verdict.again(row, now)
            case Looked(listing=listing, repeatable=repeatable):
                if listing is not None:
                    listing = replace(listing, refs=[ref for ref in listing.refs if ref not in known])
                result = verdict.looked(row, listing, now, ladder, repeatable)
                if result.after.provider_ref:
                    known.add(result.after.provider_ref)
        found.append((row, result))
    write_verdicts(connection, found, now)


def write_verdicts(connection: Connection, found: Sequence[tuple[Standing, Verdict]], now: datetime) -> None:
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
                code=v.code[:32] or None,
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
    """Settle an answer whose provider_ref another delivery has already, or that no column holds."""
    log.error("a provider's name for a message is another's already, or too long; it goes without")
    if isinstance(answer, Sent):
        answer = Sent(answer.id, answer.epoch, answer.provider, verdict.nameless(answer.receipt))
    try:
        with engine.begin() as connection:
            _settle(connection, [answer], now, ladders)
    except UNWRITABLE as error:
        # Not lost: its lease lapses, and the provider is asked.
        log.error("an answer cannot be written down (%s)", type(error).__name__)


def attached(connection: Connection, refs: Sequence[str]) -> set[str]:
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
