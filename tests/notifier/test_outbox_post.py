"""Post and cancel: what is written down in the transaction of what it belongs to."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from notifier import outbox
from notifier.database import db
from notifier.message import Fault, Listing, Outcome, Receipt
from notifier.models import Delivery, State
from notifier.outbox import Again, Looked, Sent
from notifier.policy import LEASE, SHELF_LIFE
from tests.notifier.outgoing import TEXT, checks, claim, delivery, depart, events, post, settle, states, sweep

pytestmark = pytest.mark.usefixtures("engine_app")


def message(key: str, **changes: object) -> outbox.Post:
    values = {"dedupe_key": key, "channel": "sms", "address": "+996555000101", "body": TEXT} | changes
    return outbox.Post(**values)  # type: ignore[arg-type]


def test_a_post_is_kept_as_it_was_given(now: datetime) -> None:
    later, end = now + timedelta(hours=9), now + timedelta(hours=20)
    (id_,) = post(
        now=now, subject="5-А", body=TEXT, segments=3, priority=10, not_before=later, expires_at=end
    )
    found = delivery(id_)
    assert (found.channel, found.address, found.subject, found.body) == (
        "sms",
        "+996555000000",
        "5-А",
        TEXT,
    )
    assert (found.segments, found.priority, found.state, found.epoch) == (3, 10, State.PENDING, 0)
    assert (found.not_before, found.expires_at, found.created_at) == (later, end, now)
    assert len(found.ref) > 20


def test_a_message_without_an_end_is_news_for_three_days_after_it_may_ring(now: datetime) -> None:
    morning = now + timedelta(hours=12)
    (id_,) = post(now=now, not_before=morning)
    assert delivery(id_).expires_at == morning + SHELF_LIFE


def test_the_same_click_twice_writes_one_message(now: datetime) -> None:
    first = outbox.post([message("5-А:1"), message("5-А:2")], now)
    again = outbox.post([message("5-А:2", body="another text"), message("5-А:3")], now)
    db.session.commit()
    assert again["5-А:2"] == first["5-А:2"]
    assert set(again) == {"5-А:2", "5-А:3"}
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 3
    assert delivery(first["5-А:2"]).body == TEXT


def test_a_key_twice_in_one_call_is_one_message(now: datetime) -> None:
    ids = outbox.post([message("a"), message("a")], now)
    db.session.commit()
    assert len(ids) == 1


def test_posting_nothing_is_nothing(now: datetime) -> None:
    assert outbox.post([], now) == {}


def test_what_the_caller_takes_back_was_never_posted(now: datetime) -> None:
    outbox.post([message("a")], now)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_a_school_of_900_families_is_posted_in_a_moment(now: datetime) -> None:
    posts = [message(f"school:{n}", address=f"+996555{n:06}") for n in range(900)]
    outbox.post(posts[:1], now)
    db.session.commit()
    began = time.perf_counter()
    ids = outbox.post(posts, now)
    db.session.commit()
    assert time.perf_counter() - began < 0.3  # 0.15 is the goal; a test machine may be busy
    assert len(ids) == 900


def test_what_has_not_left_can_be_taken_back(now: datetime) -> None:
    ids = post(3, now=now)
    claim(now, limit=1)
    assert outbox.cancel(ids, now) == ids[1:]
    db.session.commit()
    assert states(ids) == [State.SENDING, State.CANCELLED, State.CANCELLED]
    assert events(ids[1]) == ["cancelled"]
    assert delivery(ids[1]).settled_at == now
    assert outbox.cancel(ids, now) == []
    assert outbox.cancel([], now) == []


REFUSED_FOR_NOW = Receipt(outcome=Outcome.RETRY, code="20429", fault=Fault.CAPACITY)
QUEUE_FULL = Receipt(outcome=Outcome.UNDELIVERED, provider_ref="SM1", code="30001", fault=Fault.CAPACITY)


@pytest.mark.parametrize("for_good", [True, False])
def test_what_was_leaving_when_it_was_taken_back_does_not_leave_once_more(
    now: datetime, for_good: bool
) -> None:
    (id_,) = post(now=now)
    depart(claim(now), now)
    assert outbox.cancel([id_], now, for_good=for_good) == []
    db.session.commit()
    settle(now, Sent(id_, 1, "twilio", REFUSED_FOR_NOW))
    later = now + timedelta(minutes=1)
    assert bool(claim(later)) is not for_good
    sweep(later)
    assert states([id_]) == [State.CANCELLED if for_good else State.SENDING]


def test_what_was_claimed_when_it_was_taken_back_does_not_depart(now: datetime) -> None:
    (id_,) = post(now=now)
    claimed = claim(now)
    outbox.cancel([id_], now)
    db.session.commit()
    assert depart(claimed, now) == set()
    sweep(now)
    assert states([id_]) == [State.CANCELLED]
    assert events(id_) == ["cancelled"]


def test_what_was_in_doubt_when_it_was_taken_back_is_still_looked_for_and_never_sent(now: datetime) -> None:
    ids = post(2, now=now)
    depart(claim(now), now)
    sweep(now + LEASE)
    outbox.cancel(ids, now)
    db.session.commit()
    first, counts = now + LEASE, now + LEASE + timedelta(minutes=10, seconds=1)
    for moment in (first, counts, counts + timedelta(seconds=61)):
        settle(moment, Looked(ids[0], 1, Listing(["SM1"], moment)), Looked(ids[1], 1, Listing([], moment)))
    sweep(counts + timedelta(minutes=2))
    assert states(ids) == [State.ACCEPTED, State.CANCELLED]


def test_a_person_who_says_send_it_again_is_heard_though_it_was_taken_back(now: datetime) -> None:
    (id_,) = post(now=now)
    depart(claim(now), now)
    outbox.cancel([id_], now)
    db.session.commit()
    over = now + SHELF_LIFE
    sweep(over)
    sweep(over)
    assert outbox.decide(id_, State.PENDING, over)
    db.session.commit()
    sweep(over)
    assert depart(claim(over), over) == {id_}


@pytest.mark.parametrize("before", [True, False])
def test_what_was_taken_back_is_not_sent_again_when_there_is_room(now: datetime, before: bool) -> None:
    (id_,) = post(now=now)
    depart(claim(now), now)
    settle(now, Sent(id_, 1, "twilio", Receipt(outcome=Outcome.ACCEPTED, provider_ref="SM1")))
    steps = [
        lambda: outbox.settle_receipt(delivery(id_).ref, QUEUE_FULL, now),
        lambda: (outbox.cancel([id_], now), db.session.commit()),
    ]
    for step in steps if before else reversed(steps):
        step()
    later = now + timedelta(minutes=10)
    for check in checks(later):
        settle(later, Again(check.id, check.epoch))
    sweep(later)
    assert claim(later) == []
    # It is over either way; what was undelivered when it was taken back stays so.
    assert states([id_]) == [State.UNDELIVERED if before else State.CANCELLED]
