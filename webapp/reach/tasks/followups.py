"""A person's tasks: opened by rules that may run again, closed by hand or because the family was reached."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, select, true, update
from sqlalchemy.orm import joinedload, selectinload

from notifier.database import db
from notifier.models import Delivery
from webapp.announcements.levels import Level, level
from webapp.announcements.recipients import Recipient
from webapp.families.devices import SEES_DEVICES
from webapp.families.models import Family, Guardian, Pupil, SchoolClass
from webapp.families.queries import families_seen_by
from webapp.reach.models import FollowUp, FollowUpState, Means
from webapp.reach.once import insert_once
from webapp.staff.models import Role, StaffMember, StaffRole

# When nobody says when it is due.
USUALLY_WITHIN = timedelta(days=1)
URGENT, USUAL = 0, 1
# Tasks of these rules tell what a family has not got.
OF_DEVICES = ("no_tv", "no_device")
# Why a follow-up closed by itself.
BECAUSE = {
    Level.DELIVERED: "delivered",
    Level.ACKNOWLEDGED: "acknowledged",
    Level.SPOKEN_TO: "spoke",
}


def open_follow_up(
    family: Family,
    rule: str,
    cause: str,
    now: datetime,
    *,
    means: str = Means.CALL,
    due_at: datetime | None = None,
    announcement_id: int | None = None,
    priority: int = USUAL,
    assignee_id: int | None = None,
    note: str = "",
) -> bool:
    """Open a task for a family, in the caller's transaction; True if it is new.

    Once for each rule, family and cause, however often the rule runs, and never again when it was closed.
    Nobody named, it is the class teacher's who calls, and the social pedagogue's for everything else.
    """
    return insert_once(
        FollowUp,
        ["rule", "family_id", "cause"],
        school_id=family.school_id,
        family_id=family.id,
        rule=rule,
        cause=cause,
        means=means,
        announcement_id=announcement_id,
        priority=priority,
        state=FollowUpState.OPEN,
        note=note,
        due_at=due_at or now + USUALLY_WITHIN,
        assignee_id=assignee_id or whose(family, means),
        opened_at=now,
        closed_because="",
    )


def opened(family_id: int, rule: str, cause: str) -> FollowUp | None:
    """Find the task a rule opened for this cause, in whatever state it is now."""
    return db.session.scalar(select(FollowUp).filter_by(family_id=family_id, rule=rule, cause=cause))


def whose(family: Family, means: str) -> int | None:
    """Say who of the staff does it: the class teacher calls, the pedagogue does the rest.

    None when there is nobody of the kind, or several pedagogues: then it is whoever's who takes it.
    """
    if means == Means.CALL:
        teacher = db.session.scalar(
            select(SchoolClass.teacher_id)
            .join(Pupil, Pupil.class_id == SchoolClass.id)
            .join(StaffMember, StaffMember.id == SchoolClass.teacher_id)
            .where(Pupil.family_id == family.id, Pupil.left_at.is_(None), StaffMember.active)
            .order_by(SchoolClass.grade, SchoolClass.letter, Pupil.id)
            .limit(1)
        )
        if teacher is not None:
            return teacher
    pedagogues = db.session.scalars(
        select(StaffMember.id)
        .join(StaffRole, StaffRole.staff_id == StaffMember.id)
        .where(
            StaffMember.school_id == family.school_id,
            StaffMember.active,
            StaffRole.role == Role.SOCIAL_PEDAGOGUE,
        )
        .limit(2)
    ).all()
    return pedagogues[0] if len(pedagogues) == 1 else None


def close(follow_up: FollowUp, because: str, by: StaffMember | None, now: datetime) -> bool:
    """Call a task done, in the caller's transaction; False when it was closed before. Done is final."""
    return _ended(follow_up, FollowUpState.DONE, because, by, now)


