"""The numbers and addresses of a family that an announcement has not been tried at."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import and_, select

from notifier.database import db
from notifier.models import Suppression
from webapp.families.models import ContactPoint, ContactStatus, DigestWish, Guardian, GuardianContact


@dataclass(frozen=True, slots=True)
class Way:
    """One address of one guardian."""

    guardian: Guardian
    point: ContactPoint
    is_relay: bool


def ways_left(family_id: int, tried: Collection[int], *, of_lessons: bool = False) -> list[Way]:
    """List where a family can still be written to, the family's own before a neighbour's.

    `tried` are contact points. TV lessons are not told to a guardian who wants to hear of none.
    """
    query = (
        select(Guardian, ContactPoint, GuardianContact.is_relay)
        .join(GuardianContact, GuardianContact.guardian_id == Guardian.id)
        .join(ContactPoint, ContactPoint.id == GuardianContact.contact_point_id)
        .outerjoin(
            Suppression,
            and_(Suppression.channel == ContactPoint.channel, Suppression.address == ContactPoint.address),
        )
        .where(
            Guardian.family_id == family_id,
            ContactPoint.status != ContactStatus.BAD,
            ContactPoint.id.not_in(list(tried)),
            Suppression.id.is_(None),
        )
        .order_by(
            GuardianContact.is_relay,
            Guardian.priority,
            Guardian.id,
            GuardianContact.priority,
            ContactPoint.id,
        )
    )
    if of_lessons:
        query = query.where(Guardian.digest != DigestWish.NONE)
    return [Way(*row) for row in db.session.execute(query).tuples()]
