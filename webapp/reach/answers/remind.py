"""Say an announcement again to families that have not answered: once, and to them alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, not_, select, update
from sqlalchemy.orm import InstrumentedAttribute, aliased

from notifier.database import db
from notifier.models import Delivery, State
from notifier.text import is_latin, to_latin
from webapp.announcements.asks import Asks
from webapp.announcements.audience.find import audience_of
from webapp.announcements.audience.households import Audience
from webapp.announcements.flaws import flaws
from webapp.announcements.models import Announcement
from webapp.announcements.own_texts import OWN_TEXTS
from webapp.announcements.plan import Plan, Terms
from webapp.announcements.publish import Published, hand_out, quiet_after, starts_at
from webapp.announcements.recipients import Recipient, RecipientPupil
from webapp.announcements.render import all_finished
from webapp.reach.answers import own_words
from webapp.staff.models import School, StaffMember

KIND = "reminder"
# In front of the text; not translated, because families read it.
AGAIN = {"ky": "Эске салабыз: ", "ru": "Напоминаем: "}


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder as it would go now: its texts, and a message for each phone."""

    texts: dict[str, str]
    plan: Plan


def reminder_of(announcement: Announcement, answered: ColumnElement[bool]) -> Reminder:
    """Plan to tell those who have not `answered` again; writes nothing."""
    school = db.session.get_one(School, announcement.school_id)
    left = set(
        db.session.scalars(
            select(Recipient.family_id).where(
                Recipient.announcement_id == announcement.id, not_(answered), not_(_still_to_leave())
            )
        )
    )
    # Of a family's children only those whom it concerned the first time.
    concerned = (
        select(RecipientPupil.pupil_id)
        .join(Recipient, Recipient.id == RecipientPupil.recipient_id)
        .where(Recipient.announcement_id == announcement.id)
    )
    everybody = audience_of(school, [each.id for each in announcement.classes], concerned)
    audience = Audience(
        tuple(household for household in everybody.households if household.family_id in left),
        everybody.school_language,
    )
    if announcement.kind in OWN_TEXTS:
        return Reminder(announcement.texts, own_words.again(announcement, school, audience, AGAIN))
    asks = Asks.of(announcement)
    texts = {language: _again(school, text, language) for language, text in announcement.texts.items()}
    if any(flaw.field.startswith("text_") for flaw in flaws(school, texts, audience, asks)):
        # What just fits is said as it was.
        texts = announcement.texts
    return Reminder(texts, Plan(school, audience, all_finished(school, texts, audience.envelopes(), asks)))


def still_to_leave(announcement: Announcement) -> bool:
    """Say whether messages of it have not left yet: nobody is reminded of what they have not got."""
    waits = select(Recipient.id).where(Recipient.announcement_id == announcement.id, _still_to_leave())
    return db.session.scalar(waits.limit(1)) is not None


def _still_to_leave() -> ColumnElement[bool]:
    first = and_(
        Delivery.id == Recipient.delivery_id, Delivery.state == State.PENDING, Delivery.attempts == 0
    )
    return and_(Recipient.rung == 0, exists().where(first).correlate(Recipient))


def _again(school: School, text: str, language: str) -> str:
    if not text:
        return ""
    start = AGAIN[language]
    return (to_latin(start, language, ascii=school.ascii_only) if is_latin(text) else start) + text


def remind(
    announcement: Announcement,
    answered: ColumnElement[bool],
    once: InstrumentedAttribute[datetime | None],
    now: datetime,
    by: StaffMember | None = None,
    until: datetime | None = None,
) -> Published | None:
    """Publish the reminder in the caller's transaction, then commit and nudge; None when it went before.

    `once` is the moment kept with the announcement: of two who press the button, the second finds it set.
    Raises Unready when it would go over a limit of the month.
    """
    db.session.flush()
    taken = db.session.scalar(
        update(Announcement)
        .where(
            Announcement.id == announcement.id,
            once.is_(None),
            _holds(),
        )
        .values({once: now})
        .returning(Announcement.id)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(announcement)
    if taken is None:
        return None
    found = reminder_of(announcement, answered)
    if not found.plan.audience.told:
        return None
    again = _written(announcement, found, once.key, now)
    usual = starts_at(announcement.urgent, now, found.plan.school)
    quiet = quiet_after(usual, announcement.urgent, found.plan.school)
    terms = {
        envelope.to.contact_point_id: Terms(
            f"{again.token}:{envelope.to.contact_point_id}", usual, until, quiet
        )
        for envelope, _ in found.plan.messages
    }
    published = hand_out(again, replace(found.plan, terms=terms), now, by)
    # The ladder climbs with what it reminds of; a second one would tell every family the same twice.
    db.session.execute(
        update(Recipient)
        .where(Recipient.announcement_id == again.id)
        .values(climb_at=None)
        .execution_options(synchronize_session=False)
    )
    return published


def still_holds(announcement: Announcement) -> bool:
    """Say whether families are still to know it."""
    found = select(Announcement.id).where(Announcement.id == announcement.id, _holds())
    return db.session.scalar(found) is not None


def _holds() -> ColumnElement[bool]:
    """That it was neither taken back nor set right: nobody is reminded of what no longer holds."""
    correction = aliased(Announcement)
    set_right = exists().where(
        correction.corrects_id == Announcement.id, correction.published_at.is_not(None)
    )
    return and_(Announcement.taken_back_at.is_(None), ~set_right.correlate(Announcement))


def _written(announcement: Announcement, found: Reminder, name: str, now: datetime) -> Announcement:
    """Write the reminder down as an announcement of its own, whose answers count for the first."""
    named = {child.class_id for household in found.plan.audience.households for child in household.children}
    again = Announcement(
        school_id=announcement.school_id,
        author_id=announcement.author_id,
        token=f"{'hour' if name == 'answer_reminded_at' else KIND}:{announcement.id}",
        kind=KIND,
        text_ky=found.texts["ky"],
        text_ru=found.texts["ru"],
        urgent=announcement.urgent,
        asks_acknowledgement=announcement.asks_acknowledgement,
        answer_by=announcement.answer_by,
        answer_closed_at=now if announcement.answer_by else None,
        reminded_at=now,
        reminds_of_id=announcement.id,
        created_at=now,
        published_at=now,
        classes=[each for each in announcement.classes if each.id in named],
    )
    db.session.add(again)
    db.session.flush()
    return again
