"""By an hour the child is to get in touch: who was, who is reminded before, who is called after."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select

from notifier import outbox
from notifier.database import db
from notifier.models import Delivery, State
from tests.announcements.writing import becomes, copy_for, message_for, send, write
from tests.cast import Cast
from webapp.announcements.models import Announcement, AnswerReminder
from webapp.announcements.touch import InTouch
from webapp.inbox.read import read_waiting
from webapp.reach.answers.feedback import keep_hours_at
from webapp.reach.models import FollowUp

PHONE = "+996700000102"


@pytest.fixture
def hour(now: datetime) -> datetime:
    return now + timedelta(days=1)


@pytest.fixture
def asked(cast: Cast, now: datetime, hour: datetime) -> Announcement:
    announcement = write(cast, now=now)
    announcement.answer_by, announcement.answer_reminder = hour, AnswerReminder.HOURS
    send(announcement, now)
    has_left(announcement, cast, now)
    becomes(message_for(announcement, cast.siblings), State.DELIVERED, now)
    return announcement


def has_left(announcement: Announcement, cast: Cast, now: datetime) -> None:
    for family in (cast.button_phone, cast.email_only, cast.siblings):
        becomes(message_for(announcement, family), State.ACCEPTED, now)


def came(body: str, at: datetime, ref: str = "SM1") -> None:
    outbox.receive(provider="sandbox", provider_ref=ref, sender=PHONE, recipient="", body=body, now=at)
    read_waiting(at)


def touches() -> int:
    return db.session.scalar(select(func.count()).select_from(InTouch)) or 0


def test_any_word_of_the_family_is_being_in_touch_once(
    cast: Cast, asked: Announcement, now: datetime
) -> None:
    came("Тапшырманы аткардык, рахмат сизге чоң", now + timedelta(hours=1))
    came("дагы бир суроо бар эле", now + timedelta(hours=2), ref="SM2")
    touch = db.session.scalars(select(InTouch)).one()
    assert (touch.recipient_id, touch.how) == (copy_for(asked, cast.siblings).id, "sms")
    assert touch.at == now + timedelta(hours=1)


def test_who_asks_for_silence_was_not_in_touch(cast: Cast, asked: Announcement, now: datetime) -> None:
    came("СТОП", now + timedelta(hours=1))
    assert touches() == 0


def test_those_who_were_not_in_touch_are_reminded_two_hours_before_and_once(
    cast: Cast, asked: Announcement, now: datetime, hour: datetime
) -> None:
    came("ооба", now + timedelta(hours=1))
    before = db.session.scalar(select(func.count(Delivery.id))) or 0
    keep_hours_at(hour - timedelta(hours=3))
    assert db.session.scalar(select(func.count(Delivery.id))) == before
    for minutes in (119, 118, 1):
        keep_hours_at(hour - timedelta(minutes=minutes))
    again = db.session.scalars(select(Announcement).filter_by(kind="reminder")).one()
    message = message_for(again, cast.button_phone)
    assert "Эске салабыз" in message.body
    assert message.expires_at == hour
    # The mother's phone and grandmother's mailbox; the siblings' father has answered.
    assert db.session.scalar(select(func.count(Delivery.id))) == before + 2


def test_a_reminder_on_the_evening_before(cast: Cast, now: datetime, hour: datetime) -> None:
    announcement = write(cast, now=now)
    announcement.answer_by, announcement.answer_reminder = hour, AnswerReminder.EVENING
    send(announcement, now)
    has_left(announcement, cast, now)
    evening = now.replace(hour=12)  # 18:00 in Bishkek
    assert not keep_hours_at(evening - timedelta(minutes=1))
    assert keep_hours_at(evening)
    assert not keep_hours_at(evening + timedelta(minutes=1))


def test_after_the_hour_somebody_calls_those_who_were_not_in_touch(
    cast: Cast, asked: Announcement, now: datetime, hour: datetime
) -> None:
    came("ооба", now + timedelta(hours=1))
    for minutes in (0, 1, 60):
        keep_hours_at(hour + timedelta(minutes=minutes))
    tasks = db.session.scalars(select(FollowUp)).all()
    assert {task.family_id for task in tasks} == {
        cast.button_phone.id, cast.email_only.id, cast.no_address.id,
    }  # fmt: skip
    assert {task.rule for task in tasks} == {"feedback"}


def test_who_writes_late_needs_no_call_any_more(cast: Cast, asked: Announcement, hour: datetime) -> None:
    keep_hours_at(hour)
    came("кечиктик, кечиресиз", hour + timedelta(hours=2))
    task = db.session.scalars(select(FollowUp).filter_by(family_id=cast.siblings.id)).one()
    assert task.state == "done"


def test_a_teacher_ticks_who_called_and_takes_it_back(
    cast: Cast, asked: Announcement, sign_in: Any, now: datetime
) -> None:
    with time_machine.travel(now + timedelta(hours=1), tick=False):
        client = sign_in(cast.teacher)
        page = client.get(f"/reach/announcements/{asked.id}/in-touch").text
        assert "They are asked to be in touch by 25 November, 14:00" in page
        url = f"/reach/announcements/{asked.id}/in-touch/{cast.class_5a.id}"
        copy = copy_for(asked, cast.no_address).id
        answer = client.post(url, data={"copy": [copy]})
        assert "Noted for 1 family." in client.get(answer.location).text
        assert touches() == 1
        client.post(f"{url}/undo", data={"ids": copy})
    assert touches() == 0


def test_after_the_hour_the_page_says_so(
    cast: Cast, asked: Announcement, sign_in: Any, hour: datetime
) -> None:
    with time_machine.travel(hour + timedelta(hours=1), tick=False):
        page = sign_in(cast.teacher).get(f"/reach/announcements/{asked.id}/in-touch").text
    assert "The hour is over" in page
