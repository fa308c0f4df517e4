"""Questions about what lies on the practice phones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    false,
    func,
    literal,
    null,
    or_,
    select,
    type_coerce,
    union_all,
)

from notifier.database import db
from notifier.models import Delivery, Inbound, State
from notifier.text import split
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Climb, Recipient
from webapp.families.models import ContactPoint, Guardian, GuardianContact, Pupil
from webapp.families.queries import contact_points_seen_by
from webapp.families.search import named
from webapp.staff.models import KEEPERS, StaffMember
from webapp.staffroom.directory import found_by_name
from webapp.staffroom.models import StaffCopy

MESSAGES_PER_PHONE = 6
# What lies on the screen of a phone; the rest never got there.
ON_THE_PHONE = (State.DELIVERED,)


@dataclass(frozen=True, slots=True)
class Phone:
    """A drawn phone: as a family's, as a colleague's, or as both when a teacher is a parent, too."""

    address: str
    point: int | None  # as a family's
    of_staff: bool


@dataclass(frozen=True, slots=True)
class OnScreen:
    """One message on a drawn phone, part by part; `mine` is the parent's own."""

    sender: str
    at: datetime
    parts: list[str]
    mine: bool = False


def phones_with_messages(person: StaffMember, wanted: str = "") -> Select[tuple[str, int | None, bool]]:
    """Select the phones this person may see that were written to, latest first, as rows of a `Phone`.

    `wanted` narrows them down to a number or a name: a child's, a guardian's or a colleague's.
    """
    found = union_all(_of_families(person), _of_staff(person)).subquery()
    query = (
        select(found.c.address, func.max(found.c.point), func.max(found.c.of_staff) == 1)
        .group_by(found.c.address)
        .order_by(func.max(found.c.latest).desc(), found.c.address)
    )
    if not wanted:
        return query
    digits = "".join(filter(str.isdecimal, wanted))
    return query.where(
        or_(
            found.c.address.in_(_of_a_family_called(wanted)),
            found.c.address.in_(_of_colleagues_called(person, wanted)),
            found.c.address.contains(digits) if digits else false(),
        )
    )


def _of_families(person: StaffMember) -> Select[Any]:
    tried = union_all(
        select(Recipient.contact_point_id.label("point"), Recipient.delivery_id.label("delivery"))
        .join(Announcement, Announcement.id == Recipient.announcement_id)
        .where(Announcement.school_id == person.school_id, Recipient.delivery_id.is_not(None)),
        select(Climb.contact_point_id, Climb.delivery_id)
        .join(ContactPoint, ContactPoint.id == Climb.contact_point_id)
        .where(ContactPoint.school_id == person.school_id, Climb.delivery_id.is_not(None)),
    ).subquery()
    newest = (
        select(tried.c.point, func.max(tried.c.delivery).label("latest")).group_by(tried.c.point).subquery()
    )
    return (
        select(
            ContactPoint.address.label("address"),
            ContactPoint.id.label("point"),
            literal(0).label("of_staff"),
            newest.c.latest.label("latest"),
        )
        .join(newest, newest.c.point == ContactPoint.id)
        .where(ContactPoint.id.in_(contact_points_seen_by(person)), ContactPoint.channel == "sms")
    )


def _of_staff(person: StaffMember) -> Select[Any]:
    """Colleagues' phones: all of them for the administration, their own for everybody else."""
    return (
        select(
            StaffMember.phone.label("address"),
            type_coerce(null(), Integer).label("point"),
            literal(1).label("of_staff"),
            func.max(StaffCopy.delivery_id).label("latest"),
        )
        .join(StaffCopy, StaffCopy.staff_id == StaffMember.id)
        .join(StaffCopy.delivery)
        # Not what went to an older phone, or into a mailbox.
        .where(*_colleagues(person), Delivery.channel == "sms", Delivery.address == StaffMember.phone)
        .group_by(StaffMember.phone)
    )


def _of_a_family_called(wanted: str) -> Select[tuple[str]]:
    return (
        select(ContactPoint.address)
        .join(GuardianContact, GuardianContact.contact_point_id == ContactPoint.id)
        .join(Guardian, Guardian.id == GuardianContact.guardian_id)
        .join(Pupil, Pupil.family_id == Guardian.family_id)
        .where(or_(named(Guardian.search_key, wanted), named(Pupil.search_key, wanted)))
    )


