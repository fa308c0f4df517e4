"""Who stands behind the phones that were told: from the announcement's copies, not from today's lists."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import select

from notifier.database import db
from webapp.announcements.audience.households import Address, Audience, Child, Envelope, Household
from webapp.announcements.recipients import Recipient, RecipientPupil
from webapp.families.models import ContactPoint, Guardian, Pupil, SchoolClass
from webapp.staff.models import School, Script


def told_envelopes(school: School, announcement_id: int) -> dict[int, Envelope]:
    """Return by contact point whom an announcement told about which children, those still at the school."""
    children: dict[int, list[Child]] = defaultdict(list)
    for number, pupil_id, name, school_class in db.session.execute(
        select(RecipientPupil.recipient_id, Pupil.id, Pupil.name, SchoolClass)
        .join(Recipient, Recipient.id == RecipientPupil.recipient_id)
        .join(Pupil, Pupil.id == RecipientPupil.pupil_id)
        .join(SchoolClass, SchoolClass.id == Pupil.class_id)
        .where(Recipient.announcement_id == announcement_id, Pupil.left_at.is_(None))
        .order_by(SchoolClass.grade, SchoolClass.letter, Pupil.name, Pupil.id)
    ):
        children[number].append(Child(pupil_id, name, school_class.id, school_class.name))
    households = []
    for copy, guardian, point in db.session.execute(
        select(Recipient, Guardian, ContactPoint)
        .outerjoin(Guardian, Guardian.id == Recipient.guardian_id)
        .join(ContactPoint, ContactPoint.id == Recipient.contact_point_id)
        .where(Recipient.announcement_id == announcement_id, Recipient.delivery_id.is_not(None))
        .order_by(Recipient.id)
    ):
        if not children[copy.id]:
            continue
        households.append(
            Household(
                copy.family_id,
                tuple(children[copy.id]),
                guardian.id if guardian else None,
                guardian.name if guardian else "",
                guardian.language if guardian else school.language,
                guardian.script_at(school) if guardian else Script(school.script),
                Address(point.id, point.channel, point.address, copy.by_relay),
                None,
            )
        )
    envelopes = Audience(tuple(households), school.language).envelopes()
    return {envelope.to.contact_point_id: envelope for envelope in envelopes}
