"""Twilio's official client against a server that answers like Twilio."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from config import read_settings
from notifier.channels import twilio_http
from notifier.channels.sms_twilio import ERRORS, TwilioSms, receipt_from_callback
from notifier.message import Fault, Message, Outcome
from notifier.policy import LOOK_BACK
from tests.twilio_server import ACCOUNT, SENDER, TOKEN, Answer, TwilioServer, refusal

T = TypeVar("T")
NUMBER = "+996555000101"
TEXT = "Эртең сабак «Баластан» каналында — саат 9:00до. №95"
MESSAGE = Message(ref="Xy7-random_ref", address=NUMBER, body=TEXT)
HTML = "<html><body>Bad gateway</body></html>"


@pytest.fixture
def server() -> Iterator[TwilioServer]:
    with TwilioServer().running() as server:
        yield server
        assert not server.violations


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Listen to every logger at its most talkative: none may hold the token, the number or the text."""
    caplog.set_level(logging.DEBUG)
    yield caplog
    for secret in (TOKEN, NUMBER, NUMBER[1:], TEXT):
        assert secret not in caplog.text


def channel(server: TwilioServer | None = None, **changes: str) -> TwilioSms:
    environ = {
        "SECRET_KEY": "for tests alone, for tests alone, for tests",
        "SMS_PROVIDER": "twilio",
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_FROM": SENDER,
        "TWILIO_API_BASE": server.base if server else "",
        "PUBLIC_BASE_URL": "https://kabarchy.example.kg",
    }
    return TwilioSms.from_settings(read_settings(environ | changes))


def run(twilio: TwilioSms, question: str, *args: Any) -> Any:
    """Ask the channel one thing in an event loop of its own."""

    async def ask() -> Any:
        try:
            return await getattr(twilio, question)(*args)
        finally:
            await twilio.close()

    return asyncio.run(ask())


def test_a_message_reaches_twilio_as_it_was_written(server: TwilioServer) -> None:
    receipt = run(channel(server), "send", MESSAGE)

    assert receipt.outcome is Outcome.ACCEPTED
    assert receipt.provider_ref == server.messages[0]["sid"]
    assert server.requests[0][2] == {
        "To": NUMBER,
        "From": SENDER,
        "Body": TEXT,
        "SmartEncoded": "false",
        "StatusCallback": "https://kabarchy.example.kg/hooks/twilio/status/Xy7-random_ref",
    }


def test_a_messaging_service_takes_the_place_of_the_sender(server: TwilioServer) -> None:
    service = "MG" + "0" * 32
    receipt = run(channel(server, TWILIO_MESSAGING_SERVICE_SID=service), "send", MESSAGE)

    assert receipt.outcome is Outcome.ACCEPTED
    assert server.requests[0][2]["MessagingServiceSid"] == service
    assert "From" not in server.requests[0][2]


