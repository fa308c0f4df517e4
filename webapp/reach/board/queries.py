"""What the board asks the tables: which families nobody has reached, the longest unreached first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, case, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload

from notifier.database import db
from notifier.message import Fault
from notifier.models import Delivery
from webapp.announcements.audience import has_usable_address
from webapp.announcements.recipients import Recipient
from webapp.families.models import (
    ContactPoint,
    ContactStatus,
    Family,
    Guardian,
    GuardianContact,
    Pupil,
    SchoolClass,
)
from webapp.families.queries import families_seen_by, visible_classes
from webapp.families.search import matching_families
from webapp.reach.models import FamilyStanding, FollowUp, FollowUpState, Means
from webapp.reach.tasks.followups import for_the_eyes_of
from webapp.staff.models import School, StaffMember


class Show(StrEnum):
    """Which families the board shows."""

    UNREACHED = "unreached"
    DUE = "due"  # something is to be done today, or should have been
    URGENT = "urgent"
    MINE = "mine"
    LESSON = "lesson"
    NO_ADDRESS = "no_address"
    SWITCHED_OFF = "switched_off"
    NO_PHONE = "no_phone"


HOUSEHOLD = (
    selectinload(Family.pupils).joinedload(Pupil.school_class),
    selectinload(Family.guardians).selectinload(Guardian.contacts),
)
# These ask what a person is to do, the others why messages do not arrive.
TASKS = (Show.DUE, Show.URGENT, Show.MINE, Show.LESSON)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the board was asked for: one kind of families, of one grade or class."""

    show: Show = Show.UNREACHED
    grade: int | None = None
    class_id: int | None = None
    name: str = ""  # of a child or a parent, or a part of a number


def end_of_today(school: School, now: datetime) -> datetime:
    """The moment the school's day is over: what is due before it is due today."""
    today = now.astimezone(school.zone).date()
    return datetime.combine(today + timedelta(days=1), time.min, school.zone)


def board(person: StaffMember, asked: Asked, now: datetime) -> Select[tuple[Family, FamilyStanding]]:
    """Select the families asked for, each with how it stands, the longest unreached first.

    With all that a card shows. A family that has a task, but was never written to, stands nowhere: None.
    """
    copy = joinedload(FamilyStanding.missed_copy)
    return (
        _families(person, asked, now)
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
    unreached = _families(person, replace(asked, show=Show.UNREACHED), now)
    # Looked up for each of the few unreached; joined, the addresses of all families would be read.
    reasons = db.session.execute(
        unreached.outerjoin(Recipient, Recipient.id == FamilyStanding.missed_copy_id)
        .outerjoin(Delivery, Delivery.id == Recipient.delivery_id)
        .with_only_columns(
            func.count(),
            func.count(case((has_usable_address(Family.id), None), else_=1)),
            func.count(case((_has_phone(), None), else_=1)),
            func.count(case((Delivery.fault == Fault.HANDSET_OFF, 1))),
        )
    ).one()
    tasks = db.session.execute(
        select(
            *(func.count(case((_is(show, person, now), FollowUp.family_id)).distinct()) for show in TASKS)
        ).where(
            FollowUp.school_id == person.school_id,
            FollowUp.state == FollowUpState.OPEN,
            *_within(person, asked, FollowUp.family_id),
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
    families = _families(person, Asked(asked.show, name=asked.name), now).with_only_columns(Family.id)
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


def _within(
    person: StaffMember, asked: Asked, family_id: InstrumentedAttribute[int]
) -> list[ColumnElement[bool]]:
    """That a family is one this person sees, of the grade, class or name asked for."""
    wanted: list[ColumnElement[bool]] = []
    if not person.sees_whole_school:
        wanted.append(family_id.in_(families_seen_by(person)))
    if asked.name:
        wanted.append(family_id.in_(matching_families(person, asked.name)))
    if asked.grade is not None or asked.class_id is not None:
        here = (
            select(Pupil.family_id)
            .join(SchoolClass, SchoolClass.id == Pupil.class_id)
            .where(Pupil.left_at.is_(None), SchoolClass.school_id == person.school_id)
        )
        if asked.class_id is not None:
            here = here.where(SchoolClass.id == asked.class_id)
        else:
            here = here.where(SchoolClass.grade == asked.grade)
        wanted.append(family_id.in_(here))
    return wanted


def _families(person: StaffMember, asked: Asked, now: datetime) -> Select[tuple[Family]]:
    query = select(Family).where(Family.school_id == person.school_id, *_within(person, asked, Family.id))
    if asked.show in TASKS:
        to_do = _to_do(person, asked.show, now)
        return query.outerjoin(FamilyStanding, FamilyStanding.family_id == Family.id).where(
            Family.id.in_(to_do)
        )
    query = query.join(FamilyStanding, FamilyStanding.family_id == Family.id).where(
        FamilyStanding.school_id == person.school_id, FamilyStanding.unreached_since.is_not(None)
    )
    if asked.show == Show.NO_ADDRESS:
        return query.where(~has_usable_address(Family.id))
    if asked.show == Show.NO_PHONE:
        return query.where(~_has_phone())
    if asked.show == Show.SWITCHED_OFF:
        return (
            query.join(Recipient, Recipient.id == FamilyStanding.missed_copy_id)
            .join(Delivery, Delivery.id == Recipient.delivery_id)
            .where(Delivery.fault == Fault.HANDSET_OFF)
        )
    return query


def _to_do(person: StaffMember, show: Show, now: datetime) -> Select[tuple[int]]:
    return select(FollowUp.family_id).where(
        FollowUp.school_id == person.school_id,
        FollowUp.state == FollowUpState.OPEN,
        for_the_eyes_of(person),
        _is(show, person, now),
    )


def _is(show: Show, person: StaffMember, now: datetime) -> ColumnElement[bool]:
    """That an open follow-up is of this kind."""
    return {
        Show.URGENT: FollowUp.priority == 0,
        Show.MINE: FollowUp.assignee_id == person.id,
        Show.LESSON: FollowUp.means == Means.LESSON,
        Show.DUE: FollowUp.due_at < end_of_today(person.school, now),
    }[show]


def _has_phone() -> ColumnElement[bool]:
    return exists(
        select(1)
        .select_from(Guardian)
        .join(GuardianContact, GuardianContact.guardian_id == Guardian.id)
        .join(ContactPoint, ContactPoint.id == GuardianContact.contact_point_id)
        .where(
            Guardian.family_id == Family.id,
            ContactPoint.channel == "sms",
            ContactPoint.status != ContactStatus.BAD,
        )
    )
