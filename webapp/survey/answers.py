"""What a family answered: taken from an SMS or written down by a teacher, and kept as facts it sets."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update

from notifier.database import db
from notifier.models import Delivery
from webapp.announcements.recipients import AckHow, Climb, Recipient
from webapp.families.devices import HAVINGS, NO, YES, Fact, note_device
from webapp.families.models import ContactPoint, Family, Guardian, GuardianContact
from webapp.staff.models import StaffMember
from webapp.survey.models import Choice, Survey, SurveyAnswer
from webapp.survey.reading import keys_in

# A digit that comes later is about something else, whatever the survey's last day.
ANSWERABLE_FOR = timedelta(days=30)


def take_answer(
    channel: str, address: str, body: str, received_at: datetime, inbound_id: int | None = None
) -> bool:
    """Take an SMS as the answer to the newest open survey its sender was asked; the caller commits.

    False when it is none: nothing was asked there, what was asked last is closed by now, or it doesn't say
    which answer is meant. Of a phone that several families share it counts for each, and is flagged.
    """
    closed: Survey | None = None
    for survey in _surveys(received_at):
        families = _asked_there(survey, channel, address)
        if not families:
            continue
        if not survey.is_open(received_at):
            closed = closed or survey
            continue
        if closed and not _asked_since(survey, closed):
            return False
        keys = keys_in(body, len(survey.choices), survey.multiple)
        if keys is None or (len(keys) > 1 and _is_none(survey.choices, keys)):
            return False
        for family in families:
            _keep(survey, family, keys, received_at, shared=len(families) > 1, inbound_id=inbound_id)
        _acknowledged(survey, [family.id for family in families], received_at, inbound_id)
        return True
    return False


def write_answer(survey: Survey, family: Family, keys: str, by: StaffMember, now: datetime) -> None:
    """Write down what a teacher heard, in the caller's transaction; "" takes an answer back."""
    _keep(survey, family, keys, now, by=by)


def fits(survey: Survey, keys: Sequence[str]) -> str | None:
    """Return the keys a form chose as they are kept, or None when they are no answer to this survey."""
    known = {str(key) for key in range(1, len(survey.choices) + 1)}
    chosen = "".join(sorted(set(keys)))
    if not set(chosen) <= known or (len(chosen) > 1 and not survey.multiple):
        return None
    return None if len(chosen) > 1 and _is_none(survey.choices, chosen) else chosen


def _surveys(at: datetime) -> Sequence[Survey]:
    """Those somebody may be answering, also late; the newest first."""
    return db.session.scalars(
        select(Survey)
        .where(Survey.sent_at <= at, Survey.sent_at > at - ANSWERABLE_FOR)
        .order_by(Survey.sent_at.desc(), Survey.id.desc())
    ).all()


def _asked_since(survey: Survey, other: Survey) -> bool:
    """Say whether this one was asked once more after the other: else a digit may be meant for either."""
    return bool(survey.reminded_at and other.sent_at and survey.reminded_at > other.sent_at)


def _asked_there(survey: Survey, channel: str, address: str) -> Sequence[Family]:
    """The families whose copy went to this address; if none did, those asked elsewhere whose phone it is."""
    copies = [number for number in (survey.announcement_id, survey.reminder_id) if number]
    sent = select(Delivery.id).where(Delivery.channel == channel, Delivery.address == address)
    asked = select(Recipient.family_id).where(Recipient.announcement_id.in_(copies))
    direct = asked.where(
        Recipient.delivery_id.in_(sent)
        | Recipient.id.in_(select(Climb.recipient_id).where(Climb.delivery_id.in_(sent)))
    )
    owners = (
        select(Guardian.family_id)
        .join(GuardianContact, GuardianContact.guardian_id == Guardian.id)
        .join(ContactPoint, ContactPoint.id == GuardianContact.contact_point_id)
        .where(
            ContactPoint.school_id == survey.school_id,
            ContactPoint.channel == channel,
            ContactPoint.address == address,
        )
    )
    for families in (direct, asked.where(Recipient.family_id.in_(owners))):
        found = db.session.scalars(select(Family).where(Family.id.in_(families)).order_by(Family.id)).all()
        if found:
            return found
    return []


def _keep(
    survey: Survey,
    family: Family,
    keys: str,
    at: datetime,
    *,
    by: StaffMember | None = None,
    shared: bool = False,
    inbound_id: int | None = None,
) -> None:
    db.session.add(
        SurveyAnswer(
            survey_id=survey.id,
            family_id=family.id,
            keys=keys,
            answered_at=at,
            shared=shared,
            staff_id=by.id if by else None,
            inbound_id=inbound_id,
        )
    )
    # Two families behind one phone have two homes: nobody knows whose television it is.
    if keys and not shared:
        for fact, value in facts_said(survey, keys).items():
            note_device(family, fact, value, at, by, inbound_id=inbound_id)
    db.session.flush()


def facts_said(survey: Survey, keys: str) -> dict[Fact, str]:
    """Say what an answer tells of the household; where several may be chosen, the others are not there."""
    said: dict[Fact, str] = {}
    nothing = _is_none(survey.choices, keys)
    for key, choice in enumerate(survey.choices, start=1):
        fact, _, value = choice["sets"].partition("=")
        if not value:
            continue
        if str(key) in keys:
            said[Fact(fact)] = value
        elif Fact(fact) in HAVINGS and value == YES and (survey.multiple or nothing):
            said[Fact(fact)] = NO
    return said


def _is_none(choices: Sequence[Choice], keys: str) -> bool:
    return any(choices[int(key) - 1]["sets"] == "none" for key in keys)


def _acknowledged(survey: Survey, family_ids: Collection[int], at: datetime, inbound_id: int | None) -> None:
    """Who answers has read the question."""
    copies = [number for number in (survey.announcement_id, survey.reminder_id) if number]
    db.session.execute(
        update(Recipient)
        .where(
            Recipient.announcement_id.in_(copies),
            Recipient.family_id.in_(family_ids),
            Recipient.acknowledged_at.is_(None),
        )
        .values(acknowledged_at=at, acknowledged_how=AckHow.SMS, acknowledged_inbound_id=inbound_id)
        .execution_options(synchronize_session=False)
    )
