"""Whom a notice for the staff is for: everybody, some roles, some associations; never its own author."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select, true

from notifier.database import db
from webapp.staff.models import KEEPERS, Role, StaffMember, StaffRole
from webapp.staffroom.models import Association, Membership, StaffNotice


@dataclass(frozen=True, slots=True)
class Offer:
    """What a sender may choose from, with how many people each choice means."""

    everybody: int | None  # None: not for this sender
    roles: dict[Role, int]
    associations: list[tuple[Association, int]]


def led_by(person: StaffMember) -> Association | None:
    """The association this person leads."""
    return db.session.scalar(
        select(Association)
        .join(Membership, Membership.association_id == Association.id)
        .where(Membership.staff_id == person.id, Membership.leads, Association.school_id == person.school_id)
    )


def may_send(person: StaffMember) -> bool:
    """The administration writes to all of the staff, the head of an association to its members."""
    return person.may(KEEPERS) or led_by(person) is not None


def associations_of(school_id: int) -> Sequence[Association]:
    """List the associations of a school, in the order in which they were made."""
    return db.session.scalars(
        select(Association).where(Association.school_id == school_id).order_by(Association.id)
    ).all()


def offered_to(person: StaffMember) -> Offer:
    """Count whom this person could write to."""
    present = (StaffMember.school_id == person.school_id, StaffMember.active, StaffMember.id != person.id)
    members = Counter(
        db.session.scalars(
            select(Membership.association_id)
            .join(StaffMember, StaffMember.id == Membership.staff_id)
            .where(*present)
        )
    )
    if not person.may(KEEPERS):
        own = led_by(person)
        return Offer(None, {}, [(own, members[own.id])] if own else [])
    roles = Counter(
        db.session.scalars(
            select(StaffRole.role).join(StaffMember, StaffMember.id == StaffRole.staff_id).where(*present)
        )
    )
    everybody = len(db.session.scalars(select(StaffMember.id).where(*present)).all())
    return Offer(
        everybody,
        {role: roles[role] for role in Role if roles[role]},
        [(each, members[each.id]) for each in associations_of(person.school_id) if members[each.id]],
    )


def oversteps(notice: StaffNotice, person: StaffMember) -> bool:
    """Whether a notice is for people this person may not write to, or no longer."""
    if person.may(KEEPERS):
        return False
    own = led_by(person)
    return bool(own is None or notice.everybody or notice.roles or set(notice.associations) - {own.id})


def meant_by(notice: StaffNotice) -> list[StaffMember]:
    """Find the people a notice is for, as things stand now, by name; each once."""
    announcement = notice.announcement
    return list(
        db.session.scalars(
            select(StaffMember)
            .where(
                StaffMember.school_id == announcement.school_id,
                StaffMember.active,
                StaffMember.id != (announcement.author_id or 0),
                _chosen(notice),
            )
            .order_by(StaffMember.name, StaffMember.id)
        )
    )


def _chosen(notice: StaffNotice) -> ColumnElement[bool]:
    if notice.everybody:
        return true()
    return or_(
        StaffMember.id.in_(select(StaffRole.staff_id).where(StaffRole.role.in_(notice.roles))),
        StaffMember.id.in_(
            select(Membership.staff_id).where(Membership.association_id.in_(notice.associations))
        ),
    )
