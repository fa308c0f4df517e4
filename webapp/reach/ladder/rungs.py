"""The rungs a machine takes: the same announcement to another number or by e-mail, once a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, insert, select

from notifier import outbox
from notifier.database import db
from notifier.models import Delivery
from webapp.announcements.asks import Asks, asking
from webapp.announcements.audience.households import Address, Audience, Child, Envelope, Household
from webapp.announcements.models import Announcement
from webapp.announcements.money import budget, limits
from webapp.announcements.own_texts import OWN_TEXTS
from webapp.announcements.plan import Terms
from webapp.announcements.publish import FIRST_LOOK, as_post, quiet_after, starts_at
from webapp.announcements.recipients import Climb, Recipient
from webapp.announcements.render import MAX_PARTS, Finished, finished
from webapp.lessons.digest.models import ToldLessons
from webapp.reach.ladder.copies import Copy
from webapp.reach.ladder.of_school import Rung
from webapp.reach.ladder.tries import LESSONS
from webapp.reach.ladder.ways import Way
from webapp.reach.once import insert_once
from webapp.staff.models import School

FIRST = "first"  # what stands on rung 0: the first message


@dataclass(slots=True)
class Step:
    """A copy, the rung it takes, and where it is written to."""

    copy: Copy
    rung: Rung
    way: Way


@dataclass(slots=True)
class Written:
    """How many messages that took, and the steps that cannot be taken so."""

    posted: int = 0
    refused: list[Step] = field(default_factory=list)


def write_to(announcement: Announcement, school: School, steps: Sequence[Step], now: datetime) -> Written:
    """Take these rungs, in the caller's transaction: one message a phone, however many families share it.

    A phone that this announcement went to before is not written to again: what it got counts for this family,
    too. Over a limit of the month only urgent announcements climb by SMS.
    """
    written = Written()
    for group in _by_phone(announcement, steps):
        way = group[0].way
        there = _went_there(announcement, way)
        if there is None:
            message = _message(announcement, school, group)
            if message is None or not _may_cost(announcement, school, message, now):
                written.refused += group
                continue
            there = _post(announcement, school, group, message, now)
            written.posted += 1
        for step in group:
            _moves_to(step, there, now)
    return written


def _by_phone(announcement: Announcement, steps: Sequence[Step]) -> list[list[Step]]:
    """Put the families behind one phone together, unless each has a text of its own."""
    groups: dict[tuple[int, int], list[Step]] = {}
    for step in steps:
        own = step.copy.recipient.id if announcement.kind in OWN_TEXTS else 0
        groups.setdefault((step.way.point.id, own), []).append(step)
    return list(groups.values())


def _went_there(announcement: Announcement, way: Way) -> Delivery | None:
    """Find the message by which this phone was told the same."""
    if announcement.kind in OWN_TEXTS:
        return None
    at_first = select(Recipient.delivery_id).where(
        Recipient.announcement_id == announcement.id,
        Recipient.contact_point_id == way.point.id,
        Recipient.delivery_id.is_not(None),
    )
    climbed = (
        select(Climb.delivery_id)
        .join(Recipient, Recipient.id == Climb.recipient_id)
        .where(
            Recipient.announcement_id == announcement.id,
            Climb.contact_point_id == way.point.id,
            Climb.delivery_id.is_not(None),
        )
    )
    return db.session.scalar(
        select(Delivery).where(Delivery.id.in_(at_first.union(climbed))).order_by(Delivery.id.desc()).limit(1)
    )


def _message(
    announcement: Announcement, school: School, group: Sequence[Step]
) -> tuple[Envelope, Finished] | None:
    """Write what these families are told there; None where it cannot be said."""
    households = tuple(_household(school, step) for step in group)
    (envelope,) = Audience(households, school.language).envelopes()
    if announcement.kind in OWN_TEXTS:
        message = _own(announcement, group[0], envelope)
    else:
        message = finished(
            school, asking(school, announcement.texts, Asks.of(announcement), envelope.to.channel), envelope
        )
    if message is None or not message.body or message.segments > MAX_PARTS:
        return None
    return envelope, message


def _own(announcement: Announcement, step: Step, envelope: Envelope) -> Finished | None:
    """What the number before was told, if it was this family's alone: lessons, a row of a spreadsheet."""
    delivery = step.copy.recipient.delivery
    if delivery is None or (delivery.channel == "email" and envelope.to.channel == "sms"):
        return None
    behind = db.session.scalar(
        select(func.count()).select_from(Recipient).where(Recipient.delivery_id == delivery.id)
    )
    if behind != 1:
        return None
    subject = delivery.subject or announcement.headline_in(envelope.language)
    return Finished(
        envelope.to.channel,
        envelope.language,
        subject if envelope.to.channel == "email" else "",
        delivery.body,
    )


