"""Claim and depart: a worker takes what is due, and marks it before it leaves."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from notifier import outbox
from notifier.database import db
from notifier.message import Fault
from notifier.models import State
from notifier.policy import LEASE
from tests.notifier.outgoing import TEXT, claim, delivery, depart, events, post, put, release_session, states

pytestmark = pytest.mark.usefixtures("engine_app")


def test_urgent_messages_go_first_then_the_oldest(now: datetime) -> None:
    late = post(2, now=now, first=10)
    early = post(2, now=now - timedelta(minutes=1))
    urgent = post(2, now=now, priority=outbox.URGENT)
    claimed = claim(now, limit=5)
    assert [c.id for c in claimed] == [*urgent, *early, late[0]]


def test_a_claim_is_a_lease_with_a_fence(now: datetime) -> None:
    (id_,) = post(now=now)
    (claimed,) = claim(now, owner="one")
    found = delivery(id_)
    assert (found.state, found.epoch, found.owner, found.lease_until) == (
        State.SENDING,
        1,
        "one",
        now + LEASE,
    )
    assert (claimed.epoch, claimed.body, claimed.message.ref) == (1, TEXT, found.ref)
    assert claim(now) == []


def test_only_what_is_due_on_this_channel_is_claimed(now: datetime) -> None:
    post(now=now, not_before=now + timedelta(hours=10))
    post(now=now, channel="email", address="apa@example.kg")
    assert claim(now) == []
    assert len(claim(now, channel="email")) == 1
    assert len(claim(now + timedelta(hours=10))) == 1


def test_a_thousand_that_wait_for_the_morning_do_not_hide_one_that_is_due(now: datetime) -> None:
    post(1000, now=now, not_before=now + timedelta(hours=10), priority=5)
    (due,) = post(now=now)
    assert [c.id for c in claim(now)] == [due]


def test_two_workers_never_take_the_same_message(now: datetime) -> None:
    ids = post(300, now=now)
    taken: list[int] = []
    engine = db.engine

    def work(name: str) -> None:
        while found := outbox.claim(engine, channel="sms", limit=7, owner=name, now=now):
            taken.extend(c.id for c in found)

    threads = [threading.Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(ids)


def test_a_departure_is_marked_before_the_request_leaves(now: datetime) -> None:
    (id_,) = post(now=now)
    claimed = claim(now)
    later = now + timedelta(seconds=1)
    assert depart(claimed, later) == {id_}
    found = delivery(id_)
    assert (found.last_attempt_at, found.attempts, found.state) == (later, 1, State.SENDING)


def test_who_asked_for_silence_between_claim_and_departure_gets_nothing(now: datetime) -> None:
    quiet, other = post(2, now=now)
    claimed = claim(now)
    outbox.suppress("sms", "+996555000000", "opted_out", now)
    db.session.commit()
    assert depart(claimed, now) == {other}
    assert delivery(quiet).state is State.SUPPRESSED
    assert delivery(quiet).fault is Fault.OPTED_OUT
    assert events(quiet) == ["suppressed"]


def test_silence_on_one_channel_is_not_silence_on_another(now: datetime) -> None:
    (id_,) = post(now=now)
    outbox.suppress("email", "+996555000000", "unsubscribed", now)
    db.session.commit()
    assert depart(claim(now), now) == {id_}


def test_a_person_may_want_messages_again(now: datetime) -> None:
    (id_,) = post(now=now)
    outbox.suppress("sms", "+996555000000", "opted_out", now)
    outbox.suppress("sms", "+996555000000", "blocked", now)
    outbox.unsuppress("sms", "+996555000000")
    db.session.commit()
    assert depart(claim(now), now) == {id_}


def test_news_that_grew_old_between_claim_and_departure_stays_here(now: datetime) -> None:
    (id_,) = post(now=now, expires_at=now + timedelta(seconds=5))
    claimed = claim(now)
    assert depart(claimed, now + timedelta(seconds=5)) == set()
    assert states([id_]) == [State.EXPIRED]
    assert events(id_) == ["expired"]


def test_a_worker_whose_claim_has_passed_to_another_lets_nothing_leave(now: datetime) -> None:
    (id_,) = post(now=now)
    claimed = claim(now)
    put(id_, epoch=2)
    assert depart(claimed, now) == set()
    put(id_, epoch=1, state=State.UNCERTAIN)
    assert depart(claimed, now) == set()
    assert delivery(id_).last_attempt_at is None


def test_the_next_due_moment_is_found_among_messages_and_checks(now: datetime) -> None:
    assert outbox.next_due(db.engine, ["sms", "email"]) is None
    post(now=now, not_before=now + timedelta(hours=10), priority=10)
    (routine,) = post(now=now, not_before=now + timedelta(hours=2))
    assert outbox.next_due(db.engine, ["sms"]) == now + timedelta(hours=2)
    assert outbox.next_due(db.engine, ["email"]) is None
    put(routine, state=State.ACCEPTED, next_check_at=now + timedelta(minutes=15))
    assert outbox.next_due(db.engine, ["sms"]) == now + timedelta(minutes=15)
    assert not outbox.anything_due(db.engine, ["sms"], now)
    assert outbox.anything_due(db.engine, ["sms"], now + timedelta(hours=1))


def test_a_claim_walks_an_index_and_not_the_table(now: datetime, database: str) -> None:
    post(50, now=now)
    statements: list[tuple[str, object]] = []

    def listen(_c: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        statements.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", listen)
    claim(now, limit=10)
    event.remove(db.engine, "before_cursor_execute", listen)
    explain = "EXPLAIN QUERY PLAN " if database == "sqlite" else "EXPLAIN "
    plans = []
    for statement, parameters in statements:
        if not statement.startswith("BEGIN"):
            with db.engine.connect() as connection:
                if database == "postgresql":
                    # With so few rows PostgreSQL would rather read them all.
                    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
                plans.append(str(connection.exec_driver_sql(explain + statement, parameters).all()))  # type: ignore[arg-type]
    assert any("ix_deliveries_due" in plan for plan in plans)
    assert not any("SCAN deliveries'" in plan or "Seq Scan" in plan for plan in plans)


def test_what_still_waits_when_the_quiet_hours_begin_waits_for_the_morning(now: datetime) -> None:
    evening, morning = now + timedelta(hours=1), now + timedelta(hours=13)
    held, free = post(now=now, quiet=(evening, morning))[0], post(now=now, first=1)[0]
    assert depart(claim(evening - timedelta(seconds=1)), evening) == {free}
    found = delivery(held)
    assert (found.state, found.not_before, found.attempts) == (State.PENDING, morning, 0)
    assert events(held) == ["quiet"]
    assert claim(morning - timedelta(seconds=1)) == []
    assert depart(claim(morning), morning) == {held}


@pytest.mark.parametrize("days", [0, 1, 30])
def test_the_quiet_hours_come_again_each_day(now: datetime, days: int) -> None:
    evening, morning = now + timedelta(hours=1), now + timedelta(hours=13)
    (id_,) = post(now=now, quiet=(evening, morning), expires_at=now + timedelta(days=90))
    later = timedelta(days=days)
    assert depart(claim(evening + later), evening + later) == set()
    assert delivery(id_).not_before == morning + later


def test_in_the_day_nothing_of_it_is_felt(now: datetime) -> None:
    (id_,) = post(now=now, quiet=(now + timedelta(hours=1), now + timedelta(hours=13)))
    noon = now + timedelta(days=2)
    assert depart(claim(noon), noon) == {id_}


def test_what_was_written_in_practice_is_not_claimed_for_real_phones(now: datetime) -> None:
    practice, real = post(2, now=now)
    put(practice, provider="sandbox")
    put(real, provider=None)
    release_session()
    found = outbox.claim(db.engine, channel="sms", limit=9, owner="test", now=now, practice=False)
    assert [each.id for each in found] == [real]
