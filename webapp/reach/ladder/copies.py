"""Families' copies on their way up the ladder, each with all that was tried."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from notifier.database import db
from webapp.announcements.recipients import Climb, Recipient
from webapp.families.models import Pupil
from webapp.reach.models import FollowUp


@dataclass(slots=True)
class Copy:
    """A family's copy on its way up: what was tried so far."""

    recipient: Recipient
    tried: list[Climb]
    task: FollowUp | None = None  # of the rung it is on

    @property
    def points(self) -> set[int]:
        """The contact points it was tried at."""
        known = {climb.contact_point_id for climb in self.tried} | {self.recipient.contact_point_id}
        return {point for point in known if point is not None}

    @property
    def expires_at(self) -> datetime | None:
        """When its text is no longer of use; None: it was never posted."""
        deliveries = [climb.delivery for climb in self.tried] + [self.recipient.delivery]
        return min((d.expires_at for d in deliveries if d and d.expires_at), default=None)


def copies_that_climb(recipient_ids: Collection[int]) -> list[Copy]:
    """Load copies that still climb, with all that was tried."""
    recipients = db.session.scalars(
        select(Recipient)
        .where(Recipient.id.in_(recipient_ids), Recipient.climb_at.is_not(None))
        .options(
            joinedload(Recipient.delivery),
            joinedload(Recipient.family),
            selectinload(Recipient.pupils).joinedload(Pupil.school_class),
        )
        .order_by(Recipient.id)
        .execution_options(populate_existing=True)
    ).all()
    found = {recipient.id: Copy(recipient, []) for recipient in recipients}
    tried = db.session.scalars(
        select(Climb)
        .where(Climb.recipient_id.in_(found))
        .options(joinedload(Climb.delivery))
        .order_by(Climb.position)
        .execution_options(populate_existing=True)
    ).all()
    tasks = {
        task.id: task
        for task in db.session.scalars(
            select(FollowUp).where(FollowUp.id.in_([c.follow_up_id for c in tried if c.follow_up_id]))
        )
    }
    for climb in tried:
        copy = found[climb.recipient_id]
        copy.tried.append(climb)
        if climb.position == copy.recipient.rung:
            copy.task = tasks.get(climb.follow_up_id or 0)
    return list(found.values())
