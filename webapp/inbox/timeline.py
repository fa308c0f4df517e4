"""A conversation in the order of time: what they wrote, and what was sent to them, to the letter."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from flask_babel import LazyString
from sqlalchemy import ColumnElement, Select, literal, select, union_all

from notifier.database import db
from notifier.models import Delivery, Inbound
from webapp.announcements.models import Announcement
from webapp.announcements.progress import seen_copies
from webapp.announcements.recipients import Climb, Recipient
from webapp.families.models import Family
from webapp.inbox.models import Conversation, ConversationReply, Reply
from webapp.inbox.words import KEPT_BACK, KINDS, SURVEY, meaning
from webapp.messages.words import STATES
from webapp.staff.models import StaffMember

SENT, CAME = "sent", "came"
# So many messages of an unknown number are looked at for what they were answered.
MOST_ASKED = 300


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a conversation; ours have a `ref`, under which their story is told."""

    at: datetime
    text: str
    address: str
    kind: str
    words: LazyString
    ref: str = ""
    by: LazyString | str = ""
    acknowledged: int = 0
    who: str = ""  # whose number it is, as the family's page has it


def with_family(person: StaffMember, family: Family, conversation: Conversation | None) -> Select[Any]:
    """Select (at, which, id) of all that was said with a family and this person may see, newest first."""
    copies = select(Recipient.id).where(Recipient.family_id == family.id)
    if (seen := seen_copies(person)) is not None:
        copies = copies.where(seen)
    carried = union_all(
        select(Recipient.delivery_id).where(Recipient.id.in_(copies), Recipient.delivery_id.is_not(None)),
        select(Climb.delivery_id).where(Climb.recipient_id.in_(copies), Climb.delivery_id.is_not(None)),
    )
    return _in_order(Delivery.id.in_(carried), conversation)


def with_number(conversation: Conversation) -> Select[Any]:
    """Select (at, which, id) of what an unknown number wrote and was answered, newest first."""
    asked = db.session.scalars(
        select(Reply.inbound_id)
        .join(ConversationReply, ConversationReply.reply_id == Reply.id)
        .where(ConversationReply.conversation_id == conversation.id)
        .order_by(Reply.id.desc())
        .limit(MOST_ASKED)
    )
    keys = [f"answer:{number}:{conversation.school_id}" for number in asked]
    return _in_order(Delivery.dedupe_key.in_(keys), conversation)


def _in_order(sent: ColumnElement[bool], conversation: Conversation | None) -> Select[Any]:
    both = union_all(
        select(
            Delivery.created_at.label("at"), literal(SENT).label("which"), Delivery.id.label("number")
        ).where(sent),
        select(Reply.received_at, literal(CAME), Reply.id)
        .join(ConversationReply, ConversationReply.reply_id == Reply.id)
        .where(ConversationReply.conversation_id == (conversation.id if conversation else 0)),
    ).subquery()
    return select(both.c.at, both.c.which, both.c.number).order_by(
        both.c.at.desc(), both.c.which.desc(), both.c.number.desc()
    )


def told(rows: Select[Any], family: Family | None = None, *, answers: bool = False) -> list[Said]:
    """Read one page of a conversation, the oldest message first; a family's names who wrote.

    What was answered to a survey is read out only if `answers`.
    """
    found = db.session.execute(rows).all()
    ours = _ours({row.number for row in found if row.which == SENT}, family)
    theirs = _theirs({row.number for row in found if row.which == CAME}, answers)
    whose = _whose(family) if family else {}
    said = [(ours if row.which == SENT else theirs)[row.number] for row in reversed(found)]
    return [replace(each, who=whose.get(each.address, "")) for each in said]


def _whose(family: Family) -> dict[str, str]:
    """Say whose each number and address of a family is; not of a neighbour's, who may be anybody there."""
    names: dict[str, list[str]] = defaultdict(list)
    for guardian in family.guardians:
        for link in guardian.contacts:
            if guardian.name and not link.is_relay:
                names[link.contact_point.address].append(guardian.name)
    return {address: ", ".join(each) for address, each in names.items()}


def _ours(ids: Collection[int], family: Family | None) -> dict[int, Said]:
    about: dict[int, Announcement] = {}
    if family:
        first = select(Recipient.delivery_id, Announcement).join(Recipient.announcement)
        later = (
            select(Climb.delivery_id, Announcement)
            .join(Recipient, Recipient.id == Climb.recipient_id)
            .join(Recipient.announcement)
        )
        for query, column in ((first, Recipient.delivery_id), (later, Climb.delivery_id)):
            rows = db.session.execute(query.where(Recipient.family_id == family.id, column.in_(ids)))
            about |= {number or 0: announcement for number, announcement in rows}
    said = {}
    for delivery in db.session.scalars(select(Delivery).where(Delivery.id.in_(ids))):
        announcement = about.get(delivery.id)
        by: LazyString | str = KINDS["answer"]
        if announcement:
            author = announcement.author.name if announcement.author else ""
            by = KINDS.get(announcement.kind) or author
        kind, words = STATES[delivery.state]
        ref = delivery.ref if family else ""
        said[delivery.id] = Said(delivery.created_at, delivery.body, delivery.address, kind, words, ref, by)
    return said


def _theirs(ids: Collection[int], answers: bool) -> dict[int, Said]:
    rows = db.session.execute(
        select(Reply, Inbound).join(Inbound, Inbound.id == Reply.inbound_id).where(Reply.id.in_(ids))
    )
    said = {}
    for reply, inbound in rows:
        kind, words = meaning(reply.intent)
        said[reply.id] = Said(
            reply.received_at,
            inbound.body if answers or reply.intent != SURVEY else KEPT_BACK,
            inbound.sender,
            kind,
            words,
            acknowledged=reply.families_acknowledged,
        )
    return said
