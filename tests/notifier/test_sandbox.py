"""The practice channels: every story comes to its end, in whichever process one asks."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from notifier.channels.sandbox import STORIES, SandboxEmail, SandboxSms
from notifier.message import Fault, Message, Outcome, Receipt
from tests.conftest import NOW


def message(address: str, attempt: int = 1) -> Message:
    return Message(ref="a-ref_with-dashes", address=address, body="Эртең сабак", attempt=attempt)


def send(address: str, attempt: int = 1) -> Receipt:
    return asyncio.run(SandboxSms().send(message(address, attempt)))


@pytest.mark.parametrize(
    ("number", "answer", "end", "fault"),
    [
        ("+996555000101", Outcome.ACCEPTED, Outcome.DELIVERED, None),
        ("+996700000102", Outcome.ACCEPTED, Outcome.DELIVERED, None),
        ("+996555000901", Outcome.REFUSED, None, Fault.BAD_ADDRESS),
        ("+996555000902", Outcome.ACCEPTED, Outcome.UNDELIVERED, Fault.HANDSET_OFF),
        ("+996555000903", Outcome.ACCEPTED, Outcome.UNDELIVERED, Fault.BAD_ADDRESS),
        ("+996555000904", Outcome.UNCERTAIN, Outcome.DELIVERED, Fault.TEMPORARY),
        ("+996555000905", Outcome.REFUSED, None, Fault.NO_ROUTE),
        ("+996555000906", Outcome.RETRY, Outcome.DELIVERED, Fault.CAPACITY),
        ("+996555000907", Outcome.ACCEPTED, Outcome.UNDELIVERED, Fault.MAY_HAVE_ARRIVED),
    ],
)
def test_a_number_lives_through_its_story(
    number: str, answer: Outcome, end: Outcome | None, fault: Fault | None
) -> None:
    receipt = send(number)
    assert receipt.outcome is answer
    if answer is Outcome.RETRY:
        assert receipt.provider_ref is None
        receipt = send(number, attempt=2)
    if answer is Outcome.UNCERTAIN:
        found = asyncio.run(SandboxSms().find(message(number), NOW))
        assert found.refs
        receipt = Receipt(outcome=Outcome.ACCEPTED, provider_ref=found.refs[0])
    if end is None:
        assert receipt.fault is fault
        assert asyncio.run(SandboxSms().find(message(number), NOW)).refs == []
        return

    assert receipt.outcome is Outcome.ACCEPTED
    assert receipt.provider_ref is not None
    last = asyncio.run(SandboxSms().check(receipt.provider_ref))
    assert last is not None
    assert (last.outcome, last.provider_ref) == (end, receipt.provider_ref)
    if end is Outcome.UNDELIVERED:
        assert last.fault is fault
        assert last.code
        assert last.reason


def test_every_story_is_told_here_and_in_the_documentation() -> None:
    import notifier.channels.sandbox as sandbox

    assert set(STORIES) == {f"09{n:02}" for n in range(1, 8)}
    assert all(ending in (sandbox.__doc__ or "") for ending in STORIES)


def test_names_are_unique_per_try_and_fit_their_column() -> None:
    names = [send("+996555000101", attempt).provider_ref or "" for attempt in (1, 2, 10)]
    assert len(set(names)) == 3
    assert all(len(name) <= 64 for name in names)


def test_receipts_come_after_a_moment() -> None:
    assert timedelta(seconds=1) <= SandboxSms.poll_ladder[0] <= timedelta(seconds=2)


def test_an_email_is_accepted_and_never_called_delivered() -> None:
    email = SandboxEmail()
    receipt = asyncio.run(email.send(message("raisa@example.kg")))
    assert receipt.outcome is Outcome.ACCEPTED
    assert receipt.provider_ref
    assert asyncio.run(email.check(receipt.provider_ref)) is None
    assert email.poll_ladder == ()


def test_an_email_to_nobody_is_refused() -> None:
    receipt = asyncio.run(SandboxEmail().send(message("nobody@example.kg")))
    assert (receipt.outcome, receipt.fault) == (Outcome.REFUSED, Fault.BAD_ADDRESS)
