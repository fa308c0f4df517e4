"""Whether the number is the family's: what a YES or a NO says of it, and "wrong number"."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import exists, select

from notifier.database import db
from notifier.models import Delivery
from webapp.announcements.kinds import ANSWER, NUMBER_CHECK
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient
from webapp.families.numbers import Why, confirm, families_behind, mark_wrong
from webapp.inbox.answering.asked import Asked, Done
from webapp.reach.tasks.followups import open_follow_up

RULE = "wrong_number"
# An answer later than this is about something else.
ANSWERABLE_FOR = timedelta(days=14)
# These ask nothing, so no answer is about them.
ASK_NOTHING = (ANSWER, NUMBER_CHECK, "digest", "correction")


def take_yes(asked: Asked) -> Done:
    """A yes to the question about the number confirms it, whatever else it acknowledges."""
    confirmed = _is_asked(asked)
    if confirmed and asked.point:
        confirm(asked.point, asked.now)
    return Done(settled=confirmed or asked.reply.families_acknowledged > 0)


def take_no(asked: Asked) -> Done:
    """A no to the question about the number, if nothing was asked since; any other no is for a person."""
    if _is_asked(asked) and not _asked_since(asked):
        _mark(asked, Why.SAID_NO)
    return Done()


def take_wrong(asked: Asked) -> Done:
    """Whoever has the phone is a stranger: no child is spoken of there again, not even to say so."""
    _mark(asked, Why.SAID_WRONG)
    return Done()


def _mark(asked: Asked, why: Why) -> None:
    """Stop texts to the number, and have a person find a better one for each family behind it."""
    if asked.point is None:
        return
    families = [family for _, family in db.session.execute(families_behind([asked.point.id])).tuples()]
    if mark_wrong(asked.point, asked.now, why):
        for family in families:
            open_follow_up(family, RULE, f"reply:{asked.reply.id}", asked.now)


def _is_asked(asked: Asked) -> bool:
    """Say whether this number was asked whose it is, lately, and has not answered."""
    point = asked.point
    if point is None or point.asked_at is None or point.asked_at < asked.now - ANSWERABLE_FOR:
        return False
    return not any(at and at >= point.asked_at for at in (point.confirmed_at, point.marked_at))


def _asked_since(asked: Asked) -> bool:
    """Say whether a notice went there after the question: then a no may be about that."""
    point = asked.point
    later = (
        select(Delivery.id)
        .join(Recipient, Recipient.delivery_id == Delivery.id)
        .join(Announcement, Announcement.id == Recipient.announcement_id)
        .where(
            Delivery.channel == asked.inbound.channel,
            Delivery.address == asked.inbound.sender,
            Delivery.created_at > (point.asked_at if point else None),
            Announcement.kind.not_in(ASK_NOTHING),
        )
    )
    return bool(db.session.scalar(select(exists(later))))
