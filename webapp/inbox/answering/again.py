"""КАЙТАЛА: the last announcement once more, word for word."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from notifier.database import db
from notifier.models import Delivery
from webapp.announcements.kinds import ANSWER, NUMBER_CHECK
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient
from webapp.inbox.answering.asked import Answer, Asked, Done

# What is older is no news; a person answers.
NEWS_FOR = timedelta(days=7)


def say_again(asked: Asked) -> Done:
    """Send the latest message once more, at most once for each announcement and day."""
    latest = db.session.execute(
        select(Announcement.id, Announcement.school_id, Delivery.body)
        .join(Recipient, Recipient.announcement_id == Announcement.id)
        .join(Delivery, Delivery.id == Recipient.delivery_id)
        .where(
            Delivery.channel == asked.inbound.channel,
            Delivery.address == asked.inbound.sender,
            Delivery.created_at > asked.now - NEWS_FOR,
            Announcement.kind.not_in([ANSWER, NUMBER_CHECK]),
        )
        .order_by(Delivery.created_at.desc(), Delivery.id.desc())
        .limit(1)
    ).one_or_none()
    if latest is None:
        return Done()
    number, school_id, body = latest
    if school_id != asked.school.id:
        return Done(settled=True)  # the other school's to repeat
    today = asked.now.astimezone(asked.school.zone).date()
    once = f"repeat:{number}:{asked.envelope.to.contact_point_id}:{today}"
    return Done(settled=True, answer=Answer(body, key=f"repeat:{asked.inbound.id}", token=once))
