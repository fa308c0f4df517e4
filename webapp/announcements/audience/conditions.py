"""What must be true of a family for it to be told: who may ask for it, and the same in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext, lazy_gettext
from sqlalchemy import ColumnElement, and_, exists, false, or_, select

from notifier.database import db
from notifier.models import Delivery, State
from webapp.announcements.audience.selection import OF_DEVICES, Condition, Such
from webapp.announcements.handed_in import HandedIn
from webapp.announcements.kinds import ASSIGNMENT, PERSONAL
from webapp.announcements.levels import Standing, standing
from webapp.announcements.models import Announcement
from webapp.announcements.queries import sent_announcement
from webapp.announcements.recipients import Recipient, RecipientPupil
from webapp.announcements.touch import InTouch
from webapp.families.device_queries import device_classes, whose_devices
from webapp.families.devices import NO, SEES_DEVICES, Fact, families_known
from webapp.families.models import Pupil, SchoolClass
from webapp.languages import headline
from webapp.staff.models import StaffMember

FACTS = {Such.NO_SMARTPHONE: Fact.SMARTPHONE, Such.NO_TV: Fact.TV}
DEVICE_NAMES = {
    Such.NO_SMARTPHONE: lazy_gettext("without a smartphone"),
    Such.NO_TV: lazy_gettext("without a television"),
}
SHOWN_OF_HEADLINE = 40


def pupils_such(
    condition: Condition, school_id: int, author: StaffMember | None, now: datetime
) -> ColumnElement[bool]:
    """That a pupil's family is such, as far as the author may know."""
    if condition.such in OF_DEVICES:
        if author is None or not author.may(SEES_DEVICES):
            return false()
        return and_(
            Pupil.family_id.in_(families_known(school_id, FACTS[condition.such], NO)),
            Pupil.class_id.in_(select(SchoolClass.id).where(whose_devices(author))),
        )
    told = (
        select(RecipientPupil.pupil_id)
        .join(Recipient, Recipient.id == RecipientPupil.recipient_id)
        .join(Announcement, Announcement.id == Recipient.announcement_id)
        .outerjoin(Recipient.delivery)
        .where(
            Recipient.announcement_id == condition.announcement,
            Announcement.school_id == school_id,
            Announcement.kind.not_in(PERSONAL),
        )
    )
    if condition.such is Such.NOT_REACHED:
        return Pupil.id.in_(told.where(certainly_not_reached(now)))
    if condition.such is Such.NOT_HANDED_IN:
        done = exists().where(
            HandedIn.announcement_id == condition.announcement, HandedIn.pupil_id == RecipientPupil.pupil_id
        )
        return Pupil.id.in_(told.where(~done))
    return Pupil.id.in_(
        told.where(
            Recipient.acknowledged_at.is_(None),
            Recipient.spoken_at.is_(None),
            ~exists().where(InTouch.recipient_id == Recipient.id),
        )
    )


def certainly_not_reached(now: datetime) -> ColumnElement[bool]:
    """That a copy, outer-joined to its delivery, did not arrive; one in doubt, or by e-mail, may have."""
    no_doubt = or_(Recipient.delivery_id.is_(None), Delivery.state != State.NEEDS_HUMAN)
    return and_(standing(now) == Standing.NOT_REACHED.value, no_doubt)


def may_use(person: StaffMember, condition: Condition) -> bool:
    """Say whether this person may choose by it: by devices they see, by announcements of theirs."""
    if condition.such in OF_DEVICES:
        return bool(device_classes(person))
    return told_about(person, condition) is not None


def told_about(person: StaffMember, condition: Condition) -> Announcement | None:
    """Find the announcement a condition is about, if this person may ask that of it."""
    if condition.announcement is None:
        return None
    found = sent_announcement(person, condition.announcement)
    if found is None or found.kind in PERSONAL:
        return None
    may_be_asked = {
        Such.NOT_REACHED: True,
        Such.DID_NOT_ANSWER: bool(found.asks_acknowledgement or found.answer_by),
        Such.NOT_HANDED_IN: found.kind == ASSIGNMENT,
    }
    return found if may_be_asked[condition.such] else None


def offered_to(person: StaffMember) -> list[Condition]:
    """List the conditions that need no announcement and that this person may choose by."""
    if not person.may(SEES_DEVICES) or not device_classes(person):
        return []
    return [Condition(each) for each in Such if each in OF_DEVICES]


def name_of(person: StaffMember, condition: Condition) -> str:
    """Call it as a chip does, to somebody who may choose by it."""
    if condition.such in OF_DEVICES:
        return str(DEVICE_NAMES[condition.such])
    found = db.session.get(Announcement, condition.announcement)
    text = headline(found) if found and found.school_id == person.school_id else ""
    if len(text) > SHOWN_OF_HEADLINE:
        text = text[:SHOWN_OF_HEADLINE].rstrip() + "…"
    called: str
    if condition.such is Such.NOT_REACHED:
        called = gettext("not reached by “%(headline)s”", headline=text)
    elif condition.such is Such.NOT_HANDED_IN:
        called = gettext("did not hand in “%(headline)s”", headline=text)
    else:
        called = gettext("did not answer “%(headline)s”", headline=text)
    return called


def names_of(person: StaffMember, conditions: Sequence[Condition]) -> list[str]:
    """Call those of them that this person may choose by: what families cannot afford few may read."""
    return [name_of(person, each) for each in conditions if may_use(person, each)]
