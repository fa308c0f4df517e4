"""Families found by what somebody remembers of them: a child's or parent's name in any letters, a number."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import InstrumentedAttribute, contains_eager

from notifier.database import db
from webapp.families.models import ContactPoint, Guardian, GuardianContact, Pupil, SchoolClass
from webapp.families.queries import families_seen_by, seen_by
from webapp.families.search_key import search_key
from webapp.staff.models import StaffMember

# What is longer was pasted by mistake.
LONGEST_TEXT = 120
MOST_WORDS = 8
# Fewer digits are in everybody's number.
FEWEST_DIGITS = 3
_number = re.compile(r"[+(0-9][0-9\s()-]*").fullmatch
# As people write the beginning of a number: +996, 996, or 0; behind it never stands another 0.
_beginning = re.compile("^(?:996|0)(?=[1-9][0-9]{2})").sub


@dataclass(frozen=True, slots=True)
class Found:
    """A child a search found."""

    name: str
    family_id: int
    school_class: SchoolClass


def named(key: InstrumentedAttribute[str], text: str) -> ColumnElement[bool]:
    """That a kept key (`Pupil.search_key`, `Guardian.search_key`) has every word of `text` in it.

    Nothing is found by a text without a letter. In a key there is no sign that LIKE would read as its own.
    """
    words = search_key(text[:LONGEST_TEXT]).split()[:MOST_WORDS]
    return and_(*(key.like(f"%{word}%") for word in words)) if words else false()


def digits_of(text: str) -> str:
    """The digits to look for when `text` is a part of a phone number; "" when it is something else."""
    text = text.strip()
    digits = re.sub(r"[^0-9]", "", text) if _number(text) else ""
    return _beginning("", digits) if len(digits) >= FEWEST_DIGITS else ""


def matching_pupils(person: StaffMember, text: str) -> Select[tuple[Pupil]]:
    """Select today's pupils this person may see whose name has every word of `text`, each with its class."""
    return (
        select(Pupil)
        .join(Pupil.school_class)
        .where(Pupil.left_at.is_(None), Pupil.school_id == person.school_id, seen_by(person))
        .where(named(Pupil.search_key, text))
        .options(contains_eager(Pupil.school_class))
        .order_by(Pupil.name, Pupil.id)
    )


def matching_guardians(person: StaffMember, text: str) -> Select[tuple[Guardian]]:
    """Select the guardians of families this person may see, by name, or by a part of their number."""
    digits = digits_of(text)
    has_number = (
        select(GuardianContact.guardian_id)
        .join(ContactPoint, ContactPoint.id == GuardianContact.contact_point_id)
        .where(
            ContactPoint.school_id == person.school_id,
            ContactPoint.channel == "sms",
            ContactPoint.address.like(f"%{digits}%"),
        )
    )
    return (
        select(Guardian)
        .where(
            Guardian.school_id == person.school_id,
            Guardian.family_id.in_(families_seen_by(person)),
            Guardian.id.in_(has_number) if digits else named(Guardian.search_key, text),
        )
        .order_by(Guardian.name, Guardian.id)
    )


def matching_families(person: StaffMember, text: str) -> Select[tuple[int]]:
    """Select the ids of families this person may see: by a child, a guardian, or a part of a number."""
    by_child = matching_pupils(person, text).order_by(None).with_only_columns(Pupil.family_id)
    by_guardian = matching_guardians(person, text).order_by(None).with_only_columns(Guardian.family_id)
    return select(Pupil.family_id).where(
        or_(Pupil.family_id.in_(by_child), Pupil.family_id.in_(by_guardian)),
        Pupil.left_at.is_(None),
        Pupil.school_id == person.school_id,
    )


def children_named(
    person: StaffMember, wanted: str, school_class: SchoolClass | None = None, limit: int = 100
) -> list[Found]:
    """Find today's children by their own name, or by that or a number of who answers for them."""
    query = (
        select(Pupil.name, Pupil.family_id, SchoolClass)
        .join(SchoolClass, SchoolClass.id == Pupil.class_id)
        .where(seen_by(person), Pupil.left_at.is_(None), _child_or_household(person, wanted))
        .order_by(Pupil.name, Pupil.id)
        .limit(limit)
    )
    if school_class:
        query = query.where(SchoolClass.id == school_class.id)
    return [Found(*row) for row in db.session.execute(query).tuples()]


def _child_or_household(person: StaffMember, wanted: str) -> ColumnElement[bool]:
    household = matching_guardians(person, wanted).order_by(None).with_only_columns(Guardian.family_id)
    return or_(named(Pupil.search_key, wanted), Pupil.family_id.in_(household))
