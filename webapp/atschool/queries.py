"""Questions about lessons at school, answered to who looks after these children; else 404."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask import abort
from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from notifier.database import db
from webapp.atschool.models import Answer, Attendance, Group, Member
from webapp.atschool.seats import holds_seat
from webapp.families.device_queries import device_classes, sees_all_devices
from webapp.families.models import Pupil
from webapp.families.search import named
from webapp.staff.models import StaffMember


@dataclass(frozen=True, slots=True)
class Count:
    """A group's children: `seated` take its seats, of them `coming` and `silent`; `waiting`; `declined`."""

    seated: int = 0
    coming: int = 0
    silent: int = 0
    waiting: int = 0
    declined: int = 0


def groups_for(person: StaffMember) -> Select[tuple[Group]]:
    """Select the groups this person sees: all, or those they are responsible for or have a child in."""
    query = select(Group).where(Group.school_id == person.school_id).options(joinedload(Group.responsible))
    if not sees_all_devices(person):
        with_theirs = (
            select(Member.group_id)
            .join(Pupil, Pupil.id == Member.pupil_id)
            .where(Pupil.class_id.in_(_classes(person)), Member.left_at.is_(None))
        )
        query = query.where(or_(Group.responsible_id == person.id, Group.id.in_(with_theirs)))
    return query.order_by(Group.last_day.desc(), Group.name, Group.id)


def group_of(person: StaffMember, group_id: int) -> Group:
    """Return the group if this person sees it; else 404."""
    return db.session.scalar(groups_for(person).where(Group.id == group_id)) or abort(404)


def may_steer(person: StaffMember, group: Group) -> bool:
    """Say whether this person may change the group and all its children, not only those of their class."""
    return sees_all_devices(person) or group.responsible_id == person.id


def members_of(person: StaffMember, group: Group, wanted: str = "") -> Sequence[Member]:
    """List the children of the group this person sees: on seats, waiting, declined; in order of coming.

    `wanted` narrows them down to those who are called so.
    """
    rank = case((Member.has_seat, 0), (Member.answer == Answer.NO, 2), else_=1)
    query = (
        select(Member)
        .join(Member.pupil)
        .join(Pupil.school_class)
        .where(Member.group_id == group.id, Member.left_at.is_(None))
        .options(contains_eager(Member.pupil).contains_eager(Pupil.school_class))
        .order_by(rank, Member.added_at, Member.id)
        .limit(100)
    )
    if not may_steer(person, group):
        query = query.where(Pupil.class_id.in_(_classes(person)))
    if wanted:
        query = query.where(named(Pupil.search_key, wanted))
    return db.session.scalars(query).all()


def member_of(person: StaffMember, group: Group, member_id: int) -> Member:
    """Return the member if this person sees it; else 404."""
    return next((each for each in members_of(person, group) if each.id == member_id), None) or abort(404)


def pupil_of(person: StaffMember, pupil_id: int) -> Pupil:
    """Return a pupil of today whose devices this person may see; else 404."""
    found = db.session.scalar(
        select(Pupil)
        .where(Pupil.id == pupil_id, Pupil.class_id.in_(_classes(person)), Pupil.left_at.is_(None))
        .options(joinedload(Pupil.school_class))
    )
    return found or abort(404)


def pupils_among(person: StaffMember, ids: Collection[int]) -> Sequence[Pupil]:
    """List those of these pupils whom this person may put into a group."""
    return db.session.scalars(
        select(Pupil).where(Pupil.id.in_(ids), Pupil.class_id.in_(_classes(person)), Pupil.left_at.is_(None))
    ).all()


def counts(groups: Collection[Group]) -> dict[int, Count]:
    """Count the children of these groups, in one query."""

    def number(such: ColumnElement[bool]) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((such, 1), else_=0)), 0)

    declined = Member.answer == Answer.NO
    rows = db.session.execute(
        select(
            Member.group_id,
            number(holds_seat()),
            number(holds_seat() & (Member.answer == Answer.YES)),
            number(holds_seat() & Member.answer.is_(None)),
            number(Member.has_seat.is_(False) & (func.coalesce(Member.answer, "") != Answer.NO)),
            number(declined),
        )
        .where(Member.group_id.in_([group.id for group in groups]), Member.left_at.is_(None))
        .group_by(Member.group_id)
    )
    found = {row[0]: Count(*row[1:]) for row in rows}
    return {group.id: found.get(group.id, Count()) for group in groups}


def open_groups(school_id: int, today: date) -> Sequence[Group]:
    """List the groups that still meet, the one that ends first first."""
    return db.session.scalars(
        select(Group)
        .where(Group.school_id == school_id, Group.last_day >= today)
        .order_by(Group.last_day, Group.name)
        .limit(100)
    ).all()


def came_on(group: Group, day: date) -> dict[int, bool]:
    """Say of whom it is known whether they came that day."""
    rows = db.session.execute(
        select(Attendance.member_id, Attendance.came)
        .join(Member, Member.id == Attendance.member_id)
        .where(Member.group_id == group.id, Attendance.day == day)
    )
    return dict(rows.tuples().all())


def visits_noted_since(moment: datetime, limit: int) -> Sequence[Attendance]:
    """List who came to a meeting, as was noted since then."""
    return db.session.scalars(
        select(Attendance)
        .where(Attendance.noted_at >= moment, Attendance.came)
        .options(
            joinedload(Attendance.member).joinedload(Member.pupil),
            joinedload(Attendance.member).joinedload(Member.group),
        )
        .order_by(Attendance.noted_at)
        .limit(limit)
    ).all()


def _classes(person: StaffMember) -> list[int]:
    return [school_class.id for school_class in device_classes(person)]
