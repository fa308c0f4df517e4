"""A spreadsheet is sent in one window while another throws it away: what went is not said to be forgotten."""

from __future__ import annotations

import threading
import time
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from notifier.database import db
from notifier.models import Delivery
from tests.cast import Cast
from tests.families.books import xlsx
from tests.message_templates.test_sheets import ASAN, HEADER, NURLAN, count
from webapp.message_templates.models import MessageSheet
from webapp.message_templates.sheets.plan import plan_of
from webapp.message_templates.sheets.sending import send

A_MOMENT = 0.3


@pytest.mark.parametrize("what", ["discard", "stay", "send"])
def test_what_is_sent_at_this_moment(
    app: Flask, cast: Cast, sign_in: Any, upload: Any, now: datetime, what: str
) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN, NURLAN])).location
    number, class_id, person = int(where.rpartition("/")[2]), cast.class_5a.id, cast.teacher.id
    db.session.remove()
    sent = threading.Event()

    def another() -> None:
        with app.app_context():
            sheet = db.session.get_one(MessageSheet, number)
            found = plan_of(sheet, sheet.version.template.author.school, [class_id], now)
            by = sheet.version.template.author
            assert by.id == person
            assert send(sheet, found, now, by)
            db.session.flush()
            sent.set()
            time.sleep(A_MOMENT)
            db.session.commit()
            db.session.remove()

    thread = threading.Thread(target=another)
    thread.start()
    assert sent.wait(10)
    answer = client.post(f"{where}/{what}", follow_redirects=True)
    thread.join()
    assert answer.status_code == 200
    assert "Nothing was sent" not in answer.text
    assert count(Delivery) == 2
    kept = db.session.get_one(MessageSheet, number)
    assert kept.sent_at == now
