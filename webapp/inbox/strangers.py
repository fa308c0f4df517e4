"""A number nobody knows becomes a guardian's, or is blocked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, select, update

from notifier import outbox
from notifier.database import db
from webapp.families.apply import lock_lists
from webapp.families.contacts import addresses, book_of_family
from webapp.families.models import ContactPoint, Guardian
from webapp.inbox.conversations import file
from webapp.inbox.models import Conversation, ConversationReply, Reply
from webapp.inbox.understanding import BLOCKED
from webapp.staff.audit import record
from webapp.staff.models import StaffMember


def give_to(conversation: Conversation, guardian: Guardian, by: StaffMember, now: datetime) -> None:
    """Make an unknown number one of this guardian's, and its messages the family's; the caller commits."""
    unblock(conversation, by, now)
    lock_lists(conversation.school_id)
    family, address = guardian.family, ("sms", conversation.address or "")
    wanted = addresses(guardian)
    if address not in wanted:
        book = book_of_family(family)
        book.assign(guardian, [*wanted, address])
        book.flag_shared()
    point = db.session.scalars(
        select(ContactPoint).filter_by(
            school_id=conversation.school_id, channel="sms", address=conversation.address
        )
    ).one()
    theirs = select(ConversationReply.reply_id).where(ConversationReply.conversation_id == conversation.id)
    replies = db.session.scalars(select(Reply).where(Reply.id.in_(theirs)).order_by(Reply.received_at)).all()
    waits = conversation.unread_since is not None
    for reply in replies:
        reply.contact_point_id = point.id
        file(reply, point.address, [family.id], unread=waits and reply is replies[-1])
    db.session.execute(delete(Conversation).where(Conversation.id == conversation.id))
    record("number.matched", f"family {family.id}", {}, by, now)


def block(conversation: Conversation, by: StaffMember, now: datetime) -> None:
    """Take no interest in a number: its messages wait for nobody, and nothing is written to it."""
    if conversation.blocked_at:
        return
    db.session.execute(
        update(Conversation)
        .where(Conversation.id == conversation.id)
        .values(blocked_at=now, unread_since=None, read_at=now, read_by_id=by.id)
    )
    # A number that another school's family has is silent here alone.
    known = exists().where(ContactPoint.channel == "sms", ContactPoint.address == conversation.address)
    if not db.session.scalar(select(known)):
        outbox.suppress("sms", conversation.address or "", BLOCKED, now)
    record("number.blocked", f"conversation {conversation.id}", {}, by, now)


def unblock(conversation: Conversation, by: StaffMember, now: datetime) -> None:
    """Take an interest again; a number that asked for silence itself stays silent."""
    if not conversation.blocked_at:
        return
    db.session.execute(update(Conversation).where(Conversation.id == conversation.id).values(blocked_at=None))
    outbox.unsuppress("sms", conversation.address or "", only=BLOCKED)
    record("number.unblocked", f"conversation {conversation.id}", {}, by, now)
