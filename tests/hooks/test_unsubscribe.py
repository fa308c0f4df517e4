"""The address in every e-mail by which a reader asks for no more of them."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from notifier import outbox
from notifier.database import db
from notifier.models import Delivery, Suppression

ADDRESS = "raisa@example.kg"


def post(channel: str, address: str, now: datetime) -> str:
    outbox.post([outbox.Post(dedupe_key=address, channel=channel, address=address, body="Сабак")], now)
    db.session.commit()
    return db.session.execute(select(Delivery.ref).where(Delivery.address == address)).scalar_one()


@pytest.fixture
def ref(app: Flask, now: datetime) -> str:
    return post("email", ADDRESS, now)


def suppressed() -> list[tuple[str, str, str]]:
    db.session.rollback()
    return [(s.channel, s.address, s.reason) for s in db.session.scalars(select(Suppression))]


def test_opening_the_address_asks_and_changes_nothing(client: FlaskClient, ref: str) -> None:
    page = client.get(f"/unsubscribe/{ref}")
    assert page.status_code == 200
    assert "r•••@example.kg" in page.text
    assert ADDRESS not in page.text
    assert f'<form method="post" action="/unsubscribe/{ref}">' in page.text
    assert suppressed() == []


def test_the_button_stops_the_email(client: FlaskClient, ref: str) -> None:
    for _ in range(2):
        assert client.post(f"/unsubscribe/{ref}").status_code == 200
        assert suppressed() == [("email", ADDRESS, "unsubscribed")]


def test_a_mail_programs_own_button_needs_no_form_of_ours(app: Flask, client: FlaskClient, ref: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    answer = client.post(f"/unsubscribe/{ref}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert suppressed() == [("email", ADDRESS, "unsubscribed")]


def test_who_unsubscribed_gets_nothing_more(client: FlaskClient, ref: str, now: datetime) -> None:
    client.post(f"/unsubscribe/{ref}")
    claimed = outbox.claim(db.engine, channel="email", limit=1, owner="test", now=now)
    assert outbox.depart(db.engine, claimed, now) == set()


def test_the_page_speaks_the_language_of_the_letter(client: FlaskClient, now: datetime, app: Flask) -> None:
    russian = outbox.Letterhead("ru", "№95 мектеп", "Больше не писать")
    outbox.post(
        [outbox.Post(dedupe_key="ru", channel="email", address=ADDRESS, body="Урок", letterhead=russian)], now
    )
    db.session.commit()
    ref = db.session.scalars(select(Delivery.ref)).one()
    assert '<html lang="ru">' in client.get(f"/unsubscribe/{ref}").text
    client.post("/language/en")
    assert '<html lang="en">' in client.get(f"/unsubscribe/{ref}").text


def test_who_changed_their_mind_gets_email_again(client: FlaskClient, ref: str, now: datetime) -> None:
    stopped = client.post(f"/unsubscribe/{ref}")
    assert f'action="/unsubscribe/{ref}/again"' in stopped.text
    assert f'action="/unsubscribe/{ref}/again"' in client.get(f"/unsubscribe/{ref}").text
    for _ in range(2):
        back = client.post(f"/unsubscribe/{ref}/again")
        assert back.status_code == 200
        assert "r•••@example.kg" in back.text
        assert suppressed() == []
    db.session.rollback()
    claimed = outbox.claim(db.engine, channel="email", limit=1, owner="test", now=now)
    assert outbox.depart(db.engine, claimed, now) == {c.id for c in claimed} != set()


def test_whom_the_school_has_blocked_cannot_come_back_here(
    client: FlaskClient, ref: str, now: datetime
) -> None:
    outbox.suppress("email", ADDRESS, "blocked", now)
    db.session.commit()
    assert "/again" not in client.post(f"/unsubscribe/{ref}").text
    assert client.post(f"/unsubscribe/{ref}/again").status_code == 200
    assert suppressed() == [("email", ADDRESS, "blocked")]


def test_coming_back_asks_nobody_to_sign_in(app: Flask, client: FlaskClient, ref: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client.post(f"/unsubscribe/{ref}", data={"List-Unsubscribe": "One-Click"})
    assert client.post(f"/unsubscribe/{ref}/again").status_code == 200
    assert suppressed() == []


def test_an_unknown_address_is_404(client: FlaskClient, ref: str, now: datetime) -> None:
    sms = post("sms", "+996555000101", now)
    for unknown in ("a-ref-of-nobody", sms):
        assert client.get(f"/unsubscribe/{unknown}").status_code == 404
        assert client.post(f"/unsubscribe/{unknown}").status_code == 404
    assert suppressed() == []
