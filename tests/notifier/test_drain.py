"""The drain: what is due leaves, many at once, and what came of it is written down."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from notifier import outbox
from notifier.database import db
from notifier.drain import Drain, Stop
from notifier.lane import HEAVY_AT_ONCE, LOOK_EVERY
from notifier.message import HEAVY, Fault, Message, Outcome, Receipt
from notifier.models import State
from notifier.stationery import Enclosure
from tests.notifier.outgoing import claim, delivery, drain, events, post, post_urgently, put, states
from tests.notifier.scripted import ScriptedChannel

pytestmark = pytest.mark.usefixtures("engine_app")


def answer(outcome: Outcome, code: str = "", **more: object) -> Receipt:
    return Receipt(outcome=outcome, code=code, **more)  # type: ignore[arg-type]


def test_every_message_is_taken_once() -> None:
    ids = post(100)
    channel = ScriptedChannel(latency=0.01)
    drained = drain(channel)
    assert (drained.sent, drained.interrupted) == (100, False)
    assert len({m.ref for m in channel.took}) == len(channel.took) == 100
    assert set(states(ids)) == {State.ACCEPTED}
    assert channel.closed
    assert 8 < channel.most_at_once <= 16


def test_both_channels_are_drained_side_by_side() -> None:
    sms, email = post(5), post(5, channel="email", address="apa@example.kg")
    one = ScriptedChannel(latency=0.05, in_flight=1)
    other = ScriptedChannel(name="email", provider="letters")
    drain(one, other)
    assert set(states(sms + email)) == {State.ACCEPTED}
    assert (len(one.took), len(other.took)) == (5, 5)


@pytest.fixture
def with_files(now: datetime) -> outbox.Letterhead:
    """The paper of letters with large files."""
    big = Enclosure(
        name="a.jpg",
        media_type="image/jpeg",
        size=HEAVY + 1,
        digest="a",
        content=b"x" * (HEAVY + 1),
        created_at=now,
    )
    db.session.add(big)
    db.session.flush()
    return outbox.Letterhead("ky", "№95", "Стоп", (big.id,))


def letters(count: int, first: int = 0, **more: Any) -> list[int]:
    return post(count, first=first, channel="email", address="apa@example.kg", **more)


def test_few_letters_with_big_files_are_under_way_at_once(with_files: outbox.Letterhead) -> None:
    heavy, light = letters(9, letterhead=with_files), letters(9, first=9)
    channel = ScriptedChannel(name="email", latency=0.02)
    at_once: list[int] = []
    done: list[Message] = []

    def script(message: Message) -> None:
        heavies = sum(m.stationery is not None for _, m in channel.seen) - len(done)
        at_once.append(heavies)
        if message.stationery is not None:
            done.append(message)

    channel.script = script
    drain(channel)
    assert set(states(heavy + light)) == {State.ACCEPTED}
    assert max(at_once) == HEAVY_AT_ONCE
    # The light ones do not wait for them.
    assert all(m.stationery is None for _, m in channel.seen[HEAVY_AT_ONCE : HEAVY_AT_ONCE + len(light)])


def test_an_urgent_letter_does_not_wait_for_those_with_big_files(with_files: outbox.Letterhead) -> None:
    letters(60, letterhead=with_files)
    channel, stop = ScriptedChannel(name="email", latency=0.6), Stop()
    posted: list[float] = []

    def script(message: Message) -> None:
        if not posted:
            posted.append(time.monotonic())
            post_urgently(db.engine, "email")
        stop.requested = message.stationery is None

    channel.script = script
    drain(channel, stop=stop)
    urgent = next(at for at, message in channel.seen if message.stationery is None)
    assert urgent - posted[0] < 2 * LOOK_EVERY + channel.latency


def test_a_turn_that_is_over_waits_for_a_letter_with_big_files_and_sends_on_meanwhile(
    monkeypatch: pytest.MonkeyPatch, with_files: outbox.Letterhead
) -> None:
    monkeypatch.setattr("notifier.drain.STOPPING", 0.1)
    heavy, sms = letters(4, letterhead=with_files), post(30)
    by_letter = ScriptedChannel(name="email", latency=1.5)
    by_sms = ScriptedChannel(name="sms", in_flight=2, latency=0.1, prefix="SM")
    assert drain(by_letter, by_sms, turn=0.5).interrupted
    # Two had left, and came home; the others did not leave any more.
    assert Counter(states(heavy)) == {State.ACCEPTED: HEAVY_AT_ONCE, State.PENDING: 2}
    assert Counter(states(sms))[State.ACCEPTED] > 20
    assert State.SENDING not in states(sms)


def test_a_refused_message_does_not_hold_up_the_others() -> None:
    ids = post(3)

    def script(message: Message) -> Receipt | None:
        bad = message.address.endswith("1")
        return answer(Outcome.REFUSED, "21614", fault=Fault.BAD_ADDRESS) if bad else None

    drain(ScriptedChannel(script=script))
    assert states(ids) == [State.ACCEPTED, State.FAILED, State.ACCEPTED]
    assert delivery(ids[1]).fault is Fault.BAD_ADDRESS
    assert delivery(ids[1]).error_code == "21614"


def test_a_busy_provider_gets_fewer_at_once_and_every_message_in_the_end() -> None:
    ids = post(60)
    channel = ScriptedChannel(in_flight=32, latency=0.005)

    def script(message: Message) -> Receipt | None:
        return answer(Outcome.RETRY, "429") if channel._at_once > 5 and message.attempt == 1 else None

    channel.script = script
    drain(channel)
    assert set(states(ids)) == {State.ACCEPTED}
    assert len(channel.took) == 60


def test_a_bug_in_a_channel_is_a_doubt_about_one_message_and_not_the_end_of_the_drain(
    caplog: pytest.LogCaptureFixture,
) -> None:
    ids = post(3)

    def script(message: Message) -> Exception | None:
        return KeyError("sid") if message.address.endswith("1") else None

    channel = ScriptedChannel(script=script, list_is_there=False)
    drain(channel)
    assert states(ids) == [State.ACCEPTED, State.UNCERTAIN, State.ACCEPTED]
    assert "failed on delivery" in caplog.text
    assert "+996" not in caplog.text


def test_a_message_that_was_taken_before_the_answer_was_lost_is_found_and_not_sent_again() -> None:
    (id_,) = post()
    channel = ScriptedChannel()

    def script(message: Message) -> Receipt:
        channel.take(message)
        return answer(Outcome.UNCERTAIN, "lost")

    channel.script = script
    drain(channel)
    found = delivery(id_)
    assert (found.state, found.provider_ref) == (State.ACCEPTED, "PR000001")
    assert len(channel.took) == 1
    assert events(id_) == ["uncertain", "found"]


def test_receipts_that_are_about_to_come_are_waited_for() -> None:
    (id_,) = post()
    channel = ScriptedChannel(
        poll_ladder=[timedelta(seconds=0.5), timedelta(seconds=1)],
        told=lambda ref: answer(Outcome.DELIVERED, provider_ref=ref),
    )
    drain(channel)
    assert states([id_]) == [State.DELIVERED]
    assert events(id_) == ["accepted", "delivered"]


def test_an_account_at_fault_pauses_its_provider_and_burns_no_tries() -> None:
    ids = post(50)
    letters = post(3, channel="email", address="apa@example.kg")
    channel = ScriptedChannel(in_flight=4, latency=0.01)
    channel.script = lambda _message: answer(Outcome.PAUSE, "20003", fault=Fault.OUR_ACCOUNT)
    drain(channel, ScriptedChannel(name="email", provider="letters"))
    assert set(states(ids)) == {State.PENDING}
    assert len(channel.seen) <= 8
    assert {delivery(id_).attempts for id_ in ids} == {0}
    assert outbox.paused(db.engine) == {"scripted"}
    assert set(states(letters)) == {State.ACCEPTED}

    seen = len(channel.seen)
    drain(channel)
    assert len(channel.seen) == seen

    channel.script = lambda _message: None
    outbox.resume("scripted")
    db.session.commit()
    drain(channel)
    assert set(states(ids)) == {State.ACCEPTED}


def test_a_stop_lets_requests_in_flight_come_home_and_gives_the_rest_back() -> None:
    ids = post(40)
    stop = Stop()
    channel = ScriptedChannel(latency=0.4, in_flight=4)
    threading.Timer(0.2, lambda: setattr(stop, "requested", True)).start()
    drained = drain(channel, stop=stop)
    assert drained.interrupted
    assert len(channel.took) == 4
    found = states(ids)
    assert found.count(State.ACCEPTED) == 4
    assert found.count(State.PENDING) == 36
    assert sum(delivery(id_).attempts for id_ in ids) == 4


def test_a_turn_has_an_end() -> None:
    ids = post(40)
    drained = _turn(ScriptedChannel(latency=0.1, in_flight=2), turn=0.3)
    assert drained
    assert State.SENDING not in states(ids)
    assert State.PENDING in states(ids)


def _turn(channel: ScriptedChannel, turn: float) -> bool:
    import asyncio

    async def run() -> bool:
        work = Drain(db.engine, {"sms": channel}, owner="test", clock=lambda: datetime.now(UTC))
        return (await work.run(turn)).interrupted

    return asyncio.run(run())


def test_a_message_whose_claim_is_older_than_half_its_lease_does_not_leave(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = post(2)
    channel = ScriptedChannel()
    # The process was frozen for 31 seconds between the claim and the first request.
    clock = iter([0.0, 31.0, 31.0])
    last = [31.0]
    monkeypatch.setattr("notifier.lane.uptime", lambda: next(clock, last[0]))
    drain(channel)
    assert len(channel.took) == 2
    assert set(states(ids)) == {State.ACCEPTED}
    assert events(ids[0]) == ["released", "accepted"]
    assert delivery(ids[0]).attempts == 1


def test_an_urgent_message_overtakes_a_running_broadcast() -> None:
    post(400)
    channel = ScriptedChannel(latency=0.02, in_flight=8)
    engine = db.engine

    threading.Timer(0.3, post_urgently, [engine]).start()
    drain(channel)
    place = [m.address for m in channel.took].index("+996555999999")
    assert place < 200


def test_what_another_worker_holds_is_not_waited_for(now: datetime) -> None:
    ids = post(1)
    claim(datetime.now(UTC), owner="another")
    drained = drain(ScriptedChannel())
    assert drained.sent == 0
    assert states(ids) == [State.SENDING]


def test_an_uncertain_letter_is_sent_once_more_and_then_is_for_a_person() -> None:
    (id_,) = post(channel="email", address="apa@example.kg")
    channel = ScriptedChannel(name="email", provider="letters", repeatable=True)
    channel.script = lambda _message: answer(Outcome.UNCERTAIN, "lost")
    drain(channel)
    assert len(channel.seen) == 2
    assert len({m.ref for _, m in channel.seen}) == 1
    assert states([id_]) == [State.NEEDS_HUMAN]
    assert events(id_) == ["uncertain", "repeat", "uncertain", "needs_human"]


def test_a_doubt_that_the_list_cannot_answer_stays_a_doubt() -> None:
    (id_,) = post()
    channel = ScriptedChannel(list_is_there=False)
    channel.script = lambda _message: answer(Outcome.UNCERTAIN, "lost")
    drain(channel)
    assert states([id_]) == [State.UNCERTAIN]
    assert len(channel.seen) == 1
    put(id_, last_attempt_at=datetime.now(UTC) - timedelta(hours=1), next_check_at=datetime.now(UTC))
    drain(channel)
    assert states([id_]) == [State.UNCERTAIN]
    assert len(channel.seen) == 1
