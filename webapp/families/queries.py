"""Questions about classes and families, answered within what a person may see; anything else is 404."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import abort
from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import selectinload

from notifier.database import db
from notifier.models import Suppression
from webapp.families.models import (
    ClassListUpload,
    ContactPoint,
    ContactStatus,
    Family,
    Guardian,
    GuardianContact,
    Pupil,
    SchoolClass,
)
from webapp.staff.models import StaffMember


@dataclass(frozen=True, slots=True)
class ClassCount:
    """A class with its families and pupils of today; `unreachable` families have nothing to write to."""

    school_class: SchoolClass
    families: int
    pupils: int
    unreachable: int


def seen_by(person: StaffMember) -> ColumnElement[bool]:
    """That a class is one of those this person may see."""
    own_school = SchoolClass.school_id == person.school_id
    return own_school if person.sees_whole_school else and_(own_school, SchoolClass.teacher_id == person.id)


def visible_classes(person: StaffMember) -> Sequence[SchoolClass]:
    """List the classes this person may see: their own, or the whole school's."""
    return db.session.scalars(
        select(SchoolClass).where(seen_by(person)).order_by(SchoolClass.grade, SchoolClass.letter)
    ).all()


def class_of(person: StaffMember, class_id: int) -> SchoolClass:
    """Return the class if this person may see it; else 404."""
    found = db.session.scalar(select(SchoolClass).where(seen_by(person), SchoolClass.id == class_id))
    return found or abort(404)


def _families_with_address() -> Select[tuple[int]]:
    """Select the families somebody can be written to."""
    return (
        select(Guardian.family_id)
        .join(GuardianContact, GuardianContact.guardian_id == Guardian.id)
        .join(ContactPoint, ContactPoint.id == GuardianContact.contact_point_id)
        .where(ContactPoint.status != ContactStatus.BAD)
    )


def class_counts(person: StaffMember) -> list[ClassCount]:
    """Count families and pupils of each class this person may see, in one query."""
    # The families with an address, once each; joined, so that a left join finds those without.
    reachable = _families_with_address().where(Guardian.school_id == person.school_id).distinct().subquery()
    families = func.count(Pupil.family_id.distinct())
    rows = db.session.execute(
        select(
            SchoolClass,
            families,
            func.count(Pupil.id),
            families - func.count(reachable.c.family_id.distinct()),
        )
        .outerjoin(Pupil, and_(Pupil.class_id == SchoolClass.id, Pupil.left_at.is_(None)))
        .outerjoin(reachable, reachable.c.family_id == Pupil.family_id)
        .where(seen_by(person))
        .group_by(SchoolClass.id)
        .order_by(SchoolClass.grade, SchoolClass.letter)
    )
    return [ClassCount(*row) for row in rows]


def families_of_class(school_class: SchoolClass) -> Select[tuple[Family]]:
    """Select the families with a child in this class today, by the child's name, with all a page shows."""
    first_child = (
        select(Pupil.family_id, func.min(Pupil.name).label("name"))
        .where(Pupil.class_id == school_class.id, Pupil.left_at.is_(None))
        .group_by(Pupil.family_id)
        .subquery()
    )
    return (
        select(Family)
        .join(first_child, first_child.c.family_id == Family.id)
        .order_by(first_child.c.name, Family.id)
        .options(
            selectinload(Family.pupils).joinedload(Pupil.school_class),
            selectinload(Family.guardians).selectinload(Guardian.contacts),
        )
    )


def family_of(person: StaffMember, family_id: int) -> Family:
    """Return the family if this person may see one of its children's classes; else 404."""
    theirs = (
        select(Pupil.family_id).join(SchoolClass, SchoolClass.id == Pupil.class_id).where(seen_by(person))
    )
    if not person.sees_whole_school:
        # A child who left is history: the school keeps it, the former teacher's page does not.
        theirs = theirs.where(Pupil.left_at.is_(None))
    found = db.session.scalar(
        select(Family)
        .where(Family.id == family_id, Family.school_id == person.school_id, Family.id.in_(theirs))
        .options(
            selectinload(Family.pupils).joinedload(Pupil.school_class),
            selectinload(Family.guardians).selectinload(Guardian.contacts),
        )
    )
    return found or abort(404)


def blocked_addresses(family: Family) -> set[tuple[str, str]]:
    """Return those of a family's addresses, (channel, address), that asked not to be written to."""
    theirs = [
        (link.contact_point.channel, link.contact_point.address)
        for g in family.guardians
        for link in g.contacts
    ]
    rows = db.session.execute(
        select(Suppression.channel, Suppression.address).where(
            Suppression.address.in_([a for _, a in theirs])
        )
    ).tuples()
    return set(rows) & set(theirs)


def upload_of(person: StaffMember, upload_id: int) -> ClassListUpload | None:
    """Return this person's own uploaded list, while it is here."""
    return db.session.scalar(
        select(ClassListUpload).filter_by(id=upload_id, staff_id=person.id, school_id=person.school_id)
    )


def contact_points_seen_by(person: StaffMember) -> Select[tuple[int]]:
    """Select the ids of contact points behind which stands a child this person may see."""
    points = (
        select(GuardianContact.contact_point_id)
        .join(Guardian, Guardian.id == GuardianContact.guardian_id)
        .join(Pupil, Pupil.family_id == Guardian.family_id)
        .join(SchoolClass, SchoolClass.id == Pupil.class_id)
        .where(seen_by(person))
    )
    return points if person.sees_whole_school else points.where(Pupil.left_at.is_(None))


def families_seen_by(person: StaffMember) -> Select[tuple[int]]:
    """Select the ids of families with a child this person may see."""
    families = (
        select(Pupil.family_id).join(SchoolClass, SchoolClass.id == Pupil.class_id).where(seen_by(person))
    )
    return families if person.sees_whole_school else families.where(Pupil.left_at.is_(None))
