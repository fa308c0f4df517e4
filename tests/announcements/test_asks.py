"""An announcement that asks says how to answer, in the text's language and letters, and it is counted."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from notifier.database import db
from tests.announcements.writing import KY, RU, message_for, send, write
from tests.cast import Cast
from webapp.announcements.asks import Asks, asking
from webapp.announcements.models import Announcement, AnswerReminder

BY = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)  # 18:00 in Bishkek


@pytest.fixture
def environ(environ: dict[str, str], request: pytest.FixtureRequest) -> dict[str, str]:
    if request.node.get_closest_marker("parametrize") and "sender" in request.fixturenames:
        sender = request.getfixturevalue("sender")
        if sender:
            return environ | {
                "SMS_PROVIDER": "twilio", "TWILIO_ACCOUNT_SID": "AC0", "TWILIO_AUTH_TOKEN": "t",
                "TWILIO_FROM": sender,
            }  # fmt: skip
    return environ


@pytest.mark.parametrize(("sender", "answered"), [("", True), ("+12025550100", True), ("MEKTEP95", False)])
def test_a_sender_that_is_a_name_cannot_be_answered(
    app: Flask, cast: Cast, sender: str, answered: bool
) -> None:
    said = asking(cast.school, {"ky": KY, "ru": RU}, Asks(acknowledgement=True))
    assert said["ky"].startswith(KY + "\n")
    assert ("ООБА" in said["ky"]) is answered
    assert ("Ответьте ДА" in said["ru"]) is answered
    assert ("+996 312 000 095" in said["ky"]) is not answered


def test_an_email_names_the_number_to_call(cast: Cast) -> None:
    said = asking(cast.school, {"ky": KY, "ru": ""}, Asks(acknowledgement=True), "email")
    assert "ООБА" not in said["ky"]
    assert "+996 312 000 095" in said["ky"]
    assert said["ru"] == ""


def test_a_text_in_latin_letters_asks_in_latin_letters(cast: Cast) -> None:
    said = asking(cast.school, {"ky": "Erten sabak bolboyt."}, Asks(acknowledgement=True, answer_by=BY))
    assert not re.search("[\u0400-\u04ff]", said["ky"])
    assert "OOBA" in said["ky"]


def test_day_and_hour_stand_in_the_message_on_the_schools_clock(cast: Cast, now: datetime) -> None:
    announcement = write(cast, cast.class_5a, cast.class_5b, now=now)
    plain = send(write(cast, cast.class_5a, cast.class_5b, now=now), now).segments
    announcement.answer_by = BY
    published = send(announcement, now)
    body = message_for(announcement, cast.siblings).body
    assert "25-ноябрь, саат 18:00" in body
    assert "+996 312 000 095" in body
    assert published.segments > plain


def test_what_is_asked_changes_what_was_looked_over(cast: Cast, now: datetime) -> None:
    draft = write(cast, now=now)
    seen = draft.fingerprint
    draft.asks_acknowledgement = True
    assert draft.fingerprint != seen


def form(cast: Cast, **more: str) -> dict[str, Any]:
    return {"classes": [str(cast.class_5a.id)], "text_ky": KY, "text_ru": "", "token": "asks", **more}


def test_the_composer_keeps_what_is_asked_and_the_review_shows_it(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        client = sign_in(cast.teacher)
        answer = client.post(
            "/announcements/new",
            data=form(
                cast, asks_acknowledgement="y", answer_day="2026-11-25", answer_hour="18:00",
                answer_reminder="hours",
            ),
        )  # fmt: skip
        draft = db.session.scalars(select(Announcement)).one()
        assert (draft.asks_acknowledgement, draft.answer_by, draft.answer_reminder) == (
            True, BY, AnswerReminder.HOURS,
        )  # fmt: skip
        # An SMS of several parts is shown part by part.
        assert "ООБА" in client.get(answer.location).text
        page = client.get(f"/announcements/{draft.id}/edit").text
    assert 'value="2026-11-25"' in page
    assert 'value="18:00"' in page
    assert "ООБА" in page  # what the browser counts with


@pytest.mark.parametrize(
    ("day", "hour", "sentence"),
    [
        ("2026-11-25", "", "Choose the day and the hour, or leave both empty."),
        ("", "18:00", "Choose the day and the hour, or leave both empty."),
        ("soon", "x" * 400, "Choose the day and the hour, or leave both empty."),
        ("2026-11-24", "13:59", "This hour is over."),
        ("9999-12-31", "23:59", "Choose a day within a year."),
        ("0001-01-01", "00:00", "or leave both empty."),
    ],
)
def test_an_hour_that_makes_no_sense_is_told(
    cast: Cast, sign_in: Any, now: datetime, day: str, hour: str, sentence: str
) -> None:
    with time_machine.travel(now, tick=False):
        answer = sign_in(cast.teacher).post(
            "/announcements/new", data=form(cast, answer_day=day, answer_hour=hour)
        )
    assert answer.status_code == 422
    assert sentence in answer.text


def test_the_command_asks_too(app: Flask, cast: Cast, tmp_path: Path, now: datetime) -> None:
    (tmp_path / "ky.txt").write_text(KY, encoding="utf-8")
    with time_machine.travel(now, tick=False):
        done = app.test_cli_runner().invoke(
            args=[
                "announce", "--school", "№95", "--class", "5-А", "--text-file", str(tmp_path / "ky.txt"),
                "--ask-acknowledgement", "--answer-by", "2026-11-25T18:00", "--answer-reminder",
                "evening", "--json",
            ]
        )  # fmt: skip
    assert done.exit_code == 0, done.stderr
    announcement = db.session.get_one(Announcement, json.loads(done.stdout)["announcement"])
    assert (announcement.asks_acknowledgement, announcement.answer_by) == (True, BY)
    assert "ООБА" in message_for(announcement, cast.button_phone).body
