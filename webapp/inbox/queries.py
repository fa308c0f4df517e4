"""Questions about parents' replies."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import selectinload

from notifier.database import db
from webapp.families.models import Family, Guardian, GuardianContact, Pupil
from webapp.families.queries import contact_points_seen_by
from webapp.inbox.models import Reply
from webapp.staff.models import StaffMember


@dataclass(frozen=True, slots=True)
class Who:
    """Whose number it is: the guardian's name, and the children with their classes."""

    guardian: str
    children: str


def replies_for(person: StaffMember) -> Select[tuple[Reply]]:
    """Select the replies this person may read, newest first; strangers' go to who sees the whole school."""
    seen: ColumnElement[bool] = Reply.contact_point_id.in_(contact_points_seen_by(person))
    if person.sees_whole_school:
        seen = or_(seen, Reply.contact_point_id.is_(None))
    return (
        select(Reply)
        .where(Reply.school_id == person.school_id, seen)
        .order_by(Reply.received_at.desc(), Reply.id.desc())
    )


def owners_of(contact_point_ids: set[int]) -> dict[int, list[Who]]:
    """Say for each contact point whose it is; a shared phone has several owners."""
    rows = db.session.execute(
        select(GuardianContact.contact_point_id, Guardian)
        .join(Guardian, Guardian.id == GuardianContact.guardian_id)
        .where(GuardianContact.contact_point_id.in_(contact_point_ids))
        .order_by(GuardianContact.contact_point_id, Guardian.id)
        .options(
            selectinload(Guardian.family)
            .selectinload(Family.pupils.and_(Pupil.left_at.is_(None)))
            .joinedload(Pupil.school_class)
        )
    )
    owners: dict[int, list[Who]] = {}
    for point_id, guardian in rows:
        children = ", ".join(f"{pupil.name} {pupil.school_class.name}" for pupil in guardian.family.pupils)
        owners.setdefault(point_id, []).append(Who(guardian.name, children))
    return owners
