"""The engine by hand: a test message, a sweep, the doctor."""

from __future__ import annotations

import dataclasses
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from notifier import jobs, valkey
from notifier.database import db
from notifier.models import Delivery, ProviderPause, State
from tests.cast import Cast
from tests.upkeep.conftest import Run


def deliveries() -> list[Delivery]:
    return list(db.session.scalars(db.select(Delivery)))


def test_a_test_message_waits_in_the_outbox_like_any_other(run: Run, app: Flask) -> None:
    answer = run("send-test", "0555 000 123", "--wait", "0")
    assert answer.exit_code == 0
    (delivery,) = deliveries()
    assert (delivery.channel, delivery.address, delivery.state) == ("sms", "+996555000123", State.PENDING)
    assert delivery.dedupe_key.startswith("test:")
    assert "+996" not in answer.output


def test_a_test_letter_has_a_subject(run: Run, app: Flask) -> None:
    assert run("send-test", "office@example.kg", "--wait", "0").exit_code == 0
    (delivery,) = deliveries()
    assert (delivery.channel, delivery.address) == ("email", "office@example.kg")
    assert delivery.subject


@pytest.mark.parametrize("address", ["102", "0312 62 34 56", "+7 926 123 45 67", "жок"])
def test_what_is_no_mobile_number_is_refused_in_a_sentence(run: Run, app: Flask, address: str) -> None:
    answer = run("send-test", address)
    assert answer.exit_code == 1
    assert "not a mobile number of Kyrgyzstan" in answer.output
    assert not deliveries()


def test_what_is_no_mailbox_is_refused_in_a_sentence(run: Run, app: Flask) -> None:
    assert run("send-test", "office@").output == "Error: This is not an e-mail address.\n"


@pytest.mark.parametrize(
    ("number", "status", "said"),
    [("+996555000123", 0, "Delivered."), ("+996555000901", 1, "Not delivered: 21614 not a mobile number")],
)
def test_it_says_what_became_of_the_message(
    run: Run, app: Flask, number: str, status: int, said: str
) -> None:
    def work() -> None:
        with app.app_context():
            while not drained.is_set():
                jobs.drain()
                drained.wait(0.1)
            db.session.remove()

    drained = threading.Event()
    worker = threading.Thread(target=work)
    worker.start()
    try:
        answer = run("send-test", number, "--wait", "60")
    finally:
        drained.set()
        worker.join()
    assert answer.exit_code == status
    assert said in answer.output


def test_without_a_worker_it_says_where_to_look(run: Run, app: Flask) -> None:
    answer = run("send-test", "+996555000123", "--wait", "1")
    assert answer.exit_code == 1
    assert "Does the worker run?" in answer.output


def test_a_sweep_by_hand(run: Run, app: Flask) -> None:
    assert run("sweep").exit_code == 0


def test_after_a_backup_was_put_back_nothing_leaves_unasked(run: Run, app: Flask, now: datetime) -> None:
    app.config["SETTINGS"] = dataclasses.replace(app.config["SETTINGS"], sms_provider="twilio")
    run("send-test", "0555 000 123", "--wait", "0")
    assert "1 message may have left since the backup" in run("restored").output
    db.session.expire_all()
    assert [each.state for each in deliveries()] == [State.UNCERTAIN]
    db.session.rollback()
    assert "0 messages" in run("restored").output


def problems(output: str) -> list[str]:
    return [line for line in output.splitlines() if line.startswith("PROBLEM")]


def test_the_doctor_finds_what_is_wrong_and_says_what_to_do(
    run: Run, app: Flask, cast: Cast, now: Any
) -> None:
    db.session.add(ProviderPause(provider="twilio", since=now, code="20003", reason="credentials"))
    db.session.add(
        Delivery(
            dedupe_key="late",
            channel="sms",
            address="+996555000101",
            body="кеч",
            not_before=now - timedelta(days=400),
            created_at=now,
        )
    )
    db.session.commit()
    answer = run("doctor")
    assert answer.exit_code == 1
    found = problems(answer.output)
    for words in ("code 20003", "1 messages wait", "Redis does not answer"):
        assert any(words in line for line in found), words
    assert "555000101" not in answer.output


def test_the_doctor_counts_what_waits_for_a_person_and_what_has_long_been_in_doubt(
    run: Run, app: Flask, cast: Cast
) -> None:
    now = datetime.now(UTC)
    states = [(State.NEEDS_HUMAN, 2), (State.NEEDS_HUMAN, 90), (State.UNCERTAIN, 61), (State.UNCERTAIN, 59)]
    for number, (state, minutes) in enumerate(states):
        at = now - timedelta(minutes=minutes)
        db.session.add(
            Delivery(
                dedupe_key=f"doubt:{number}",
                channel="sms",
                address="+996555000101",
                body="кеч",
                state=state,
                not_before=at,
                created_at=at,
                last_attempt_at=at,
            )
        )
    db.session.commit()
    found = problems(run("doctor").output)
    for words in (
        "2 messages may or may not have arrived, and only a person",
        "whether it took 1 message. See",
    ):
        assert any(words in line for line in found), words
    for delivery in deliveries():
        delivery.state = State.ACCEPTED
    db.session.commit()
    said = run("doctor").output
    assert "ok: No message waits for a person’s decision." in said
    assert "ok: No message has been in doubt for long." in said


def test_the_doctor_sees_a_queue_without_a_worker(run: Run, app: Flask, cast: Cast) -> None:
    with valkey.ensure(app.config["SETTINGS"].instance):
        answer = run("doctor")
    assert "ok: Redis answers." in answer.output
    assert problems(answer.output) == [
        "PROBLEM: No worker was seen lately, so nothing is sent. Run: python worker.py"
    ]


@pytest.mark.parametrize(
    ("terminal", "said"),
    [
        ({"LANG": "C.UTF-8"}, "Машыгуу: чыныгы телефондорго"),
        ({"LANG": "ky_KG.UTF-8"}, "Машыгуу: чыныгы телефондорго"),
        ({"LANG": "ru_RU.UTF-8"}, "Учебный режим"),
        ({"LANG": "en_US.UTF-8"}, "Practice mode"),
        ({"LANG": "de_DE.UTF-8"}, "Машыгуу: чыныгы телефондорго"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "ru"}, "Учебный режим"),
        ({"LANG": "ru_RU.UTF-8", "LC_ALL": "C"}, "Машыгуу: чыныгы телефондорго"),
    ],
    ids=str,
)
def test_the_doctor_speaks_the_language_of_the_terminal(
    app: Flask, terminal: dict[str, str], said: str
) -> None:
    env = {"LC_ALL": "", "LC_MESSAGES": "", "LANG": ""} | terminal
    answer = app.test_cli_runner().invoke(args=["doctor"], env=env)
    db.session.rollback()
    assert said in answer.output
    # What is asked for counts more.
    assert "Practice mode" in app.test_cli_runner().invoke(args=["doctor", "--lang", "en"], env=env).output
    db.session.rollback()