def test_an_environment_meant_for_twilios_client_sends_nothing_astray(
    server: TwilioServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_REGION", "ie1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    assert run(channel(server), "send", MESSAGE).outcome is Outcome.ACCEPTED


def test_a_mirror_may_live_under_a_path(server: TwilioServer) -> None:
    receipt = run(channel(TWILIO_API_BASE=f"{server.base}/mirror"), "send", MESSAGE)

    assert receipt.code == "20404"
    assert server.requests[0][1].startswith("/mirror/2010-04-01/Accounts/")


def test_many_messages_travel_at_once_over_kept_connections(server: TwilioServer) -> None:
    twilio = channel(server)

    async def send_all() -> list[Any]:
        messages = [Message(ref=f"ref{n}", address=f"+99655500{n:04}", body=TEXT) for n in range(100)]
        receipts = await asyncio.gather(*map(twilio.send, messages))
        await twilio.close()
        return receipts

    receipts = asyncio.run(send_all())
    assert {r.outcome for r in receipts} == {Outcome.ACCEPTED}
    assert len(set(server.sent_to)) == len(server.messages) == 100


# What a refused request means: every code of the table.
REFUSED = {
    Outcome.REFUSED: {
        Fault.BAD_ADDRESS: "21211 21614 21635 30005 30006 63003 63024",
        Fault.NO_ROUTE: "21612",
        Fault.OUR_MESSAGE: "21602 21617 21620 21656 63016",
        Fault.FILTERED: "30004 30007",
        Fault.HANDSET_OFF: "30003",
        Fault.MAY_HAVE_ARRIVED: "30008 30017 30410 30500",
        Fault.UNKNOWN: "21999 45678",
    },
    Outcome.OPTED_OUT: {Fault.OPTED_OUT: "21610 63014"},
    Outcome.PAUSE: {
        Fault.OUR_ACCOUNT: "20003 20005 21212 21408 21603 21606 21608 21659 21660 21703 21705 30002 30018 "
        "30024 30032 30034"
    },
    Outcome.RETRY: {Fault.CAPACITY: "21611 30001 30022 30023 30027 30036 63018 20429"},
}
ROWS = [
    (code, outcome, fault)
    for outcome, faults in REFUSED.items()
    for fault, codes in faults.items()
    for code in codes.split()
]


@pytest.mark.parametrize(("code", "outcome", "fault"), ROWS)
def test_a_refusal_is_understood_by_its_code(
    server: TwilioServer, code: str, outcome: Outcome, fault: Fault
) -> None:
    server.bad_answers.append(refusal(int(code)))
    receipt = run(channel(server), "send", MESSAGE)

    assert (receipt.outcome, receipt.fault, receipt.code) == (outcome, fault, code)
    assert receipt.provider_ref is None
    assert receipt.reason
    assert "996555" not in receipt.reason
    assert "Эртең" not in receipt.reason


@pytest.mark.parametrize(("code", "fault"), [(c, f) for c, _, f in ROWS if c != "20429"])
def test_a_callback_is_understood_by_its_code(code: str, fault: Fault) -> None:
    for status in ("undelivered", "failed"):
        receipt = receipt_from_callback({"MessageSid": "SM1", "MessageStatus": status, "ErrorCode": code})
        assert (receipt.outcome, receipt.fault, receipt.code) == (Outcome.UNDELIVERED, fault, code)


def test_every_code_of_the_table_has_a_row_here() -> None:
    assert ERRORS.keys() <= {code for code, _, _ in ROWS}


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("accepted", Outcome.ACCEPTED),
        ("queued", Outcome.ACCEPTED),
        ("sending", Outcome.ACCEPTED),
        ("sent", Outcome.SENT),
        ("delivered", Outcome.DELIVERED),
        ("read", Outcome.DELIVERED),
        ("undelivered", Outcome.UNDELIVERED),
        ("failed", Outcome.UNDELIVERED),
        ("canceled", Outcome.UNDELIVERED),
        ("partially_delivered", Outcome.UNDELIVERED),
        ("a status of tomorrow", Outcome.ACCEPTED),
        ("", Outcome.ACCEPTED),
    ],
)
def test_a_status_is_understood(status: str, outcome: Outcome) -> None:
    receipt = receipt_from_callback({"MessageSid": "SM1", "MessageStatus": status})
    assert (receipt.outcome, receipt.provider_ref) == (outcome, "SM1")
    assert (receipt.fault is None) == (outcome is not Outcome.UNDELIVERED)


@pytest.mark.parametrize(
    ("answer", "taken"),
    [
        (refusal(20500, 500), 0),
        (refusal(20503, 503), 0),
        (Answer(status=502, body=HTML), 0),
        (Answer(status=500, body="{}", accept=True), 1),
        (Answer(status=200, body=HTML, accept=True), 1),
        (Answer(status=201, body="", accept=True), 1),
        (Answer(status=201, body="[]", accept=True), 1),
        (Answer(status=201, body="{}", accept=True), 1),
        (Answer(status=201, body='{"sid": 7}', accept=True), 1),
        (Answer(status=403, body=HTML), 0),
        (Answer(status=302, headers={"Location": "http://127.0.0.1:1/"}), 0),
        (Answer(drop=True), 0),
        (Answer(drop=True, accept=True), 1),
    ],
    ids=str,
)
def test_an_unclear_answer_is_neither_failure_nor_success_and_nothing_is_sent_again(
    server: TwilioServer, answer: Answer, taken: int
) -> None:
    server.bad_answers.append(answer)
    receipt = run(channel(server), "send", MESSAGE)

    assert receipt.outcome is Outcome.UNCERTAIN
    assert receipt.code
    assert len(server.messages) == taken
    assert len(server.requests) == 1


def test_a_stalled_answer_is_unclear(server: TwilioServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio_http, "READ_SECONDS", 0.2)
    server.bad_answers.append(Answer(stall=0.6, accept=True, status=201, body="{}"))
    assert run(channel(server), "send", MESSAGE).outcome is Outcome.UNCERTAIN
    assert len(server.messages) == len(server.requests) == 1


