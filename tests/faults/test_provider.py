"""A provider and a mail server that lie, stall and hang up, and receipts in whatever way they can come.

The channels' own tests say what each answer means; here all kinds come at once, and in the end nobody is
missed or texted twice.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from notifier.channels import build, twilio_http
from notifier.database import db
from notifier.models import Delivery, State
from tests import smtp_server
from tests.faults.conftest import ONE_OR_BOTH, SOAK, THE_OTHER_OR_BOTH
from tests.notifier.outgoing import drain, post, release_session, states, sweep
from tests.smtp_server import HANG_UP
from tests.twilio_server import ACCOUNT, SENDER, TOKEN, Answer, TwilioServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900 if SOAK else 100)]

MESSAGES = 2000 if SOAK else 120
Figure = Callable[[str], None]


@pytest.fixture
def server() -> Iterator[TwilioServer]:
    with TwilioServer().running() as server:
        yield server


@pytest.fixture
def mail() -> Iterator[smtp_server.MailServer]:
    with smtp_server.running() as server:
        yield server


@pytest.fixture
def environ(
    environ: dict[str, str],
    server: TwilioServer,
    mail: smtp_server.MailServer,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, str]:
    monkeypatch.setenv("SSL_CERT_FILE", str(smtp_server.AUTHORITY))
    return environ | {
        "SMS_PROVIDER": "twilio",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": SENDER,
        "TWILIO_API_BASE": server.base,
        "PUBLIC_BASE_URL": "http://127.0.0.1:1",
        "MAIL_SERVER": "localhost",
        "MAIL_PORT": str(mail.port),
        "MAIL_DEFAULT_SENDER": "school@example.kg",
    }


def drain_until_rest(app: Flask, channel: str, ids: list[int], server: TwilioServer | None = None) -> int:
    """Drain now, and again whenever the next thing is due, until nothing waits; return the rounds.

    `server`: whose clock goes on with ours.
    """
    ahead = timedelta()
    waiting = {State.PENDING, State.SENDING, State.UNCERTAIN}
    for rounds in range(1, 40):
        drain(build(app.config["SETTINGS"])[channel], clock=lambda ahead=ahead: datetime.now(UTC) + ahead)
        now = datetime.now(UTC) + ahead
        sweep(now)
        if not waiting & set(states(ids)):
            return rounds
        release_session()
        due = db.session.execute(
            select(Delivery.not_before, Delivery.next_check_at).where(Delivery.state.in_(waiting))
        ).all()
        release_session()
        moments = [m for row in due for m in row if m is not None and m > now]
        ahead += min(moments, default=now + timedelta(minutes=1)) - now
        if server is not None:
            server.ahead = ahead.total_seconds()
    raise AssertionError(f"no rest: {Counter(states(ids))}")


def test_every_kind_of_answer_at_once(
    app: Flask, server: TwilioServer, monkeypatch: pytest.MonkeyPatch, figure: Figure
) -> None:
    """Errors before and after accepting, stalls, hang-ups, pages of HTML, 429, and a list that is late."""
    monkeypatch.setattr(twilio_http, "READ_SECONDS", 0.5)
    html = "<html><body>Bad gateway</body></html>"
    kinds = [
        Answer(status=500, accept=True),
        Answer(status=500),
        Answer(status=502, body=html, accept=True),
        Answer(status=503, body=html),
        Answer(status=200, body=html, accept=True),
        Answer(status=429, headers={"Retry-After": "1"}),
        Answer(drop=True),
        Answer(drop=True, accept=True),
        Answer(stall=1.0, accept=True),
        None,
        None,
    ]
    chance = random.Random(95)
    server.bad_answers.extend(chance.choice(kinds) for _ in range(MESSAGES))
    server.bad_lists.extend([Answer(status=500), Answer(status=200, body=html), Answer(drop=True)] * 5)
    server.list_lag = 2.0
    ids = post(MESSAGES)
    rounds = drain_until_rest(app, "sms", ids, server)
    assert Counter(states(ids)) == {State.ACCEPTED: MESSAGES}
    assert len(server.sent_to) == len(set(server.sent_to)) == MESSAGES
    figure(f"{MESSAGES} messages at rest after {rounds} rounds of asking")


class Postman(threading.Thread):
    """Brings receipts to the real hook over the wire: in order, twice, late, never and backwards."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self.http = make_server("127.0.0.1", 0, app, threaded=True)
        self.base = f"http://127.0.0.1:{self.http.server_port}"

    def run(self) -> None:
        self.http.serve_forever(0.05)


