"""A correction goes where the first was told: to the same guardian and address, in the same letters."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import and_, or_, select, update

from notifier.database import db
from notifier.models import Delivery, State, Suppression
from webapp.announcements.audience.households import Address, Audience, Household
from webapp.announcements.back.taking_back import withdraw
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient
from webapp.announcements.series import stop
from webapp.families.models import ContactPoint, ContactStatus, Guardian, GuardianContact
from webapp.staff.models import School

# Whoever has the first, may have it, or was about to get it there.
THERE = (
    State.PENDING,
    State.SENDING,
    State.UNCERTAIN,
    State.NEEDS_HUMAN,
    State.ACCEPTED,
    State.DELIVERED,
)


def where_told(audience: Audience, first: Announcement, school: School) -> Audience:
    """Address each household where `first` went; one it did not reach is told as any other would be."""
    told = _told(first, school)
    return replace(
        audience, households=tuple(told.get(each.family_id, _as_it_is)(each) for each in audience.households)
    )


def _as_it_is(household: Household) -> Household:
    return household


class _At:
    """A guardian and an address at which a family was told."""

    def __init__(self, guardian: Guardian, address: Address, school: School) -> None:
        self.guardian, self.address, self.script = guardian, address, guardian.script_at(school)

    def __call__(self, household: Household) -> Household:
        return replace(
            household,
            guardian_id=self.guardian.id,
            guardian=self.guardian.name,
            language=self.guardian.language,
            script=self.script,
            address=self.address,
            no_address=None,
        )


def _told(first: Announcement, school: School) -> dict[int, _At]:
    """Find where each family was told; not at what has turned out wrong, or wants silence, since."""
    rows = db.session.execute(
        select(Recipient.family_id, Guardian, ContactPoint, GuardianContact.is_relay)
        .join(Delivery, Delivery.id == Recipient.delivery_id)
        .join(Guardian, Guardian.id == Recipient.guardian_id)
        .join(ContactPoint, ContactPoint.id == Recipient.contact_point_id)
        .join(
            GuardianContact,
            and_(
                GuardianContact.guardian_id == Guardian.id,
                GuardianContact.contact_point_id == ContactPoint.id,
            ),
        )
        .outerjoin(
            Suppression,
            and_(
                Suppression.channel == ContactPoint.channel,
                Suppression.address == ContactPoint.address,
            ),
        )
        .where(
            Recipient.announcement_id == first.id,
            or_(Delivery.state.in_(THERE), Delivery.accepted_at.is_not(None)),
            ContactPoint.status != ContactStatus.BAD,
            Suppression.id.is_(None),
        )
    ).tuples()
    return {
        family_id: _At(guardian, Address(point.id, point.channel, point.address, is_relay), school)
        for family_id, guardian, point, is_relay in rows
    }


def replaces(first: Announcement, family_ids: Collection[int], now: datetime) -> None:
    """Let `first` be told no further to the families that get its correction, in the caller's transaction.

    1. What has not left to them is cancelled, and no copy of theirs climbs.
    2. Its hour ends: the correction has its own. What goes again with its words waits for its author.
    """
    withdraw(first, now, family_ids)
    db.session.execute(
        update(Announcement)
        .where(
            Announcement.id == first.id,
            Announcement.answer_by.is_not(None),
            Announcement.answer_closed_at.is_(None),
        )
        .values(answer_closed_at=now)
        .execution_options(synchronize_session=False)
    )
    stop(first, gettext("The one before it was corrected: look at the text, and let it go again."))
