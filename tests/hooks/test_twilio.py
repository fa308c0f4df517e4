"""What Twilio calls: signed receipts and messages from parents, and all that only looks like them."""

from __future__ import annotations

import asyncio
import io
import itertools
import logging
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from notifier import outbox
from notifier.channels.sms_twilio import TwilioSms
from notifier.database import db
from notifier.message import Fault
from notifier.models import Delivery, Inbound, State
from notifier.outbox import Sent
from tests.twilio_server import ACCOUNT, SENDER, TOKEN, Callback, TwilioServer, signature
from webapp import create_app

BASE = "https://kabarchy.example.kg"
NUMBER = "+996555000101"
TEXT = "Эртең сабак жок"


@pytest.fixture
def server() -> Iterator[TwilioServer]:
    with TwilioServer().running() as server:
        yield server


@pytest.fixture
def environ(environ: dict[str, str], server: TwilioServer) -> dict[str, str]:
    return environ | {
        "SMS_PROVIDER": "twilio",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": SENDER,
        "TWILIO_API_BASE": server.base,
        "PUBLIC_BASE_URL": BASE,
    }


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    caplog.set_level(logging.DEBUG)
    yield caplog
    ours = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith("sqlalchemy"))
    for secret in (TOKEN, NUMBER, TEXT):
        assert secret not in ours


def delivery() -> Delivery:
    db.session.expire_all()
    db.session.rollback()
    return db.session.execute(select(Delivery)).scalar_one()


@pytest.fixture
def sid(app: Flask, server: TwilioServer, now: datetime) -> str:
    """Send one message through Twilio's client to the server, and return Twilio's name for it."""
    outbox.post([outbox.Post(dedupe_key="a", channel="sms", address=NUMBER, body=TEXT)], now)
    db.session.commit()
    [claimed] = outbox.claim(db.engine, channel="sms", limit=1, owner="test", now=now)
    assert outbox.depart(db.engine, [claimed], now) == {claimed.id}
    twilio = TwilioSms.from_settings(app.config["SETTINGS"])

    async def send() -> Any:
        receipt = await twilio.send(claimed.message)
        await twilio.close()
        return receipt

    outbox.settle(db.engine, [Sent(claimed.id, claimed.epoch, "twilio", asyncio.run(send()))], now)
    return str(server.messages[0]["sid"])


def call(client: FlaskClient, callback: Callback, **changes: Any) -> int:
    """Deliver a callback the way a proxy hands it on: by another host name and without TLS."""
    # What the test has read must not keep SQLite's one writer.
    db.session.rollback()
    path = callback.url.removeprefix(BASE)
    arguments = {"data": callback.form, "headers": callback.headers, "base_url": "http://127.0.0.1:8000"}
    return client.post(path, **(arguments | changes)).status_code


def test_a_receipt_tells_that_the_message_arrived(
    client: FlaskClient, server: TwilioServer, sid: str
) -> None:
    assert delivery().state is State.ACCEPTED
    assert call(client, server.callback(sid, "sent")) == 204
    assert delivery().state is State.ACCEPTED
    assert call(client, server.callback(sid, "delivered")) == 204
    assert delivery().state is State.DELIVERED
    assert delivery().provider_ref == sid


def test_a_receipt_tells_why_the_message_did_not_arrive(
    client: FlaskClient, server: TwilioServer, sid: str
) -> None:
    assert call(client, server.callback(sid, "undelivered", 30003)) == 204
    assert (delivery().state, delivery().fault) == (State.UNDELIVERED, Fault.HANDSET_OFF)
    assert delivery().error_code == "30003"


@pytest.mark.parametrize("order", list(itertools.permutations(["queued", "sent", "delivered"])), ids="-".join)
def test_receipts_in_any_order_and_twice_end_the_same(
    client: FlaskClient, server: TwilioServer, sid: str, order: tuple[str, ...]
) -> None:
    for status in order * 2:
        assert call(client, server.callback(sid, status)) == 204
    assert delivery().state is State.DELIVERED


