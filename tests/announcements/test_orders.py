"""An order is told, and with that the classes are taught as it says (clause 3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from notifier.database import db
from tests.cast import Cast
from webapp.announcements.models import Announcement
from webapp.families.modes import ClassMode, Mode, mode_of
from webapp.staff.models import AuditEntry

# The clock of these tests stands on 24 November 2026.
ORDER = {
    "order_number": "№ 01-5/95",
    "order_day": "2026-11-24",
    "act": "start",
    "mode": "distance",
    "quarantine": "y",
    "first_day": "2026-11-25",
    "last_day": "2026-12-08",
}


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def client(app: Flask, cast: Cast, sign_in: Any, client: FlaskClient) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    sign_in(cast.director)
    return client


def write(client: FlaskClient, token: str, audience: dict[str, Any], **answers: Any) -> Any:
    form = {**ORDER, **answers, **audience, "token": token}
    return client.post("/announcements/new?kind=order", data={name: one for name, one in form.items() if one})


def order(client: FlaskClient, token: str, audience: dict[str, Any], **answers: Any) -> Announcement:
    """Write it and send it."""
    answer = write(client, token, audience, **answers)
    assert answer.status_code == 303, unescape(answer.text)
    db.session.rollback()
    found = db.session.scalars(select(Announcement).filter_by(token=token)).one()
    client.post(f"/announcements/{found.id}/send", data={"seen": found.fingerprint})
    db.session.rollback()
    assert found.published_at
    return found


def modes() -> list[tuple[int | None, str, date, date]]:
    db.session.rollback()
    return [
        (each.class_id, each.mode, each.starts, each.ends)
        for each in db.session.scalars(select(ClassMode).order_by(ClassMode.id))
    ]


def only(cast: Cast) -> dict[str, Any]:
    return {"classes": str(cast.class_5a.id)}


WHOLE = {"school": "y"}


def test_an_order_for_the_whole_school_begins_its_mode_when_it_is_sent(
    cast: Cast, client: FlaskClient
) -> None:
    answer = write(client, "a", WHOLE)
    assert answer.status_code == 303
    assert modes() == []  # a draft changes nothing
    found = db.session.scalars(select(Announcement)).one()
    client.post(f"/announcements/{found.id}/send", data={"seen": found.fingerprint})
    assert modes() == [(None, "distance", date(2026, 11, 25), date(2026, 12, 8))]
    kept = db.session.scalars(select(ClassMode)).one()
    assert (kept.quarantine, kept.order_date) == (True, date(2026, 11, 24))
    assert kept.order_number == "01-5/95"  # pages put the sign before it
    assert found.text_ru == (
        "Приказ №01-5/95 от 24 ноября. Карантин: с 25 ноября по 8 декабря учимся дистанционно."
    )
    noted = db.session.scalars(select(AuditEntry).filter_by(action="mode.set")).one()
    assert (noted.detail["until"], noted.detail["order"]) == ("2026-12-08", "№ 01-5/95")
    assert noted.subject == f"announcement {found.id}"
    # Sent once more, it does not begin twice.
    client.post(f"/announcements/{found.id}/send", data={"seen": found.fingerprint})
    assert len(modes()) == 1


def test_one_class_goes_and_its_quarantine_is_extended_and_ended(cast: Cast, client: FlaskClient) -> None:
    order(client, "a", only(cast))
    order(client, "b", only(cast), act="extend", first_day="", last_day="2026-12-15")
    assert modes() == [(cast.class_5a.id, "distance", date(2026, 11, 25), date(2026, 12, 15))]
    assert mode_of(cast.class_5b, date(2026, 12, 1)) is Mode.AT_SCHOOL
    order(client, "c", only(cast), act="end", first_day="2026-12-10", last_day="")
    assert modes() == [(cast.class_5a.id, "distance", date(2026, 11, 25), date(2026, 12, 9))]
    actions = db.session.scalars(
        select(AuditEntry.action).where(AuditEntry.action.like("mode.%")).order_by(AuditEntry.id)
    ).all()
    assert actions == ["mode.set", "mode.changed", "mode.changed"]


def test_one_class_stays_away_longer_or_returns_earlier_than_the_school(
    cast: Cast, client: FlaskClient
) -> None:
    order(client, "a", WHOLE)
    order(client, "b", only(cast), act="extend", first_day="", last_day="2026-12-15")
    assert mode_of(cast.class_5a, date(2026, 12, 10)) is Mode.DISTANCE
    assert mode_of(cast.class_5b, date(2026, 12, 10)) is Mode.AT_SCHOOL
    order(client, "c", {"classes": str(cast.class_5b.id)}, act="end", first_day="2026-12-01", last_day="")
    assert mode_of(cast.class_5b, date(2026, 11, 30)) is Mode.DISTANCE
    assert mode_of(cast.class_5b, date(2026, 12, 2)) is Mode.AT_SCHOOL
    assert mode_of(cast.class_5a, date(2026, 12, 2)) is Mode.DISTANCE


def test_an_order_that_nobody_has_heard_of_yet_is_taken_back_whole(cast: Cast, client: FlaskClient) -> None:
    order(client, "a", only(cast))
    before = modes()
    found = order(client, "b", only(cast), act="end", first_day="2026-11-25", last_day="")
    assert modes() == []
    client.post(f"/announcements/{found.id}/back")
    assert [each[1:] for each in modes()] == [each[1:] for each in before]
    first = db.session.scalars(select(Announcement).filter_by(token="a")).one()
    extended = order(client, "c", only(cast), act="extend", first_day="", last_day="2026-12-15")
    client.post(f"/announcements/{extended.id}/back")
    assert [each[1:] for each in modes()] == [each[1:] for each in before]
    assert first.published_at


def test_an_order_that_begins_anew_takes_the_place_of_what_held_and_gives_it_back(
    cast: Cast, client: FlaskClient
) -> None:
    order(client, "a", WHOLE, mode="mixed", first_day="2026-11-24", last_day="2026-12-20")
    before = modes()
    found = order(client, "b", WHOLE, first_day="2026-12-01", last_day="2026-12-07")
    assert sorted(each[1:] for each in modes()) == [
        ("distance", date(2026, 12, 1), date(2026, 12, 7)),
        ("mixed", date(2026, 11, 24), date(2026, 11, 30)),
        ("mixed", date(2026, 12, 8), date(2026, 12, 20)),
    ]
    client.post(f"/announcements/{found.id}/back")
    assert modes() == before


def test_a_link_begins_an_order_for_the_class_and_with_the_act_it_names(
    cast: Cast, client: FlaskClient
) -> None:
    page = client.get(f"/announcements/new?kind=order&act=extend&class={cast.class_5a.id}").text
    assert '<option selected value="extend">' in page
    whole = client.get("/announcements/new?kind=order&act=nonsense&school=1").text
    assert '<option selected value="start">' in whole
    for shown, chosen in ((page, False), (whole, True)):
        box = re.search(r'<input[^>]*name="school"[^>]*>', shown)
        assert box is not None
        assert ("checked" in box[0]) is chosen


def test_an_order_set_right_changes_what_the_wrong_one_did(cast: Cast, client: FlaskClient) -> None:
    wrong = order(client, "a", only(cast))
    client.post(f"/announcements/{wrong.id}/correct")
    right = db.session.scalars(select(Announcement).filter_by(corrects_id=wrong.id)).one()
    right.fields = right.fields.replace("2026-12-08", "2026-12-10")
    db.session.commit()
    client.post(f"/announcements/{right.id}/send", data={"seen": right.fingerprint})
    assert modes() == [(cast.class_5a.id, "distance", date(2026, 11, 25), date(2026, 12, 10))]


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        ({"order_number": ""}, "Write the number of the order."),
        ({"order_number": "9" * 41}, "at most 40 characters"),
        ({"order_day": ""}, "Choose the date of the order."),
        ({"order_day": "2026-11-25"}, "dated to a day that is still to come"),
        ({"order_day": "2020-03-14"}, "Choose a day within a year."),
        ({"first_day": ""}, "Choose the first day."),
        ({"last_day": ""}, "Choose the last day."),
        ({"last_day": "2026-11-24", "first_day": "2026-11-25"}, "The last day is before the first one."),
        ({"last_day": "2026-11-20", "first_day": "2026-11-10"}, "This day is over."),
        ({"last_day": "2028-12-01"}, "This is longer than a year."),
        ({"first_day": "2026-01-01"}, "Choose a first day of the last two months"),
        ({"act": "extend", "first_day": ""}, "There is nothing to extend or to end here"),
        ({"act": "end", "last_day": ""}, "There is nothing to extend or to end here"),
        ({"act": "nonsense"}, "Choose among these."),
        ({"note": "<i>карантин</i>"}, "There is HTML in this text: <i>."),
    ],
)
def test_each_fault_of_an_order_has_its_sentence(
    answers: dict[str, Any], sentence: str, cast: Cast, client: FlaskClient
) -> None:
    answer = write(client, "a", only(cast), **answers)
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert modes() == []


def test_an_extension_is_later_than_what_there_is(cast: Cast, client: FlaskClient) -> None:
    order(client, "a", only(cast))
    answer = write(client, "b", only(cast), act="extend", first_day="", last_day="2026-12-01")
    assert "It lasts until then already." in unescape(answer.text)


def test_a_teacher_orders_nothing(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    write(client, "a", only(cast))
    found = db.session.scalars(select(Announcement)).one()
    sign_in(cast.teacher)
    assert client.get("/announcements/new?kind=order").status_code == 403
    found.author_id = cast.teacher.id  # as if somebody had lost that role meanwhile
    db.session.commit()
    client.post(f"/announcements/{found.id}/send", data={"seen": found.fingerprint})
    assert modes() == []
