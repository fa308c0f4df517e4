"""Questions about conversations, answered within what a person may see; anything else is 404."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from flask import abort
from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlalchemy.orm import joinedload, selectinload

from notifier.database import db
from webapp.families.models import Family, Guardian, GuardianContact, Pupil
from webapp.families.queries import families_seen_by
from webapp.families.search import digits_of
from webapp.inbox.models import Conversation
from webapp.staff.models import StaffMember


@dataclass(frozen=True, slots=True)
class Who:
    """Whose number it is: the guardian's name, and the children with their classes."""

    guardian: str
    children: str
    family_id: int


def conversations_for(person: StaffMember) -> Select[tuple[Conversation]]:
    """Select the conversations with families this person may see: unread first, then the newest."""
    return (
        select(Conversation)
        .where(Conversation.school_id == person.school_id, _with_seen_family(person))
        .options(
            joinedload(Conversation.last_reply),
            joinedload(Conversation.family)
            .selectinload(Family.pupils.and_(Pupil.left_at.is_(None)))
            .joinedload(Pupil.school_class),
        )
        .order_by(
            case((Conversation.unread_since.is_(None), 1), else_=0),
            Conversation.last_at.desc(),
            Conversation.id.desc(),
        )
    )


def numbers_nobody_knows(
    person: StaffMember, *, blocked: bool = False, wanted: str = ""
) -> Select[tuple[Conversation]]:
    """Select the conversations with unknown numbers: for who sees the whole school.

    `wanted` narrows them down to those that have these digits.
    """
    barred = Conversation.blocked_at.is_not(None) if blocked else Conversation.blocked_at.is_(None)
    theirs = Conversation.address.contains(digits_of(wanted) or wanted, autoescape=True) if wanted else true()
    return (
        select(Conversation)
        .where(_with_stranger(person), barred, theirs)
        .options(joinedload(Conversation.last_reply))
        .order_by(
            case((Conversation.unread_since.is_(None), 1), else_=0),
            Conversation.last_at.desc(),
            Conversation.id.desc(),
        )
    )


def number_of(person: StaffMember, conversation_id: int) -> Conversation:
    """Return the conversation with an unknown number, if this person may see it; else 404."""
    if not person.sees_whole_school:
        abort(404)
    found = db.session.scalar(
        select(Conversation).where(Conversation.id == conversation_id, _with_stranger(person))
    )
    return found or abort(404)


def conversation_with(family: Family) -> Conversation | None:
    """Find the conversation with a family; None when it has never written."""
    return db.session.scalar(select(Conversation).where(Conversation.family_id == family.id))


def how_many_unread(person: StaffMember) -> int:
    """Count the conversations that wait for this person's side; a partial index holds no others."""
    theirs = _with_seen_family(person)
    if person.sees_whole_school:
        theirs = or_(theirs, and_(_with_stranger(person), Conversation.blocked_at.is_(None)))
    query = select(func.count(Conversation.id)).where(
        Conversation.school_id == person.school_id, Conversation.unread_since.is_not(None), theirs
    )
    return db.session.scalar(query) or 0


def how_many_strangers(person: StaffMember) -> int:
    """Count the unknown numbers that have written, without the blocked ones."""
    query = select(func.count(Conversation.id)).where(
        _with_stranger(person), Conversation.blocked_at.is_(None)
    )
    return db.session.scalar(query) or 0


def _with_seen_family(person: StaffMember) -> ColumnElement[bool]:
    if person.sees_whole_school:
        return Conversation.family_id.is_not(None)
    return Conversation.family_id.in_(families_seen_by(person))


def _with_stranger(person: StaffMember) -> ColumnElement[bool]:
    return and_(Conversation.school_id == person.school_id, Conversation.address.is_not(None))


def owners_of(contact_point_ids: Collection[int]) -> dict[int, list[Who]]:
    """Say for each contact point whose it is; a shared phone has several owners."""
    rows = db.session.execute(
        select(GuardianContact.contact_point_id, Guardian)
        .join(Guardian, Guardian.id == GuardianContact.guardian_id)
        .where(GuardianContact.contact_point_id.in_(contact_point_ids))
        .order_by(GuardianContact.contact_point_id, Guardian.id)
        .options(
            selectinload(Guardian.family)
            .selectinload(Family.pupils.and_(Pupil.left_at.is_(None)))
            .joinedload(Pupil.school_class)
        )
    )
    owners: dict[int, list[Who]] = {}
    for point_id, guardian in rows:
        children = ", ".join(f"{pupil.name} {pupil.school_class.name}" for pupil in guardian.family.pupils)
        owners.setdefault(point_id, []).append(Who(guardian.name, children, guardian.family_id))
    return owners
