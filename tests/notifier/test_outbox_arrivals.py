"""Receipts that come together are written in one statement, and exactly as each alone would have been."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from notifier import outbox
from notifier.database import db
from notifier.message import Fault, Outcome, Receipt
from notifier.models import Attempt, State
from notifier.outbox import Sent, arrivals
from notifier.outbox.receipts import _Receipt, _settle_receipts
from tests.notifier.outgoing import claim, delivery, depart, post, put, release_session, settle

pytestmark = pytest.mark.usefixtures("engine_app")

THERE = Receipt(outcome=Outcome.DELIVERED, provider_ref="SM1")
TRAVELS = Receipt(outcome=Outcome.SENT, provider_ref="SM1")


@pytest.fixture
def accepted(now: datetime) -> int:
    (id_,) = post(now=now)
    depart(claim(now), now)
    settle(now, Sent(id_, 1, "twilio", Receipt(outcome=Outcome.ACCEPTED, provider_ref="SM1")))
    return id_


def as_stored(id_: int) -> tuple[dict[str, Any], list[Any]]:
    """All that a delivery's row and its log say."""
    found = delivery(id_)
    row = {column.name: getattr(found, column.name) for column in found.__table__.columns}
    entries = db.session.execute(
        select(Attempt.epoch, Attempt.at, Attempt.event, Attempt.state, Attempt.code, Attempt.reason)
        .where(Attempt.delivery_id == id_)
        .order_by(Attempt.id)
    ).all()
    release_session()
    return row, list(entries)


def receive(id_: int, receipt: Receipt, now: datetime) -> bool:
    return outbox.settle_receipt(delivery(id_).ref, receipt, now)


@pytest.mark.parametrize("receipt", [THERE, TRAVELS], ids=["there", "travels"])
@pytest.mark.parametrize("state", list(State))
def test_the_short_way_ends_where_the_long_one_does(
    accepted: int, now: datetime, state: State, receipt: Receipt, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = now + timedelta(seconds=7)
    put(accepted, state=state, fault=Fault.CAPACITY, error_code="30001", error_text="full")
    before = as_stored(accepted)
    assert receive(accepted, receipt, later)
    short = as_stored(accepted)

    db.session.execute(Attempt.__table__.delete().where(Attempt.at == later))  # type: ignore[attr-defined]
    db.session.commit()
    put(accepted, **before[0])
    assert as_stored(accepted) == before
    monkeypatch.setattr(arrivals, "_is_plain", lambda _receipt: False)
    assert receive(accepted, receipt, later)
    assert as_stored(accepted) == short


@pytest.mark.parametrize("receipt", [THERE, TRAVELS], ids=["there", "travels"])
def test_a_receipt_that_names_another_message_goes_the_long_way(
    accepted: int, now: datetime, receipt: Receipt
) -> None:
    ref, told = delivery(accepted).ref, receipt.outcome is Outcome.DELIVERED
    short = (
        arrivals.arrived(db.engine, [(ref, "SM2")], now)
        if told
        else arrivals.travelling(db.engine, [(ref, "SM2")])
    )
    assert short == set()
    assert delivery(accepted).state is State.ACCEPTED


def test_receipts_of_every_kind_in_one_volley_are_all_answered(now: datetime) -> None:
    ids = post(6, now=now)
    depart(claim(now), now)
    settle(
        now,
        *(Sent(id_, 1, "twilio", Receipt(outcome=Outcome.ACCEPTED, provider_ref=f"SM{id_}")) for id_ in ids),
    )
    refs = [delivery(id_).ref for id_ in ids]
    outcomes = [Outcome.DELIVERED, Outcome.DELIVERED, Outcome.SENT, Outcome.UNDELIVERED, Outcome.DELIVERED]
    volley = [
        _Receipt(db.engine, ref, Receipt(outcome=outcome, provider_ref=f"SM{id_}"), now)
        for id_, ref, outcome in zip(ids, refs, outcomes, strict=False)
    ]
    again = _Receipt(db.engine, refs[0], Receipt(outcome=Outcome.DELIVERED, provider_ref=f"SM{ids[0]}"), now)
    nobodys = _Receipt(db.engine, "nobody", THERE, now)
    release_session()
    _settle_receipts(db.engine, [*volley, again, nobodys])
    assert [one.known for one in (*volley, again, nobodys)] == [True] * 6 + [False]
    assert [delivery(id_).state for id_ in ids] == [
        State.DELIVERED,
        State.DELIVERED,
        State.ACCEPTED,
        State.UNDELIVERED,
        State.DELIVERED,
        State.ACCEPTED,
    ]


def test_a_receipt_for_a_row_that_somebody_holds_waits_its_turn(accepted: int, now: datetime) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer")
    ref = delivery(accepted).ref
    with db.engine.begin() as holder:
        holder.exec_driver_sql("SELECT id FROM deliveries FOR UPDATE")
        assert arrivals.arrived(db.engine, [(ref, "SM1")], now) == set()
    assert arrivals.arrived(db.engine, [(ref, "SM1")], now) == {ref}
