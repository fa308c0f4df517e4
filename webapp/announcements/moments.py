"""When a copy left, and when it arrived: the first of all its messages, also after it climbed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from notifier.models import Delivery, State
from webapp.announcements.recipients import Climb, Recipient

_Tried = aliased(Delivery, name="tried_when")


def sent_at() -> ColumnElement[datetime | None]:
    """When a provider first took a message of a Recipient outer-joined to its Delivery."""
    return func.coalesce(_climbed(_Tried.accepted_at, _Tried.accepted_at.is_not(None)), Delivery.accepted_at)


def arrived_at(*, by_relay: bool) -> ColumnElement[datetime | None]:
    """When a phone first confirmed it: one of the family's, or a neighbour's."""
    # No mail server tells that a person's mailbox was really reached.
    climbed = _climbed(
        _Tried.settled_at,
        and_(_Tried.state == State.DELIVERED, _Tried.channel != "email", Climb.by_relay.is_(by_relay)),
    )
    own = and_(
        Delivery.state == State.DELIVERED, Delivery.channel != "email", Recipient.by_relay.is_(by_relay)
    )
    return func.coalesce(climbed, case((own, Delivery.settled_at)))


def _climbed(
    moment: InstrumentedAttribute[datetime | None], holds: ColumnElement[bool]
) -> ColumnElement[datetime | None]:
    """The first such moment on any rung; looked up for copies that climbed, and no others."""
    first = (
        select(func.min(moment))
        .select_from(Climb)
        .join(_Tried, _Tried.id == Climb.delivery_id)
        .where(Climb.recipient_id == Recipient.id, holds)
        .correlate(Recipient)
        .scalar_subquery()
    )
    return case((Recipient.rung > 0, first))
