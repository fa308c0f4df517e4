"""Who stands behind a phone: the families that share it, as an announcement to that very phone sees them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select

from notifier.database import db
from webapp.announcements.audience.households import Address, Audience, Child, Household
from webapp.families.models import ContactPoint, Guardian, GuardianContact, Pupil, SchoolClass
from webapp.staff.models import School


def audience_behind(
    school: School, point_ids: Collection[int], family_ids: Collection[int] | None = None
) -> Audience:
    """Find the families of today's pupils behind these addresses, each to be told there and nowhere else.

    A family that has several of them stands behind the first. `family_ids` leaves out other families.
    """
    query = (
        select(Guardian, ContactPoint, GuardianContact.is_relay)
        .join(GuardianContact, GuardianContact.guardian_id == Guardian.id)
        .join(ContactPoint, ContactPoint.id == GuardianContact.contact_point_id)
        .where(ContactPoint.school_id == school.id, ContactPoint.id.in_(point_ids))
        .order_by(GuardianContact.is_relay, Guardian.priority, Guardian.id, ContactPoint.id)
    )
    if family_ids is not None:
        query = query.where(Guardian.family_id.in_(family_ids))
    told: dict[int, tuple[Guardian, Address]] = {}
    for guardian, point, is_relay in db.session.execute(query).tuples():
        address = Address(point.id, point.channel, point.address, is_relay)
        told.setdefault(guardian.family_id, (guardian, address))
    children = _children_of(told)
    return Audience(
        tuple(
            Household(
                family_id=family_id,
                children=tuple(children[family_id]),
                guardian_id=guardian.id,
                guardian=guardian.name,
                language=guardian.language,
                script=guardian.script_at(school),
                address=address,
                no_address=None,
            )
            for family_id, (guardian, address) in sorted(told.items())
            if children[family_id]
        ),
        school.language,
    )


def _children_of(family_ids: Collection[int]) -> dict[int, list[Child]]:
    found: dict[int, list[Child]] = defaultdict(list)
    for pupil_id, name, family_id, school_class in db.session.execute(
        select(Pupil.id, Pupil.name, Pupil.family_id, SchoolClass)
        .join(Pupil.school_class)
        .where(Pupil.family_id.in_(family_ids), Pupil.left_at.is_(None))
        .order_by(SchoolClass.grade, SchoolClass.letter, Pupil.name, Pupil.id)
    ):
        found[family_id].append(Child(pupil_id, name, school_class.id, school_class.name))
    return found