def _household(school: School, step: Step) -> Household:
    way, recipient = step.way, step.copy.recipient
    return Household(
        family_id=recipient.family_id,
        children=tuple(
            Child(pupil.id, pupil.name, pupil.class_id, pupil.school_class.name)
            for pupil in recipient.pupils
            if pupil.left_at is None
        ),
        guardian_id=way.guardian.id,
        guardian=way.guardian.name,
        language=way.guardian.language,
        script=way.guardian.script_at(school),
        address=Address(way.point.id, way.point.channel, way.point.address, way.is_relay),
        no_address=None,
    )


def _may_cost(
    announcement: Announcement, school: School, message: tuple[Envelope, Finished], now: datetime
) -> bool:
    if announcement.urgent or message[1].channel != "sms":
        return True
    budget.wait_for_others(school)
    return not limits.refusals(school, announcement.classes, [message], now)


def _post(
    announcement: Announcement,
    school: School,
    group: Sequence[Step],
    message: tuple[Envelope, Finished],
    now: datetime,
) -> Delivery:
    """Put the message into the outbox, and what it costs to the announcement's account."""
    first = group[0]
    key = f"climb:{first.copy.recipient.id}:{first.rung.position}"
    leaves = starts_at(announcement.urgent, now, school)
    quiet = quiet_after(leaves, announcement.urgent, school)
    terms = Terms(key, leaves, first.copy.expires_at, quiet)
    ids = outbox.post([as_post(announcement, *message, terms)], now)
    budget.charge(announcement, [message])
    if announcement.kind in LESSONS:
        _tells_the_same(first, ids[key])
    return db.session.get_one(Delivery, ids[key])


def _tells_the_same(step: Step, delivery_id: int) -> None:
    """Note which lessons the phone holds, so that it hears when they change."""
    told = db.session.get(ToldLessons, step.copy.recipient.delivery_id or 0)
    if told is None:
        return
    db.session.execute(
        insert(ToldLessons).values(
            delivery_id=delivery_id,
            digest_id=told.digest_id,
            announcement_id=told.announcement_id,
            contact_point_id=step.way.point.id,
            lines=told.lines,
        )
    )


def _moves_to(step: Step, delivery: Delivery, now: datetime) -> None:
    """Write down that a copy took the rung, and how it came to the one it was on."""
    recipient, way = step.copy.recipient, step.way
    if recipient.rung == 0:
        insert_once(
            Climb,
            ["recipient_id", "position"],
            recipient_id=recipient.id,
            position=0,
            means=FIRST,
            guardian_id=recipient.guardian_id,
            contact_point_id=recipient.contact_point_id,
            delivery_id=recipient.delivery_id,
            by_relay=recipient.by_relay,
            at=recipient.delivery.created_at if recipient.delivery else now,
        )
    insert_once(
        Climb,
        ["recipient_id", "position"],
        recipient_id=recipient.id,
        position=step.rung.position,
        means=step.rung.means,
        guardian_id=way.guardian.id,
        contact_point_id=way.point.id,
        delivery_id=delivery.id,
        by_relay=way.is_relay,
        at=now,
    )
    recipient.guardian_id, recipient.contact_point_id = way.guardian.id, way.point.id
    recipient.delivery_id, recipient.by_relay = delivery.id, way.is_relay
    recipient.rung = step.rung.position
    recipient.climb_at = max(now, delivery.not_before) + FIRST_LOOK
