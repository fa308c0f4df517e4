"""An invitation to a webinar writes itself (clause 3.1.6)."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask_babel import force_locale, gettext
from sqlalchemy import select

from notifier.database import db
from tests.cast import Cast
from tests.staffroom.writing import NOTICE, messages, send
from webapp.announcements.models import Announcement
from webapp.staffroom.models import StaffNotice

WEBINAR = {
    "day": "2099-11-27",
    "hour": "15:00",
    "platform": "Zoom",
    "link": "https://zoom.example/j/95?pwd=a",
    "code": "4711",
    "text_ky": "Аралыктан окутуу",
    "text_ru": "",
}


@pytest.fixture(autouse=True)
def year(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day of these webinars is near."""
    monkeypatch.setattr("webapp.staffroom.forms.FURTHEST", timedelta(days=40_000))


@pytest.mark.usefixtures("phones")
def test_an_invitation_says_day_hour_platform_link_and_code_in_each_language(
    cast: Cast, sign_in: Any
) -> None:
    cast.teacher.language, cast.office.language = "ky", "ru"
    db.session.commit()
    number = send(sign_in(cast.director), "webinar", **WEBINAR)
    announcement = db.session.get_one(Announcement, number)
    for language, text in announcement.texts.items():
        with force_locale(language):
            code = gettext("Code: %(code)s", code="4711")
        lines = text.splitlines()
        assert "15:00, Zoom: Аралыктан окутуу" in lines[0]
        assert lines[1:] == ["https://zoom.example/j/95?pwd=a", code]
    sms, letter = sorted(messages(), key=lambda each: each.channel, reverse=True)
    assert "https://zoom.example/j/95?pwd=a" in sms.body
    assert "https://zoom.example/j/95?pwd=a" in letter.body
    page = unescape(sign_in(cast.teacher).get(f"/staff-notices/{number}").text)
    assert 'href="https://zoom.example/j/95?pwd=a" rel="noopener noreferrer"' in page


def test_the_platforms_of_the_school_are_offered(cast: Cast, sign_in: Any) -> None:
    cast.school.platforms = ["BigBlueButton"]
    db.session.commit()
    page = sign_in(cast.director).get("/staff-notices/new?kind=webinar").text
    assert '<option value="BigBlueButton">' in page
    assert '<option value="Zoom">' not in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"day": ""}, "Choose the day and the hour."),
        ({"hour": "noon"}, "Choose the day and the hour."),
        ({"day": "0001-01-01", "hour": "00:00"}, "Choose the day and the hour."),
        ({"day": "2020-11-27"}, "This hour is over."),
        ({"link": "javascript:alert(1)"}, "This is no link."),
        ({"link": "zoom"}, "This is no link."),
        ({"link": "https://"}, "This is no link."),
        ({"link": "https://[zoom"}, "This is no link."),
        ({"link": "https://a.kg/" + "x" * 500}, "at most 500"),
        ({"platform": "x" * 61}, "at most 60"),
        ({"code": "x" * 61}, "at most 60"),
        ({"text_ky": ""}, "Write what the webinar is about."),
        ({"text_ky": "ө" * 700}, "Take out"),
    ],
)
def test_what_cannot_be_a_webinar_is_told_at_its_field(
    cast: Cast, sign_in: Any, fields: dict[str, str], sentence: str
) -> None:
    answer = sign_in(cast.director).post("/staff-notices/new?kind=webinar", data=NOTICE | WEBINAR | fields)
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert db.session.scalar(select(StaffNotice)) is None


def test_a_webinar_is_changed_on_the_form_it_was_written_on(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.director)
    place = client.post("/staff-notices/new?kind=webinar", data=NOTICE | WEBINAR).location
    page = unescape(client.get(place.replace("review", "edit")).text)
    for value in ("2099-11-27", "15:00", "Zoom", "https://zoom.example/j/95?pwd=a", "4711"):
        assert f'value="{value}"' in page
    assert ">Аралыктан окутуу</textarea>" in page.replace("\r\n", "")
