"""Take an announcement back: what has not left stays, and what has left is said exactly."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select, update

from notifier import outbox
from notifier.database import db
from notifier.models import Delivery, State
from webapp.announcements import budget
from webapp.announcements.desk import orders
from webapp.announcements.models import Announcement, Climb, Recipient, RecipientPupil
from webapp.families.models import Pupil
from webapp.staff import audit
from webapp.staff.models import School, StaffMember


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What came of it; `first` is False when somebody had taken it back before."""

    families: int  # not told: their message had not left
    gone: int  # told, or perhaps told: their message was on its way
    first: bool = True


def take_back(announcement: Announcement, now: datetime, by: StaffMember | None) -> TakenBack:
    """Stop a published announcement, in the caller's transaction.

    1. Mark it: the ladder, its reminders and its hour end with that.
    2. Cancel every message of it that still waits; one that a worker has in hand is past taking back.
    3. Give back what the cancelled ones were to cost.
    """
    if not _marked(announcement, now, by):
        return replace(counted(announcement), first=False)
    withdraw(announcement, now)
    # Its hour: nobody is reminded, and nobody goes after those who did not keep it.
    if announcement.answer_by and announcement.answer_closed_at is None:
        announcement.answer_closed_at = now
    db.session.flush()
    found = counted(announcement)
    if not found.gone:
        # Nobody has heard of the order: it never was.
        orders.undo(announcement)
    school = db.session.get_one(School, announcement.school_id)
    detail = {"families": found.families, "already_sent": found.gone}
    audit.record("announcement.taken_back", f"announcement {announcement.id}", detail, by, now, school=school)
    return found


def withdraw(announcement: Announcement, now: datetime) -> None:
    """Cancel what waits of an announcement, and let none of its copies climb."""
    waiting = _cancelled(announcement, now)
    by_class: Counter[int] = Counter()
    for segments, classes in _parts(list(waiting)):
        by_class.update(dict.fromkeys(classes, segments))
    budget.give_back(announcement, sum(waiting.values()), by_class)
    db.session.execute(
        update(Recipient)
        .where(Recipient.announcement_id == announcement.id)
        .values(climb_at=None)
        .execution_options(synchronize_session=False)
    )
    # Of a family that was tried at several numbers, one that left is enough to have told it.
    left = (
        select(1)
        .select_from(Climb)
        .join(Delivery, Delivery.id == Climb.delivery_id)
        .where(Climb.recipient_id == Recipient.id, Delivery.state != State.CANCELLED)
        .correlate(Recipient)
        .exists()
    )
    db.session.execute(
        update(Recipient)
        .where(Recipient.announcement_id == announcement.id, Recipient.delivery_id.in_(waiting), ~left)
        .values(taken_back_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()


def _marked(announcement: Announcement, now: datetime, by: StaffMember | None) -> bool:
    """Mark it as taken back unless it is; a conditional UPDATE waits for whoever else is doing it."""
    db.session.flush()
    marked = db.session.execute(
        update(Announcement)
        .where(
            Announcement.id == announcement.id,
            Announcement.published_at.is_not(None),
            Announcement.taken_back_at.is_(None),
        )
        .values(taken_back_at=now, taken_back_by_id=by.id if by else None)
        .execution_options(synchronize_session=False)
        .returning(Announcement.id)
    ).scalar_one_or_none()
    db.session.refresh(announcement)
    return marked is not None


def _cancelled(announcement: Announcement, now: datetime) -> dict[int, int]:
    """Cancel the messages that wait, of every rung, and return their SMS parts by id."""
    of_it = Recipient.announcement_id == announcement.id
    tried = select(Climb.delivery_id).join(Recipient, Recipient.id == Climb.recipient_id).where(of_it)
    # Locked first: those a worker takes meanwhile are not among them.
    waiting = {
        id_: segments if channel == "sms" else 0
        for id_, segments, channel in db.session.execute(
            select(Delivery.id, Delivery.segments, Delivery.channel)
            .where(
                Delivery.state == State.PENDING,
                Delivery.id.in_(
                    select(Recipient.delivery_id)
                    .where(of_it, Recipient.delivery_id.is_not(None))
                    .union(tried.where(Climb.delivery_id.is_not(None)))
                ),
            )
            .order_by(Delivery.id)
            .with_for_update()
        )
    }
    outbox.cancel(waiting, now)
    return waiting


def _parts(ids: Collection[int]) -> list[tuple[int, set[int]]]:
    """List the SMS parts of each of these messages, and the classes whose children it names."""
    classes: dict[int, set[int]] = {}
    segments: dict[int, int] = {}
    tried = (
        select(Climb.recipient_id, Climb.delivery_id)
        .where(Climb.delivery_id.in_(ids))
        .union(select(Recipient.id, Recipient.delivery_id).where(Recipient.delivery_id.in_(ids)))
        .subquery()
    )
    for id_, parts, class_id in db.session.execute(
        select(Delivery.id, Delivery.segments, Pupil.class_id)
        .join(tried, tried.c.delivery_id == Delivery.id)
        .join(RecipientPupil, RecipientPupil.recipient_id == tried.c.recipient_id)
        .join(Pupil, Pupil.id == RecipientPupil.pupil_id)
        .where(Delivery.channel == "sms")
        .distinct()
    ):
        segments[id_] = parts
        classes.setdefault(id_, set()).add(class_id)
    return [(segments[id_], found) for id_, found in classes.items()]


def counted(announcement: Announcement) -> TakenBack:
    """Count the families that were not told, and those whose message had left."""
    families, told = db.session.execute(
        select(
            func.count(Recipient.taken_back_at),
            func.count(Recipient.delivery_id) - func.count(Recipient.taken_back_at),
        ).where(Recipient.announcement_id == announcement.id)
    ).one()
    return TakenBack(families, told)