@ONE_OR_BOTH
def test_receipts_twice_late_never_and_out_of_order(app: Flask, server: TwilioServer, figure: Figure) -> None:
    """Where one came, the last word of the provider stands; where none came, asking finds it out."""
    postman = Postman(app)
    object.__setattr__(app.config["SETTINGS"], "public_base_url", postman.base)
    postman.start()
    chance = random.Random(95)
    ids = post(MESSAGES)
    try:
        drain_until_rest(app, "sms", ids)
        answers: Counter[int] = Counter()
        silent = set()
        calls: list[tuple[str, str]] = []
        for message in server.messages:
            end = chance.choice(["delivered", "delivered", "undelivered"])
            story = ["queued", "sent", end]
            plan = chance.choice(["in order", "twice", "backwards", "shuffled", "never"])
            if plan == "never":
                silent.add(message["sid"])
                server.callback(message["sid"], end, 30003 if end == "undelivered" else None)
                continue
            if plan == "twice":
                story *= 2
            elif plan == "backwards":
                story.reverse()
            elif plan == "shuffled":
                chance.shuffle(story)
            calls += [(message["sid"], status) for status in story]
        # Stories of different messages mix, each in its own order.
        for sid, status in calls:
            error = 30003 if status == "undelivered" else None
            answers[server.callback(sid, status, error).post()] += 1
    finally:
        postman.http.shutdown()
        postman.join()
        postman.http.server_close()
    assert set(answers) == {204}
    final = {m["sid"] for m in server.messages} - silent
    release_session()
    rows = {row.provider_ref: row for row in db.session.scalars(select(Delivery))}
    release_session()
    assert {rows[sid].state for sid in final} == {State.DELIVERED, State.UNDELIVERED}
    assert {rows[sid].state for sid in silent} == {State.ACCEPTED}
    drain(build(app.config["SETTINGS"])["sms"], clock=lambda: datetime.now(UTC) + timedelta(minutes=16))
    assert set(states(ids)) == {State.DELIVERED, State.UNDELIVERED}
    figure(f"{sum(answers.values())} receipts for {len(final)} messages, {len(silent)} asked about")


@THE_OTHER_OR_BOTH
def test_a_mail_server_that_hangs_up_and_refuses(app: Flask, mail: smtp_server.MailServer) -> None:
    """What left once too often has the same Message-ID, so a mailbox shows it once."""
    count = 40
    posts = [
        post(1, first=n, channel="email", address=f"apa{n}@example.kg", subject="Сабак", dedupe_key=f"e{n}")[
            0
        ]
        for n in range(count)
    ]
    mail.answers = {
        "MAIL": ["451 4.3.0 later"] * 3,
        "RCPT": ["450 4.2.0 greylisted"] * 5 + [HANG_UP] * 2,
        "DATA": [HANG_UP] * 3,
        "TEXT": [HANG_UP] * 4 + ["451 4.3.0 no room"] * 3,
    }
    drain_until_rest(app, "email", posts)
    found = Counter(states(posts))
    arrived = Counter(letter["Message-ID"] for _, letter in mail.letters)
    by_person = {(envelope.rcpt_tos[0], letter["Message-ID"]) for envelope, letter in mail.letters}
    assert found == {State.ACCEPTED: count}
    assert len(arrived) == len(by_person) == count
    assert sum(arrived.values()) <= count + 4


@ONE_OR_BOTH
def test_a_mail_server_that_nobody_should_trust(
    app: Flask, mail: smtp_server.MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its certificate signs itself: letters wait until it is mended, and no try counts for ever."""
    monkeypatch.delenv("SSL_CERT_FILE")
    ids = post(3, channel="email", address="apa@example.kg", subject="Сабак")
    drain(build(app.config["SETTINGS"])["email"])
    assert set(states(ids)) == {State.PENDING}
    release_session()
    assert set(db.session.scalars(select(Delivery.error_code))) == {"certificate"}
    release_session()
    monkeypatch.setenv("SSL_CERT_FILE", str(smtp_server.AUTHORITY))
    drain_until_rest(app, "email", ids)
    assert set(states(ids)) == {State.ACCEPTED}
    assert len(mail.letters) == 3
