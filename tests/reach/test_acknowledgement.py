"""A family says that it knows: by SMS, by a slip, by phone; who has not is reminded once."""

from __future__ import annotations

from collections.abc import Iterator
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
from webapp.announcements.models import Announcement
from webapp.announcements.publish import publish
from webapp.announcements.recipients import Recipient
from webapp.inbox.read import read_waiting
from webapp.staff.models import AuditEntry

PHONE = "+996700000102"  # of the siblings' father


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now + timedelta(hours=2), tick=False) as traveller:
        yield traveller


@pytest.fixture
def asked(cast: Cast, now: datetime) -> Announcement:
    """An announcement to 5-А and 5-Б that asks, and has arrived everywhere but at one phone."""
    announcement = write(cast, cast.class_5a, cast.class_5b, author=cast.director, now=now)
    announcement.asks_acknowledgement = True
    send(announcement, now)
    becomes(message_for(announcement, cast.siblings), State.DELIVERED, now)
    becomes(message_for(announcement, cast.button_phone), State.DELIVERED, now)
    return announcement


def came(body: str, now: datetime, sender: str = PHONE, ref: str = "SM1") -> None:
    outbox.receive(provider="sandbox", provider_ref=ref, sender=sender, recipient="", body=body, now=now)
    read_waiting(now)


def test_a_yes_is_kept_with_its_message(cast: Cast, asked: Announcement, now: datetime) -> None:
    came("ООБА", now)
    copy = copy_for(asked, cast.siblings)
    assert (copy.acknowledged_how, copy.acknowledged_at) == ("sms", now)
    assert copy.acknowledged_inbound_id is not None


def test_an_answer_goes_to_what_asks_though_something_newer_came(
    cast: Cast, asked: Announcement, now: datetime
) -> None:
    newer = write(cast, now=now)
    send(newer, now + timedelta(hours=1))
    becomes(message_for(newer, cast.siblings), State.DELIVERED, now)
    came("ооба", now + timedelta(hours=2))
    assert copy_for(asked, cast.siblings).acknowledged_at
    assert not copy_for(newer, cast.siblings).acknowledged_at


def test_slips_are_entered_in_bulk_audited_and_taken_back(
    cast: Cast, asked: Announcement, sign_in: Any
) -> None:
    client = sign_in(cast.teacher)
    url = f"/reach/announcements/{asked.id}/acknowledged/{cast.class_5a.id}"
    page = client.get(url).text
    assert "Асан Мисалов" in page
    assert "Пётр Соседов" not in page
    ids = [copy_for(asked, family).id for family in (cast.button_phone, cast.no_address)]
    foreign = copy_for(asked, cast.neighbour).id
    answer = client.post(url, data={"copy": [*ids, foreign], "how": "paper", "day": "2026-11-24"})
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "Noted for 2 families." in page
    assert copy_for(asked, cast.no_address).acknowledged_how == "paper"
    assert copy_for(asked, cast.neighbour).acknowledged_at is None
    entry = db.session.scalars(select(AuditEntry).filter_by(action="acknowledgement.entered")).one()
    assert entry.detail == {"classes": ["5-А"], "families": 2, "how": "paper"}
    client.post(f"{url}/undo", data={"ids": ",".join(map(str, [*ids, foreign]))})
    db.session.expire_all()
    assert copy_for(asked, cast.no_address).acknowledged_at is None


def test_what_a_parent_answered_is_not_taken_back_by_hand(
    cast: Cast, asked: Announcement, sign_in: Any, now: datetime
) -> None:
    came("ООБА", now)
    copy = copy_for(asked, cast.siblings)
    url = f"/reach/announcements/{asked.id}/acknowledged/{cast.class_5a.id}"
    client = sign_in(cast.teacher)
    client.post(url, data={"copy": [copy.id], "how": "phone"})
    client.post(f"{url}/undo", data={"ids": str(copy.id)})
    db.session.expire_all()
    assert copy_for(asked, cast.siblings).acknowledged_how == "sms"


