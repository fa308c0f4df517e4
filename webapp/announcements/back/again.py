"""Begin a draft from what was sent: the same once more, or what sets it right."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import select, true

from notifier.database import db
from webapp.announcements.audience.selection import Selection
from webapp.announcements.desk.same_order import answers_to
from webapp.announcements.kinds import PRIVATE
from webapp.announcements.models import Announcement, AnnouncementFile
from webapp.announcements.recipients import Recipient, RecipientPupil
from webapp.families.models import Pupil
from webapp.families.queries import visible_classes
from webapp.staff.models import StaffMember

# How a text begins that sets another one right: part of an SMS, so short, and in the text's own language.
SETS_RIGHT = {"ky": "Оңдоо: ", "ru": "Исправление: "}


def beginning_of(draft: Announcement) -> dict[str, str]:
    """What each text of a draft begins with that follows its fields: one that sets right says so."""
    return SETS_RIGHT if draft.corrects_id else {}


def use_again(first: Announcement, person: StaffMember, now: datetime) -> Announcement:
    """Write the same down as a new draft, for those of its classes that this person writes to."""
    seen = set(visible_classes(person))
    draft = _draft(first, person, now, first.texts)
    draft.classes = [each for each in first.classes if each in seen]
    draft.files = [AnnouncementFile(enclosure_id=each.enclosure_id) for each in first.files]
    if first.kind in PRIVATE:
        # About one child: it concerns nobody else.
        draft.audience = first.audience
    elif first.audience:
        # Whom somebody named that day, and what was true of families then, is not meant again.
        selection = replace(Selection.of(first), families=(), pupils=(), conditions=(), struck=frozenset())
        draft.audience = selection.written()
    db.session.add(draft)
    return draft


def correction_of(first: Announcement, person: StaffMember, now: datetime) -> Announcement:
    """Write what sets `first` right, for the children whose families were told, or are about to be."""
    begun = {
        language: SETS_RIGHT[language] + text.removeprefix(SETS_RIGHT[language]) if text else ""
        for language, text in first.texts.items()
    }
    draft = _draft(first, person, now, begun)
    if first.answer_by and first.answer_by > now:
        draft.answer_by, draft.answer_reminder = first.answer_by, first.answer_reminder
    seen = visible_classes(person)
    told = db.session.scalars(
        select(RecipientPupil.pupil_id)
        .join(Recipient, Recipient.id == RecipientPupil.recipient_id)
        .join(Pupil, Pupil.id == RecipientPupil.pupil_id)
        .where(
            Recipient.announcement_id == first.id,
            Recipient.taken_back_at.is_(None),
            # Whom no message reaches is told by a person: that it is right, unless nobody tells it any more.
            Recipient.delivery_id.is_not(None) if first.taken_back_at else true(),
            Pupil.class_id.in_([each.id for each in seen]),
        )
        .order_by(RecipientPupil.pupil_id)
    ).all()
    draft.corrects_id = first.id
    draft.audience = Selection(pupils=tuple(told)).written()
    draft.classes = [each for each in first.classes if each in set(seen)]
    db.session.add(draft)
    return draft


def _draft(first: Announcement, person: StaffMember, now: datetime, texts: dict[str, str]) -> Announcement:
    return Announcement(
        school_id=person.school_id,
        author_id=person.id,
        kind=first.kind,
        fields=answers_to(first).written(),
        due_at=first.due_at,
        text_ky=texts["ky"],
        text_ru=texts["ru"],
        urgent=first.urgent,
        without_duty=first.without_duty,
        asks_acknowledgement=first.asks_acknowledgement,
        created_at=now,
    )
