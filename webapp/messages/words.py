"""What the log of a message says, in words."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import LazyString, gettext, lazy_gettext

from notifier.models import Attempt, State
from webapp.announcements.recipients import Recipient
from webapp.staff.audit import DECISION_NAMES

EVENTS: dict[str, LazyString] = {
    # answers and receipts: notifier.message.Outcome
    "accepted": lazy_gettext("The provider took the message."),
    "sent": lazy_gettext("The message left the provider for the phone network."),
    "delivered": lazy_gettext("The phone confirmed that it has the message."),
    "undelivered": lazy_gettext("The phone network could not deliver the message."),
    "retry": lazy_gettext("The provider did not take it this time; it is tried again."),
    "uncertain": lazy_gettext("No clear answer came: we find out before anything is sent again."),
    "refused": lazy_gettext("The provider refused the message."),
    "opted_out": lazy_gettext("The provider says that this number wants no messages."),
    "pause": lazy_gettext("The provider refused because of the school's account; the message waits."),
    # what the engine did by itself
    "late": lazy_gettext("A late answer to an earlier try came."),
    "asked": lazy_gettext("We asked the provider; it had nothing new."),
    "found": lazy_gettext("We asked the provider: it has the message."),
    "absent": lazy_gettext("We asked the provider: it does not have the message."),
    "repeat": lazy_gettext("It is sent once more under the same name, so that it shows only once."),
    "resend": lazy_gettext("There is room again: the message is sent once more."),
    "quiet": lazy_gettext("The quiet hours had begun: it waits until they are over."),
    "released": lazy_gettext("The message was put back before it left."),
    "lapsed": lazy_gettext("The worker stopped before it could say what happened."),
    "expired": lazy_gettext("Its time was over before it could be sent."),
    "suppressed": lazy_gettext("Not sent: the family asked for no more messages."),
    "cancelled": lazy_gettext("It was stopped before it was sent."),
    "needs_human": lazy_gettext("Nobody can tell whether it arrived: a person has to decide."),
    "person": lazy_gettext("A person decided."),
}

STATES: dict[State, tuple[str, LazyString]] = {
    State.PENDING: ("waiting", lazy_gettext("Waiting")),
    State.SENDING: ("waiting", lazy_gettext("On its way")),
    State.UNCERTAIN: ("waiting", lazy_gettext("Being checked")),
    State.NEEDS_HUMAN: ("problem", lazy_gettext("To be decided")),
    State.ACCEPTED: ("sent", lazy_gettext("Sent")),
    State.DELIVERED: ("delivered", lazy_gettext("Delivered")),
    State.UNDELIVERED: ("problem", lazy_gettext("Not delivered")),
    State.FAILED: ("problem", lazy_gettext("Refused")),
    State.SUPPRESSED: ("problem", lazy_gettext("Not wanted")),
    State.EXPIRED: ("problem", lazy_gettext("Too late")),
    State.CANCELLED: ("none", lazy_gettext("Cancelled")),
}
# Instead of "Cancelled": nobody knows whether this one arrived.
LEFT_IN_DOUBT = ("none", lazy_gettext("May have arrived"))


def in_words(line: Attempt, by: str = "") -> str:
    """Say a line of the log; of a person's decision what was decided, and `by` whom, where that is known."""
    if line.event == "person" and line.state in DECISION_NAMES:
        said = gettext("Decided: %(what)s", what=DECISION_NAMES[line.state])
        return f"{said} · {by}" if by else str(said)
    return str(EVENTS.get(line.event, line.event))


def whose(copies: Iterable[Recipient]) -> str:
    """Name whom a message is for: the children of each family, with their classes."""
    return " · ".join(
        "; ".join(f"{pupil.name}, {pupil.school_class.name}" for pupil in copy.pupils) for copy in copies
    )
