"""The hour by which a child is to get in touch (clause 4.7): who was, and who is gone after."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import delete, func, not_, or_, select, update
from sqlalchemy.orm import joinedload

from notifier import jobs
from notifier.database import db
from notifier.models import Delivery
from webapp.announcements.models import Announcement, AnswerReminder
from webapp.announcements.publish import Unready
from webapp.announcements.recipients import Climb, Recipient
from webapp.announcements.touch import InTouch, TouchHow
from webapp.languages import DEFAULT
from webapp.reach.answers.acknowledge import MAY_BE_ANSWERED
from webapp.reach.answers.acknowledged import was_in_touch
from webapp.reach.answers.remind import remind
from webapp.reach.models import Means
from webapp.reach.once import insert_once
from webapp.reach.tasks.followups import close, open_follow_up, opened
from webapp.staff.models import School, StaffMember

log = logging.getLogger(__name__)

KEEP_HOURS = "webapp.reach.answers.feedback.keep_hours"
RULE = "feedback"
# Who writes a day later is late, but was in touch.
LATE = timedelta(days=1)
BEFORE = timedelta(hours=2)
EVENING = time(18)


def cause_of(announcement_id: int) -> str:
    return f"announcement:{announcement_id}"


def note_reply(channel: str, address: str, inbound_id: int, at: datetime) -> int:
    """Take a message from `address` for being in touch about the newest announcement that asks for it.

    Returns how many families that is: two that share a phone are two; 0 when nothing asks. In the caller's
    transaction.
    """
    sent = select(Delivery.id).where(
        Delivery.channel == channel, Delivery.address == address, Delivery.state.in_(MAY_BE_ANSWERED)
    )
    told = or_(
        Recipient.delivery_id.in_(sent),
        Recipient.id.in_(select(Climb.recipient_id).where(Climb.delivery_id.in_(sent))),
    )
    rows = (
        db.session.execute(
            select(func.coalesce(Announcement.reminds_of_id, Announcement.id), Recipient.family_id)
            .join(Announcement, Announcement.id == Recipient.announcement_id)
            .where(told, Announcement.answer_by > at - LATE, Announcement.published_at <= at)
            .order_by(Announcement.published_at.desc(), Announcement.id.desc())
        )
        .tuples()
        .all()
    )
    if not rows:
        return 0
    newest = rows[0][0]
    families = {family_id for number, family_id in rows if number == newest}
    copies = db.session.scalars(
        select(Recipient.id).where(Recipient.announcement_id == newest, Recipient.family_id.in_(families))
    ).all()
    return len(_note(copies, at, TouchHow.SMS, at, inbound_id=inbound_id))


def note_by_hand(recipient_ids: Collection[int], at: datetime, by: StaffMember, now: datetime) -> list[int]:
    """Write down that these families were in touch; returns the ids of those that were not before."""
    return _note(recipient_ids, at, TouchHow.BY_HAND, now, by=by)


def _note(
    recipient_ids: Collection[int],
    at: datetime,
    how: TouchHow,
    now: datetime,
    *,
    inbound_id: int | None = None,
    by: StaffMember | None = None,
) -> list[int]:
    new = [
        number
        for number in recipient_ids
        if insert_once(
            InTouch,
            ["recipient_id"],
            recipient_id=number,
            at=at,
            how=how,
            inbound_id=inbound_id,
            by_id=by.id if by else None,
        )
    ]
    for copy in db.session.scalars(select(Recipient).where(Recipient.id.in_(new))):
        if task := opened(copy.family_id, RULE, cause_of(copy.announcement_id)):
            close(task, "acknowledged", by, now)
    return new


def take_back(recipient_ids: Collection[int]) -> list[int]:
    """Undo what was ticked by hand, and return the ids; an SMS stays."""
    return list(
        db.session.scalars(
            delete(InTouch)
            .where(InTouch.recipient_id.in_(recipient_ids), InTouch.how == TouchHow.BY_HAND)
            .returning(InTouch.recipient_id)
            .execution_options(synchronize_session=False)
        )
    )


def keep_hours() -> None:
    """Remind before an hour, and open follow-ups after it: the job that RQ runs."""
    keep_hours_at(datetime.now(UTC))


def keep_hours_at(now: datetime) -> bool:
    """Do what is due, each announcement in its own transaction; harmless whenever and however often."""
    posted = False
    awaited = db.session.scalars(
        select(Announcement.id)
        .where(
            Announcement.answer_by.is_not(None),
            Announcement.answer_closed_at.is_(None),
            Announcement.published_at.is_not(None),
        )
        .order_by(Announcement.answer_by)
    ).all()
    for number in awaited:
        try:
            posted = _keep(number, now) or posted
            db.session.commit()
        except Unready as unready:
            db.session.rollback()
            log.info("a reminder of an hour waits: %s", unready)
        except Exception:
            # The families of one announcement must not go without because of another's.
            db.session.rollback()
            log.exception("an hour could not be kept")
    if posted:
        jobs.nudge()
    return posted


def _keep(number: int, now: datetime) -> bool:
    announcement = db.session.get_one(Announcement, number)
    if announcement.answer_by is None or announcement.published_at is None:
        return False
    if now >= announcement.answer_by:
        _go_after(announcement, now)
        return False
    at = reminds_at(announcement)
    if at is None or announcement.answer_reminded_at or not announcement.published_at < at <= now:
        return False
    reminded = remind(
        announcement, was_in_touch(), Announcement.answer_reminded_at, now, until=announcement.answer_by
    )
    return reminded is not None


def reminds_at(announcement: Announcement) -> datetime | None:
    """Say when those who were not in touch are reminded; None when they are not."""
    by = announcement.answer_by
    if by is None or announcement.answer_reminder == AnswerReminder.NO:
        return None
    if announcement.answer_reminder == AnswerReminder.HOURS:
        return by - BEFORE
    zone = db.session.get_one(School, announcement.school_id).zone
    eve = by.astimezone(zone).date() - timedelta(days=1)
    return datetime.combine(eve, EVENING, zone).astimezone(UTC)


def _go_after(announcement: Announcement, now: datetime) -> None:
    """Open a task for every family that was not in touch; once, whoever else is doing it."""
    db.session.flush()
    taken = db.session.scalar(
        update(Announcement)
        .where(Announcement.id == announcement.id, Announcement.answer_closed_at.is_(None))
        .values(answer_closed_at=now)
        .returning(Announcement.id)
        .execution_options(synchronize_session=False)
    )
    if taken is None:
        return
    left = db.session.scalars(
        select(Recipient)
        .where(Recipient.announcement_id == announcement.id, not_(was_in_touch()))
        .options(joinedload(Recipient.family))
    ).all()
    for copy in left:
        # Not about the announcement's arrival: it would close by itself as soon as that was delivered.
        open_follow_up(
            copy.family,
            RULE,
            cause_of(announcement.id),
            now,
            means=Means.CALL,
            note=announcement.headline_in(DEFAULT)[:200],
        )