def test_the_time_limits_fit_into_half_a_lease() -> None:
    from notifier.policy import LEASE

    assert (twilio_http.CONNECT_SECONDS, twilio_http.READ_SECONDS) == (3, 15)
    assert timedelta(seconds=3 + 15) < LEASE / 2


@pytest.mark.parametrize(("retry_after", "seconds"), [("7", 7), ("", None), ("soon", None)])
def test_too_many_requests_wait_as_long_as_twilio_asks(
    server: TwilioServer, retry_after: str, seconds: float | None
) -> None:
    headers = {"Retry-After": retry_after} if retry_after else {}
    server.bad_answers.append(Answer(status=429, body=refusal(20429, 429).body, headers=headers))
    receipt = run(channel(server), "send", MESSAGE)
    assert (receipt.outcome, receipt.code, receipt.retry_after) == (Outcome.RETRY, "20429", seconds)


def test_a_date_to_come_back_at_is_understood(server: TwilioServer) -> None:
    later = (datetime.now(UTC) + timedelta(seconds=60)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    server.bad_answers.append(Answer(status=429, body=HTML, headers={"Retry-After": later}))
    receipt = run(channel(server), "send", MESSAGE)
    assert receipt.outcome is Outcome.RETRY
    assert 50 < (receipt.retry_after or 0) <= 60


def test_no_connection_means_not_sent() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{free.getsockname()[1]}"
        receipt = run(channel(TWILIO_API_BASE=base), "send", MESSAGE)
    assert (receipt.outcome, receipt.fault) == (Outcome.RETRY, Fault.TEMPORARY)


def test_a_name_that_cannot_be_found_means_not_sent() -> None:
    receipt = run(channel(TWILIO_API_BASE="http://twilio.invalid"), "send", MESSAGE)
    assert (receipt.outcome, receipt.fault) == (Outcome.RETRY, Fault.TEMPORARY)


def test_a_connection_that_is_not_answered_means_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio_http, "CONNECT_SECONDS", 0.2)
    with socket.socket() as full:
        # A listener with no room: further connections wait for an answer that doesn't come.
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for other in waiting:
            other.setblocking(False)
            other.connect_ex(full.getsockname())
        base = f"http://127.0.0.1:{full.getsockname()[1]}"
        receipt = run(channel(TWILIO_API_BASE=base), "send", MESSAGE)
        for other in waiting:
            other.close()
    assert (receipt.outcome, receipt.code) == (Outcome.RETRY, "connect")


def test_https_that_is_not_https_means_not_sent(server: TwilioServer) -> None:
    base = server.base.replace("http://", "https://")
    receipt = run(channel(TWILIO_API_BASE=base), "send", MESSAGE)
    assert (receipt.outcome, receipt.code) == (Outcome.RETRY, "connect")


def test_a_wrong_token_pauses(server: TwilioServer) -> None:
    receipt = run(channel(server, TWILIO_AUTH_TOKEN="wrong"), "send", MESSAGE)
    assert (receipt.outcome, receipt.code, receipt.fault) == (Outcome.PAUSE, "20003", Fault.OUR_ACCOUNT)


@pytest.mark.parametrize(
    ("status", "error", "outcome", "fault"),
    [
        ("delivered", None, Outcome.DELIVERED, None),
        ("sent", None, Outcome.SENT, None),
        ("undelivered", 30003, Outcome.UNDELIVERED, Fault.HANDSET_OFF),
    ],
)
def test_twilio_can_be_asked_what_became_of_a_message(
    server: TwilioServer, status: str, error: int | None, outcome: Outcome, fault: Fault | None
) -> None:
    ref = run(channel(server), "send", MESSAGE).provider_ref
    server.messages[0] |= {"status": status, "error_code": error, "price": "-0.04560"}
    receipt = run(channel(server), "check", ref)
    assert (receipt.outcome, receipt.fault, receipt.provider_ref) == (outcome, fault, ref)
    assert receipt.price == Decimal("0.04560")


@pytest.mark.parametrize("price", ["", "free", "NaN", "sNaN", "Infinity", "-1e30"])
def test_a_price_that_is_no_amount_is_no_price(price: str) -> None:
    form = {"MessageSid": "SM" + "0" * 32, "MessageStatus": "delivered", "Price": price}
    assert receipt_from_callback(form).price is None


