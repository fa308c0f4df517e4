"""Where SMS are real and no mail server is set, an e-mail never passes for sent."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from notifier import jobs
from notifier.database import db
from notifier.message import Fault
from notifier.models import Delivery, State
from tests.notifier.outgoing import post, release_session


@pytest.fixture
def environ(environ: dict[str, str]) -> dict[str, str]:
    return environ | {
        "SMS_PROVIDER": "twilio",
        "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "TWILIO_AUTH_TOKEN": "not a token",
        "TWILIO_FROM": "+15005550006",
    }


def test_an_email_without_a_mail_server_is_refused_and_says_whose_fault_it_is(app: Flask) -> None:
    post(channel="email", address="apa@example.kg")
    release_session()
    jobs.drain()
    delivery = db.session.scalars(select(Delivery)).one()
    assert (delivery.state, delivery.fault) == (State.FAILED, Fault.OUR_ACCOUNT)
