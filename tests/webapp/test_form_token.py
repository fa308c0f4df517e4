"""The mark of a form is the form's own: nobody takes one with which the house does its work."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from notifier.database import db
from notifier.models import State
from tests.announcements.writing import KY, becomes, copy_for, message_for, send, write
from tests.cast import Cast
from tests.webapp.forms import forms_of
from webapp.announcements.models import Announcement
from webapp.form_token import form_token
from webapp.reach.models import ContactLog

OF_THE_HOUSE = ("digest:day:2026-11-25", "hour:1", "reminder:1", "survey:1", "sheet:1", "tap:1")


@pytest.mark.parametrize("given", [None, "", "a" * 33, "а", "a b", "a\nb", "../a", *OF_THE_HOUSE])
def test_what_no_form_was_given_becomes_a_new_mark(given: str | None) -> None:
    made = form_token(given)
    assert made != given
    assert form_token(made) == made


def marks() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(Announcement.token)))


def test_nobody_keeps_the_evening_message_of_the_school_from_leaving(
    client: FlaskClient, sign_in: Any, cast: Cast
) -> None:
    sign_in(cast.teacher)
    form = {"classes": str(cast.class_5a.id), "text_ky": KY, "text_ru": "", "token": OF_THE_HOUSE[0]}
    assert client.post("/announcements/new", data=form).status_code == 303
    sign_in(cast.director)
    notice = {"everybody": "y", "text_ky": KY, "text_ru": "", "token": OF_THE_HOUSE[0]}
    assert client.post("/staff-notices/new", data=notice).status_code == 303
    assert len(marks()) == 2
    assert not marks() & set(OF_THE_HOUSE)


def test_nobody_answers_a_family_in_a_reminders_name(client: FlaskClient, sign_in: Any, cast: Cast) -> None:
    sign_in(cast.teacher)
    form = {"text_ky": "Макул.", "token": "reminder:1"}
    assert client.post(f"/inbox/families/{cast.button_phone.id}", data=form).status_code == 303
    assert len(marks()) == 1
    assert "reminder:1" not in marks()


def test_a_colleagues_tap_counts_though_another_has_guessed_its_mark(
    client: FlaskClient, sign_in: Any, cast: Cast, now: datetime
) -> None:
    first = write(cast, now=now)
    send(first, now)
    becomes(message_for(first, cast.button_phone), State.UNDELIVERED, now)
    copy = copy_for(first, cast.button_phone)
    sign_in(cast.other_teacher)
    address = f"/reach/families/{cast.neighbour.id}/call"
    (form,) = [
        form
        for form in forms_of(address, client.get(address).text)
        if "seen" in {each.name for each in form.fields}
    ]
    fields = {each.name: each.value for each in form.fields} | {"token": f"tap:{copy.id}"}
    client.post(address, data=fields | {"outcome": "no_answer"})
    assert db.session.scalars(select(ContactLog.token).filter_by(family_id=cast.neighbour.id)).one()
    sign_in(cast.teacher)
    page = client.post(
        f"/reach/announcements/{first.id}/spoken",
        data={"family": cast.button_phone.id},
        follow_redirects=True,
    )
    assert page.status_code == 200
    db.session.rollback()
    logs = db.session.scalars(select(ContactLog).filter_by(family_id=cast.button_phone.id)).all()
    assert [log.outcome for log in logs] == ["spoke"]
    db.session.refresh(copy)
    assert copy.spoken_at is not None
