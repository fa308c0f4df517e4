"""Questions about what lies on the practice phones."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select, union_all

from notifier.database import db
from notifier.models import Delivery, Inbound, State
from notifier.text import split
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Climb, Recipient
from webapp.families.models import ContactPoint, Guardian, GuardianContact, Pupil
from webapp.families.queries import contact_points_seen_by
from webapp.families.search import named
from webapp.staff.models import StaffMember

MESSAGES_PER_PHONE = 6
# What lies on the screen of a phone; the rest never got there.
ON_THE_PHONE = (State.DELIVERED,)


@dataclass(frozen=True, slots=True)
class OnScreen:
    """One message on a drawn phone, part by part; `mine` is the parent's own."""

    sender: str
    at: datetime
    parts: list[str]
    mine: bool = False


def phones_with_messages(person: StaffMember, wanted: str = "") -> Select[tuple[ContactPoint]]:
    """Select the phones this person may see that were written to, latest first.

    `wanted` narrows them down to a number or a name: a child's or a guardian's.
    """
    tried = union_all(
        select(Recipient.contact_point_id.label("point"), Recipient.id.label("copy"))
        .join(Announcement, Announcement.id == Recipient.announcement_id)
        .where(Announcement.school_id == person.school_id, Recipient.delivery_id.is_not(None)),
        select(Climb.contact_point_id, Climb.recipient_id)
        .join(ContactPoint, ContactPoint.id == Climb.contact_point_id)
        .where(ContactPoint.school_id == person.school_id, Climb.delivery_id.is_not(None)),
    ).subquery()
    latest = select(tried.c.point, func.max(tried.c.copy).label("latest")).group_by(tried.c.point).subquery()
    query = (
        select(ContactPoint)
        .join(latest, latest.c.point == ContactPoint.id)
        .where(ContactPoint.id.in_(contact_points_seen_by(person)), ContactPoint.channel == "sms")
        .order_by(latest.c.latest.desc())
    )
    if wanted:
        digits = "".join(filter(str.isdecimal, wanted))
        theirs = (
            select(GuardianContact.contact_point_id)
            .join(Guardian, Guardian.id == GuardianContact.guardian_id)
            .join(Pupil, Pupil.family_id == Guardian.family_id)
            .where(or_(named(Guardian.search_key, wanted), named(Pupil.search_key, wanted)))
        )
        match: list[ColumnElement[bool]] = [ContactPoint.id.in_(theirs)]
        if digits:
            match.append(ContactPoint.address.contains(digits))
        query = query.where(or_(*match))
    return query


def screens(points: list[ContactPoint], sender: str) -> dict[int, list[OnScreen]]:
    """Show what lies on each phone, newest first: what arrived, and what the parent wrote."""
    shown: dict[int, list[OnScreen]] = {}
    arrived, written = _arrived(points), _written(points)
    for point in points:
        messages = [
            OnScreen(sender, d.settled_at or d.created_at, split(d.body)) for d in arrived[point.address]
        ]
        messages += [OnScreen("", i.received_at, split(i.body), mine=True) for i in written[point.address]]
        shown[point.id] = sorted(messages, key=lambda m: m.at, reverse=True)[:MESSAGES_PER_PHONE]
    return shown


def troubles(points: list[ContactPoint]) -> dict[int, Delivery]:
    """Find for each phone its latest message when that one has not arrived."""
    latest = (
        select(func.max(Delivery.id))
        .where(Delivery.channel == "sms", Delivery.address.in_([p.address for p in points]))
        .group_by(Delivery.address)
    )
    rows = db.session.scalars(
        select(Delivery).where(Delivery.id.in_(latest), Delivery.state.not_in(ON_THE_PHONE))
    )
    by_address = {delivery.address: delivery for delivery in rows}
    return {p.id: by_address[p.address] for p in points if p.address in by_address}


def _arrived(points: list[ContactPoint]) -> dict[str, list[Delivery]]:
    theirs = [point.id for point in points]
    sent = union_all(
        select(Recipient.delivery_id).where(Recipient.contact_point_id.in_(theirs)),
        select(Climb.delivery_id).where(Climb.contact_point_id.in_(theirs)),
    )
    rows = db.session.scalars(
        select(Delivery)
        .where(Delivery.id.in_(sent), Delivery.state.in_(ON_THE_PHONE))
        .order_by(Delivery.id.desc())
        .limit(MESSAGES_PER_PHONE * max(1, len(points)))
    )
    found: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in rows:
        found[delivery.address].append(delivery)
    return found


def _written(points: list[ContactPoint]) -> dict[str, list[Inbound]]:
    rows = db.session.scalars(
        select(Inbound)
        .where(Inbound.channel == "sms", Inbound.sender.in_([p.address for p in points]))
        .order_by(Inbound.id.desc())
        .limit(MESSAGES_PER_PHONE * max(1, len(points)))
    )
    found: dict[str, list[Inbound]] = defaultdict(list)
    for inbound in rows:
        found[inbound.sender].append(inbound)
    return found
