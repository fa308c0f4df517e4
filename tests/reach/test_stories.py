"""A family whose phone is off is tried by all other ways, once each, until it knows."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from notifier.database import db
from notifier.message import Fault
from notifier.models import Delivery, State, Suppression
from tests.announcements.writing import copy_for, message_for, send, write
from tests.cast import Cast
from tests.reach.climbing import (
    FATHER,
    MAIL,
    RELAY,
    guardian,
    messages,
    minute,
    rungs,
    sent_to,
    settle,
    tasks,
)
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Climb
from webapp.families.models import ContactPoint, ContactStatus, Family
from webapp.reach.contacts.note import note_contact
from webapp.reach.jobs import climb_what_is_due
from webapp.reach.models import ContactLog, FollowUp, FollowUpState, Means, Outcome
from webapp.reach.queries import Scope, report


@pytest.fixture
def off(cast: Cast, now: datetime) -> Announcement:
    """An announcement whose SMS did not arrive: the siblings' phone is off, and there is a father."""
    guardian(cast.siblings, "Эрмек Экөөбаев", FATHER, MAIL, language="ru")
    announcement = write(cast, now=now)
    send(announcement, now)
    for family in (cast.button_phone, cast.siblings):
        delivery = message_for(announcement, family)
        if family is cast.button_phone:
            settle(delivery, State.DELIVERED, now)
        else:
            settle(delivery, State.UNDELIVERED, now, Fault.HANDSET_OFF)
    return announcement


def reached(cast: Cast, announcement: Announcement) -> dict[str, int]:
    found = report(
        Scope(cast.school.id, [cast.class_5a.id], announcement_id=announcement.id), [cast.class_5a]
    )
    return {name: number for name, number in found.total.as_dict().items() if number}


def go_up(cast: Cast, off: Announcement, now: datetime) -> None:
    """The story: father's number, e-mail, a call that nobody answers, a relay, the pedagogue's visit."""
    siblings = cast.siblings
    at = minute(now)
    (second,) = sent_to(FATHER)
    settle(second, State.FAILED, at, Fault.NO_ROUTE)
    at = minute(at)
    (letter,) = sent_to(MAIL)
    settle(letter, State.ACCEPTED, at)
    at = minute(at, 1)
    assert tasks(siblings) == [], "the letter may still be answered"
    at = minute(at, 3)
    (call,) = tasks(siblings)
    assert (call.means, call.assignee_id) == (Means.CALL, cast.teacher.id)
    note_contact(siblings, Means.CALL, Outcome.NO_ANSWER, at, cast.teacher, "t1", at, follow_up_id=call.id)
    db.session.commit()
    at = minute(at, 48)
    at = minute(at, 48)
    call, _, visit = tasks(siblings)
    assert (call.state, call.closed_because) == (FollowUpState.CANCELLED, "climbed")
    assert (visit.means, visit.assignee_id) == (Means.VISIT, cast.pedagogue.id)
    note_contact(siblings, Means.VISIT, Outcome.SPOKE, at, cast.pedagogue, "t2", at, follow_up_id=visit.id)
    db.session.commit()
    for _ in range(3):
        at = minute(at, 100)


def assert_told(cast: Cast, off: Announcement) -> None:
    """Each rung once, nobody texted twice, and in the end the family knows."""
    assert rungs(off, cast.siblings) == ["first", "next_number", "email", "call", "relay", "visit"]
    assert len(sent_to(FATHER)) == len(sent_to(MAIL)) == len(sent_to("+996700000102")) == 1
    assert [task.state for task in tasks(cast.siblings)] == ["cancelled", "cancelled", "done"]
    assert tasks(cast.siblings)[-1].closed_because == "spoke"
    copy = copy_for(off, cast.siblings)
    assert copy.spoken_at is not None
    assert copy.climb_at is None
    assert reached(cast, off)["spoken_to"] == 1


def test_from_a_phone_that_is_off_to_a_talk_at_the_door(cast: Cast, off: Announcement, now: datetime) -> None:
    go_up(cast, off, now)
    assert_told(cast, off)
    assert len(messages(off)) == 5, "three to begin with, the father's, the letter"


class Killed(BaseException):
    """The worker's end, at the worst moment."""


