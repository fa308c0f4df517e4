"""A notice for the staff is sent, changed and thrown away at the same moment: one of them counts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from notifier.database import db
from tests.at_once import while_another
from tests.cast import Cast
from tests.staffroom.writing import NOTICE, draft, messages
from webapp.announcements.models import Announcement
from webapp.staffroom.handing import hand_out
from webapp.staffroom.models import StaffCopy, StaffNotice


@pytest.mark.parametrize("what", ["discard", "send", "edit"])
@pytest.mark.usefixtures("phones")
def test_what_the_staff_are_told_is_neither_thrown_away_nor_rewritten(
    app: Flask, client: FlaskClient, sign_in: Any, cast: Cast, now: Any, what: str
) -> None:
    sign_in(cast.director)
    number = draft(client)
    seen = re.search(r'name="seen" value="(\w+)"', client.get(f"/staff-notices/{number}/review").text)
    assert seen
    form = {"seen": seen[1]} if what == "send" else NOTICE | {"text_ky": "Башка текст.", "text_ru": ""}

    def press() -> Any:
        return client.post(f"/staff-notices/{number}/{what}", data=form, follow_redirects=True)

    def hand() -> None:
        notice = db.session.get_one(StaffNotice, number)
        author = notice.announcement.author
        assert author
        assert hand_out(notice, now, author)

    answer = while_another(app, hand, press)
    assert answer.status_code == 200
    assert ("It has been sent meanwhile." in answer.text) == (what == "discard")
    kept = db.session.get_one(Announcement, number)
    assert kept.published_at == now
    assert "Башка текст" not in kept.text_ky
    people = db.session.scalar(select(func.count(StaffCopy.id)).filter_by(announcement_id=number))
    assert people == 4
    assert len(messages()) == 2
