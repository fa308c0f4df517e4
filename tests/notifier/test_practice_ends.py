"""What was written in practice never becomes real."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from config import read_settings
from notifier import channels, jobs, outbox
from notifier.database import db
from notifier.models import Delivery, State
from notifier.outbox import Post


@pytest.mark.parametrize("state", [State.PENDING, State.UNCERTAIN, State.NEEDS_HUMAN])
def test_what_waits_from_practice_is_cancelled_where_real_messages_leave(
    app: Flask, now: datetime, state: State
) -> None:
    outbox.post([Post(dedupe_key="practice", channel="sms", address="+996555000101", body="Машыгуу")], now)
    practice = db.session.scalars(select(Delivery)).one()
    practice.state = state
    practice.next_check_at = now if state is State.UNCERTAIN else None
    db.session.commit()

    jobs.end_practice(now)
    assert practice.state == state  # still practising
    db.session.rollback()

    app.config["SETTINGS"] = dataclasses.replace(app.config["SETTINGS"], sms_provider="twilio")
    outbox.post([Post(dedupe_key="real", channel="sms", address="+996555000102", body="Чыныгы")], now)
    db.session.commit()
    jobs.end_practice(now)
    jobs.end_practice(now)
    states = dict(db.session.execute(select(Delivery.dedupe_key, Delivery.state)).tuples().all())
    assert states == {"practice": State.CANCELLED, "real": State.PENDING}


@pytest.mark.parametrize(
    ("server", "carrier"),
    [("", "sandbox"), ("mail.example.kg", "sandbox"), ("localhost", "smtp"), ("127.0.0.1", "smtp")],
)
def test_in_practice_no_letter_leaves_this_machine(tmp_path: object, server: str, carrier: str) -> None:
    settings = read_settings({"INSTANCE_DIR": str(tmp_path), "MAIL_SERVER": server})
    assert channels.build(settings)["email"].provider == carrier