def test_delivered_beats_undelivered(client: FlaskClient, server: TwilioServer, sid: str) -> None:
    for status, error in (("undelivered", 30008), ("delivered", None), ("undelivered", 30008)):
        assert call(client, server.callback(sid, status, error)) == 204
    assert delivery().state is State.DELIVERED


def test_a_receipt_of_a_ref_we_never_had_is_404(client: FlaskClient, server: TwilioServer, sid: str) -> None:
    callback = server.callback(sid, "delivered")
    callback.url = f"{BASE}/hooks/twilio/status/a-ref-of-nobody"
    assert call(client, callback) == 404
    assert delivery().state is State.ACCEPTED


def test_a_forged_receipt_is_refused(client: FlaskClient, server: TwilioServer, sid: str) -> None:
    callback = server.callback(sid, "delivered")
    forged = {"X-Twilio-Signature": signature(callback.url, callback.form, token="guessed")}
    assert call(client, callback, headers=forged) == 403
    assert call(client, callback, headers={"X-Twilio-Signature": ""}) == 403
    assert call(client, callback, headers={"X-Twilio-Signature": "кол"}) == 403
    assert call(client, callback, headers={}) == 403
    # A true signature of other words, and of another address:
    assert call(client, callback, data=callback.form | {"MessageStatus": "failed"}) == 403
    elsewhere = {"X-Twilio-Signature": signature(f"{BASE}/hooks/twilio/status/another", callback.form)}
    assert call(client, callback, headers=elsewhere) == 403
    assert delivery().state is State.ACCEPTED


def test_an_empty_token_signs_nothing(
    app: Flask, client: FlaskClient, server: TwilioServer, sid: str
) -> None:
    callback = server.callback(sid, "delivered")
    object.__setattr__(app.config["SETTINGS"], "twilio_auth_token", "")
    forged = {"X-Twilio-Signature": signature(callback.url, callback.form, token="")}
    assert call(client, callback, headers=forged) == 403


def test_a_repeated_parameter_is_signed_once_per_value(
    client: FlaskClient, server: TwilioServer, sid: str
) -> None:
    callback = server.callback(sid, "delivered")
    form = MultiDict([*callback.form.items(), ("Tag", "b"), ("Tag", "a"), ("Tag", "b"), ("Empty", "")])
    signed = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(callback.url, form)}
    octets = urlencode(list(form.items(multi=True)))
    kind = "application/x-www-form-urlencoded"
    assert call(client, callback, data=octets, content_type=kind, headers=signed) == 204
    assert delivery().state is State.DELIVERED


def test_a_query_belongs_to_what_is_signed(client: FlaskClient, server: TwilioServer, sid: str) -> None:
    callback = server.callback(sid, "delivered")
    callback.url += "?try=2&name=%D0%B0"
    assert call(client, callback) == 204


