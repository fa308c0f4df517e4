"""Do what a plan says. The caller commits: all of it or nothing."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from notifier.database import db
from webapp.families.cells import ClassName
from webapp.families.contacts import ContactBook, book_of_school
from webapp.families.household import Household
from webapp.families.models import Family, Guardian, Pupil, SchoolClass
from webapp.families.names import lost_letters
from webapp.families.plan import Plan
from webapp.families.roster import Roster
from webapp.staff.models import School


def lock_lists(school_id: int) -> None:
    """Wait until nobody else changes this school's lists (PostgreSQL; in SQLite a writer is alone anyway)."""
    db.session.execute(select(School.id).filter_by(id=school_id).with_for_update())


def apply_plan(plan: Plan, roster: Roster, now: datetime, leaving: bool) -> None:
    """Write the plan; with `leaving`, also mark the pupils whom the list no longer names."""
    school = roster.school
    classes = roster.classes | {
        name: _new_class(school, name, language) for name, language in plan.new_classes.items()
    }
    book = book_of_school(school.id)
    families = {id(household): _write_family(household, school, book) for household in plan.households}
    for planned in plan.pupils:
        pupil = planned.pupil
        if pupil is None:
            pupil = Pupil(school_id=school.id)
            db.session.add(pupil)
        pupil.name, pupil.left_at = planned.name, None
        pupil.school_class = classes[planned.row.school_class]
        pupil.family = families[id(planned.household)]
    if leaving:
        for pupil in plan.leaving:
            pupil.left_at = now
    _flag_lost_letters(plan, families)
    book.flag_shared()


def _new_class(school: School, name: ClassName, language: str) -> SchoolClass:
    made = SchoolClass(school_id=school.id, grade=name.grade, letter=name.letter, language=language)
    db.session.add(made)
    return made


def _write_family(household: Household, school: School, book: ContactBook) -> Family:
    family = household.family
    if family is None:
        family = Family(school_id=school.id)
        db.session.add(family)
    family.address = household.address
    if household.adds_guardian:
        family.needs_look = "new_guardian"
    known = list(family.guardians)
    added = []
    for planned in household.guardians:
        guardian = planned.guardian
        if guardian is None:
            guardian = Guardian(school_id=school.id)
            family.guardians.append(guardian)
            added.append(guardian)
        guardian.name, guardian.relation, guardian.language = planned.name, planned.relation, planned.language
        book.assign(guardian, planned.contacts)
    if added:
        # The list is newer than what was known: its guardian is told first.
        for priority, guardian in enumerate(added + known):
            guardian.priority = priority
    return family


def _flag_lost_letters(plan: Plan, families: dict[int, Family]) -> None:
    """Flag families whose names newly came with `?` for ң ө ү; unflag those whose names are whole again."""
    renamed = {id(p.household) for p in plan.pupils if p.pupil is None or p.changes}
    for household in plan.households:
        family = families[id(household)]
        names = [pupil.name for pupil in family.pupils] + [guardian.name for guardian in family.guardians]
        damaged = any(map(lost_letters, names))
        new_guardian = any(change.field == "guardian" for change in household.changes)
        if damaged and (new_guardian or id(household) in renamed):
            family.needs_look = "lost_letters"
        elif not damaged and family.needs_look == "lost_letters":
            family.needs_look = ""
