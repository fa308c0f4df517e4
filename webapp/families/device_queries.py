"""Questions about what households have, answered to the few whom it concerns; anything else is 404."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask import abort
from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, literal, select
from sqlalchemy.orm import joinedload

from notifier.database import db
from webapp.families.devices import HAVINGS, NO, SEES_DEVICES, STALE_AFTER, UNKNOWN, YES, Fact, newest
from webapp.families.models import DeviceFact, Family, Pupil, SchoolClass
from webapp.families.queries import family_of
from webapp.staff.models import Role, StaffMember

# Clause 3.1.7 names these; others come as families say what they get.
USUAL_CHANNELS = ("Баластан", "ЭЛТР")
WHOLE_SCHOOL = SEES_DEVICES - {Role.CLASS_TEACHER}


@dataclass(frozen=True, slots=True)
class Totals:
    """How many families have what; `unknown`: nobody said anything, `stale`: somebody should ask again."""

    families: int = 0
    has: dict[Fact, int] = field(default_factory=dict)
    without: int = 0
    unknown: int = 0
    stale: int = 0


def sees_all_devices(person: StaffMember) -> bool:
    """Say whether this person sees every household's; the office, which sees every class, does not."""
    return person.may(WHOLE_SCHOOL)


def whose_devices(person: StaffMember) -> ColumnElement[bool]:
    """That a class is one whose households' devices this person may see."""
    own_school = SchoolClass.school_id == person.school_id
    if sees_all_devices(person):
        return own_school
    # A class teacher's other roles, such as the office's, add nothing here.
    return and_(own_school, SchoolClass.teacher_id == person.id)


def device_classes(person: StaffMember) -> Sequence[SchoolClass]:
    """List the classes whose households' devices this person may see."""
    if not person.may(SEES_DEVICES):
        return []
    return db.session.scalars(
        select(SchoolClass).where(whose_devices(person)).order_by(SchoolClass.grade, SchoolClass.letter)
    ).all()


def device_class_of(person: StaffMember, class_id: int) -> SchoolClass:
    """Return the class if this person may see its households' devices; else 404."""
    return next((each for each in device_classes(person) if each.id == class_id), None) or abort(404)


def device_family_of(person: StaffMember, family_id: int) -> Family:
    """Return the family if this person may see its devices; else 404."""
    household = family_of(person, family_id)
    return household if sees_devices_of(person, household) else abort(404)


def sees_devices_of(person: StaffMember, household: Family) -> bool:
    """Say whether this person may see what the household has."""
    if sees_all_devices(person):
        return True
    own = {school_class.id for school_class in device_classes(person)}
    return any(pupil.class_id in own for pupil in household.pupils if pupil.left_at is None)


def _households(school_id: int, now: datetime) -> Subquery:
    """A line for every family somebody knows something of: the newest value of each having, in a column."""
    facts = newest((DeviceFact.school_id == school_id) & DeviceFact.fact.in_(HAVINGS))
    known = facts.c.value != UNKNOWN
    return (
        select(
            facts.c.family_id,
            *(
                func.max(case((facts.c.fact == each, facts.c.value), else_="")).label(each)
                for each in HAVINGS
            ),
            func.max(case((and_(known, facts.c.learned_at < now - STALE_AFTER), 1), else_=0)).label("stale"),
        )
        .where(known)
        .group_by(facts.c.family_id)
        .subquery()
    )


def _has_nothing(households: Subquery) -> ColumnElement[bool]:
    """That a child of the household has nothing to learn with at a distance, as far as anybody knows."""
    return and_(households.c.smartphone == NO, households.c.computer != YES)


def totals(person: StaffMember, now: datetime) -> tuple[Totals, list[tuple[SchoolClass, Totals]]]:
    """Count the school's families, or those of a teacher's classes, and each class's own."""
    classes = device_classes(person)
    ids = [school_class.id for school_class in classes]
    members = (
        select(Pupil.class_id, Pupil.family_id)
        .where(Pupil.school_id == person.school_id, Pupil.class_id.in_(ids), Pupil.left_at.is_(None))
        .distinct()
        .subquery()
    )
    by_class = dict(_counted(person, now, members, members.c.class_id))
    once = select(literal(0).label("school"), members.c.family_id).distinct().subquery()
    whole = dict(_counted(person, now, once, once.c.school))
    return whole.get(0, Totals()), [(each, by_class.get(each.id, Totals())) for each in classes]


def _counted(
    person: StaffMember, now: datetime, members: Subquery, by: ColumnElement[int]
) -> Iterable[tuple[int, Totals]]:
    homes = _households(person.school_id, now)

    def families(such: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((such, 1), else_=0)), 0)

    group = by.label("part")
    rows = db.session.execute(
        select(
            group,
            func.count(),
            families(_has_nothing(homes)),
            families(homes.c.family_id.is_(None)),
            families(homes.c.stale == 1),
            *(families(homes.c[each] == YES) for each in HAVINGS),
        )
        .select_from(members)
        .outerjoin(homes, homes.c.family_id == members.c.family_id)
        .group_by(group)
    )
    for part, count, without, unknown, stale, *has in rows:
        yield part, Totals(count, dict(zip(HAVINGS, has, strict=True)), without, unknown, stale)


def children_without(person: StaffMember, class_ids: Collection[int], now: datetime) -> Select[tuple[Pupil]]:
    """Select the children of these classes who have no device to learn with, in the order of class lists."""
    homes = _households(person.school_id, now)
    return (
        select(Pupil)
        .join(SchoolClass, SchoolClass.id == Pupil.class_id)
        .join(homes, homes.c.family_id == Pupil.family_id)
        .where(
            whose_devices(person),
            Pupil.class_id.in_(class_ids),
            Pupil.left_at.is_(None),
            _has_nothing(homes),
        )
        .options(joinedload(Pupil.school_class))
        .order_by(SchoolClass.grade, SchoolClass.letter, Pupil.name, Pupil.id)
    )


def history_of(family: Family, limit: int = 50) -> Sequence[DeviceFact]:
    """List what was learned of a household, the latest first."""
    return db.session.scalars(
        select(DeviceFact)
        .where(DeviceFact.family_id == family.id)
        .options(joinedload(DeviceFact.staff))
        .order_by(DeviceFact.learned_at.desc(), DeviceFact.id.desc())
        .limit(limit)
    ).all()


def channels_known(school_id: int) -> list[str]:
    """Name the TV channels that families of this school are known to get."""
    facts = db.session.scalars(
        select(DeviceFact.value)
        .where(
            DeviceFact.school_id == school_id,
            DeviceFact.fact == Fact.CHANNELS,
            DeviceFact.value != UNKNOWN,
        )
        .distinct()
        .limit(100)
    )
    return sorted({*USUAL_CHANNELS, *(name for value in facts for name in value.splitlines())})[:20]