@pytest.fixture(params=["before_commit", "after_commit"])
def stubborn_worker(app: Flask, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Kill every run of the worker at its first commit, run it again, kill it at its second, and so on.

    The list counts the deaths.
    """
    deaths: list[int] = [0]

    def stubbornly(at: datetime, turn: float | None = None) -> bool:
        last = 0
        # What the test has read must not keep SQLite's one writer waiting.
        db.session.rollback()
        while True:
            last += 1
            commits: list[int] = [0]

            def die(_session: Any, commits: list[int] = commits, last: int = last) -> None:
                commits[0] += 1
                if commits[0] == last:
                    raise Killed

            with app.app_context():
                event.listen(db.session(), request.param, die)
                try:
                    return climb_what_is_due(at, turn)
                except Killed:
                    deaths[0] += 1
                finally:
                    db.session.remove()

    monkeypatch.setattr("tests.reach.climbing.climb_what_is_due", stubbornly)
    return deaths


def test_a_worker_that_dies_between_any_two_steps_changes_nothing(
    cast: Cast, off: Announcement, now: datetime, stubborn_worker: list[int]
) -> None:
    go_up(cast, off, now)
    assert_told(cast, off)
    assert len(messages(off)) == 5
    assert stubborn_worker[0] > 20


def test_twice_in_the_same_minute_is_once(cast: Cast, off: Announcement, now: datetime) -> None:
    for _ in range(3):
        at = minute(now)
    assert len(sent_to(FATHER)) == 1
    settle(sent_to(FATHER)[0], State.DELIVERED, at)
    for _ in range(3):
        at = minute(at, 50)
    assert rungs(off, cast.siblings) == ["first", "next_number"]
    assert reached(cast, off)["delivered"] == 2
    assert tasks(cast.siblings) == []


def test_what_arrived_climbs_no_further(cast: Cast, off: Announcement, now: datetime) -> None:
    guardian(cast.button_phone, "Атасы Мисалов", RELAY)
    for hours in (1, 5, 50):
        minute(now, hours)
    assert rungs(off, cast.button_phone) == []
    assert sent_to(RELAY) == []
    assert copy_for(off, cast.button_phone).climb_at is None


def test_without_a_receipt_the_next_number_is_tried_after_the_hours(cast: Cast, now: datetime) -> None:
    guardian(cast.siblings, "Эрмек Экөөбаев", FATHER)
    announcement = write(cast, now=now)
    send(announcement, now)
    settle(message_for(announcement, cast.siblings), State.ACCEPTED, now)
    minute(now)
    minute(now, 2.9)
    assert sent_to(FATHER) == []
    minute(now, 3)
    assert len(sent_to(FATHER)) == 1


def test_an_urgent_announcement_climbs_faster(cast: Cast, now: datetime) -> None:
    guardian(cast.siblings, "Эрмек Экөөбаев", FATHER)
    announcement = write(cast, urgent=True, now=now)
    send(announcement, now)
    settle(message_for(announcement, cast.siblings), State.ACCEPTED, now)
    minute(now)
    minute(now, 0.5)
    assert len(sent_to(FATHER)) == 1
    assert sent_to(FATHER)[0].priority == 10


@pytest.mark.parametrize("state", [State.PENDING, State.SENDING, State.UNCERTAIN])
def test_nothing_else_is_tried_while_nobody_knows(cast: Cast, now: datetime, state: State) -> None:
    guardian(cast.siblings, "Эрмек Экөөбаев", FATHER)
    announcement = write(cast, now=now)
    send(announcement, now)
    settle(message_for(announcement, cast.siblings), state, now)
    for hours in (0, 4, 40):
        minute(now, hours)
    assert sent_to(FATHER) == []
    assert tasks(cast.siblings) == []


def test_what_only_a_person_can_tell_goes_to_a_person_not_to_another_phone(cast: Cast, now: datetime) -> None:
    guardian(cast.siblings, "Эрмек Экөөбаев", FATHER)
    announcement = write(cast, now=now)
    send(announcement, now)
    settle(message_for(announcement, cast.siblings), State.NEEDS_HUMAN, now)
    for _ in range(2):
        minute(now)
    assert sent_to(FATHER) == []
    (task,) = tasks(cast.siblings, "undecided")
    assert task.means == Means.CALL
    settle(message_for(announcement, cast.siblings), State.DELIVERED, now)
    minute(now)
    assert (tasks(cast.siblings, "undecided")[0].state, task.closed_because) == ("done", "delivered")


def test_a_late_receipt_of_the_first_number_counts_and_ends_the_climbing(
    cast: Cast, off: Announcement, now: datetime
) -> None:
    at = minute(now)
    settle(sent_to(FATHER)[0], State.UNDELIVERED, at, Fault.HANDSET_OFF)
    minute(at)
    for delivery in sent_to("+996700000102"):
        settle(delivery, State.DELIVERED, at)
    assert reached(cast, off)["delivered"] == 2, "at once, before the worker comes by"
    settle(sent_to(MAIL)[0], State.ACCEPTED, at)
    at = minute(at)
    copy = copy_for(off, cast.siblings)
    assert copy.climb_at is None
    assert copy.delivery is not None
    assert copy.delivery.address == "+996700000102"
    minute(at, 50)
    assert tasks(cast.siblings) == []


def test_a_late_receipt_after_the_last_rung_closes_the_task(cast: Cast, now: datetime) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    settle(message_for(announcement, cast.siblings), State.UNDELIVERED, now, Fault.UNKNOWN)
    at = minute(now)
    for _ in range(4):
        at = minute(at, 100)
    assert copy_for(announcement, cast.siblings).climb_at is None
    assert tasks(cast.siblings)[-1].state == FollowUpState.OPEN
    settle(message_for(announcement, cast.siblings), State.DELIVERED, at)
    minute(at)
    assert tasks(cast.siblings)[-1].closed_because == "delivered"


def test_a_phone_that_got_it_for_another_family_is_not_texted_again(cast: Cast, now: datetime) -> None:
    guardian(cast.siblings, "Гүлнара Мисалова", "+996555000101", relay=True)
    announcement = write(cast, now=now)
    send(announcement, now)
    settle(message_for(announcement, cast.button_phone), State.DELIVERED, now)
    settle(message_for(announcement, cast.siblings), State.UNDELIVERED, now, Fault.HANDSET_OFF)
    at = minute(now)
    assert len(sent_to("+996555000101")) == 1
    assert reached(cast, announcement)["relayed"] == 1, "at a neighbour's, which is not reached"
    assert tasks(cast.siblings) == []
    minute(at, 4)
    assert [task.means for task in tasks(cast.siblings)] == [Means.CALL]


def test_two_families_behind_one_second_phone_get_one_message(cast: Cast, now: datetime) -> None:
    for family in (cast.siblings, cast.button_phone):
        guardian(family, "Таянесе", FATHER)
    announcement = write(cast, now=now)
    send(announcement, now)
    for family in (cast.siblings, cast.button_phone):
        settle(message_for(announcement, family), State.UNDELIVERED, now, Fault.HANDSET_OFF)
    at = minute(now)
    (only,) = sent_to(FATHER)
    assert "Асан" in only.body
    assert "Нурлан" in only.body
    settle(only, State.DELIVERED, at)
    assert reached(cast, announcement)["delivered"] == 2


def test_the_other_guardian_is_told_in_their_own_language_and_script(
    cast: Cast, off: Announcement, now: datetime
) -> None:
    minute(now)
    assert "Завтра уроки" in sent_to(FATHER)[0].body


def test_every_part_of_a_rung_is_charged(cast: Cast, off: Announcement, now: datetime) -> None:
    before = off.segments
    minute(now)
    db.session.refresh(off)
    assert off.segments == before + sent_to(FATHER)[0].segments


def test_over_the_limit_only_urgent_announcements_climb_by_sms(cast: Cast, now: datetime) -> None:
    guardian(cast.siblings, "Эрмек Экөөбаев", FATHER, MAIL)
    usual, urgent = write(cast, now=now), write(cast, urgent=True, now=now)
    for announcement in (usual, urgent):
        send(announcement, now)
        settle(message_for(announcement, cast.siblings), State.UNDELIVERED, now, Fault.HANDSET_OFF)
    cast.school.sms_price, cast.school.monthly_limit = Decimal(1), Decimal(1)
    db.session.commit()
    minute(now)
    assert rungs(usual, cast.siblings) == ["first", "email"]
    assert rungs(urgent, cast.siblings) == ["first", "next_number"]


class TestWhereRealMessagesLeave:
    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {
            "SMS_PROVIDER": "twilio",
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": "not a token",
            "TWILIO_FROM": "+15005550006",
        }

    def test_at_night_the_next_number_waits_for_the_morning(self, cast: Cast, now: datetime) -> None:
        guardian(cast.siblings, "Эрмек Экөөбаев", FATHER)
        evening = now + timedelta(hours=5, minutes=30)
        announcement = write(cast, now=evening)
        send(announcement, evening)
        settle(message_for(announcement, cast.siblings), State.ACCEPTED, evening)
        minute(evening)
        minute(evening, 3)
        (held,) = sent_to(FATHER)
        local = held.not_before.astimezone(cast.school.zone)
        assert (local.date(), local.hour) == (evening.date() + timedelta(days=1), 8)

    def test_what_was_practice_does_not_become_real_by_climbing(self, cast: Cast, now: datetime) -> None:
        guardian(cast.siblings, "Эрмек Экөөбаев", FATHER)
        announcement = write(cast, now=now)
        send(announcement, now)
        delivery = message_for(announcement, cast.siblings)
        delivery.provider = "sandbox"
        settle(delivery, State.UNDELIVERED, now, Fault.HANDSET_OFF)
        minute(now, 4)
        assert sent_to(FATHER) == []
        assert copy_for(announcement, cast.siblings).climb_at is None


def test_what_is_no_longer_news_is_not_written_to_another_number(cast: Cast, now: datetime) -> None:
    guardian(cast.siblings, "Эрмек Экөөбаев", FATHER)
    announcement = write(cast, now=now)
    send(announcement, now)
    settle(message_for(announcement, cast.siblings), State.EXPIRED, now)
    minute(now, 24 * 4)
    assert sent_to(FATHER) == []
    assert [task.means for task in tasks(cast.siblings)] == [Means.CALL]


def test_a_family_without_an_address_goes_straight_to_a_person(cast: Cast, now: datetime) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    for _ in range(2):
        minute(now)
    (task,) = tasks(cast.no_address)
    assert (task.means, task.announcement_id) == (Means.CALL, announcement.id)
    (asking,) = tasks(cast.no_address, "no_address")
    assert asking.assignee_id == cast.teacher.id
    guardian(cast.no_address, "Атасы", FATHER)
    minute(now, 1)
    assert tasks(cast.no_address, "no_address")[0].closed_because == "address"


def test_a_number_that_does_not_exist_is_written_to_no_more(cast: Cast, now: datetime) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    settle(message_for(announcement, cast.siblings), State.FAILED, now, Fault.BAD_ADDRESS)
    minute(now)
    point = db.session.scalars(select(ContactPoint).filter_by(address="+996700000102")).one()
    assert point.status == ContactStatus.BAD
    (task,) = tasks(cast.siblings, "wrong_number")
    assert task.cause == f"contact:{point.id}"
    assert [task.means for task in tasks(cast.siblings)] == [Means.CALL]


def test_whoever_asked_for_silence_is_not_written_to_on_a_rung(
    cast: Cast, off: Announcement, now: datetime
) -> None:
    db.session.add(Suppression(channel="sms", address=FATHER, reason="opted_out", created_at=now))
    db.session.commit()
    minute(now)
    assert rungs(off, cast.siblings) == ["first", "email"]


def test_a_school_that_switched_the_ladder_off_goes_after_nobody(
    cast: Cast, off: Announcement, now: datetime
) -> None:
    cast.school.ladder_on = False
    db.session.commit()
    for hours in (0, 5, 50):
        minute(now, hours)
    assert db.session.scalar(select(func.count()).select_from(Climb)) == 0
    assert tasks(cast.siblings) == []


def test_a_family_that_refused_is_left_alone(cast: Cast, now: datetime) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    settle(message_for(announcement, cast.siblings), State.UNDELIVERED, now, Fault.UNKNOWN)
    at = minute(now)
    (call,) = tasks(cast.siblings)
    note_contact(cast.siblings, Means.CALL, Outcome.REFUSED, at, cast.teacher, "t1", at, follow_up_id=call.id)
    db.session.commit()
    minute(at, 100)
    assert len(tasks(cast.siblings)) == 1
    assert copy_for(announcement, cast.siblings).climb_at is None


def test_a_yes_to_the_second_number_ends_the_climbing(cast: Cast, off: Announcement, now: datetime) -> None:
    from webapp.reach.answers.acknowledge import acknowledge_latest

    at = minute(now)
    settle(sent_to(FATHER)[0], State.ACCEPTED, at)
    assert acknowledge_latest("sms", FATHER, at) == 1
    db.session.commit()
    minute(at, 10)
    assert reached(cast, off)["acknowledged"] == 1
    assert tasks(cast.siblings) == []


def test_two_workers_take_each_rung_once(cast: Cast, off: Announcement, now: datetime, app: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    at = now + timedelta(minutes=2)

    def work() -> None:
        with app.app_context():
            climb_what_is_due(at)
            db.session.remove()

    with ThreadPoolExecutor(3) as pool:
        for job in [pool.submit(work) for _ in range(3)]:
            job.result()
    db.session.expire_all()
    assert len(sent_to(FATHER)) == 1
    assert rungs(off, cast.siblings) == ["first", "next_number"]
    assert len(tasks(cast.no_address)) == 1
    assert db.session.scalar(select(func.count()).select_from(ContactLog)) == 0
    assert isinstance(cast.siblings, Family)
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 4
    assert db.session.scalar(select(func.count(FollowUp.id)).where(FollowUp.rule == "ladder")) == 1