def test_those_who_have_not_answered_are_reminded_once(
    cast: Cast, asked: Announcement, sign_in: Any, now: datetime
) -> None:
    came("ООБА", now)
    copy_for(asked, cast.email_only).spoken_at = now
    db.session.commit()
    before = db.session.scalar(select(func.count(Delivery.id)))
    client = sign_in(cast.director)
    page = client.get(f"/reach/announcements/{asked.id}/acknowledged").text
    assert "Remind 2 families" in page
    assert "Эске салабыз: " in page
    for _ in range(2):
        assert client.post(f"/reach/announcements/{asked.id}/remind").status_code == 303
    # The two families behind the button phone, in one SMS.
    assert db.session.scalar(select(func.count(Delivery.id))) == (before or 0) + 1
    again = db.session.scalars(select(Announcement).filter_by(kind="reminder")).one()
    body = message_for(again, cast.button_phone).body
    assert "Эске салабыз: " in body
    assert "ООБА" in body
    assert "were reminded" in client.get(f"/reach/announcements/{again.id}/acknowledged").text


def test_nobody_is_reminded_of_what_has_not_left_yet(cast: Cast, sign_in: Any, now: datetime) -> None:
    draft = write(cast, author=cast.director, now=now)
    draft.asks_acknowledgement = True
    publish(draft, now + timedelta(hours=2), hold=timedelta(seconds=30))
    db.session.commit()
    client = sign_in(cast.director)
    page = f"/reach/announcements/{draft.id}/acknowledged"
    assert "have not left yet" in client.get(page).text
    answer = client.post(f"/reach/announcements/{draft.id}/remind", follow_redirects=True).text
    assert "Remind families afterwards." in answer
    assert db.session.scalar(select(func.count()).select_from(Announcement)) == 1
    # Whom it has left for can be reminded; the press too early was not the one there is.
    becomes(message_for(draft, cast.button_phone), State.DELIVERED, now)
    assert "Remind 1 family" in client.get(page).text
    client.post(f"/reach/announcements/{draft.id}/remind")
    again = db.session.scalars(select(Announcement).filter_by(kind="reminder")).one()
    told = select(Recipient.family_id).where(
        Recipient.announcement_id == again.id, Recipient.delivery_id.is_not(None)
    )
    assert db.session.scalars(told).all() == [cast.button_phone.id]


def test_a_yes_to_the_reminder_is_a_yes_to_what_it_reminds_of(
    cast: Cast, asked: Announcement, sign_in: Any, now: datetime
) -> None:
    sign_in(cast.director).post(f"/reach/announcements/{asked.id}/remind")
    again = db.session.scalars(select(Announcement).filter_by(kind="reminder")).one()
    becomes(message_for(again, cast.siblings), State.DELIVERED, now)
    came("ООБА", now + timedelta(hours=3))
    db.session.expire_all()
    assert copy_for(asked, cast.siblings).acknowledged_how == "sms"
    assert copy_for(again, cast.siblings).acknowledged_how == "sms"


def test_a_teacher_reminds_nobody_of_what_went_to_others_classes(
    cast: Cast, asked: Announcement, sign_in: Any
) -> None:
    client = sign_in(cast.teacher)
    assert "Remind " not in client.get(f"/reach/announcements/{asked.id}/acknowledged").text
    assert client.post(f"/reach/announcements/{asked.id}/remind").status_code == 403


def test_slips_are_printed_for_those_who_have_not_answered(
    cast: Cast, asked: Announcement, sign_in: Any, now: datetime
) -> None:
    came("ООБА", now)
    page = sign_in(cast.teacher).get(f"/reach/announcements/{asked.id}/slips/{cast.class_5a.id}").text
    assert "Чолпон Дарексизова" in page
    assert "Тааныштым, кол тамгам" in page
    assert "Ознакомлен(а), подпись" in page
    assert "Нурлан Экөөбаев" not in page
