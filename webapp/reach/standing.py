"""How one family stands after somebody spoke to it: known at once, before the worker comes by."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select

from notifier.database import db
from webapp.announcements.levels import Level, level
from webapp.announcements.models import Announcement, Recipient
from webapp.reach.models import ContactLog, FamilyStanding, Outcome


def refresh_standings(family_ids: Collection[int], now: datetime) -> None:
    """Rewrite the standings of these few families from the tables, in the caller's transaction."""
    for family_id in family_ids:
        standing = db.session.get(FamilyStanding, family_id)
        if standing is None:
            continue
        copies = (
            select(Recipient.id)
            .join(Announcement, Announcement.id == Recipient.announcement_id)
            .outerjoin(Recipient.delivery)
            .where(Recipient.family_id == family_id)
        )
        heard = db.session.scalar(
            copies.where(level() >= int(Level.DELIVERED)).with_only_columns(
                func.max(Announcement.published_at)
            )
        )
        missed = copies.where(level() < int(Level.DELIVERED))
        if heard is not None:
            missed = missed.where(Announcement.published_at > heard)
        since, number, newest = db.session.execute(
            missed.with_only_columns(
                func.min(Announcement.published_at), func.count(Recipient.id), func.max(Recipient.id)
            )
        ).one()
        standing.unreached_since, standing.missed, standing.missed_copy_id = since, number, newest
        standing.computed_at = now
        spoke = db.session.scalar(
            select(ContactLog)
            .where(ContactLog.family_id == family_id, ContactLog.outcome == Outcome.SPOKE)
            .order_by(ContactLog.at.desc())
            .limit(1)
        )
        if spoke is not None and (standing.reached_at is None or standing.reached_at < spoke.at):
            standing.reached_at, standing.reached_by = spoke.at, spoke.means
