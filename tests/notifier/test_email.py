"""E-mail against a real mail server on loopback."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import threading
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from config import read_settings
from notifier.channels import email as email_channel
from notifier.channels import smtp
from notifier.channels.email import Email
from notifier.message import Fault, Message, Outcome, Receipt
from tests.smtp_server import AUTHORITY, HANG_UP, PASSWORD, MailServer, running

ADDRESS = "raisa@example.kg"
SUBJECT = "5-А класс: эртеңки сабактар — «Баластан»"
BODY = (
    "Саламатсызбы!\n\nЭртең 9:00дө <математика> & кыргыз тили.\n.чекиттен башталган сап\n\n"
    + "Өтө узун сап. " * 90
)
MESSAGE = Message(ref="Xy7-random_ref", address=ADDRESS, subject=SUBJECT, body=BODY)


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Listen to every logger at its most talkative: none may hold the password, the address or the text."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # the server's own
    yield caplog
    for secret in (PASSWORD, ADDRESS, "математика", "Баластан"):
        assert secret not in caplog.text


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trust the authority of the tests, the way an administrator would."""
    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))


@pytest.fixture(params=[False, True], ids=["one by one", "at once"])
def server(request: pytest.FixtureRequest) -> Iterator[MailServer]:
    with running() as server:
        server.pipelining = request.param
        yield server


def channel(server: MailServer | None = None, **changes: str) -> Email:
    environ = {
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(server.port if server else 1),
        "MAIL_DEFAULT_SENDER": "№95 мектеп <kabarchy@school.example.kg>",
        "PUBLIC_BASE_URL": "https://kabarchy.example.kg",
    }
    return Email.from_settings(read_settings(environ | changes))


def send_all(email: Email, *messages: Message, then: Any = None) -> list[Receipt]:
    """Send messages one after the other over the channel; `then` is called after each."""

    async def send() -> list[Receipt]:
        receipts = []
        try:
            for message in messages:
                receipts.append(await email.send(message))
                if then:
                    await asyncio.to_thread(then)
            return receipts
        finally:
            await email.close()

    return asyncio.run(send())


def send(server: MailServer | None, message: Message = MESSAGE, **changes: str) -> Receipt:
    return send_all(channel(server, **changes), message)[0]


