"""What took place between people: a call, a visit, a word passed on; and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update

from notifier.database import db
from notifier.models import Delivery
from webapp.announcements.levels import Level, level
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient
from webapp.families.models import ContactPoint, Family
from webapp.families.numbers import Why, mark_wrong
from webapp.reach.models import ContactLog, FollowUp, Outcome
from webapp.reach.once import insert_once
from webapp.reach.tasks.followups import close, close_for
from webapp.staff.models import StaffMember

# After these nothing is left to do of the task at hand; after the others it is tried again.
SETTLING = {
    Outcome.SPOKE: "spoke",
    Outcome.RELAYED: "relayed",
    Outcome.WRONG_NUMBER: "wrong_number",
    Outcome.MOVED_AWAY: "left",
    Outcome.REFUSED: "refused",
}
# What they say of the family's copies.
MARKS = {Outcome.SPOKE: "spoken_at", Outcome.RELAYED: "relayed_at"}
LONGEST_NOTE = 1000


def note_contact(
    family: Family,
    means: str,
    outcome: str,
    at: datetime,
    by: StaffMember | None,
    token: str,
    now: datetime,
    *,
    guardian_id: int | None = None,
    contact_point_id: int | None = None,
    announcement_id: int | None = None,
    follow_up_id: int | None = None,
    note: str = "",
) -> ContactLog | None:
    """Write down what took place `at`, and what follows, in the caller's transaction.

    None when a form with this token was taken before. Whoever was spoken to knows of the announcement, or,
    without one, of all that had not reached the family by then; tasks about it close.
    """
    task = db.session.get(FollowUp, follow_up_id) if follow_up_id else None
    if task is not None and task.family_id != family.id:
        raise ValueError("the follow-up is another family's")
    if announcement_id is None and task is not None:
        announcement_id = task.announcement_id
    new = insert_once(
        ContactLog,
        ["school_id", "token"],
        school_id=family.school_id,
        family_id=family.id,
        token=token,
        means=means,
        outcome=outcome,
        at=at,
        noted_at=now,
        staff_id=by.id if by else None,
        guardian_id=guardian_id,
        contact_point_id=contact_point_id,
        announcement_id=announcement_id,
        follow_up_id=follow_up_id,
        note=note[:LONGEST_NOTE],
    )
    if not new:
        return None
    log = db.session.scalars(select(ContactLog).filter_by(school_id=family.school_id, token=token)).one()
    if outcome == Outcome.SPOKE:
        told = _mark(family, announcement_id, at, "spoken_at")
        close_for(
            family.id,
            told if announcement_id is None else [announcement_id],
            SETTLING[Outcome.SPOKE],
            by,
            now,
        )
    elif outcome == Outcome.RELAYED:
        _mark(family, announcement_id, at, "relayed_at")
    elif outcome == Outcome.WRONG_NUMBER and contact_point_id:
        _stop_writing_to(family, contact_point_id, now)
    if task is not None and outcome in SETTLING:
        close(task, SETTLING[Outcome(outcome)], by, now)
    return log


def settle_also(
    family: Family, tasks: Sequence[FollowUp], log: ContactLog, by: StaffMember | None, now: datetime
) -> None:
    """Settle the other tasks of the family that the same talk was about, in the caller's transaction."""
    outcome = Outcome(log.outcome)
    for task in tasks:
        if task.family_id != family.id:
            raise ValueError("the follow-up is another family's")
        if outcome in MARKS and task.announcement_id is not None:
            _mark(family, task.announcement_id, log.at, MARKS[outcome])
        if outcome in SETTLING:
            close(task, SETTLING[outcome], by, now)


def _mark(family: Family, announcement_id: int | None, at: datetime, when: str) -> Sequence[int]:
    """Note on the family's copies that a person told it; return of which announcements."""
    column = getattr(Recipient, when)
    unheard = (
        select(Recipient.id)
        .join(Announcement, Announcement.id == Recipient.announcement_id)
        .outerjoin(Delivery, Delivery.id == Recipient.delivery_id)
        # What was taken back before it left they were not told.
        .where(Recipient.family_id == family.id, Recipient.taken_back_at.is_(None), column.is_(None))
    )
    if announcement_id is not None:
        unheard = unheard.where(Recipient.announcement_id == announcement_id)
    else:
        unheard = unheard.where(Announcement.published_at <= at, level() < int(Level.DELIVERED))
    values: dict[str, datetime | None] = {when: at}
    if when == "spoken_at":
        values["climb_at"] = None
    found = db.session.scalars(
        update(Recipient)
        .where(Recipient.id.in_(unheard))
        .values(**values)
        .execution_options(synchronize_session="fetch")
        .returning(Recipient.announcement_id)
    ).all()
    return found


def _stop_writing_to(family: Family, contact_point_id: int, now: datetime) -> None:
    """Mark an address of the family as one that does not reach it."""
    point = db.session.scalar(
        select(ContactPoint).where(
            ContactPoint.id == contact_point_id, ContactPoint.school_id == family.school_id
        )
    )
    if point is not None:
        mark_wrong(point, now, Why.CALLED)
