"""The school as the database knows it, loaded at once to be compared with a class list."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from notifier.database import db
from webapp.families.cells import ClassName
from webapp.families.contacts import Address, addresses
from webapp.families.models import Family, Guardian, Pupil, SchoolClass
from webapp.families.names import skeleton
from webapp.staff.models import School


@dataclass
class Roster:
    """Classes, families and pupils of one school, found by what a class list calls them."""

    school: School
    classes: dict[ClassName, SchoolClass]
    families: list[Family]
    pupils: dict[str, list[Pupil]] = field(default_factory=dict)  # by the skeleton of the name
    named: dict[tuple[str, Address], Family] = field(
        default_factory=dict
    )  # by a guardian and where they are told
    sharing: dict[Address, set[int]] = field(default_factory=dict)  # families behind an address

    def __post_init__(self) -> None:
        for family in self.families:
            for pupil in family.pupils:
                self.pupils.setdefault(skeleton(pupil.name), []).append(pupil)
            here = any(pupil.left_at is None for pupil in family.pupils)
            for guardian in family.guardians:
                for address in addresses(guardian):
                    if guardian.name:
                        self.named.setdefault((skeleton(guardian.name), address), family)
                    if here:
                        self.sharing.setdefault(address, set()).add(family.id)


def name_of(school_class: SchoolClass) -> ClassName:
    return ClassName(school_class.grade, school_class.letter)


def load_roster(school: School) -> Roster:
    """Load the whole school in five queries: children change classes, and families span them."""
    classes = db.session.scalars(select(SchoolClass).filter_by(school_id=school.id)).all()
    families = db.session.scalars(
        select(Family)
        .filter_by(school_id=school.id)
        .order_by(Family.id)
        .options(
            selectinload(Family.pupils).joinedload(Pupil.school_class),
            selectinload(Family.guardians).selectinload(Guardian.contacts),
        )
        .execution_options(populate_existing=True)
    ).all()
    return Roster(school, {name_of(c): c for c in classes}, list(families))