def test_a_cyrillic_letter_arrives_as_it_was_written(server: MailServer) -> None:
    receipt = send(server)
    assert (receipt.outcome, receipt.provider_ref) == (Outcome.ACCEPTED, MESSAGE.ref)

    (envelope, letter) = server.letters[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("kabarchy@school.example.kg", [ADDRESS])
    assert letter["Subject"] == SUBJECT
    assert letter["From"] == "№95 мектеп <kabarchy@school.example.kg>"
    assert letter["To"] == ADDRESS
    plain, html = letter.get_body(("plain",)), letter.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert plain.get_content().replace("\r\n", "\n").strip() == BODY.strip()
    assert "&lt;математика&gt; &amp; кыргыз тили.<br>" in html.get_content()
    assert "<математика>" not in html.get_content()
    assert html.get_content().count("<p ") == 3


def test_a_letter_says_what_it_is_and_how_to_stop_it(server: MailServer) -> None:
    send(server)
    _, letter = server.letters[0]
    assert re.fullmatch(r"<[0-9a-f]{32}@school\.example\.kg>", letter["Message-ID"])
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe"] == "<https://kabarchy.example.kg/unsubscribe/Xy7-random_ref>"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert parsedate_to_datetime(letter["Date"]).tzinfo is not None


def test_a_long_address_to_unsubscribe_at_stays_whole(server: MailServer) -> None:
    base = "https://kabarchy.a-school-with-a-very-long-name.and-a-long-district.bishkek.example.kg/messages"
    send(server, PUBLIC_BASE_URL=base)
    envelope, letter = server.letters[0]
    assert letter["List-Unsubscribe"].strip() == f"<{base}/unsubscribe/Xy7-random_ref>"
    assert isinstance(envelope.original_content, bytes)
    assert f"<{base}/unsubscribe/Xy7-random_ref>".encode() in envelope.original_content


def test_a_letter_is_seven_bit_and_its_lines_are_short(server: MailServer) -> None:
    send(server)
    octets = server.letters[0][0].original_content
    assert isinstance(octets, bytes)
    assert octets.isascii()
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    assert b"\n" not in octets.replace(b"\r\n", b"")


def test_the_same_message_has_the_same_message_id_again(server: MailServer) -> None:
    send_all(channel(server), MESSAGE, MESSAGE)
    assert len({letter["Message-ID"] for _, letter in server.letters}) == 1


def test_a_connection_is_kept_for_the_next_letter(server: MailServer) -> None:
    receipts = send_all(channel(server), *[MESSAGE] * 5)
    assert [r.outcome for r in receipts] == [Outcome.ACCEPTED] * 5
    assert (server.connections, len(server.letters)) == (1, 5)


def test_a_connection_is_renewed_after_many_letters(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(email_channel, "LETTERS_PER_LINE", 2)
    send_all(channel(server), *[MESSAGE] * 5)
    assert (server.connections, len(server.letters)) == (3, 5)


def test_a_kept_connection_that_went_stale_is_replaced(server: MailServer) -> None:
    receipts = send_all(channel(server), MESSAGE, MESSAGE, then=server.hang_up_everywhere)
    assert [r.outcome for r in receipts] == [Outcome.ACCEPTED] * 2
    assert (server.connections, len(server.letters)) == (2, 2)


@pytest.mark.parametrize("answer", [HANG_UP, "421 4.7.0 Too many messages on this connection"])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_kept_connection_that_breaks_before_the_text_is_replaced_once(
    server: MailServer, stage: str, answer: str
) -> None:
    receipts = send_all(
        channel(server), MESSAGE, MESSAGE, then=lambda: server.answers.update({stage: [answer]})
    )
    assert [r.outcome for r in receipts] == [Outcome.ACCEPTED] * 2
    assert (server.connections, len(server.letters)) == (2, 2)


def test_a_refused_recipient_leaves_the_connection_usable(server: MailServer) -> None:
    server.answers["RCPT"] = ["550 5.1.1 No such user"]
    receipts = send_all(channel(server), MESSAGE, MESSAGE)
    assert [r.outcome for r in receipts] == [Outcome.REFUSED, Outcome.ACCEPTED]
    assert server.connections == 1


def test_a_connection_idle_for_long_is_asked_whether_it_is_still_there(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "FRESH_SECONDS", 0)
    receipts = send_all(channel(server), MESSAGE, MESSAGE, then=server.hang_up_everywhere)
    assert [r.outcome for r in receipts] == [Outcome.ACCEPTED] * 2
    assert server.connections == 2


def test_several_letters_travel_at_once_over_a_few_connections(server: MailServer) -> None:
    email = channel(server)

    async def send_many() -> list[Receipt]:
        messages = [Message(ref=f"ref{n}", address=f"parent{n}@example.kg", body=BODY) for n in range(30)]
        receipts = await asyncio.gather(*map(email.send, messages))
        await email.close()
        return receipts

    receipts = asyncio.run(send_many())
    assert {r.outcome for r in receipts} == {Outcome.ACCEPTED}
    assert len({letter["To"] for _, letter in server.letters}) == 30
    assert all(len(envelope.rcpt_tos) == 1 for envelope, _ in server.letters)
    assert server.connections <= email.in_flight


TEMPORARY = (Outcome.RETRY, Fault.TEMPORARY)
BAD_ADDRESS = (Outcome.REFUSED, Fault.BAD_ADDRESS)
FILTERED = (Outcome.REFUSED, Fault.FILTERED)
OUR_MESSAGE = (Outcome.REFUSED, Fault.OUR_MESSAGE)
OUR_ACCOUNT = (Outcome.PAUSE, Fault.OUR_ACCOUNT)


@pytest.mark.parametrize(
    ("stage", "answer", "code", "meaning"),
    [
        ("MAIL", "451 4.3.0 Try again later", "451 4.3.0", TEMPORARY),
        ("MAIL", "550 5.7.1 Sender not allowed", "550 5.7.1", OUR_ACCOUNT),
        ("MAIL", "530 5.7.0 Authentication required", "530 5.7.0", OUR_ACCOUNT),
        ("RCPT", "450 4.2.0 Greylisted", "450 4.2.0", TEMPORARY),
        ("RCPT", "452 4.2.2 Mailbox full", "452 4.2.2", TEMPORARY),
        ("RCPT", "421 4.3.2 Shutting down", "421 4.3.2", TEMPORARY),
        ("RCPT", "550 No such user", "550", BAD_ADDRESS),
        ("RCPT", "550 5.1.1 raisa@example.kg: no such user", "550 5.1.1", BAD_ADDRESS),
        ("RCPT", "553 5.1.2 No such domain", "553 5.1.2", BAD_ADDRESS),
        ("RCPT", "550 5.2.1 Mailbox disabled", "550 5.2.1", BAD_ADDRESS),
        ("RCPT", "552 5.2.2 Mailbox full", "552 5.2.2", (Outcome.REFUSED, Fault.CAPACITY)),
        ("RCPT", "550 5.4.4 Host not found", "550 5.4.4", (Outcome.REFUSED, Fault.NO_ROUTE)),
        ("RCPT", "550 5.7.1 Blocked by policy", "550 5.7.1", FILTERED),
        ("RCPT", "554 5.7.1 Relay access denied", "554 5.7.1", OUR_ACCOUNT),
        ("RCPT", "554 5.7.1 <apa@example.kg>: Relay access denied", "554 5.7.1", OUR_ACCOUNT),
        ("RCPT", "550 5.7.54 Unable to relay recipient", "550 5.7.54", OUR_ACCOUNT),
        ("RCPT", "550 relay not permitted", "550", OUR_ACCOUNT),
        ("RCPT", "550 5.7.1 We do not relay", "550 5.7.1", OUR_ACCOUNT),
        ("RCPT", "550 5.1.1 User unknown in relay recipient table", "550 5.1.1", BAD_ADDRESS),
        ("RCPT", "550 <relay-denied@example.kg>: no such user", "550", BAD_ADDRESS),
        ("RCPT", "553 5.7.1 Sender address rejected: not owned by user", "553 5.7.1", OUR_ACCOUNT),
        ("RCPT", "550 5.1.8 Sender's domain not found", "550 5.1.8", OUR_ACCOUNT),
        ("DATA", "451 4.3.0 Try again later", "451 4.3.0", TEMPORARY),
        ("DATA", "554 5.7.1 No", "554 5.7.1", FILTERED),
        ("TEXT", "451 4.3.0 Try again later", "451 4.3.0", TEMPORARY),
        ("TEXT", "550 5.1.1 No such user after all", "550 5.1.1", BAD_ADDRESS),
        ("TEXT", "552 5.3.4 Too long", "552 5.3.4", OUR_MESSAGE),
        ("TEXT", "552 Too long", "552", OUR_MESSAGE),
        ("TEXT", "554 5.7.1 Looks like spam", "554 5.7.1", FILTERED),
        ("TEXT", "554 No", "554", FILTERED),
    ],
)
def test_an_answer_of_the_mail_server_is_understood(
    server: MailServer, stage: str, answer: str, code: str, meaning: tuple[Outcome, Fault]
) -> None:
    server.answers[stage] = [answer]
    receipt = send(server)
    assert (receipt.outcome, receipt.fault) == meaning
    assert receipt.code == code
    assert ADDRESS not in receipt.reason
    assert server.letters == []


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
def test_a_connection_lost_before_the_text_means_not_sent(server: MailServer, stage: str) -> None:
    server.answers[stage] = [HANG_UP]
    receipt = send(server)
    assert (receipt.outcome, receipt.fault) == TEMPORARY
    assert server.connections == 1


def test_a_connection_lost_after_the_text_is_unclear_and_nothing_is_sent_again(server: MailServer) -> None:
    server.answers["TEXT"] = [HANG_UP]
    assert send(server).outcome is Outcome.UNCERTAIN
    assert len(server.letters) == 1


def test_a_kept_connection_lost_after_the_text_is_unclear_too(server: MailServer) -> None:
    receipts = send_all(channel(server), MESSAGE, MESSAGE, then=lambda: server.answers.update(TEXT=[HANG_UP]))
    assert receipts[1].outcome is Outcome.UNCERTAIN
    assert (server.connections, len(server.letters)) == (1, 2)


def test_a_wrong_password_pauses() -> None:
    with running(login=True) as server:
        assert send(server, MAIL_USERNAME="school", MAIL_PASSWORD=PASSWORD).outcome is Outcome.ACCEPTED
        receipt = send(server, MAIL_USERNAME="school", MAIL_PASSWORD="wrong")
        assert (receipt.outcome, receipt.fault, receipt.code[:3]) == (*OUR_ACCOUNT, "535")


def test_a_login_that_fails_for_now_is_tried_later() -> None:
    with running(login=True) as server:
        server.answers["AUTH"] = ["454 4.7.0 Temporary authentication failure"] * 3
        receipt = send(server, MAIL_USERNAME="school", MAIL_PASSWORD=PASSWORD)
        assert (receipt.outcome, receipt.fault) == TEMPORARY


def test_tls_from_the_start_works_too() -> None:
    with running(over_tls=True) as server:
        assert send(server, MAIL_USE_TLS="false", MAIL_USE_SSL="true").outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("over_tls", [False, True])
def test_a_certificate_nobody_trusts_is_refused(monkeypatch: pytest.MonkeyPatch, over_tls: bool) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with running(over_tls=over_tls) as server:
        changes = {"MAIL_USE_TLS": str(not over_tls), "MAIL_USE_SSL": str(over_tls)}
        receipt = send(server, **changes)
        assert (receipt.outcome, receipt.fault, receipt.code) == (*TEMPORARY, "certificate")
        assert server.letters == []


def test_a_certificate_for_another_name_is_refused(
    server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *more, **also: look("127.0.0.1", *more, **also))
    receipt = send(server, MAIL_SERVER="mail.example.kg")
    assert (receipt.outcome, receipt.fault, receipt.code) == (*TEMPORARY, "certificate")


def test_a_server_without_tls_gets_no_letter_when_tls_is_wanted() -> None:
    with running(starttls=False) as server:
        receipt = send(server)
        assert (receipt.outcome, receipt.fault) == TEMPORARY
        assert server.letters == []
        assert send(server, MAIL_USE_TLS="false").outcome is Outcome.ACCEPTED


def test_no_connection_means_not_sent() -> None:
    receipt = send(None)
    assert (receipt.outcome, receipt.fault, receipt.code) == (*TEMPORARY, "connect")


def test_a_name_that_is_long_looked_for_means_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    found = threading.Event()
    monkeypatch.setattr(smtp, "CONNECT_SECONDS", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found.wait(20) and [])
    began = time.monotonic()
    receipt = send(None, MAIL_SERVER="mail.example.kg")
    found.set()
    assert (receipt.outcome, receipt.fault) == TEMPORARY
    assert time.monotonic() - began < 5


def test_a_server_that_says_nothing_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "READ_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        receipt = send(None, MAIL_PORT=str(silent.getsockname()[1]))
    assert (receipt.outcome, receipt.fault) == TEMPORARY


def test_a_server_that_dawdles_is_left_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_channel, "SECONDS", 0.4)
    with socket.create_server(("127.0.0.1", 0)) as slow:

        def greet() -> None:
            connection, _ = slow.accept()
            with connection:
                connection.sendall(b"220 mail.example.kg ready\r\n")
                connection.recv(100)
                connection.recv(100)  # until the client hangs up

        thread = threading.Thread(target=greet)
        thread.start()
        receipt = send(None, MAIL_PORT=str(slow.getsockname()[1]), MAIL_USE_TLS="false")
        thread.join(5)
    assert (receipt.outcome, receipt.fault) == TEMPORARY


def test_who_stops_does_not_wait_for_a_letter_that_is_still_on_its_way() -> None:
    with socket.create_server(("127.0.0.1", 0)) as slow:
        email = channel(None, MAIL_PORT=str(slow.getsockname()[1]), MAIL_USE_TLS="false")

        async def stop() -> float:
            letter = asyncio.create_task(email.send(MESSAGE))
            connection, _ = await asyncio.to_thread(slow.accept)
            began = time.monotonic()
            await email.close()
            took = time.monotonic() - began
            connection.close()  # now the letter's thread ends, too
            await letter
            return took

        assert asyncio.run(stop()) < smtp.READ_SECONDS / 2


def test_a_conversation_fits_into_half_a_lease() -> None:
    from notifier.policy import LEASE

    assert LEASE.total_seconds() / 2 > email_channel.SECONDS + smtp.CONNECT_SECONDS


@pytest.mark.parametrize(
    "subject", ["Сабак\nBcc: all@example.kg", "Сабак\r\n X-Evil: 1", "Сабак\r\n\r\nтекст", "a\x00b"]
)
def test_a_subject_cannot_bring_headers_of_its_own(server: MailServer, subject: str) -> None:
    receipt = send(server, Message(ref="r", address=ADDRESS, subject=subject, body="текст"))
    assert (receipt.outcome, receipt.fault) == OUR_MESSAGE
    assert server.connections == 0


@pytest.mark.parametrize(
    "address",
    [
        "",
        "raisa",
        "raisa@",
        "@example.kg",
        "a@b@example.kg",
        "a b@example.kg",
        "a@example.kg,b@example.kg",
        "a@example.kg\r\nRCPT TO:<b@example.kg>",
        "Раиса <raisa@example.kg>",
        "a>@example.kg",
        "раиса@example.kg",
        "a@" + "ж" * 70 + ".kg",
        "a@example..kg",
    ],
)
def test_what_is_not_one_address_is_refused_before_any_connection(server: MailServer, address: str) -> None:
    receipt = send(server, Message(ref="r", address=address, subject=SUBJECT, body="текст"))
    assert (receipt.outcome, receipt.fault) == BAD_ADDRESS
    assert server.connections == 0


def test_a_cyrillic_domain_is_written_to_in_punycode(server: MailServer) -> None:
    receipt = send(server, Message(ref="r", address="raisa@мектеп.example.kg", body="текст"))
    assert receipt.outcome is Outcome.ACCEPTED
    assert server.letters[0][0].rcpt_tos == ["raisa@xn--e1aaogsq.example.kg"]


def test_an_email_is_never_called_delivered() -> None:
    email = channel()
    assert email.poll_ladder == ()
    assert asyncio.run(email.check("ref")) is None
    assert asyncio.run(email.find(MESSAGE, parsedate_to_datetime("Tue, 24 Nov 2026 08:00:00 +0000"))) is None
