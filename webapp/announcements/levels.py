"""How far an announcement came with a family, said once, in SQL, for every page and report.

A copy that climbed has several deliveries: `Recipient.delivery` is the latest, and its climbs have them all.
What arrived counts, whichever it was and however late; only copies that climbed are asked for the others.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from sqlalchemy import ColumnElement, and_, case, false, func, literal, or_, select
from sqlalchemy.orm import aliased

from notifier.models import Delivery, State
from webapp.announcements.recipients import Climb, Recipient

# After three days no receipt is to be expected any more; one that comes all the same still counts.
RECEIPT_EXPECTED_FOR = timedelta(hours=72)


class Level(IntEnum):
    """How far a family was reached; never mixed. A family is reached from DELIVERED on."""

    NOT_TRIED = 0
    SENT = 1  # a provider accepted it, whatever became of it then
    RELAYED = 2  # a neighbour has it, and may have passed it on
    DELIVERED = 3
    ACKNOWLEDGED = 4
    SPOKEN_TO = 5

    @property
    def key(self) -> str:
        return self.name.lower()


class Standing(StrEnum):
    """Where one family's copy stands just now; in the order in which a person should look at them."""

    NOT_REACHED = "not_reached"
    WAITING = "waiting"
    SENT = "sent"  # gone, and nobody will tell whether it arrived
    RELAYED = "relayed"  # a neighbour has it, and may have passed it on
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    SPOKEN_TO = "spoken_to"
    TAKEN_BACK = "taken_back"  # the announcement was stopped before this copy left


REACHED = frozenset({Standing.DELIVERED, Standing.ACKNOWLEDGED, Standing.SPOKEN_TO})

_Tried = aliased(Delivery, name="tried")
# What deliveries of other rungs came to.
_ACCEPTED, _AT_NEIGHBOURS, _ARRIVED = int(Level.SENT), int(Level.RELAYED), int(Level.DELIVERED)

# No mail server tells that a person's mailbox was really reached, so e-mail never counts as delivered.
_has_it = and_(Delivery.state == State.DELIVERED, Delivery.channel != "email")
_accepted = or_(
    Delivery.accepted_at.is_not(None),
    Delivery.state.in_([State.ACCEPTED, State.DELIVERED, State.UNDELIVERED]),
)
_elsewhere = (
    select(
        func.max(
            case(
                (
                    and_(_Tried.state == State.DELIVERED, _Tried.channel != "email"),
                    case((Climb.by_relay, literal(_AT_NEIGHBOURS)), else_=literal(_ARRIVED)),
                ),
                (
                    or_(
                        _Tried.accepted_at.is_not(None),
                        _Tried.state.in_([State.ACCEPTED, State.DELIVERED, State.UNDELIVERED]),
                    ),
                    literal(_ACCEPTED),
                ),
                else_=literal(int(Level.NOT_TRIED)),
            )
        )
    )
    .select_from(Climb)
    .join(_Tried, _Tried.id == Climb.delivery_id)
    .where(Climb.recipient_id == Recipient.id)
    .correlate(Recipient)
    .scalar_subquery()
)


def _on_another_rung(least: int) -> ColumnElement[bool]:
    """That a delivery of any rung came at least so far; looked up for copies that climbed, and no others."""
    return case((Recipient.rung > 0, _elsewhere >= least), else_=false())


_arrived = or_(and_(_has_it, Recipient.by_relay.is_(False)), _on_another_rung(_ARRIVED))
_relayed = or_(Recipient.relayed_at.is_not(None), _has_it, _on_another_rung(_AT_NEIGHBOURS))


def level() -> ColumnElement[int]:
    """The Level of a Recipient outer-joined to its Delivery."""
    return case(
        (Recipient.spoken_at.is_not(None), literal(int(Level.SPOKEN_TO))),
        (Recipient.acknowledged_at.is_not(None), literal(int(Level.ACKNOWLEDGED))),
        (_arrived, literal(int(Level.DELIVERED))),
        (_relayed, literal(int(Level.RELAYED))),
        (or_(_accepted, _on_another_rung(_ACCEPTED)), literal(int(Level.SENT))),
        else_=literal(int(Level.NOT_TRIED)),
    )


def reached() -> ColumnElement[bool]:
    """That a Recipient, outer-joined to its Delivery, is of a family that knows."""
    return or_(Recipient.spoken_at.is_not(None), Recipient.acknowledged_at.is_not(None), _arrived)


def standing(now: datetime) -> ColumnElement[str]:
    """The Standing of a Recipient outer-joined to its Delivery."""
    return case(
        (Recipient.spoken_at.is_not(None), literal(Standing.SPOKEN_TO.value)),
        (Recipient.acknowledged_at.is_not(None), literal(Standing.ACKNOWLEDGED.value)),
        (_arrived, literal(Standing.DELIVERED.value)),
        (_relayed, literal(Standing.RELAYED.value)),
        (Recipient.taken_back_at.is_not(None), literal(Standing.TAKEN_BACK.value)),
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
