"""Whatever the office types, programs can read the page; and pressed twice it stands there once."""

from __future__ import annotations

import json
import threading
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from flask import Flask

from notifier.database import db
from tests.announcements.writing import send, write
from tests.cast import Cast
from webapp.public.models import PublicNotice, PublicPage

HOSTILE = "<script>alert(1)</script>]]>&amp;\uffff\ufffe\x0b\u202e\U000e0041 \"'{{7*7}}=1+1"


@pytest.fixture
def office(cast: Cast, sign_in: Any) -> Any:
    db.session.add(PublicPage(school_id=cast.school.id, slug="mektep-95"))
    db.session.commit()
    return sign_in(cast.office)


def notices() -> list[PublicNotice]:
    db.session.rollback()
    return list(db.session.scalars(db.select(PublicNotice)))


def test_programs_read_whatever_was_typed(office: Any, client: Any) -> None:
    form = {"title_ky": HOSTILE, "text_ky": f"{HOSTILE}\r\n{HOSTILE}", "title_ru": "", "text_ru": ""}
    assert office.post("/public/new", data=form).status_code == 303
    (notice,) = notices()
    assert not set(notice.title_ky + notice.text_ky) & set("\uffff\ufffe\x0b\u202e\U000e0041")
    stranger = client.application.test_client()
    feed = ET.fromstring(stranger.get("/news/mektep-95/atom.xml").data)
    (content,) = feed.iter("{http://www.w3.org/2005/Atom}content")
    assert content.text is not None
    assert content.text.startswith("<script>")
    (item,) = json.loads(stranger.get("/news/mektep-95/feed.json").data)["items"]
    assert item["content_text"] == notice.text_ky
    for address in ("", f"/{notice.id}", "/snippet.html"):
        assert b"<script" not in stranger.get(f"/news/mektep-95{address}").data


@pytest.mark.parametrize("of_an_announcement", [False, True])
def test_pressed_twice_at_once_it_stands_there_once(
    app: Flask, cast: Cast, office: Any, now: Any, of_an_announcement: bool
) -> None:
    address = "/public/new"
    if of_an_announcement:
        told = write(cast, author=cast.director, now=now)
        send(told, now)
        address = f"/public/from/{told.id}"
    form = {"title_ky": "Билим күнү", "text_ky": "Келиңиздер!", "title_ru": "", "text_ru": ""}
    person, together = cast.office.get_id(), threading.Barrier(2)
    db.session.remove()
    answers: list[int] = []

    def press() -> None:
        with app.app_context():
            other = app.test_client()
            with other.session_transaction() as session:
                session["_user_id"], session["_fresh"] = person, True
            together.wait()
            answers.append(other.post(address, data=form).status_code)
            db.session.remove()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [303, 303]
    assert len(notices()) == 1


def test_another_notice_is_another_one(office: Any) -> None:
    form = {"title_ky": "Билим күнү", "text_ky": "Келиңиздер!", "title_ru": "", "text_ru": ""}
    for text in ("Келиңиздер!", "Келбеңиздер!"):
        assert office.post("/public/new", data=form | {"text_ky": text}).status_code == 303
    assert len(notices()) == 2
