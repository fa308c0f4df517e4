"""File what came: into the conversation of each family behind the number, or of the number nobody knows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from notifier.database import db
from webapp.families.models import ContactPoint, Family, Guardian, GuardianContact
from webapp.families.numbers import families_behind
from webapp.inbox.models import Conversation, ConversationReply, Reply
from webapp.reach.once import insert_once
from webapp.staff.models import Role, StaffMember


def family_ids_behind(point: ContactPoint | None) -> list[int]:
    """List the families of a number; those whose children have left only when no other is there."""
    if point is None:
        return []
    current = [family.id for _, family in db.session.execute(families_behind([point.id])).tuples()]
    if current:
        return current
    return list(
        db.session.scalars(
            select(Guardian.family_id)
            .join(GuardianContact, GuardianContact.guardian_id == Guardian.id)
            .where(GuardianContact.contact_point_id == point.id)
            .distinct()
            .order_by(Guardian.family_id)
        )
    )


def file(reply: Reply, sender: str, family_ids: Collection[int], *, unread: bool) -> None:
    """Put a message where it belongs, in the caller's transaction; `unread` when a person has to read it."""
    for number in [conversation_of(reply.school_id, each, None, reply) for each in family_ids] or [
        conversation_of(reply.school_id, None, sender, reply)
    ]:
        insert_once(
            ConversationReply,
            ["conversation_id", "reply_id"],
            conversation_id=number,
            reply_id=reply.id,
        )
        values = {"last_reply_id": reply.id, "last_at": reply.received_at}
        if unread:
            values["unread_since"] = func.coalesce(Conversation.unread_since, reply.received_at)
        _change(Conversation.id == number, values)


def conversation_of(school_id: int, family_id: int | None, address: str | None, reply: Reply) -> int:
    """Find or open the conversation of a family, or of a number; return its id."""
    key = ["family_id"] if family_id else ["school_id", "address"]
    insert_once(
        Conversation,
        key,
        school_id=school_id,
        family_id=family_id,
        address=address,
        last_at=reply.received_at,
    )
    query = select(Conversation.id).where(Conversation.school_id == school_id)
    mine = Conversation.family_id == family_id if family_id else Conversation.address == address
    return db.session.scalars(query.where(mine)).one()


def is_responsible(person: StaffMember, conversation: Conversation) -> bool:
    """Say whether it is this person's to read: the class teacher's, or of who looks after families.

    A director who looks in must not make a class teacher believe that there is nothing new.
    """
    if conversation.family_id is None:
        return person.sees_whole_school
    if person.may(frozenset({Role.SOCIAL_PEDAGOGUE, Role.PSYCHOLOGIST})):
        return True
    family = db.session.get_one(Family, conversation.family_id)
    return any(
        pupil.left_at is None and pupil.school_class.teacher_id == person.id for pupil in family.pupils
    )


def mark_read(conversation: Conversation, by: StaffMember, now: datetime) -> None:
    """Nothing waits here any more; what came after the page was made stays unread."""
    _change(
        (Conversation.id == conversation.id)
        & Conversation.unread_since.is_not(None)
        & (Conversation.last_at <= conversation.last_at),
        {"unread_since": None, "read_at": now, "read_by_id": by.id},
    )


def mark_unread(conversation: Conversation, now: datetime) -> None:
    """It still waits for somebody."""
    _change(Conversation.id == conversation.id, {"unread_since": now})


def _change(which: ColumnElement[bool], values: dict[str, object]) -> None:
    db.session.execute(
        update(Conversation).where(which).values(**values).execution_options(synchronize_session="fetch")
    )