def cancel(follow_up: FollowUp, by: StaffMember | None, now: datetime, because: str = "cancelled") -> bool:
    """Give a task up: it need not be done; False when it was closed before."""
    return _ended(follow_up, FollowUpState.CANCELLED, because, by, now)


def _ended(
    follow_up: FollowUp, state: FollowUpState, because: str, by: StaffMember | None, now: datetime
) -> bool:
    """Of two who close one task at once, the second finds it closed."""
    db.session.flush()
    ended = db.session.execute(
        update(FollowUp)
        .where(FollowUp.id == follow_up.id, FollowUp.state == FollowUpState.OPEN)
        .values(state=state, closed_because=because, closed_by_id=by.id if by else None, closed_at=now)
        .execution_options(synchronize_session=False)
        .returning(FollowUp.id)
    ).first()
    db.session.refresh(follow_up)
    return ended is not None


def close_for(
    family_id: int, announcement_ids: Collection[int], because: str, by: StaffMember | None, now: datetime
) -> int:
    """Close a family's tasks about these announcements, in the caller's transaction; say how many."""
    closed = db.session.scalars(
        update(FollowUp)
        .where(
            FollowUp.family_id == family_id,
            FollowUp.state == FollowUpState.OPEN,
            FollowUp.announcement_id.in_(announcement_ids),
        )
        .values(
            state=FollowUpState.DONE,
            closed_because=because,
            closed_by_id=by.id if by else None,
            closed_at=now,
        )
        .execution_options(synchronize_session="fetch")
        .returning(FollowUp.id)
    )
    return len(closed.all())


def close_if_reached(family_ids: Collection[int] | None, now: datetime) -> int:
    """Close the tasks about announcements that reached the family otherwise, in the caller's transaction.

    Of these families, or of all (None). Returns how many closed.
    """
    found = (
        select(FollowUp.id, level())
        .join(
            Recipient,
            and_(
                Recipient.announcement_id == FollowUp.announcement_id,
                Recipient.family_id == FollowUp.family_id,
            ),
        )
        .outerjoin(Delivery, Delivery.id == Recipient.delivery_id)
        .where(FollowUp.state == FollowUpState.OPEN, level() >= int(Level.DELIVERED))
    )
    if family_ids is not None:
        found = found.where(FollowUp.family_id.in_(family_ids))
    closed = 0
    for number, reached in db.session.execute(found).tuples().all():
        follow_up = db.session.get(FollowUp, number)
        closed += follow_up is not None and close(follow_up, BECAUSE[Level(reached)], None, now)
    return closed


def for_the_eyes_of(person: StaffMember) -> ColumnElement[bool]:
    """That a person may know of a task: what a family has at home is not for every eye (clause 1.5)."""
    return true() if person.may(SEES_DEVICES) else FollowUp.rule.not_in(OF_DEVICES)


def follow_ups_for(
    person: StaffMember,
    *,
    state: FollowUpState = FollowUpState.OPEN,
    mine: bool = False,
    family_id: int | None = None,
    announcement_id: int | None = None,
) -> Select[tuple[FollowUp]]:
    """Select the tasks of the families this person may see, the most pressing first."""
    query = (
        select(FollowUp)
        .where(FollowUp.school_id == person.school_id, FollowUp.state == state, for_the_eyes_of(person))
        .options(
            joinedload(FollowUp.announcement),
            joinedload(FollowUp.assignee),
            joinedload(FollowUp.family).options(
                selectinload(Family.pupils).joinedload(Pupil.school_class),
                selectinload(Family.guardians).selectinload(Guardian.contacts),
            ),
        )
        .order_by(FollowUp.priority, FollowUp.due_at, FollowUp.id)
    )
    if not person.sees_whole_school:
        query = query.where(FollowUp.family_id.in_(families_seen_by(person)))
    if mine:
        query = query.where(FollowUp.assignee_id == person.id)
    if family_id is not None:
        query = query.where(FollowUp.family_id == family_id)
    if announcement_id is not None:
        query = query.where(FollowUp.announcement_id == announcement_id)
    return query
