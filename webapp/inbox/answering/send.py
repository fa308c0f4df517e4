"""Give an answer, on the one road all messages take: at once, once, and at the school's expense."""

from __future__ import annotations

import hashlib
import logging

from sqlalchemy import exists, select

from notifier import outbox
from notifier.database import db
from notifier.models import Delivery
from webapp.announcements.audience.households import Audience
from webapp.announcements.kinds import ANSWER
from webapp.announcements.models import Announcement
from webapp.announcements.plan import Plan, Terms
from webapp.announcements.publish import Unready, hand_out
from webapp.announcements.render import Finished
from webapp.families.models import SchoolClass
from webapp.inbox.answering.asked import Answer, Asked
from webapp.inbox.answering.guards import reason_for_silence

log = logging.getLogger(__name__)


def give(asked: Asked, answer: Answer) -> bool:
    """Post an answer in the caller's transaction; False when this message gets none.

    Its key carries the message's number, and so does its announcement's token: whoever reads the message
    again finds it answered.
    """
    if why := reason_for_silence(asked, though_silent=answer.though_silent):
        log.info("a message gets no answer: %s", why)
        return False
    token = token_of(answer.token or f"answer:{asked.inbound.id}")
    if _was_given(asked, token):
        return False
    key = answer.key or f"answer:{asked.inbound.id}:{asked.school.id}"
    try:
        with db.session.begin_nested():
            _hand_out(asked, answer, token, key)
    except Unready:
        log.info("a message gets no answer: the month's money for SMS is spent")
        return False
    if answer.though_silent:
        posted = db.session.scalars(select(Delivery.id).where(Delivery.dedupe_key == key)).one()
        outbox.say_farewell(asked.inbound.channel, asked.inbound.sender, posted)
    return True


def token_of(words: str) -> str:
    """Make an announcement's token, which is short, of words of any length."""
    return words if len(words) <= 32 else hashlib.sha256(words.encode()).hexdigest()[:32]


def _was_given(asked: Asked, token: str) -> bool:
    return bool(
        db.session.scalar(
            select(exists().where(Announcement.school_id == asked.school.id, Announcement.token == token))
        )
    )


def _hand_out(asked: Asked, answer: Answer, token: str, key: str) -> None:
    envelope, now = asked.envelope, asked.now
    class_ids = {child.class_id for child in envelope.children}
    announcement = Announcement(
        school_id=asked.school.id,
        token=token,
        kind=ANSWER,
        text_ky="" if envelope.language == "ru" else answer.body,
        text_ru=answer.body if envelope.language == "ru" else "",
        urgent=answer.urgent,
        created_at=now,
        published_at=now,
        classes=list(db.session.scalars(select(SchoolClass).where(SchoolClass.id.in_(class_ids)))),
    )
    db.session.add(announcement)
    db.session.flush()
    message = Finished(envelope.to.channel, envelope.language, "", answer.body, asked.script)
    # Who has just written is awake: quiet hours hold nothing back.
    terms = {envelope.to.contact_point_id: Terms(key, now, answer.expires_at)}
    audience = Audience(envelope.households, asked.school.language)
    hand_out(announcement, Plan(asked.school, audience, [(envelope, message)], terms), now)
