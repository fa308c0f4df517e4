"""A parent's "yes": the family knows."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from notifier.database import db
from notifier.models import Delivery, State
from webapp.announcements.models import Announcement, Recipient

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


def acknowledge_latest(channel: str, address: str, now: datetime) -> int:
    """Take an answer from `address` as the acknowledgement of what was last sent there.

    Returns how many families acknowledged by it: two that share a phone are two; 0 when nothing was sent
    there in the last week, or it was acknowledged before. In the caller's transaction.
    """
    sent = select(Delivery.id).where(
        Delivery.channel == channel,
        Delivery.address == address,
        Delivery.created_at > now - ANSWERABLE_FOR,
        Delivery.state.in_(MAY_BE_ANSWERED),
    )
    latest = db.session.scalar(
        select(Recipient.announcement_id)
        .join(Announcement, Announcement.id == Recipient.announcement_id)
        .where(Recipient.delivery_id.in_(sent))
        .order_by(Announcement.published_at.desc(), Announcement.id.desc())
        .limit(1)
    )
    if latest is None:
        return 0
    acknowledged = db.session.scalars(
        update(Recipient)
        .where(
            Recipient.announcement_id == latest,
            Recipient.delivery_id.in_(sent),
            Recipient.acknowledged_at.is_(None),
        )
        .values(acknowledged_at=now)
        .returning(Recipient.id)
    )
    return len(acknowledged.all())
