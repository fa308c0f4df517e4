"""How far an announcement came with a family, said once, in SQL, for every page and report."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from sqlalchemy import ColumnElement, and_, case, literal, or_

from notifier.models import Delivery, State
from webapp.announcements.models import Recipient

# After three days no receipt is to be expected any more; one that comes all the same still counts.
RECEIPT_EXPECTED_FOR = timedelta(hours=72)


class Level(IntEnum):
    """How far a family was reached; never mixed. A family is reached from DELIVERED on."""

    NOT_TRIED = 0
    SENT = 1  # a provider accepted it, whatever became of it then
    DELIVERED = 2
    ACKNOWLEDGED = 3
    SPOKEN_TO = 4

    @property
    def key(self) -> str:
        return self.name.lower()


class Standing(StrEnum):
    """Where one family's copy stands just now; in the order in which a person should look at them."""

    NOT_REACHED = "not_reached"
    WAITING = "waiting"
    SENT = "sent"  # gone, and nobody will tell whether it arrived
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    SPOKEN_TO = "spoken_to"


REACHED = frozenset({Standing.DELIVERED, Standing.ACKNOWLEDGED, Standing.SPOKEN_TO})

# No mail server tells that a person's mailbox was really reached, so e-mail never counts as delivered.
_arrived = and_(Delivery.state == State.DELIVERED, Delivery.channel != "email")
_accepted = or_(
    Delivery.accepted_at.is_not(None),
    Delivery.state.in_([State.ACCEPTED, State.DELIVERED, State.UNDELIVERED]),
)


def level() -> ColumnElement[int]:
    """The Level of a Recipient outer-joined to its Delivery."""
    return case(
        (Recipient.spoken_at.is_not(None), literal(int(Level.SPOKEN_TO))),
        (Recipient.acknowledged_at.is_not(None), literal(int(Level.ACKNOWLEDGED))),
        (_arrived, literal(int(Level.DELIVERED))),
        (_accepted, literal(int(Level.SENT))),
        else_=literal(int(Level.NOT_TRIED)),
    )


def standing(now: datetime) -> ColumnElement[str]:
    """The Standing of a Recipient outer-joined to its Delivery."""
    return case(
        (Recipient.spoken_at.is_not(None), literal(Standing.SPOKEN_TO.value)),
        (Recipient.acknowledged_at.is_not(None), literal(Standing.ACKNOWLEDGED.value)),
        (_arrived, literal(Standing.DELIVERED.value)),
        (
            Delivery.state.in_([State.PENDING, State.SENDING, State.UNCERTAIN]),
            literal(Standing.WAITING.value),
        ),
        (
            and_(
                Delivery.state == State.ACCEPTED,
                Delivery.channel != "email",
                or_(Delivery.accepted_at.is_(None), Delivery.accepted_at > now - RECEIPT_EXPECTED_FOR),
            ),
            literal(Standing.WAITING.value),
        ),
        (Delivery.state.in_([State.ACCEPTED, State.DELIVERED]), literal(Standing.SENT.value)),
        else_=literal(Standing.NOT_REACHED.value),
    )
