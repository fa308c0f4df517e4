"""Change what has been published but has not left yet: take the message back, post what holds now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update

from notifier import outbox
from notifier.database import db
from notifier.models import Delivery, State
from webapp.announcements.audience.households import Envelope
from webapp.announcements.models import Announcement
from webapp.announcements.money import budget
from webapp.announcements.plan import Terms
from webapp.announcements.publish import as_post
from webapp.announcements.recipients import Recipient
from webapp.announcements.render import Finished


@dataclass(frozen=True, slots=True)
class Instead:
    """What takes the place of a delivery; `message` is None where nothing is left to say."""

    envelope: Envelope
    message: Finished | None
    terms: Terms | None


def repost(
    announcement: Announcement, instead: Mapping[int, Instead], now: datetime
) -> dict[int, int | None]:
    """Replace deliveries of a published announcement, in the caller's transaction.

    Returns old → new id (None: taken back only) of those that had not left. What a phone has received, or is
    receiving at this moment, cannot be taken back and is not in the answer.
    """
    # One that is leaving and has to leave once more does: for its phone nothing takes its place.
    outbox.cancel(instead, now, for_good=False)
    taken_back = {
        row.id: row
        for row in db.session.execute(
            select(Delivery.id, Delivery.channel, Delivery.body).where(
                Delivery.id.in_(instead), Delivery.state == State.CANCELLED
            )
        )
    }
    if not taken_back:
        return {}
    posts = {
        old: as_post(announcement, found.envelope, found.message, found.terms)
        for old in taken_back
        if (found := instead[old]).message and found.terms
    }
    ids = outbox.post(list(posts.values()), now)
    replaced = {old: ids[posts[old].dedupe_key] if old in posts else None for old in taken_back}
    moved = [{"old": old, "new": to} for old, to in replaced.items() if to is not None]
    if moved:
        db.session.connection().execute(
            update(Recipient)
            .where(Recipient.delivery_id == bindparam("old"))
            .values(delivery_id=bindparam("new")),
            moved,
        )
    before = [
        (instead[old].envelope, Finished(row.channel, "", "", row.body)) for old, row in taken_back.items()
    ]
    after = [(instead[old].envelope, instead[old].message) for old in posts]
    budget.charge(announcement, before, sign=-1)
    budget.charge(announcement, [(envelope, message) for envelope, message in after if message])
    return replaced