def _of_colleagues_called(person: StaffMember, wanted: str) -> list[str]:
    people = db.session.scalars(select(StaffMember).where(*_colleagues(person))).all()
    return [each.phone for each in found_by_name(people, wanted)]


def _colleagues(person: StaffMember) -> list[ColumnElement[bool]]:
    """Whose phones this person may see."""
    here = [StaffMember.school_id == person.school_id, StaffMember.phone != ""]
    return here if person.may(KEEPERS) else [*here, StaffMember.id == person.id]


def colleagues_with(person: StaffMember, phones: Iterable[Phone]) -> dict[str, list[str]]:
    """Say whose of the staff each phone is, by name."""
    addresses = [phone.address for phone in phones if phone.of_staff]
    found: dict[str, list[str]] = defaultdict(list)
    for address, name in db.session.execute(
        select(StaffMember.phone, StaffMember.name)
        .where(*_colleagues(person), StaffMember.phone.in_(addresses))
        .order_by(StaffMember.name)
    ).tuples():
        found[address].append(name)
    return found


def screens(person: StaffMember, phones: Sequence[Phone], sender: str) -> dict[str, list[OnScreen]]:
    """Show what lies on each phone, newest first: what arrived, and what the parent wrote."""
    shown: dict[str, list[OnScreen]] = {}
    arrived, written = _arrived(person, phones), _written(phones)
    for phone in phones:
        messages = [
            OnScreen(sender, d.settled_at or d.created_at, split(d.body)) for d in arrived[phone.address]
        ]
        messages += [OnScreen("", i.received_at, split(i.body), mine=True) for i in written[phone.address]]
        shown[phone.address] = sorted(messages, key=lambda m: m.at, reverse=True)[:MESSAGES_PER_PHONE]
    return shown


def troubles(phones: Sequence[Phone]) -> dict[str, Delivery]:
    """Find for each phone its latest message when that one has not arrived."""
    latest = (
        select(func.max(Delivery.id))
        .where(Delivery.channel == "sms", Delivery.address.in_([phone.address for phone in phones]))
        .group_by(Delivery.address)
    )
    rows = db.session.scalars(
        select(Delivery).where(Delivery.id.in_(latest), Delivery.state.not_in(ON_THE_PHONE))
    )
    return {delivery.address: delivery for delivery in rows}


def _arrived(person: StaffMember, phones: Sequence[Phone]) -> dict[str, list[Delivery]]:
    points = [phone.point for phone in phones if phone.point is not None]
    colleagues = [phone.address for phone in phones if phone.of_staff]
    sent = union_all(
        select(Recipient.delivery_id).where(Recipient.contact_point_id.in_(points)),
        select(Climb.delivery_id).where(Climb.contact_point_id.in_(points)),
        select(StaffCopy.delivery_id)
        .join(StaffMember, StaffMember.id == StaffCopy.staff_id)
        .where(*_colleagues(person), StaffMember.phone.in_(colleagues)),
    )
    addresses = [phone.address for phone in phones]
    rows = db.session.scalars(
        select(Delivery)
        .where(Delivery.id.in_(sent), Delivery.address.in_(addresses), Delivery.state.in_(ON_THE_PHONE))
        .order_by(Delivery.id.desc())
        .limit(MESSAGES_PER_PHONE * max(1, len(phones)))
    )
    found: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in rows:
        found[delivery.address].append(delivery)
    return found


def _written(phones: Sequence[Phone]) -> dict[str, list[Inbound]]:
    """What was written on the phones of families; colleagues answer on their page."""
    addresses = [phone.address for phone in phones if phone.point is not None]
    rows = db.session.scalars(
        select(Inbound)
        .where(Inbound.channel == "sms", Inbound.sender.in_(addresses))
        .order_by(Inbound.id.desc())
        .limit(MESSAGES_PER_PHONE * max(1, len(phones)))
    )
    found: dict[str, list[Inbound]] = defaultdict(list)
    for inbound in rows:
        found[inbound.sender].append(inbound)
    return found
