"""From the button to the mailbox: what a mail server has in hand after an announcement is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage

import pytest
from flask.testing import FlaskClient

from config import read_settings
from notifier import outbox
from notifier.channels.email import Email
from notifier.database import db
from notifier.message import Outcome
from tests.announcements.files import GPS, JPEG_AT_HOME, pdf
from tests.announcements.writing import send, write
from tests.cast import Cast
from tests.smtp_server import HANG_UP, MailServer, running
from webapp.announcements.files.attaching import attach
from webapp.announcements.files.check import checked


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running(starttls=False) as server:
        yield server


def deliver(server: MailServer, now: datetime, times: int = 1) -> list[Outcome]:
    """Carry the one e-mail that waits, as a worker does, so many times."""
    settings = read_settings(
        {
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(server.port),
            "MAIL_USE_TLS": "false",
            "MAIL_DEFAULT_SENDER": "kabarchy@school.example.kg",
            "PUBLIC_BASE_URL": "https://kabarchy.example.kg",
        }
    )
    db.session.rollback()
    (claimed,) = outbox.claim(db.engine, channel="email", limit=5, owner="test", now=now)

    async def carry() -> list[Outcome]:
        email = Email.from_settings(settings)
        try:
            return [(await email.send(claimed.message)).outcome for _ in range(times)]
        finally:
            await email.close()

    return asyncio.run(carry())


def text_of(letter: EmailMessage, form: str) -> str:
    part = letter.get_body((form,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def test_the_grandmother_gets_the_text_twice_the_files_and_a_way_to_stop(
    server: MailServer, client: FlaskClient, cast: Cast, now: datetime
) -> None:
    draft = write(cast, ru="Завтра <уроки> по телевизору.\nhttps://example.kg/5", now=now)
    attach(draft, checked("Приказ №282.pdf", pdf()), now)
    attach(draft, checked("тетрадь.jpg", JPEG_AT_HOME), now)
    db.session.commit()
    send(draft, now)
    assert deliver(server, now) == [Outcome.ACCEPTED]

    envelope, letter = server.letters[0]
    assert envelope.rcpt_tos == ["raisa@example.kg"]
    plain, html = text_of(letter, "plain"), text_of(letter, "html")
    assert "Завтра <уроки> по телевизору." in plain
    assert "Завтра &lt;уроки&gt; по телевизору." in html
    assert '<a href="https://example.kg/5"' in html
    assert '<html lang="ru">' in html
    for part in (plain, html):
        assert "Вера Примерова, 5-А" in part
        assert cast.school.name in part
        assert cast.school.phone in part
    files = list(letter.iter_attachments())
    assert [(file.get_filename(), file.get_content_type()) for file in files] == [
        ("Приказ №282.pdf", "application/pdf"),
        ("тетрадь.jpg", "image/jpeg"),
    ]
    assert files[0].get_payload(decode=True) == pdf()
    assert GPS not in bytes(files[1].get_payload(decode=True) or b"")

    # The mail program's own button: RFC 8058.
    stop = letter["List-Unsubscribe"].strip("<> ").removeprefix("https://kabarchy.example.kg")
    assert stop in plain
    assert stop in html
    assert client.post(stop, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    db.session.rollback()
    outbox.post([outbox.Post(dedupe_key="more", channel="email", address="raisa@example.kg", body="a")], now)
    db.session.commit()
    claimed = outbox.claim(db.engine, channel="email", limit=5, owner="test", now=now)
    assert outbox.depart(db.engine, claimed, now) == set()


def test_a_line_lost_behind_the_files_brings_the_same_letter_again(
    server: MailServer, cast: Cast, now: datetime
) -> None:
    draft = write(cast, now=now)
    attach(draft, checked("Приказ.pdf", pdf("a" * 300_000)), now)
    db.session.commit()
    send(draft, now)
    server.answers["TEXT"] = [HANG_UP]
    assert deliver(server, now, times=2) == [Outcome.UNCERTAIN, Outcome.ACCEPTED]
    one, two = (letter for _, letter in server.letters)
    assert one["Message-ID"] == two["Message-ID"]
    assert [len(list(letter.iter_attachments())) for letter in (one, two)] == [1, 1]
