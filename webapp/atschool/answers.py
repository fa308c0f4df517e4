"""A parent's yes or no to an invitation, by SMS."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, or_, select, update

from notifier.database import db
from notifier.models import Delivery
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import AckHow, Climb, Recipient
from webapp.atschool.models import Answer, Member
from webapp.atschool.seats import answer
from webapp.families.models import Pupil

# A yes after two weeks is about something else.
ANSWERABLE_FOR = timedelta(days=14)
ANSWERS = {"YES": Answer.YES, "NO": Answer.NO}


def take_answer(
    channel: str, address: str, intent: str, received_at: datetime, inbound_id: int | None = None
) -> bool:
    """Take YES or NO, as the inbox read it, as the answer to the newest invitation that went to its sender.

    False when there is none, or when something that went there later asks for an answer, too. Of a phone that
    families share it counts for the children the invitation named. In the caller's transaction.
    """
    said = ANSWERS.get(intent)
    newest = db.session.execute(_asking(channel, address, received_at)).first() if said else None
    if said is None or newest is None or newest.kind != "invitation":
        return False
    families = db.session.scalars(
        select(Recipient.family_id).where(
            Recipient.announcement_id == newest.id, _went_to(channel, address, received_at)
        )
    ).all()
    members = db.session.scalars(
        select(Member)
        .join(Pupil, Pupil.id == Member.pupil_id)
        .where(Member.invitation_id == newest.id, Member.left_at.is_(None), Pupil.family_id.in_(families))
        .order_by(Member.id)
    ).all()
    for member in members:
        answer(member, said, received_at, inbound_id=inbound_id)
    if members:
        db.session.execute(
            update(Recipient)
            .where(
                Recipient.announcement_id == newest.id,
                Recipient.family_id.in_(families),
                Recipient.acknowledged_at.is_(None),
            )
            .values(
                acknowledged_at=received_at,
                acknowledged_how=AckHow.SMS,
                acknowledged_inbound_id=inbound_id,
            )
            .execution_options(synchronize_session=False)
        )
    return bool(members)


def _asking(channel: str, address: str, at: datetime) -> Select[tuple[int, str]]:
    """The newest that went to this address and wants an answer."""
    return (
        select(Announcement.id, Announcement.kind)
        .join(Recipient, Recipient.announcement_id == Announcement.id)
        .where(
            _went_to(channel, address, at),
            or_(Announcement.kind.in_(("invitation", "number_check")), Announcement.asks_acknowledgement),
        )
        .order_by(Announcement.published_at.desc(), Announcement.id.desc())
        .limit(1)
    )


def _went_to(channel: str, address: str, at: datetime) -> ColumnElement[bool]:
    sent = select(Delivery.id).where(
        Delivery.channel == channel,
        Delivery.address == address,
        Delivery.created_at > at - ANSWERABLE_FOR,
    )
    return or_(
        Recipient.delivery_id.in_(sent),
        Recipient.id.in_(select(Climb.recipient_id).where(Climb.delivery_id.in_(sent))),
    )
