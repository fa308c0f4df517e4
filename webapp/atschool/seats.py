"""Who has a seat: as many as the group has, whoever is faster; the others wait, first come, first seated."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from notifier.database import db
from webapp.atschool.models import Answer, Group, Member
from webapp.families.models import Pupil
from webapp.staff.models import StaffMember


def holds_seat() -> ColumnElement[bool]:
    """That a member takes one of the seats."""
    return and_(Member.has_seat, Member.left_at.is_(None))


def wants_seat() -> ColumnElement[bool]:
    """That a member is of the group and has not declined."""
    return and_(Member.left_at.is_(None), or_(Member.answer.is_(None), Member.answer != Answer.NO))


def lock(group: Group) -> None:
    """Let one change of a group's seats follow the other: two people may add children at once."""
    db.session.scalar(
        select(Group.id)
        .where(Group.id == group.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    db.session.refresh(group)


def add(group: Group, pupils: Collection[Pupil], by: StaffMember, now: datetime) -> int:
    """Put children into the group, in the caller's transaction; return how many are new in it."""
    lock(group)
    members = {
        member.pupil_id: member for member in db.session.scalars(select(Member).filter_by(group_id=group.id))
    }
    new = 0
    for pupil in pupils:
        member = members.get(pupil.id)
        if member is None:
            db.session.add(
                Member(group_id=group.id, pupil_id=pupil.id, added_at=now, added_by_id=by.id, has_seat=False)
            )
        elif member.left_at is None and member.answer != Answer.NO:
            continue
        else:
            # Comes back, behind those who wait.
            member.left_at, member.answer, member.answered_at = None, None, None
            member.added_at, member.added_by_id, member.has_seat = now, by.id, False
            member.invitation_id, member.invited_at = None, None
        new += 1
    db.session.flush()
    fill(group)
    return new


def take_out(member: Member, now: datetime) -> None:
    """Let a child leave the group; the next one gets the seat."""
    lock(member.group)
    member.left_at, member.has_seat = now, False
    db.session.flush()
    fill(member.group)


def answer(
    member: Member,
    said: Answer,
    at: datetime,
    *,
    by: StaffMember | None = None,
    inbound_id: int | None = None,
) -> None:
    """Write down whether the child comes: who declines frees the seat, who says yes again queues anew."""
    lock(member.group)
    back = member.answer == Answer.NO and said is Answer.YES
    member.answer, member.answered_at = said, at
    member.answered_by_id, member.answered_inbound_id = by.id if by else None, inbound_id
    if said is Answer.NO:
        member.has_seat = False
    elif back:
        member.added_at = at
    db.session.flush()
    fill(member.group)


def fill(group: Group) -> None:
    """Give the free seats to those who wait longest; the group is locked.

    Nobody loses a seat because there are fewer seats now: that is for a person to decide.
    """
    taken = db.session.scalar(select(func.count()).where(Member.group_id == group.id, holds_seat())) or 0
    if taken >= group.seats:
        return
    waiting = db.session.scalars(
        select(Member)
        .where(Member.group_id == group.id, wants_seat(), Member.has_seat.is_(False))
        .order_by(Member.added_at, Member.id)
        .limit(group.seats - taken)
    )
    for member in waiting:
        member.has_seat = True
    db.session.flush()
