"""Who works at the school, where each can be told, and in which association they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, delete, select

from notifier.database import db
from webapp.families.search_key import search_key
from webapp.roster.models import DutyTurn, Roster
from webapp.staff.models import StaffMember
from webapp.staffroom.models import Association, Membership


@dataclass(frozen=True, slots=True)
class Place:
    """A person's place in an association."""

    association: str
    leads: bool


def staff_page(school_id: int) -> Select[tuple[StaffMember]]:
    """Select who works at a school, closed accounts last."""
    return (
        select(StaffMember)
        .where(StaffMember.school_id == school_id)
        .order_by(StaffMember.active.desc(), StaffMember.name, StaffMember.id)
    )


def found_by_name(people: Sequence[StaffMember], wanted: str) -> list[StaffMember]:
    """Keep those whose name or login has every word of `wanted`, in either script."""
    words = search_key(wanted).split()
    return [
        person
        for person in people
        if all(word in f"{search_key(person.name)} {search_key(person.login)}" for word in words)
    ]


def colleague(school_id: int, number: int) -> StaffMember | None:
    return db.session.scalar(
        select(StaffMember).where(StaffMember.id == number, StaffMember.school_id == school_id)
    )


def places_of(school_id: int) -> dict[int, Place]:
    """Say for each person of a school in which association they are."""
    rows = db.session.execute(
        select(Membership.staff_id, Association.name, Membership.leads)
        .join(Membership.association)
        .where(Association.school_id == school_id)
    ).tuples()
    return {staff_id: Place(name, leads) for staff_id, name, leads in rows}


def put_into(person: StaffMember, association_id: int | None, *, leads: bool) -> None:
    """Make `association_id` the association of a person, in the caller's transaction; None: of nobody's."""
    db.session.execute(delete(Membership).where(Membership.staff_id == person.id))
    if association_id is not None:
        db.session.add(Membership(staff_id=person.id, association_id=association_id, leads=leads))
        db.session.flush()


def membership_of(person: StaffMember) -> Membership | None:
    return db.session.get(Membership, person.id)


def association_numbered(school_id: int, number: int) -> Association | None:
    return db.session.scalar(
        select(Association).where(Association.id == number, Association.school_id == school_id)
    )


def association_called(school_id: int, name: str) -> Association | None:
    """Find an association by its name; capitals don't count (SQLite knows only the Latin ones)."""
    found = db.session.scalars(select(Association).where(Association.school_id == school_id))
    return next((each for each in found if each.name.casefold() == name.casefold()), None)


def members_of(association: Association) -> Sequence[tuple[StaffMember, bool]]:
    """List who is in an association, its head first."""
    return (
        db.session.execute(
            select(StaffMember, Membership.leads)
            .join(Membership, Membership.staff_id == StaffMember.id)
            .where(Membership.association_id == association.id)
            .order_by(Membership.leads.desc(), StaffMember.name)
            .limit(100)
        )
        .tuples()
        .all()
    )


def turns_by_name(school_id: int) -> dict[str, list[DutyTurn]]:
    """The turns of the duty roster by the association's name, in the order of the week."""
    found: dict[str, list[DutyTurn]] = {}
    for turn in db.session.scalars(
        select(DutyTurn)
        .where(DutyTurn.school_id == school_id, DutyTurn.roster == Roster.ASSOCIATION)
        .order_by(DutyTurn.weekday, DutyTurn.starts)
    ):
        found.setdefault(turn.name, []).append(turn)
    return found