class Unread(io.BytesIO):
    """A body that must not be read."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("it was read")


@pytest.mark.parametrize("path", ["/hooks/twilio/inbound", "/hooks/twilio/status/ref"])
@pytest.mark.parametrize("length", [65 * 1024, 10 * 1024 * 1024])
def test_too_long_a_call_is_refused_before_it_is_read(client: FlaskClient, path: str, length: int) -> None:
    kind = "application/x-www-form-urlencoded"
    for signed in ({}, {"X-Twilio-Signature": "any"}):
        answer = client.post(
            path,
            content_type=kind,
            headers=signed,
            environ_overrides={"wsgi.input": Unread(), "CONTENT_LENGTH": str(length)},
        )
        assert answer.status_code == 413


@pytest.mark.parametrize("path", ["/hooks/twilio/inbound", "/hooks/twilio/status/ref"])
def test_of_a_call_that_does_not_say_how_long_it_is_no_more_is_read_than_a_call_has(
    client: FlaskClient, path: str
) -> None:
    body = io.BytesIO(b"Body=" + b"x" * 10 * 1024 * 1024)
    answer = client.post(
        path,
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": "any", "Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input": body, "wsgi.input_terminated": True, "CONTENT_LENGTH": ""},
    )
    assert answer.status_code in {403, 413}
    assert body.tell() < 200 * 1024


def test_a_signed_call_that_names_no_message_is_refused(
    client: FlaskClient, server: TwilioServer, sid: str
) -> None:
    callback = server.callback(sid, "delivered")
    del callback.form["MessageSid"]
    assert call(client, callback) == 400


def inbound(**changes: str) -> Callback:
    form = {
        "AccountSid": ACCOUNT,
        "Body": TEXT,
        "From": NUMBER,
        "MessageSid": "SM" + "1" * 32,
        "NumMedia": "0",
        "To": SENDER,
    }
    return Callback(f"{BASE}/hooks/twilio/inbound", form | changes)


def test_a_parents_message_is_stored_once(client: FlaskClient) -> None:
    for _ in range(3):
        assert call(client, inbound()) == 200
    stored = db.session.execute(select(Inbound)).scalar_one()
    assert (stored.sender, stored.recipient, stored.body) == (NUMBER, SENDER, TEXT)
    assert stored.provider == "twilio"
    assert stored.handled_at is None


def test_the_answer_to_a_parents_message_is_empty_twiml(client: FlaskClient) -> None:
    callback = inbound()
    answer = client.post("/hooks/twilio/inbound", data=callback.form, headers=callback.headers)
    assert answer.mimetype == "text/xml"
    assert answer.text.endswith("<Response/>")


@pytest.mark.parametrize("body", ["", "Ооба " * 320, "a\x00b", "👍", "1\n2"])
def test_any_text_a_phone_can_send_is_stored(client: FlaskClient, body: str) -> None:
    assert call(client, inbound(Body=body)) == 200
    assert db.session.execute(select(Inbound.body)).scalar_one() == body.replace("\x00", "")


def test_a_forged_message_is_refused(client: FlaskClient) -> None:
    assert call(client, inbound(), headers={"X-Twilio-Signature": signature(BASE, {})}) == 403
    assert call(client, inbound(), headers={}) == 403
    assert db.session.execute(select(Inbound)).first() is None


@pytest.mark.parametrize("changes", [{"MessageSid": ""}, {"MessageSid": "x" * 65}, {"From": ""}])
def test_a_message_without_a_name_or_a_sender_is_refused(
    client: FlaskClient, changes: dict[str, str]
) -> None:
    assert call(client, inbound(**changes)) == 400


def test_only_post_is_answered(client: FlaskClient) -> None:
    assert client.get("/hooks/twilio/inbound").status_code == 405


@pytest.mark.parametrize("path", ["/hooks/twilio/inbound", "/hooks/twilio/status/ref"])
def test_in_practice_mode_there_is_no_such_hook(tmp_path: Any, path: str) -> None:
    from config import read_settings

    app = create_app(read_settings({"INSTANCE_DIR": str(tmp_path)}))
    form = {"MessageSid": "SM1"}
    signed = {"X-Twilio-Signature": signature(f"http://127.0.0.1:8000{path}", form, token="")}
    assert app.test_client().post(path, data=form, headers=signed).status_code == 404


def test_a_signed_receipt_needs_nothing_of_the_pages(
    app: Flask, client: FlaskClient, server: TwilioServer, sid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never() -> None:
        raise AssertionError("a page was asked")

    monkeypatch.setattr(app, "full_dispatch_request", never)
    assert call(client, server.callback(sid, "delivered")) == 204
    assert delivery().state is State.DELIVERED


def test_a_text_that_is_no_utf8_is_refused(client: FlaskClient, server: TwilioServer, sid: str) -> None:
    callback = server.callback(sid, "delivered")
    kind = "application/x-www-form-urlencoded"
    for octets in (b"MessageSid=%ff", b"MessageSid=\xff"):
        assert call(client, callback, data=octets, content_type=kind) == 403
    assert delivery().state is State.ACCEPTED
