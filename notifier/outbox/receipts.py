"""Receipts that come by themselves: those that come together are written together."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError

from notifier.database import db
from notifier.message import Receipt
from notifier.outbox import arrivals, verdict
from notifier.outbox.moves import Standing, standings_named
from notifier.outbox.settling import attached, write_verdicts
from notifier.outbox.verdict import Verdict
from notifier.policy import POLL_LADDER

log = logging.getLogger(__name__)


def settle_receipt(ref: str, receipt: Receipt, now: datetime, engine: Engine | None = None) -> bool:
    """Write a receipt that came for our `ref`, and commit; False when we never sent such a message.

    With an `engine` it needs no application context.

    Status only climbs: what comes twice, late or out of order changes nothing. Receipts that come together,
    in threads of one process, are written together: whoever is first writes for all who wait.
    """
    if engine is None:
        if db.session.registry.has():
            db.session.commit()
        engine = db.engine
    one = _Receipt(engine, ref, receipt, now)
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
    """Write receipts: the plain ones in a statement for all of them, the others as is decided for each."""
    try:
        travels = [one for one in together if arrivals.says_it_travels(one.receipt)]
        if travels:
            _mark_known(travels, arrivals.travelling(engine, _named(travels)))
        arrives = [one for one in together if arrivals.says_it_arrived(one.receipt)]
        if arrives:
            with _queued(engine):
                _mark_known(
                    arrives, arrivals.arrived(engine, _named(arrives), max(one.now for one in arrives))
                )
    except OperationalError as fault:
        # A database that is locked or away is so for all of them; each would wait as long again.
        _blame(together, fault)
        return
    if others := [one for one in together if one.known is None]:
        _decide_receipts(engine, others)


def _named(receipts: Sequence[_Receipt]) -> list[arrivals.Named]:
    return [(one.ref, one.receipt.provider_ref or "") for one in receipts]


def _mark_known(receipts: Sequence[_Receipt], refs: set[str]) -> None:
    for one in receipts:
        if one.ref in refs:
            one.known = True


def _blame(receipts: Sequence[_Receipt], fault: Exception) -> None:
    for one in receipts:
        if one.known is None:
            one.known, one.fault = False, fault


def _decide_receipts(engine: Engine, together: list[_Receipt]) -> None:
    """Decide about receipts in one transaction; if one of them is at fault, in one each."""
    try:
        # Two for the same message, or for the same name, are decided one after the other.
        if len({r.ref for r in together}) < len(together):
            raise _Apart
        with _queued(engine), engine.begin() as connection:
            known = _write_receipts(connection, together)
        for one in together:
            one.known = one.ref in known
    except Exception as fault:
        if len(together) == 1 or isinstance(fault, OperationalError):
            _blame(together, fault)
            return
        for one in together:
            _decide_receipts(engine, [one])


@contextlib.contextmanager
def _queued(engine: Engine) -> Iterator[None]:
    """Wait, on SQLite, until no other web process writes receipts.

    Left to itself SQLite looks again after up to 0.1 s, and luck decides who comes first.
    """
    path = engine.url.database if engine.dialect.name == "sqlite" else None
    if path in {None, "", ":memory:"}:
        yield
        return
    # The kernel lets go of the lock when a process dies.
    with Path(f"{path}-receipts").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


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
            if name in named or attached(connection, [name]):
                log.warning(
                    "a receipt names a message that belongs to another delivery; its name is not kept"
                )
                result = verdict.received(row, verdict.nameless(one.receipt), one.now, POLL_LADDER)
            named.add(name)
        found.append((row, result))
    if together:
        write_verdicts(connection, found, max(one.now for one in together))
    return set(rows)
