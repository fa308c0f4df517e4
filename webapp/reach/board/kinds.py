"""Which families the board shows: one kind of them, of a grade, a class or a name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.orm import InstrumentedAttribute

from notifier.message import Fault
from notifier.models import Delivery
from webapp.announcements.audience.find import has_usable_address
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
from webapp.families.queries import families_seen_by
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


def within(
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


def families_asked_for(person: StaffMember, asked: Asked, now: datetime) -> Select[tuple[Family]]:
    """Select the families of the kind asked for that this person sees, joined to how they stand."""
    query = select(Family).where(Family.school_id == person.school_id, *within(person, asked, Family.id))
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
        return query.where(~has_phone())
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
        is_of(show, person, now),
    )


def is_of(show: Show, person: StaffMember, now: datetime) -> ColumnElement[bool]:
    """That an open follow-up is of this kind."""
    return {
        Show.URGENT: FollowUp.priority == 0,
        Show.MINE: FollowUp.assignee_id == person.id,
        Show.LESSON: FollowUp.means == Means.LESSON,
        Show.DUE: FollowUp.due_at < end_of_today(person.school, now),
    }[show]


def has_phone() -> ColumnElement[bool]:
    """That a family has a phone whose number is not known to be wrong."""
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
