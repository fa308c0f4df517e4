"""Reconcile: whatever was left lying is found, and what nobody knows is asked."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from notifier import outbox
from notifier.database import db
from notifier.message import Listing
from notifier.models import Delivery, Inbound, State
from notifier.outbox import Looked
from notifier.policy import LEASE
from tests.notifier.outgoing import (
    checks,
    claim,
    delivery,
    depart,
    events,
    post,
    put,
    release_session,
    settle,
    states,
    sweep,
)

pytestmark = pytest.mark.usefixtures("engine_app")

LATER = timedelta(hours=1)


def absent(id_: int, read_at: datetime) -> Looked:
    return Looked(id_, 1, Listing([], read_at))


@pytest.fixture
def in_doubt(now: datetime) -> int:
    """A message whose worker died after its request had left."""
    (id_,) = post(now=now)
    depart(claim(now), now)
    sweep(now + LEASE)
    return id_


def test_a_dead_workers_message_is_in_doubt_and_never_simply_sent_again(now: datetime, in_doubt: int) -> None:
    found = delivery(in_doubt)
    assert (found.state, found.owner, found.epoch) == (State.UNCERTAIN, None, 1)
    assert events(in_doubt) == ["lapsed"]
    assert claim(now + timedelta(days=1)) == []


def test_a_lease_that_runs_is_respected(now: datetime) -> None:
    ids = post(2, now=now)
    claim(now)
    assert sweep(now + LEASE - timedelta(seconds=1)) == 0
    assert set(states(ids)) == {State.SENDING}


def test_a_lease_far_in_the_future_is_a_clock_that_jumped(now: datetime) -> None:
    ids = post(1, now=now)
    claim(now)
    assert sweep(now - timedelta(hours=3)) == 1
    assert states(ids) == [State.UNCERTAIN]


def test_nothing_is_too_old_to_be_found(now: datetime) -> None:
    ids = post(3, now=now)
    claim(now)
    assert sweep(now + timedelta(days=400)) == 6  # into doubt, then to a person
    assert set(states(ids)) == {State.NEEDS_HUMAN}


def test_old_news_expires(now: datetime) -> None:
    ids = post(600, now=now, expires_at=now + LATER)
    assert sweep(now + LATER - timedelta(seconds=1)) == 0
    assert sweep(now + LATER) == 600
    assert set(states(ids)) == {State.EXPIRED}
    assert delivery(ids[0]).settled_at == now + LATER


def test_a_sweep_after_a_sweep_finds_nothing_more(now: datetime) -> None:
    ids = post(20, now=now)
    claim(now)
    assert sweep(now + LEASE) + sweep(now + LEASE) == 20
    assert events(ids[0]) == ["lapsed"]


def test_a_doubt_is_asked_about_by_one_worker_at_a_time(now: datetime, in_doubt: int) -> None:
    first = checks(now + LEASE)
    assert [(c.id, c.state, c.message.address) for c in first] == [
        (in_doubt, State.UNCERTAIN, "+996555000000")
    ]
    assert checks(now + LEASE) == []
    # Should the asker die, it is asked about again.
    assert len(checks(now + 2 * LEASE)) == 1


def test_a_message_that_the_provider_has_is_not_sent_again(now: datetime, in_doubt: int) -> None:
    settle(now + LATER, Looked(in_doubt, 1, Listing(["SM1"], now + LATER)))
    found = delivery(in_doubt)
    assert (found.state, found.provider_ref) == (State.ACCEPTED, "SM1")
    assert events(in_doubt) == ["lapsed", "found"]


def test_a_message_of_another_delivery_is_not_taken_for_this_one(now: datetime, in_doubt: int) -> None:
    (other,) = post(now=now, first=7)
    put(other, state=State.ACCEPTED, provider_ref="SM1")
    settle(now + LATER, Looked(in_doubt, 1, Listing(["SM1"], now + LATER)))
    assert states([in_doubt]) == [State.UNCERTAIN]
    settle(now + LATER, Looked(in_doubt, 1, Listing(["SM1", "SM2"], now + LATER)))
    assert delivery(in_doubt).provider_ref == "SM2"


def test_two_doubts_do_not_share_one_message(now: datetime) -> None:
    ids = post(2, now=now, address="+996555000101")
    depart(claim(now), now)
    sweep(now + LEASE)
    settle(now + LATER, *(Looked(id_, 1, Listing(["SM1"], now + LATER)) for id_ in ids))
    assert states(ids) == [State.ACCEPTED, State.UNCERTAIN]


def test_absence_counts_only_after_ten_minutes_of_it(now: datetime, in_doubt: int) -> None:
    for minutes in (1, 3, 5, 9):
        moment = now + timedelta(minutes=minutes)
        settle(moment, absent(in_doubt, moment))
    found = delivery(in_doubt)
    assert (found.state, found.absent_checks) == (State.UNCERTAIN, 0)
    # Absent since the first look.
    assert found.next_check_at == now + timedelta(minutes=11, seconds=1)


def test_a_message_absent_in_two_looks_a_minute_apart_is_sent_again(now: datetime, in_doubt: int) -> None:
    first, counts = now + timedelta(minutes=1), now + timedelta(minutes=11, seconds=1)
    settle(first, absent(in_doubt, first))
    settle(counts, absent(in_doubt, counts))
    found = delivery(in_doubt)
    assert (found.state, found.absent_checks) == (State.UNCERTAIN, 1)
    assert checks(counts + timedelta(seconds=60)) == []
    last = counts + timedelta(seconds=61)
    (check,) = checks(last)
    assert check.since < now
    settle(last, absent(in_doubt, last))
    assert states([in_doubt]) == [State.PENDING]
    assert [c.epoch for c in claim(last)] == [2]


def test_hours_by_a_clock_of_ours_that_jumped_are_not_hours_of_absence(now: datetime, in_doubt: int) -> None:
    """The provider's list is five minutes late, and our clock is set three hours on meanwhile."""
    theirs, jumped = now + timedelta(minutes=1), now + timedelta(hours=3)
    for look in range(4):
        moment = timedelta(seconds=61 * look)
        settle(jumped + moment, absent(in_doubt, theirs + moment))
    assert states([in_doubt]) == [State.UNCERTAIN]
    settle(jumped + timedelta(minutes=5), Looked(in_doubt, 1, Listing(["SM1"], now + timedelta(minutes=6))))
    assert states([in_doubt]) == [State.ACCEPTED]


