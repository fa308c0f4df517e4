"""Why a family was not reached, in words, and what a person can do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import LazyString, lazy_gettext
from sqlalchemy import ColumnElement, case, null, select

from notifier.database import db
from notifier.message import Fault
from notifier.models import Attempt, Delivery, State
from webapp.announcements.levels import Standing
from webapp.announcements.recipients import NoAddress
from webapp.families.models import ContactPoint, ContactStatus


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence about what happened, and one about what to do next, if there is anything to do."""

    what: LazyString
    next: LazyString | None = None


_call = lazy_gettext("Call, or tell the family in person.")
_ask_number = lazy_gettext("Ask the family for a number that works, and meanwhile tell them in person.")

NO_ADDRESS = {
    NoAddress.NONE: Reason(lazy_gettext("We have no phone number and no e-mail address."), _ask_number),
    NoAddress.BAD: Reason(lazy_gettext("The number or address we have does not exist."), _ask_number),
    NoAddress.OPTED_OUT: Reason(lazy_gettext("The family asked for no more messages."), _call),
}
FAULTS = {
    Fault.BAD_ADDRESS: Reason(lazy_gettext("There is no such number or address."), _ask_number),
    Fault.NO_ROUTE: Reason(lazy_gettext("Our provider cannot reach this network."), _call),
    Fault.OPTED_OUT: Reason(lazy_gettext("The family asked for no more messages."), _call),
    Fault.OUR_MESSAGE: Reason(
        lazy_gettext("The provider did not accept the text."),
        lazy_gettext("Tell the school office, and call the family."),
    ),
    Fault.OUR_ACCOUNT: Reason(
        lazy_gettext("The school's account with the provider does not work."),
        lazy_gettext("Tell the school office, and call the family if it is urgent."),
    ),
    Fault.CAPACITY: Reason(lazy_gettext("The network was too busy to take the message."), _call),
    Fault.FILTERED: Reason(
        lazy_gettext("The phone network held the message back."),
        lazy_gettext("Sending it again will not help: call the family."),
    ),
    Fault.HANDSET_OFF: Reason(
        lazy_gettext("The phone is switched off or out of reach."),
        lazy_gettext("Call later, or try another number."),
    ),
    Fault.MAY_HAVE_ARRIVED: Reason(
        lazy_gettext("The network lost track of the message: it may have arrived."),
        lazy_gettext("Ask the family whether they got it."),
    ),
    Fault.TEMPORARY: Reason(lazy_gettext("The network did not take the message for too long."), _call),
    Fault.UNKNOWN: Reason(
        lazy_gettext("The message did not arrive, and the provider does not say why."), _call
    ),
}
STATES = {
    State.PENDING: Reason(lazy_gettext("Waiting for its turn.")),
    State.SENDING: Reason(lazy_gettext("On its way.")),
    State.UNCERTAIN: Reason(lazy_gettext("We are checking whether the provider took it.")),
    State.ACCEPTED: Reason(lazy_gettext("Sent; waiting for the phone to confirm.")),
    State.UNDELIVERED: FAULTS[Fault.UNKNOWN],
    State.FAILED: FAULTS[Fault.UNKNOWN],
    State.SUPPRESSED: FAULTS[Fault.OPTED_OUT],
    State.EXPIRED: Reason(lazy_gettext("It could not be sent in time."), _call),
    State.CANCELLED: Reason(lazy_gettext("It was stopped before it was sent.")),
    State.NEEDS_HUMAN: Reason(
        lazy_gettext("Nobody can tell whether the message went out."),
        lazy_gettext("Ask the family whether they got it."),
    ),
}


class Stopped(StrEnum):
    """Why a message was cancelled, when not because it was taken back."""

    LEFT = "left"  # a person decided so, for nobody knew whether it had arrived
    WRONG_NUMBER = "wrong_number"


LEFT = Reason(
    lazy_gettext("Nobody knows whether it arrived; it was decided to leave it."),
    lazy_gettext("Ask the family whether they got it."),
)
STOPPED = {
    Stopped.LEFT: LEFT,
    Stopped.WRONG_NUMBER: Reason(
        lazy_gettext("Not sent: the number or address proved to be wrong."), _ask_number
    ),
}
NOT_KNOWN = Reason(lazy_gettext("Sent; the phone network never said whether it arrived."))
AT_A_NEIGHBOURS = Reason(
    lazy_gettext("A neighbour has it; nobody has said that the family heard of it."), _call
)
EMAIL_SENT = Reason(lazy_gettext("Sent by e-mail; nobody can tell whether it was read."))


def reason(delivery: Delivery) -> LazyString | None:
    """Say in a sentence what became of a delivery that has not arrived."""
    if delivery.fault and delivery.state in FAULTY:
        return FAULTS[delivery.fault].what
    found = _of_state(delivery)
    return found.what if found else None


def why(standing: Standing, delivery: Delivery | None, no_address: str | None) -> Reason | None:
    """Say why a family's copy stands where it does; None for one that arrived."""
    if standing == Standing.RELAYED:
        return AT_A_NEIGHBOURS
    if standing == Standing.SENT:
        return EMAIL_SENT if delivery and delivery.channel == "email" else NOT_KNOWN
    if standing not in {Standing.NOT_REACHED, Standing.WAITING}:
        return None
    if delivery is None:
        return NO_ADDRESS[NoAddress(no_address or NoAddress.NONE)]
    if standing == Standing.NOT_REACHED and delivery.fault and delivery.state in FAULTY:
        return FAULTS[delivery.fault]
    return _of_state(delivery)


def left_in_doubt() -> ColumnElement[bool]:
    """That a person decided to leave a Delivery of which nobody knows whether it arrived."""
    return (
        select(1)
        .where(
            Attempt.delivery_id == Delivery.id, Attempt.event == "person", Attempt.state == State.CANCELLED
        )
        .correlate(Delivery)
        .exists()
    )


def went_to_a_wrong_number() -> ColumnElement[bool]:
    """That the number or address of a Delivery proved to be wrong."""
    return (
        select(1)
        .where(
            ContactPoint.channel == Delivery.channel,
            ContactPoint.address == Delivery.address,
            ContactPoint.status == ContactStatus.BAD,
        )
        .correlate(Delivery)
        .exists()
    )


def why_stopped() -> ColumnElement[str | None]:
    """Why a Delivery was cancelled: a Stopped; NULL of others, and of what was stopped before it was sent."""
    return case(
        (Delivery.state != State.CANCELLED, null()),
        (left_in_doubt(), Stopped.LEFT.value),
        (went_to_a_wrong_number(), Stopped.WRONG_NUMBER.value),
    )


def _of_state(delivery: Delivery) -> Reason | None:
    """Say what a state means; why a message was cancelled only the tables tell, and few were."""
    if delivery.state is not State.CANCELLED:
        return STATES.get(delivery.state)
    stopped = db.session.scalar(select(why_stopped()).where(Delivery.id == delivery.id))
    return STOPPED[Stopped(stopped)] if stopped else STATES[State.CANCELLED]


# A fault explains these; what a cancelled or expired message met on its way is not the reason it stopped.
FAULTY = frozenset({State.UNDELIVERED, State.FAILED, State.SUPPRESSED})
