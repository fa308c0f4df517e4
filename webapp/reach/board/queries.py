"""What the board asks the tables: which families nobody has reached, the longest unreached first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import joinedload, selectinload

from notifier.database import db
from notifier.message import Fault
from notifier.models import Delivery
from webapp.announcements.audience.find import has_usable_address
from webapp.announcements.recipients import Recipient
from webapp.families.models import (
    Family,
    Guardian,
    Pupil,
    SchoolClass,
)
from webapp.families.queries import visible_classes
from webapp.reach.board.kinds import TASKS, Asked, Show, families_asked_for, has_phone, is_of, within
from webapp.reach.models import FamilyStanding, FollowUp, FollowUpState
from webapp.reach.tasks.followups import for_the_eyes_of
from webapp.staff.models import StaffMember

HOUSEHOLD = (
    selectinload(Family.pupils).joinedload(Pupil.school_class),
    selectinload(Family.guardians).selectinload(Guardian.contacts),
)


def board(person: StaffMember, asked: Asked, now: datetime) -> Select[tuple[Family, FamilyStanding]]:
    """Select the families asked for, each with how it stands, the longest unreached first.

    With all that a card shows. A family that has a task, but was never written to, stands nowhere: None.
    """
    copy = joinedload(FamilyStanding.missed_copy)
    return (
        families_asked_for(person, asked, now)
        .add_columns(FamilyStanding)
        .options(*HOUSEHOLD, copy.joinedload(Recipient.delivery), copy.joinedload(Recipient.announcement))
        .order_by(
            # A partial index gives the first kind in this very order; the tasks of those who were reached
            # come last.
            *([FamilyStanding.unreached_since.is_(None)] if asked.show in TASKS else []),
            FamilyStanding.unreached_since,
            Family.id,
        )
    )


def standing_of(family: Family) -> FamilyStanding | None:
    """Find how one family stands just now, with what its card shows."""
    copy = joinedload(FamilyStanding.missed_copy)
    return db.session.scalar(
        select(FamilyStanding)
        .where(FamilyStanding.family_id == family.id)
        .options(copy.joinedload(Recipient.delivery), copy.joinedload(Recipient.announcement))
        .execution_options(populate_existing=True)
    )


def counts(person: StaffMember, asked: Asked, now: datetime) -> dict[Show, int]:
    """Count the families of every kind, in the grade or class asked for, in two readings."""
    whose = (Show.UNREACHED, Show.NO_ADDRESS, Show.NO_PHONE, Show.SWITCHED_OFF)
    unreached = families_asked_for(person, replace(asked, show=Show.UNREACHED), now)
    # Looked up for each of the few unreached; joined, the addresses of all families would be read.
    reasons = db.session.execute(
        unreached.outerjoin(Recipient, Recipient.id == FamilyStanding.missed_copy_id)
        .outerjoin(Delivery, Delivery.id == Recipient.delivery_id)
        .with_only_columns(
            func.count(),
            func.count(case((has_usable_address(Family.id), None), else_=1)),
            func.count(case((has_phone(), None), else_=1)),
            func.count(case((Delivery.fault == Fault.HANDSET_OFF, 1))),
        )
    ).one()
    tasks = db.session.execute(
        select(
            *(func.count(case((is_of(show, person, now), FollowUp.family_id)).distinct()) for show in TASKS)
        ).where(
            FollowUp.school_id == person.school_id,
            FollowUp.state == FollowUpState.OPEN,
            *within(person, asked, FollowUp.family_id),
        )
    ).one()
    return dict(zip(whose, reasons, strict=True)) | dict(zip(TASKS, tasks, strict=True))


@dataclass(frozen=True, slots=True)
class Places:
    """Where the families of one kind are: how many in each grade, and in each class of the one asked for."""

    grades: list[tuple[int, int]]
    classes: list[tuple[SchoolClass, int]]


def places(person: StaffMember, asked: Asked, now: datetime) -> Places:
    """Count the families of the kind asked for by grade, and by class within the grade asked for."""
    families = families_asked_for(person, Asked(asked.show, name=asked.name), now).with_only_columns(
        Family.id
    )
    here = (
        select(SchoolClass.grade, func.count(Pupil.family_id.distinct()))
        .join(Pupil, Pupil.class_id == SchoolClass.id)
        .where(
            SchoolClass.id.in_([each.id for each in visible_classes(person)]),
            Pupil.left_at.is_(None),
            Pupil.family_id.in_(families),
        )
    )
    grades = db.session.execute(here.group_by(SchoolClass.grade).order_by(SchoolClass.grade)).tuples().all()
    if len(grades) == 1:
        # One grade alone is no choice; its classes may be.
        grade: int | None = grades[0][0]
    else:
        grade = asked.grade
    by_class = (
        here.with_only_columns(SchoolClass, func.count(Pupil.family_id.distinct()))
        .where(SchoolClass.grade == grade)
        .group_by(SchoolClass.id)
        .order_by(SchoolClass.letter)
    )
    classes = db.session.execute(by_class).tuples().all() if grade is not None else []
    return Places(list(grades), list(classes))


def tasks_of(person: StaffMember, family_ids: Sequence[int]) -> dict[int, list[FollowUp]]:
    """Find what this person knows is to be done for each of these families, the most pressing first."""
    found: dict[int, list[FollowUp]] = {}
    for task in db.session.scalars(
        select(FollowUp)
        .where(
            FollowUp.family_id.in_(family_ids),
            FollowUp.state == FollowUpState.OPEN,
            for_the_eyes_of(person),
        )
        .options(joinedload(FollowUp.announcement), joinedload(FollowUp.assignee))
        .order_by(FollowUp.priority, FollowUp.due_at, FollowUp.id)
    ):
        found.setdefault(task.family_id, []).append(task)
    return found
