"""A family says that it knows: by SMS, on paper, on the phone. How and by what is written down with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, or_, select, update
from sqlalchemy.orm import aliased

from notifier.database import db
from notifier.models import Delivery, State
from webapp.announcements.kinds import ANSWER
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import AckHow, Climb, Recipient
from webapp.staff.models import StaffMember

# An answer after a week is about something else.
ANSWERABLE_FOR = timedelta(days=7)
# Who answers has got it, whatever the network said, or could not say, about it.
MAY_BE_ANSWERED = (
    State.ACCEPTED,
    State.DELIVERED,
    State.UNDELIVERED,
    State.UNCERTAIN,
    State.NEEDS_HUMAN,
)
# What a member of staff wrote down may be taken back; what a parent answered may not.
BY_HAND = (AckHow.PAPER, AckHow.PHONE)


def acknowledge_latest(channel: str, address: str, now: datetime, inbound_id: int | None = None) -> int:
    """Take an answer from `address`, the message `inbound_id`, as the acknowledgement of what came there.

    It goes to the newest announcement that asks to be answered and is not answered yet; if none asks, to the
    newest. Returns how many families acknowledged by it: two that share a phone are two; 0 when nothing was
    sent there in the last week, or all was acknowledged before. In the caller's transaction.
    """
    sent = _sent_to(channel, address, now)
    asks = and_(
        or_(Announcement.asks_acknowledgement, Announcement.answer_by.is_not(None)),
        Recipient.acknowledged_at.is_(None),
    )
    latest = db.session.scalar(
        select(Recipient.announcement_id)
        .join(Announcement, Announcement.id == Recipient.announcement_id)
        # An automatic answer asks nothing.
        .where(_told_by(sent), Announcement.kind != ANSWER)
        .order_by(
            case((asks, 0), else_=1), Announcement.published_at.desc(), Announcement.id.desc(), Recipient.id
        )
        .limit(1)
    )
    if latest is None:
        return 0
    acknowledged = db.session.scalars(
        update(Recipient)
        .where(Recipient.announcement_id == latest, _told_by(sent), Recipient.acknowledged_at.is_(None))
        .values(acknowledged_at=now, acknowledged_how=AckHow.SMS, acknowledged_inbound_id=inbound_id)
        .returning(Recipient.id)
        .execution_options(synchronize_session=False)
    ).all()
    if acknowledged:
        evidence = {"acknowledged_how": AckHow.SMS, "acknowledged_inbound_id": inbound_id}
        _also_where_it_was_said_again(acknowledged, now, evidence)
    return len(acknowledged)


def _sent_to(channel: str, address: str, now: datetime) -> Select[tuple[int]]:
    return select(Delivery.id).where(
        Delivery.channel == channel,
        Delivery.address == address,
        Delivery.created_at > now - ANSWERABLE_FOR,
        Delivery.state.in_(MAY_BE_ANSWERED),
    )


def _told_by(sent: Select[tuple[int]]) -> ColumnElement[bool]:
    """That a family's copy went there, now or on an earlier rung of the ladder."""
    return or_(
        Recipient.delivery_id.in_(sent),
        Recipient.id.in_(select(Climb.recipient_id).where(Climb.delivery_id.in_(sent))),
    )


def acknowledge(
    recipient_ids: Collection[int],
    how: AckHow,
    by: StaffMember,
    now: datetime,
) -> list[int]:
    """Write down that these families said so on paper or by phone, at `now`; in the caller's transaction.

    Returns the ids of those that had not before; the evidence of the others stays as it is.
    """
    evidence = {"acknowledged_how": how, "acknowledged_by_id": by.id}
    new = db.session.scalars(
        update(Recipient)
        .where(Recipient.id.in_(recipient_ids), Recipient.acknowledged_at.is_(None))
        .values(acknowledged_at=now, **evidence)
        .returning(Recipient.id)
        .execution_options(synchronize_session=False)
    ).all()
    if new:
        _also_where_it_was_said_again(new, now, evidence)
    return list(new)


def take_back(recipient_ids: Collection[int]) -> list[int]:
    """Undo what was written down by hand, and return the ids; what a family said by SMS stays."""
    undone = db.session.scalars(
        update(Recipient)
        .where(Recipient.id.in_(recipient_ids), Recipient.acknowledged_how.in_(BY_HAND))
        .values(acknowledged_at=None, acknowledged_how=None, acknowledged_by_id=None)
        .returning(Recipient.id)
        .execution_options(synchronize_session=False)
    ).all()
    if undone:
        db.session.execute(
            update(Recipient)
            .where(_said_again(undone), Recipient.acknowledged_how.in_(BY_HAND))
            .values(acknowledged_at=None, acknowledged_how=None, acknowledged_by_id=None)
            .execution_options(synchronize_session=False)
        )
    return list(undone)


def _also_where_it_was_said_again(
    recipient_ids: Collection[int], now: datetime, evidence: Mapping[str, object]
) -> None:
    """Who knows a reminder knows what it reminded of, and the other way round."""
    db.session.execute(
        update(Recipient)
        .where(_said_again(recipient_ids), Recipient.acknowledged_at.is_(None))
        .values(acknowledged_at=now, **evidence)
        .execution_options(synchronize_session=False)
    )


def _said_again(recipient_ids: Collection[int]) -> ColumnElement[bool]:
    """That a copy is the same family's of what reminds of these, or of what these remind of."""
    mine, again = aliased(Recipient), aliased(Recipient)
    first, other = aliased(Announcement), aliased(Announcement)
    return Recipient.id.in_(
        select(again.id)
        .join(mine, mine.family_id == again.family_id)
        .join(first, first.id == mine.announcement_id)
        .join(other, other.id == again.announcement_id)
        .where(
            mine.id.in_(recipient_ids),
            or_(other.reminds_of_id == first.id, other.id == first.reminds_of_id),
        )
    )