@pytest.mark.parametrize(
    "answer", [refusal(20404, 404), refusal(20500, 500), Answer(status=429), Answer(drop=True)]
)
def test_a_question_without_an_answer_says_nothing(server: TwilioServer, answer: Answer) -> None:
    # Reading again is harmless, so the HTTP client may ask once more over a fresh connection.
    server.bad_lists.extend([answer, answer])
    assert run(channel(server), "check", "SM" + "0" * 32) is None


def test_a_message_lost_on_the_way_back_is_found_in_the_list(server: TwilioServer) -> None:
    began = datetime.now(UTC)
    server.accept({"To": NUMBER, "Body": TEXT, "From": SENDER}, created=began - timedelta(days=1))
    server.accept({"To": NUMBER, "Body": TEXT + "!", "From": SENDER})
    server.accept({"To": "+996555000199", "Body": TEXT, "From": SENDER})
    server.bad_answers.append(Answer(drop=True, accept=True))
    assert run(channel(server), "send", MESSAGE).outcome is Outcome.UNCERTAIN

    assert run(channel(server), "find", MESSAGE, began).refs == [server.messages[-1]["sid"]]


def test_a_message_that_never_arrived_is_not_in_the_list(server: TwilioServer) -> None:
    assert run(channel(server), "find", MESSAGE, datetime.now(UTC)).refs == []


def test_how_long_it_is_absent_is_told_by_twilios_clock(server: TwilioServer) -> None:
    server.ahead = -5 * 3600.0
    listing = run(channel(server), "find", MESSAGE, datetime.now(UTC))
    behind = datetime.now(UTC) - listing.read_at
    assert timedelta(hours=5) <= behind < timedelta(hours=5, minutes=1)


def test_a_clock_of_ours_that_is_hours_ahead_hides_no_message(server: TwilioServer) -> None:
    """As when the time of Bishkek is taken for UTC."""
    server.bad_answers.append(Answer(drop=True, accept=True))
    run(channel(server), "send", MESSAGE)
    ahead = datetime.now(UTC) + timedelta(hours=6) - LOOK_BACK
    assert run(channel(server), "find", MESSAGE, ahead).refs == [server.messages[-1]["sid"]]


def test_a_trial_accounts_prefix_hides_no_message(server: TwilioServer) -> None:
    server.accept({"To": NUMBER, "Body": f"Sent from your Twilio trial account - {TEXT}"})
    found = run(channel(server), "find", MESSAGE, datetime.now(UTC))
    assert found.refs == [server.messages[0]["sid"]]


def test_a_parents_own_message_with_the_same_words_is_not_ours(server: TwilioServer) -> None:
    server.accept({"To": NUMBER, "Body": TEXT})
    server.messages[0]["direction"] = "inbound"
    assert run(channel(server), "find", MESSAGE, datetime.now(UTC)).refs == []


def test_the_list_is_read_page_by_page_until_it_is_older_than_the_attempt(server: TwilioServer) -> None:
    server.page_limit = 2
    began = datetime.now(UTC)
    for hours in range(60, 0, -1):
        server.accept({"To": NUMBER, "Body": TEXT}, created=began - LOOK_BACK - timedelta(hours=hours))
    for _ in range(5):
        server.accept({"To": NUMBER, "Body": TEXT})
    found = run(channel(server), "find", MESSAGE, began)

    assert sorted(found.refs) == sorted(m["sid"] for m in server.messages[-5:])
    assert 3 < len(server.requests) < 15


@pytest.mark.parametrize(
    "answer",
    [
        refusal(20500, 500),
        refusal(20003, 401),
        Answer(status=429),
        Answer(status=200, body=HTML),
        Answer(status=200, body="{}"),
        Answer(drop=True),
    ],
    ids=str,
)
def test_an_unreadable_list_proves_no_absence(server: TwilioServer, answer: Answer) -> None:
    server.accept({"To": NUMBER, "Body": TEXT})
    server.bad_lists.extend([answer, answer])
    assert run(channel(server), "find", MESSAGE, datetime.now(UTC)) is None


def test_a_list_that_breaks_off_proves_no_absence(server: TwilioServer) -> None:
    server.page_limit = 1
    for _ in range(3):
        server.accept({"To": NUMBER, "Body": "Башка текст"})
    page = json.dumps({"messages": [server.messages[0]], "next_page_uri": "/2010-04-01/more.json"})
    server.bad_lists.extend([Answer(status=200, body=page), Answer(status=503, body=HTML)])
    assert run(channel(server), "find", MESSAGE, datetime.now(UTC)) is None
