"""What goes some hours before a moment goes with that moment when its author moves it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from notifier.database import db
from tests.announcements.writing import KY, RU, write
from tests.cast import Cast
from webapp.announcements.models import Announcement
from webapp.announcements.publish import publish
from webapp.upkeep.scheduled import let_all_go

# The clock stands on 24 November 2026; the assignment is handed in on 1 December, 18:00 in Bishkek.
ASSIGNED = {"subject": "Математика", "what": "№125", "until_day": "2026-12-01", "until_hour": "18:00"}
DUE = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def teacher(app: Flask, cast: Cast, client: FlaskClient, sign_in: Any) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    sign_in(cast.teacher)
    return client


@pytest.fixture
def assigned(cast: Cast, teacher: FlaskClient) -> Announcement:
    """An assignment that goes by itself two hours before it is to be handed in."""
    form = {"classes": str(cast.class_5a.id), "token": "t", **ASSIGNED}
    assert teacher.post("/announcements/new?kind=assignment", data=form).status_code == 303
    draft = db.session.scalars(select(Announcement)).one()
    later(teacher, draft, before="2")
    assert draft.goes_at == DUE - timedelta(hours=2)
    return draft


def later(client: FlaskClient, draft: Announcement, **chosen: str) -> Any:
    form = {"seen": draft.fingerprint, **chosen}
    answer = client.post(f"/announcements/{draft.id}/later", data=form, follow_redirects=True)
    db.session.expire_all()
    return answer


def change(client: FlaskClient, cast: Cast, draft: Announcement, **answers: str) -> str:
    """Save other answers, and read what the review says."""
    form = {"classes": str(cast.class_5a.id), "saw": draft.saved_by, **ASSIGNED, **answers}
    answer = client.post(f"/announcements/{draft.id}/edit", data=form, follow_redirects=True)
    assert answer.status_code == 200
    db.session.expire_all()
    return unescape(answer.text)


def test_the_hours_that_are_still_to_come_are_offered(
    teacher: FlaskClient, assigned: Announcement, clock: time_machine.Traveller
) -> None:
    page = teacher.get(f"/announcements/{assigned.id}/review").text
    for offered in ("1 hour before", "2 hours before", "24 hours before", "72 hours before"):
        assert offered in page
    assert "It is about 1 December, 18:00." in page
    clock.move_to(DUE - timedelta(hours=5))
    page = teacher.get(f"/announcements/{assigned.id}/review").text
    assert "3 hours before" in page
    assert "6 hours before" not in page


def test_it_moves_with_the_moment(cast: Cast, teacher: FlaskClient, assigned: Announcement) -> None:
    page = change(teacher, cast, assigned, until_day="2026-12-02", until_hour="09:30")
    assert assigned.goes_at == datetime(2026, 12, 2, 1, 30, tzinfo=UTC)
    assert "It goes by itself: 2 December, 07:30." in page
    assert "That is 2 hours before what it is about." in page
    assert let_all_go(DUE - timedelta(hours=2)) == 0
    assert let_all_go(datetime(2026, 12, 2, 1, 30, tzinfo=UTC)) == 1


def test_where_that_hour_is_over_it_waits_and_says_so(
    cast: Cast, teacher: FlaskClient, assigned: Announcement, now: datetime
) -> None:
    soon = now.astimezone(cast.school.zone) + timedelta(hours=1)
    page = change(teacher, cast, assigned, until_day=f"{soon:%Y-%m-%d}", until_hour=f"{soon:%H:%M}")
    assert (assigned.goes_at, assigned.goes_before) == (None, None)
    assert "It was to go 2 hours before what it is about, and that hour is over." in page


def test_without_a_moment_it_waits_and_says_so(
    cast: Cast, teacher: FlaskClient, assigned: Announcement
) -> None:
    page = change(teacher, cast, assigned, until_day="", until_hour="")
    assert assigned.goes_at is None
    assert "It was to go before a moment that it no longer names." in page


def test_an_hour_of_its_own_stays_unless_what_it_is_about_is_over_by_then(
    cast: Cast, teacher: FlaskClient, assigned: Announcement
) -> None:
    later(teacher, assigned, day="2026-11-30", hour="10:00")
    assert assigned.goes_before is None
    monday = datetime(2026, 11, 30, 4, 0, tzinfo=UTC)
    change(teacher, cast, assigned, until_hour="12:00")
    assert assigned.goes_at == monday
    page = change(teacher, cast, assigned, until_day="2026-11-29")
    assert assigned.goes_at is None
    assert "It was to go when what it is about is over." in page


def test_the_hour_to_be_in_touch_is_such_a_moment_too(
    cast: Cast, teacher: FlaskClient, now: datetime
) -> None:
    draft = write(cast, now=now)
    draft.answer_by = now + timedelta(days=3)
    db.session.commit()
    later(teacher, draft, before="24")
    assert draft.goes_at == now + timedelta(days=2)
    moved = (now + timedelta(days=4)).astimezone(cast.school.zone)
    form = {
        "classes": str(cast.class_5a.id),
        "token": draft.token,
        "text_ky": KY,
        "text_ru": RU,
        "answer_day": f"{moved:%Y-%m-%d}",
        "answer_hour": f"{moved:%H:%M}",
    }
    teacher.post(f"/announcements/{draft.id}/edit", data=form)
    db.session.expire_all()
    assert draft.goes_at == (now + timedelta(days=3)).replace(second=0, microsecond=0)


def test_it_is_not_told_on_days_when_what_it_is_about_is_over(
    teacher: FlaskClient, assigned: Announcement
) -> None:
    row = {"day": "2026-11-30", "hour": "10:00", "repeats": "y"}
    answer = later(teacher, assigned, **row, until="2026-12-02")
    assert answer.status_code == 422
    assert "On that day what it is about is over." in answer.text
    later(teacher, assigned, **row, until="2026-12-01")
    assert assigned.repeats_until == date(2026, 12, 1)


def test_what_has_gone_while_somebody_changed_it_is_not_changed_and_they_are_told(
    cast: Cast, teacher: FlaskClient, now: datetime
) -> None:
    draft = write(cast, now=now)
    draft.goes_at, draft.goes_by_id = now, cast.teacher.id
    db.session.commit()
    let_all_go(now)
    form = {"classes": str(cast.class_5a.id), "token": draft.token, "text_ky": "Сабак 10:00дө", "text_ru": ""}
    page = teacher.post(f"/announcements/{draft.id}/edit", data=form, follow_redirects=True).text
    db.session.expire_all()
    assert draft.text_ky == KY
    assert "your change is not in it" in page
    # The page of what was sent.
    assert "Send a correction" in page
    # Going back and pressing again with the same text is no change.
    page = teacher.post(f"/announcements/{draft.id}/edit", data=form | {"text_ky": KY, "text_ru": RU}).text
    assert "your change is not in it" not in teacher.get(f"/announcements/{draft.id}").text


def test_the_review_says_what_stands_against_sending_before_anybody_presses(
    teacher: FlaskClient, assigned: Announcement, clock: time_machine.Traveller
) -> None:
    assigned.stays()
    db.session.commit()
    clock.move_to(DUE + timedelta(hours=1))
    page = teacher.get(f"/announcements/{assigned.id}/review").text
    assert "The hour it is about is over. Change the day and the text." in page
    assert "/send" not in page
    assert "Change it" in page


def test_a_correction_follows_its_fields_as_the_first_did(
    cast: Cast, teacher: FlaskClient, assigned: Announcement, now: datetime
) -> None:
    publish(assigned, now, cast.teacher)
    db.session.commit()
    page = teacher.post(f"/announcements/{assigned.id}/correct", follow_redirects=True)
    right = db.session.scalars(select(Announcement).filter_by(corrects_id=assigned.id)).one()
    begun = unescape(page.text)
    assert begun.count(right.text_ky) == 2, "the text, and what the fields write, are the same"
    assert right.text_ky.startswith("Оңдоо: Математика")
    answers = {"text_ky": right.text_ky, "text_ru": right.text_ru}
    answers |= {"auto_ky": right.text_ky, "auto_ru": right.text_ru, "until_day": "2026-12-03"}
    asked = {**ASSIGNED, **answers, "token": right.token}
    url = f"/announcements/cost?draft={right.id}"
    cost = unescape(teacher.post(url, data=asked, headers={"HX-Request": "true"}).text)
    assert "Оңдоо: Математика, тапшырма: №125. Мөөнөтү: 3-декабрь, саат 18:00." in cost
    page = change(teacher, cast, right, **answers)
    assert right.text_ky == "Оңдоо: Математика, тапшырма: №125. Мөөнөтү: 3-декабрь, саат 18:00."
    assert right.text_ru == "Исправление: Математика, задание: №125. Срок: 3 декабря, 18:00."
    assert "does not say what the fields say" not in page


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Мөөнөтү: 1-декабрь, саат 18:00.", True),
        ("Сдать 1 декабря до 18.00", True),
        ("Эртең саат 18де", True),
        ("Завтра к 18 часам", True),
        ("1-декабрда тапшыруу", False),
        ("Саат 18:00гө чейин", False),
        ("1-декабрь, саат 17:00", False),
        ("№118, 1-декабрь", False),
    ],
)
def test_a_text_that_no_longer_names_the_moment_of_its_fields_is_noticed(
    text: str, said: bool, cast: Cast, teacher: FlaskClient, assigned: Announcement
) -> None:
    page = change(teacher, cast, assigned, text_ky=text, text_ru="", auto_ky="-", auto_ru="-")
    assert assigned.text_ky == text
    assert ("The Kyrgyz text does not say what the fields say: 1 December, 18:00." in page) is not said
    # It is a hint: the author knows best.
    assert "Send now" in page
