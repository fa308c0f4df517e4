"""Settle: what a provider said is written down, in whichever order it came."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from notifier import outbox
from notifier.database import db
from notifier.message import Fault, Listing, Outcome, Receipt
from notifier.models import TRANSITIONS, Attempt, State, Suppression
from notifier.outbox import Again, Looked, Polled, Released, Sent
from tests.notifier.outgoing import (
    claim,
    delivery,
    depart,
    events,
    post,
    put,
    release_session,
    settle,
    states,
)

pytestmark = pytest.mark.usefixtures("engine_app")


UNDELIVERED = State.UNDELIVERED


def answer(outcome: Outcome, ref: str | None = None, code: str = "", **more: Any) -> Receipt:
    return Receipt(outcome=outcome, provider_ref=ref, code=code, **more)


def _taken(ref: str) -> Receipt:
    return answer(Outcome.ACCEPTED, ref)


def sent(id_: int, receipt: Receipt, epoch: int = 1) -> Sent:
    return Sent(id_, epoch, "twilio", receipt)


@pytest.fixture
def on_its_way(now: datetime) -> int:
    """A message whose request has left."""
    (id_,) = post(now=now)
    depart(claim(now), now)
    return id_


def receive(id_: int, receipt: Receipt, now: datetime) -> bool:
    ref = delivery(id_).ref
    return outbox.settle_receipt(ref, receipt, now)


def test_an_accepted_message_keeps_its_name_at_the_provider(now: datetime, on_its_way: int) -> None:
    settle(now, sent(on_its_way, answer(Outcome.ACCEPTED, "SM1", price=Decimal("0.05"))))
    found = delivery(on_its_way)
    assert (found.state, found.provider, found.provider_ref) == (State.ACCEPTED, "twilio", "SM1")
    assert (found.accepted_at, found.price) == (now, Decimal("0.05"))
    assert (found.owner, found.lease_until, found.settled_at) == (None, None, None)
    assert found.next_check_at == now + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("receipt", "state", "fault"),
    [
        (answer(Outcome.ACCEPTED, "SM1"), State.ACCEPTED, None),
        (answer(Outcome.SENT, "SM1"), State.ACCEPTED, None),
        (answer(Outcome.DELIVERED, "SM1"), State.DELIVERED, None),
        (
            answer(Outcome.UNDELIVERED, "SM1", "30007", fault=Fault.FILTERED),
            State.UNDELIVERED,
            Fault.FILTERED,
        ),
        (answer(Outcome.RETRY, None, "429", fault=Fault.CAPACITY), State.PENDING, Fault.CAPACITY),
        (answer(Outcome.UNCERTAIN, None, "lost"), State.UNCERTAIN, None),
        (answer(Outcome.REFUSED, None, "21614", fault=Fault.BAD_ADDRESS), State.FAILED, Fault.BAD_ADDRESS),
        (answer(Outcome.OPTED_OUT, None, "21610"), State.SUPPRESSED, Fault.OPTED_OUT),
        (answer(Outcome.PAUSE, None, "20003", fault=Fault.OUR_ACCOUNT), State.PENDING, Fault.OUR_ACCOUNT),
    ],
)
def test_each_answer_has_its_meaning(
    now: datetime, on_its_way: int, receipt: Receipt, state: State, fault: Fault | None
) -> None:
    settle(now, sent(on_its_way, receipt))
    found = delivery(on_its_way)
    assert (found.state, found.fault, found.error_code) == (
        state,
        fault,
        receipt.code or None,
    )
    assert events(on_its_way) == [receipt.outcome.value]
    assert (found.settled_at is not None) == (
        state in {State.DELIVERED, State.UNDELIVERED, State.FAILED, State.SUPPRESSED}
    )


def test_a_busy_provider_is_tried_again_later_each_time(now: datetime, on_its_way: int) -> None:
    settle(now, sent(on_its_way, answer(Outcome.RETRY, None, "429")))
    first = delivery(on_its_way).not_before - now
    assert timedelta(seconds=3) < first < timedelta(seconds=5)
    assert claim(now) == []
    depart(claim(now + first), now + first)
    settle(now, sent(on_its_way, answer(Outcome.RETRY, None, "429"), epoch=2))
    assert delivery(on_its_way).not_before - now > timedelta(seconds=10)


def test_who_asked_the_provider_for_silence_gets_nothing_more(now: datetime, on_its_way: int) -> None:
    (next_one,) = post(now=now, priority=10)
    settle(now, sent(on_its_way, answer(Outcome.OPTED_OUT, None, "21610")))
    assert db.session.scalars(select(Suppression.reason)).all() == ["opted_out"]
    assert depart(claim(now), now) == set()
    assert states([next_one]) == [State.SUPPRESSED]


def test_an_answer_for_an_earlier_claim_changes_nothing(now: datetime, on_its_way: int) -> None:
    put(on_its_way, epoch=2)
    for outcome in Outcome:
        settle(now, sent(on_its_way, answer(outcome), epoch=1))
    assert states([on_its_way]) == [State.SENDING]
    assert set(events(on_its_way)) == {"late"}


def test_a_late_answer_may_leave_its_name_where_there_is_none(now: datetime, on_its_way: int) -> None:
    put(on_its_way, epoch=2)
    settle(now, sent(on_its_way, answer(Outcome.ACCEPTED, "SM1"), epoch=1))
    assert delivery(on_its_way).provider_ref == "SM1"
    settle(now, sent(on_its_way, answer(Outcome.ACCEPTED, "SM2"), epoch=1))
    assert delivery(on_its_way).provider_ref == "SM1"


def test_an_answer_after_the_lease_still_says_what_it_says(now: datetime, on_its_way: int) -> None:
    put(on_its_way, state=State.UNCERTAIN)
    settle(now, sent(on_its_way, answer(Outcome.ACCEPTED, "SM1")))
    assert states([on_its_way]) == [State.ACCEPTED]


def test_a_receipt_that_overtakes_the_answer_wins(now: datetime, on_its_way: int) -> None:
    assert receive(on_its_way, answer(Outcome.DELIVERED, "SM1"), now)
    settle(now, sent(on_its_way, answer(Outcome.ACCEPTED, "SM1")))
    assert states([on_its_way]) == [State.DELIVERED]
    for outcome in Outcome:
        settle(now, sent(on_its_way, answer(outcome, "SM1")))
        assert states([on_its_way]) == [State.DELIVERED]


@pytest.mark.parametrize(
    ("receipts", "state"),
    [
        (["accepted", "sent", "delivered"], State.DELIVERED),
        (["delivered", "sent", "accepted"], State.DELIVERED),
        (["sent", "delivered", "sent", "delivered"], State.DELIVERED),
        (["undelivered", "delivered"], State.DELIVERED),
        (["delivered", "undelivered"], State.DELIVERED),
        (["undelivered", "sent"], State.UNDELIVERED),
        (["sent", "sent"], State.ACCEPTED),
        (["retry", "uncertain"], State.ACCEPTED),
    ],
)
def test_status_only_climbs(now: datetime, on_its_way: int, receipts: list[str], state: State) -> None:
    settle(now, sent(on_its_way, answer(Outcome.ACCEPTED, "SM1")))
    for outcome in receipts:
        assert receive(on_its_way, answer(Outcome(outcome), "SM1"), now)
    assert states([on_its_way]) == [state]


def test_a_receipt_for_a_message_we_never_sent_is_unknown(now: datetime) -> None:
    assert not outbox.settle_receipt("no-such-ref", answer(Outcome.DELIVERED, "SM1"), now)


def test_a_receipt_gives_the_name_that_the_lost_answer_did_not(now: datetime, on_its_way: int) -> None:
    settle(now, sent(on_its_way, answer(Outcome.UNCERTAIN)))
    receive(on_its_way, answer(Outcome.SENT, "SM1"), now)
    found = delivery(on_its_way)
    assert (found.state, found.provider_ref) == (State.ACCEPTED, "SM1")


def test_a_receipt_keeps_a_message_that_waits_for_its_next_try_from_being_sent_twice(
    now: datetime, on_its_way: int
) -> None:
    put(on_its_way, state=State.PENDING)
    receive(on_its_way, answer(Outcome.SENT, "SM1"), now)
    assert states([on_its_way]) == [State.ACCEPTED]
    assert claim(now) == []


def test_repeated_receipts_leave_one_line_in_the_log(now: datetime, on_its_way: int) -> None:
    for _ in range(3):
        receive(on_its_way, answer(Outcome.DELIVERED, "SM1"), now)
    assert events(on_its_way) == ["delivered"]


def test_a_name_that_belongs_to_another_message_is_not_taken(now: datetime) -> None:
    ids = post(3, now=now)
    depart(claim(now), now)
    # Settled together, although a provider gave one name twice.
    settle(now, *(sent(id_, answer(Outcome.ACCEPTED, ref)) for id_, ref in zip(ids, "aab", strict=True)))
    assert set(states(ids)) == {State.ACCEPTED}
    assert [delivery(id_).provider_ref for id_ in ids] == ["a", None, "b"]
    receive(ids[1], answer(Outcome.DELIVERED, "b"), now)
    found = delivery(ids[1])
    assert (found.state, found.provider_ref) == (State.DELIVERED, None)


@pytest.mark.parametrize("bad", [{"ref": "S" * 65}, {"price": Decimal("1e9")}, {"reason": "gone\0"}], ids=str)
def test_an_answer_that_no_column_holds_holds_nobody_up(now: datetime, bad: dict[str, Any]) -> None:
    ids = post(3, now=now)
    depart(claim(now), now)
    strange = answer(Outcome.ACCEPTED, **({"ref": "b"} | bad))
    settle(now, *(sent(i, a) for i, a in zip(ids, (_taken("a"), strange, _taken("c")), strict=True)))
    assert (states(ids)[0], states(ids)[2]) == (State.ACCEPTED, State.ACCEPTED)
    # What could not be written at all is asked about when its lease is over.
    assert states(ids)[1] in {State.ACCEPTED, State.SENDING}


def test_a_receipt_of_an_earlier_try_does_not_decide_for_a_person(now: datetime, on_its_way: int) -> None:
    full = answer(Outcome.UNDELIVERED, "SM1", "30001", fault=Fault.CAPACITY)
    settle(now, sent(on_its_way, answer(Outcome.ACCEPTED, "SM1")))
    receive(on_its_way, full, now)
    later = now + timedelta(minutes=6)
    settle(later, Again(on_its_way, 1))
    depart(claim(later), later)
    settle(later, sent(on_its_way, answer(Outcome.UNCERTAIN, code="lost"), epoch=2))
    outbox.sweep(db.engine, now + timedelta(days=4))
    receive(on_its_way, full, now + timedelta(days=4))  # once more
    assert states([on_its_way]) == [State.NEEDS_HUMAN]
    # Of the try in doubt it does.
    receive(on_its_way, answer(Outcome.DELIVERED, "SM2"), now + timedelta(days=4))
    assert states([on_its_way]) == [State.DELIVERED]


def test_a_full_queue_lets_a_message_go_once_more_when_there_is_room(now: datetime, on_its_way: int) -> None:
    full = answer(Outcome.UNDELIVERED, "SM1", "30001", fault=Fault.CAPACITY)
    settle(now, sent(on_its_way, answer(Outcome.ACCEPTED, "SM1")))
    receive(on_its_way, full, now)
    assert states([on_its_way]) == [State.UNDELIVERED]
    later = now + timedelta(minutes=6)
    release_session()
    (check,) = outbox.claim_checks(db.engine, ["sms"], 10, later)
    settle(later, Again(check.id, check.epoch))
    assert states([on_its_way]) == [State.PENDING]

    # The first try's receipt comes again, then the second try ends like the first.
    receive(on_its_way, full, later)
    assert states([on_its_way]) == [State.PENDING]
    depart(claim(later), later)
    receive(on_its_way, full, later)
    assert states([on_its_way]) == [State.SENDING]
    settle(later, sent(on_its_way, answer(Outcome.ACCEPTED, "SM2"), epoch=2))
    receive(on_its_way, full, later)
    assert states([on_its_way]) == [State.ACCEPTED]
    receive(on_its_way, answer(Outcome.UNDELIVERED, "SM2", "30001", fault=Fault.CAPACITY), later)
    found = delivery(on_its_way)
    assert (found.state, found.next_check_at) == (State.UNDELIVERED, None)
    # But that the first one arrived after all still counts.
    receive(on_its_way, answer(Outcome.DELIVERED, "SM1"), later)
    assert states([on_its_way]) == [State.DELIVERED]


def test_an_account_at_fault_that_is_noticed_late_pauses_too(now: datetime, on_its_way: int) -> None:
    settle(now, sent(on_its_way, answer(Outcome.ACCEPTED, "SM1")))
    receive(on_its_way, answer(Outcome.UNDELIVERED, "SM1", "30002", fault=Fault.OUR_ACCOUNT), now)
    release_session()
    assert outbox.paused(db.engine) == {"twilio"}
    assert delivery(on_its_way).next_check_at is not None


def test_a_silent_provider_is_asked_up_the_ladder_and_then_left_in_peace(
    now: datetime, on_its_way: int
) -> None:
    settle(now, sent(on_its_way, answer(Outcome.ACCEPTED, "SM1")))
    for due in (timedelta(minutes=15), timedelta(hours=2), timedelta(hours=11)):
        assert delivery(on_its_way).next_check_at == now + due
        settle(now + due, Polled(on_its_way, 1, None))
    found = delivery(on_its_way)
    assert (found.state, found.next_check_at) == (State.ACCEPTED, None)
    # A receipt after days still counts.
    receive(on_its_way, answer(Outcome.DELIVERED, "SM1"), now + timedelta(days=4))
    assert states([on_its_way]) == [State.DELIVERED]


def test_what_is_given_back_before_it_left_costs_no_try(now: datetime, on_its_way: int) -> None:
    settle(now, Released(on_its_way, 1, "stopped", departed=True))
    found = delivery(on_its_way)
    assert (found.state, found.attempts) == (State.PENDING, 0)
    assert len(claim(now)) == 1


def test_two_answers_for_one_message_in_one_batch_are_taken_one_after_the_other(
    now: datetime, on_its_way: int
) -> None:
    settle(
        now,
        sent(on_its_way, answer(Outcome.ACCEPTED, "SM1")),
        Polled(on_its_way, 1, answer(Outcome.DELIVERED, "SM1")),
    )
    assert states([on_its_way]) == [State.DELIVERED]
    assert events(on_its_way) == ["accepted", "delivered"]


REACH: dict[tuple[State, State], Callable[[int, datetime], object]] = {
    (State.PENDING, State.SENDING): lambda _id, now: claim(now),
    (State.PENDING, State.CANCELLED): lambda id_, now: (outbox.cancel([id_], now), db.session.commit()),
    (State.PENDING, State.EXPIRED): lambda _id, now: outbox.sweep(db.engine, now + timedelta(days=9)),
    (State.NEEDS_HUMAN, State.PENDING): lambda id_, now: _decide(id_, State.PENDING, now),
    (State.NEEDS_HUMAN, State.DELIVERED): lambda id_, now: _decide(id_, State.DELIVERED, now),
    (State.NEEDS_HUMAN, State.CANCELLED): lambda id_, now: _decide(id_, State.CANCELLED, now),
    (State.UNCERTAIN, State.NEEDS_HUMAN): lambda _id, now: outbox.sweep(db.engine, now + timedelta(days=9)),
    (State.SENDING, State.UNCERTAIN): lambda _id, now: outbox.sweep(db.engine, now + timedelta(minutes=2)),
}


def _decide(id_: int, to: State, now: datetime) -> None:
    assert outbox.decide(id_, to, now)
    db.session.commit()


@pytest.mark.parametrize(("before", "after"), REACH)
def test_moves_that_nobody_answers_for(now: datetime, before: State, after: State) -> None:
    assert after in TRANSITIONS[before]
    (id_,) = post(now=now)
    put(id_, state=before, lease_until=now)
    release_session()
    REACH[before, after](id_, now)
    assert states([id_]) == [after]


@pytest.mark.parametrize("before", State)
def test_no_answer_moves_a_message_where_the_table_does_not(now: datetime, before: State) -> None:
    receipts = [answer(outcome, "SM1", fault=Fault.UNKNOWN) for outcome in Outcome]
    ids = post(len(receipts) * 2 + 5, now=now)
    for id_ in ids:
        put(id_, state=before, epoch=1, attempts=1, last_attempt_at=now - timedelta(hours=1))
    for n, receipt in enumerate(receipts):
        named = answer(receipt.outcome, f"SM{n}", fault=receipt.fault)
        settle(now, sent(ids[n], named))
        receive(ids[len(receipts) + n], answer(receipt.outcome, f"PR{n}"), now)
    settle(
        now,
        Released(ids[-5], 1, "stopped"),
        Polled(ids[-4], 1, answer(Outcome.DELIVERED, "X1")),
        Looked(ids[-3], 1, Listing(["X2"], now)),
        Looked(ids[-2], 1, None, repeatable=True),
        Again(ids[-1], 1),
    )
    for after in states(ids):
        assert after is before or after in TRANSITIONS[before]


def test_the_log_of_attempts_only_grows(now: datetime, on_its_way: int) -> None:
    settle(now, sent(on_its_way, answer(Outcome.RETRY, None, "429", reason="too many requests")))
    settle(now, sent(on_its_way, answer(Outcome.REFUSED, None, "21211")))
    release_session()
    lines = db.session.scalars(select(Attempt).order_by(Attempt.id)).all()
    assert [(a.event, a.state, a.code, a.reason, a.epoch) for a in lines] == [
        ("retry", State.PENDING, "429", "too many requests", 1),
        ("refused", State.PENDING, "21211", None, 1),
    ]


def test_receipts_that_come_together_are_all_kept(engine_app: Flask, now: datetime) -> None:
    ids = post(40, now=now)
    depart(claim(now), now)
    settle(now, *(sent(id_, answer(Outcome.ACCEPTED, f"SM{id_}")) for id_ in ids))
    told = [(delivery(id_).ref, f"SM{id_}") for id_ in ids]
    release_session()

    def tell(ref_and_name: tuple[str, str]) -> bool:
        ref, name = ref_and_name
        with engine_app.app_context():
            return outbox.settle_receipt(ref, answer(Outcome.DELIVERED, name), now)

    with ThreadPoolExecutor(8) as threads:
        # Each comes twice, and among them one for a message that is not ours.
        known = list(threads.map(tell, [*told, ("no-such-ref", "SM0"), *told]))
    assert known == [True] * 40 + [False] + [True] * 40
    assert set(states(ids)) == {State.DELIVERED}
    assert all(events(id_).count("delivered") == 1 for id_ in ids)
