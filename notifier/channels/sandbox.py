"""Practice channels: nothing leaves this machine, and every message's story follows from its address.

A number that ends in …   lives through

    0901   refused at once: a landline
    0902   accepted, then not delivered: the phone is switched off
    0903   accepted, then not delivered: no such number
    0904   the provider answers with an error, but is found to have taken it: delivered, and not sent twice
    0905   refused at once: no route to this number
    0906   the provider is busy; the second try goes through: delivered
    0907   accepted, then an error without a reason: perhaps it arrived
    …      anything else: delivered

The e-mail address `nobody@…` is refused: no such mailbox. What happens later stands in the provider's name
for the message, so any process can tell it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from notifier.message import Fault, Listing, Message, Outcome, Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What a practice message lives through: the answer to the send, and its end."""

    answer: Outcome = Outcome.ACCEPTED
    end: Outcome = Outcome.DELIVERED  # of a message that was taken
    code: str = ""
    reason: str = ""
    fault: Fault | None = None


DELIVERED = Story()
STORIES = {
    "0901": Story(
        answer=Outcome.REFUSED, code="21614", reason="not a mobile number", fault=Fault.BAD_ADDRESS
    ),
    "0902": Story(
        end=Outcome.UNDELIVERED,
        code="30003",
        reason="the phone is off or out of reach",
        fault=Fault.HANDSET_OFF,
    ),
    "0903": Story(end=Outcome.UNDELIVERED, code="30005", reason="no such number", fault=Fault.BAD_ADDRESS),
    "0904": Story(
        answer=Outcome.UNCERTAIN, code="20500", reason="the provider had an error", fault=Fault.TEMPORARY
    ),
    "0905": Story(
        answer=Outcome.REFUSED, code="21612", reason="no route to this number", fault=Fault.NO_ROUTE
    ),
    "0906": Story(answer=Outcome.RETRY, code="20429", reason="the provider is busy", fault=Fault.CAPACITY),
    "0907": Story(
        end=Outcome.UNDELIVERED,
        code="30008",
        reason="the carrier gave no reason",
        fault=Fault.MAY_HAVE_ARRIVED,
    ),
}
ENDING = 4  # digits that decide
TAKEN = {Outcome.ACCEPTED, Outcome.UNCERTAIN}


def story_of(number: str) -> Story:
    """The story that a number's last digits stand for."""
    return STORIES.get(number[-ENDING:], DELIVERED)


class SandboxSms:
    """Lets every SMS live through its story; receipts come when asked for, after a moment."""

    name = "sms"
    provider = "sandbox"
    in_flight = 32
    poll_ladder: Sequence[timedelta] = (timedelta(seconds=1), timedelta(seconds=5), timedelta(minutes=1))
    repeatable = False

    async def send(self, message: Message) -> Receipt:
        story, answer = story_of(message.address), _answer(message)
        if answer is Outcome.ACCEPTED:
            return Receipt(outcome=Outcome.ACCEPTED, provider_ref=_name(message))
        return Receipt(
            outcome=answer,
            code=story.code,
            reason=story.reason,
            fault=story.fault,
            retry_after=1.0 if answer is Outcome.RETRY else None,
        )

    async def check(self, provider_ref: str) -> Receipt | None:
        # A name is sandbox-<end of the number>-<attempt>-<ref>.
        story = story_of(provider_ref.split("-", 2)[1])
        if story.end is Outcome.DELIVERED:
            return Receipt(outcome=Outcome.DELIVERED, provider_ref=provider_ref)
        return Receipt(
            outcome=story.end,
            provider_ref=provider_ref,
            code=story.code,
            reason=story.reason,
            fault=story.fault,
        )

    async def find(self, message: Message, since: datetime) -> Listing:
        taken = _answer(message) in TAKEN
        return Listing([_name(message)] if taken else [], datetime.now(UTC))

    async def close(self) -> None:
        pass


class SandboxEmail:
    """Accepts every e-mail, except to nobody; nobody ever learns whether an e-mail was delivered."""

    name = "email"
    provider = "sandbox"
    in_flight = 32
    poll_ladder: Sequence[timedelta] = ()
    repeatable = True

    async def send(self, message: Message) -> Receipt:
        if message.address.lower().startswith("nobody@"):
            return Receipt(
                outcome=Outcome.REFUSED, code="550", reason="no such mailbox", fault=Fault.BAD_ADDRESS
            )
        return Receipt(outcome=Outcome.ACCEPTED, provider_ref=_name(message))

    async def check(self, provider_ref: str) -> Receipt | None:
        return None

    async def find(self, message: Message, since: datetime) -> None:
        return None

    async def close(self) -> None:
        pass


def _answer(message: Message) -> Outcome:
    """What becomes of this try to send."""
    answer = story_of(message.address).answer
    return Outcome.ACCEPTED if answer is Outcome.RETRY and message.attempt > 1 else answer


def _name(message: Message) -> str:
    """The provider's name for this sending of a message; from it any process knows its end."""
    ending = message.address[-ENDING:] if message.address.startswith("+") else "mail"
    return f"sandbox-{ending}-{message.attempt}-{message.ref}"
