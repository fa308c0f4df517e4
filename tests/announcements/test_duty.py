"""Who is on duty can be called about an urgent notice: a phone at its foot, where that costs nothing."""

from __future__ import annotations

from datetime import datetime
from html import unescape
from typing import Any

import pytest

from notifier.database import db
from tests.announcements.writing import write
from tests.cast import Cast
from webapp.announcements.back.again import correction_of, use_again
from webapp.announcements.models import Announcement
from webapp.announcements.plan import plan
from webapp.roster.models import DutySwap, DutyTurn

PHONE = "+996 312 000 096"


@pytest.fixture
def turn(cast: Cast, now: datetime) -> DutyTurn:
    """The turn of this Tuesday's working hours; it is 14:00."""
    made = DutyTurn(
        school_id=cast.school.id, weekday=1, starts=480, ends=1020, name="Үлгүлүев Кезмет", phone=PHONE
    )
    db.session.add(made)
    db.session.commit()
    return made


def bodies(cast: Cast, now: datetime, text: str, **fields: object) -> dict[str, str]:
    draft = write(cast, ky=text, now=now, **fields)
    return {f"{message.channel} {message.language}": message.body for _, message in plan(draft, now).messages}


def test_an_urgent_notice_ends_with_the_phone_of_who_is_on_duty(
    cast: Cast, now: datetime, turn: DutyTurn
) -> None:
    found = bodies(cast, now, "Мектеп жабылды.", urgent=True)
    assert found["sms ky"] == f"№95, 5-А: Мектеп жабылды.\nНөөмөтчү: {PHONE}"
    assert f"Дежурный: {PHONE}" in found["email ru"]
    assert not any("Кезмет" in body for body in found.values()), "a name of the staff is not spread"


def test_it_costs_no_further_part(cast: Cast, now: datetime, turn: DutyTurn) -> None:
    full = "а" * 50  # with the opening 60 of 70 letters
    assert bodies(cast, now, full, urgent=True)["sms ky"] == f"№95, 5-А: {full}"
    longer = "а" * 80
    assert bodies(cast, now, longer, urgent=True)["sms ky"].endswith(PHONE)


def test_a_text_in_latin_letters_keeps_them(cast: Cast, now: datetime, turn: DutyTurn) -> None:
    assert bodies(cast, now, "Mektep jabyldy.", urgent=True)["sms ky"].endswith(f"Nöömötchü: {PHONE}")


def test_the_author_leaves_it_off_and_it_stays_off_when_the_text_is_used_again(
    cast: Cast, now: datetime, turn: DutyTurn
) -> None:
    draft = write(cast, ky="Мектеп жабылды.", urgent=True, now=now)
    seen = draft.fingerprint
    draft.without_duty = True
    db.session.commit()
    assert draft.fingerprint != seen
    assert not any(PHONE in message.body for _, message in plan(draft, now).messages)
    for later in (use_again(draft, cast.teacher, now), correction_of(draft, cast.teacher, now)):
        assert later.without_duty


def test_the_tick_is_offered_where_somebody_can_be_called(
    cast: Cast, now: datetime, turn: DutyTurn, sign_in: Any
) -> None:
    client = sign_in(cast.teacher)
    label = "Without the phone of who is on duty"
    assert label in unescape(client.get("/announcements/new").text)
    fields = {"classes": str(cast.class_5a.id), "text_ky": "Мектеп жабылды.", "urgent": "y"}
    for token, tick in (("with", {}), ("without", {"without_duty": "y"})):
        answer = client.post("/announcements/new", data=fields | tick | {"token": token})
        assert answer.status_code == 303
        kept = db.session.scalars(db.select(Announcement).filter_by(token=token)).one()
        assert kept.without_duty is bool(tick)
        form = unescape(client.get(f"/announcements/{kept.id}/edit").text)
        assert ("checked" in form.partition('name="without_duty"')[0].rpartition("<input")[2]) is bool(tick)
    turn.phone = ""
    db.session.commit()
    assert label not in unescape(client.get("/announcements/new").text)


def test_nobody_on_duty_and_no_urgency_leave_the_notice_as_it_is(
    cast: Cast, now: datetime, turn: DutyTurn
) -> None:
    assert "Нөөмөтчү" not in bodies(cast, now, "Мектеп жабылды.")["sms ky"]
    turn.swaps.append(DutySwap(day=now.date(), name="", phone=""))
    db.session.commit()
    assert "Нөөмөтчү" not in bodies(cast, now, "Мектеп жабылды.", urgent=True)["sms ky"]
    turn.swaps[0].name, turn.swaps[0].phone = "Ордунда Тургуев", "+996 312 000 097"
    db.session.commit()
    assert bodies(cast, now, "Мектеп жабылды.", urgent=True)["sms ky"].endswith("+996 312 000 097")
