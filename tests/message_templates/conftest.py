"""A template of the school, and a spreadsheet that fills it."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from notifier.database import db
from tests.cast import Cast
from webapp.message_templates.keeping import make_template
from webapp.message_templates.models import MessageTemplate

KY = "((окуучу)): ((сумма)) сом ((күнү)) чейин.((чалуу?? Чалыңыз.))"
RU = "((ученик)): ((сумма)) сом до ((дата)).((звонок?? Позвоните.))"


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def pages_speak_english(monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    monkeypatch.setattr("webapp.languages.DEFAULT", "en")


@pytest.fixture
def template(cast: Cast, now: datetime) -> MessageTemplate:
    """By 5-А's teacher, with a sum, a day and a part to show."""
    made = make_template(
        cast.school, "Тамак акысы", {"ky": KY, "ru": RU}, now, token="food", author=cast.teacher
    )
    assert made
    db.session.commit()
    return made


def text_of(answer: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


@pytest.fixture
def upload(template: MessageTemplate) -> Callable[..., Any]:
    """Choose a file for the template: `upload(client, content)`."""
    number = template.id

    def choose(client: FlaskClient, content: bytes | str, name: str = "тизме.xlsx", **more: str) -> Any:
        raw = content.encode() if isinstance(content, str) else content
        data = {"file": (io.BytesIO(raw), name), **more}
        return client.post(f"/templates/{number}/sheet", data=data, content_type="multipart/form-data")

    return choose


def pressed(page: Any, **more: str) -> dict[str, str]:
    """What the review's button sends."""
    found = dict(re.findall(r'<input type="hidden" name="(seen|urgent)" value="(\w+)"', page.text))
    assert "seen" in found, text_of(page)
    return found | more