def test_a_new_try_begins_a_new_absence(now: datetime, in_doubt: int) -> None:
    for minutes in (1, 12, 14):
        moment = now + timedelta(minutes=minutes)
        settle(moment, absent(in_doubt, moment))
    again = now + timedelta(minutes=15)
    depart(claim(again), again)
    sweep(again + LEASE)
    assert (delivery(in_doubt).state, delivery(in_doubt).absent_since) == (State.UNCERTAIN, None)


def test_a_list_that_is_not_to_be_had_decides_nothing(now: datetime, in_doubt: int) -> None:
    for hours in range(1, 70):
        settle(now + timedelta(hours=hours), Looked(in_doubt, 1, None))
    found = delivery(in_doubt)
    assert (found.state, found.absent_checks) == (State.UNCERTAIN, 0)


def test_a_doubt_past_its_end_is_for_a_person(now: datetime, in_doubt: int) -> None:
    end = delivery(in_doubt).expires_at
    assert end is not None
    sweep(end)
    assert states([in_doubt]) == [State.NEEDS_HUMAN]
    assert events(in_doubt) == ["lapsed", "needs_human"]
    # A receipt may still come and settle it.
    outbox.settle_receipt(delivery(in_doubt).ref, _delivered(), end)
    assert states([in_doubt]) == [State.DELIVERED]


def _delivered() -> object:
    from notifier.message import Outcome, Receipt

    return Receipt(outcome=Outcome.DELIVERED, provider_ref="SM1")


def test_a_person_may_send_it_again_and_it_is_news_again(now: datetime, in_doubt: int) -> None:
    end = delivery(in_doubt).expires_at
    assert end is not None
    sweep(end)
    release_session()
    assert outbox.decide(in_doubt, State.PENDING, end)
    db.session.commit()
    assert events(in_doubt)[-1] == "person"
    assert depart(claim(end), end) == {in_doubt}
    assert not outbox.decide(in_doubt, State.CANCELLED, end)


def test_a_person_cannot_make_it_something_it_is_not(now: datetime, in_doubt: int) -> None:
    with pytest.raises(ValueError, match="cannot decide"):
        outbox.decide(in_doubt, State.FAILED, now)


def test_a_parents_message_is_stored_once(now: datetime) -> None:
    message = {"provider": "twilio", "sender": "+996555000101", "body": "ооба", "now": now}
    first = outbox.receive(provider_ref="IN1", **message)  # type: ignore[arg-type]
    again = outbox.receive(provider_ref="IN1", **message)  # type: ignore[arg-type]
    other = outbox.receive(provider_ref="IN2", **message)  # type: ignore[arg-type]
    assert first is not None
    assert (first.body, first.sender, first.received_at) == ("ооба", "+996555000101", now)
    assert again is None
    assert other is not None
    assert len(db.session.scalars(select(Inbound)).all()) == 2
    assert db.session.scalars(select(Delivery)).all() == []


def test_what_a_backup_says_is_due_is_looked_for_before_it_leaves(now: datetime) -> None:
    left, lost, later, practice, over = post(5, now=now)
    for id_ in (left, lost, later, over):
        put(id_, provider=None)
    put(later, not_before=now + timedelta(days=1))
    put(over, expires_at=now)
    put(practice, provider="sandbox")
    assert outbox.doubt(db.engine, now) == 2
    found = [State.UNCERTAIN, State.UNCERTAIN, State.PENDING, State.PENDING, State.EXPIRED]
    assert states([left, lost, later, practice, over]) == found
    (check,) = [each for each in checks(now) if each.id == left]
    assert check.since < now  # when it was written, and earlier
    counts = now + timedelta(minutes=10, seconds=1)
    for moment in (now, counts, counts + timedelta(seconds=61)):
        settle(moment, Looked(left, 1, Listing(["SM1"], moment)), absent(lost, moment))
    assert states([left, lost]) == [State.ACCEPTED, State.PENDING]
