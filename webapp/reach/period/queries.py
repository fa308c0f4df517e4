"""What a report asks the tables: rows of (class id, …), with None for all classes of the scope together.

A family with children in two of the classes is in both of their rows, and once in the one of all.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    distinct,
    func,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute

from notifier.database import db
from notifier.models import Inbound
from webapp.announcements.handed_in import HandedIn
from webapp.announcements.kinds import ASSIGNMENT, STAFF
from webapp.announcements.levels import level
from webapp.announcements.models import Announcement, AnnouncementClass
from webapp.announcements.recipients import Recipient, RecipientPupil
from webapp.families.models import ContactPoint, Guardian, GuardianContact, Pupil
from webapp.reach.models import ContactLog, FollowUp, FollowUpState
from webapp.reach.queries import Scope

ALL = type_coerce(null(), Integer)


def copies(scope: Scope) -> Iterable[tuple[int | None, int, int]]:
    """Count what families were told, by class and Level: once for each family and announcement."""
    told = (
        select(Recipient.id, Pupil.class_id, func.max(level()).label("level"))
        .select_from(Announcement)
        .join(Recipient, Recipient.announcement_id == Announcement.id)
        .join(RecipientPupil, RecipientPupil.recipient_id == Recipient.id)
        .join(Pupil, Pupil.id == RecipientPupil.pupil_id)
        .outerjoin(Recipient.delivery)
        .where(
            Announcement.school_id == scope.school_id,
            _within(Announcement.published_at, scope),
            Pupil.class_id.in_(scope.class_ids),
            Recipient.taken_back_at.is_(None),
        )
        .group_by(Recipient.id, Pupil.class_id)
        .cte("told")
    )
    once = select(told.c.id, func.max(told.c.level).label("level")).group_by(told.c.id).subquery()
    return _rows(
        union_all(
            select(told.c.class_id, told.c.level, func.count()).group_by(told.c.class_id, told.c.level),
            select(ALL, once.c.level, func.count()).group_by(once.c.level),
        )
    )


def announcements(scope: Scope, *, whole_school: bool) -> Iterable[tuple[int | None, str, int, int]]:
    """Count announcements by kind, and the SMS parts of their messages."""
    published = [
        Announcement.school_id == scope.school_id,
        _within(Announcement.published_at, scope),
        Announcement.kind != STAFF,
    ]
    by_class = (
        select(
            AnnouncementClass.class_id,
            Announcement.kind,
            func.count(),
            func.sum(AnnouncementClass.segments),
        )
        .join(Announcement, Announcement.id == AnnouncementClass.announcement_id)
        .where(*published, AnnouncementClass.class_id.in_(scope.class_ids))
        .group_by(AnnouncementClass.class_id, Announcement.kind)
    )
    if whole_school:
        # A message about children of two classes is paid for once.
        total = select(ALL, Announcement.kind, func.count(), func.sum(Announcement.segments)).where(
            *published
        )
    else:
        total = (
            select(
                ALL,
                Announcement.kind,
                func.count(distinct(Announcement.id)),
                func.sum(AnnouncementClass.segments),
            )
            .join(AnnouncementClass, AnnouncementClass.announcement_id == Announcement.id)
            .where(*published, AnnouncementClass.class_id.in_(scope.class_ids))
        )
    rows = _rows(union_all(by_class, total.group_by(Announcement.kind)))
    return ((class_id, kind, count, int(segments or 0)) for class_id, kind, count, segments in rows)


def to_staff(scope: Scope) -> tuple[int, int]:
    """Count what was written to the staff, and its SMS parts: the school pays for them, too."""
    count, segments = db.session.execute(
        select(func.count(), func.sum(Announcement.segments)).where(
            Announcement.school_id == scope.school_id,
            _within(Announcement.published_at, scope),
            Announcement.kind == STAFF,
        )
    ).one()
    return count, int(segments or 0)


def contacts(scope: Scope, *, whole_school: bool) -> Iterable[tuple[int | None, str, int]]:
    """Count the calls, visits and other contacts that were tried."""
    took_place = [ContactLog.school_id == scope.school_id, _within(ContactLog.at, scope)]
    homes = _homes(scope)
    by_class = (
        select(homes.c.class_id, ContactLog.means, func.count())
        .join(homes, homes.c.family_id == ContactLog.family_id)
        .where(*took_place)
        .group_by(homes.c.class_id, ContactLog.means)
    )
    total = select(ALL, ContactLog.means, func.count()).where(*took_place)
    if not whole_school:
        total = total.where(ContactLog.family_id.in_(select(homes.c.family_id)))
    return _rows(union_all(by_class, total.group_by(ContactLog.means)))


def follow_ups(scope: Scope, *, whole_school: bool) -> Iterable[tuple[int | None, int, int]]:
    """Count the tasks that were opened in these days, and those that were done in them."""
    opened = _within(FollowUp.opened_at, scope)
    done = and_(FollowUp.state == FollowUpState.DONE, _within(FollowUp.closed_at, scope))
    counts = [func.coalesce(func.sum(case((each, 1), else_=0)), 0) for each in (opened, done)]
    theirs = [FollowUp.school_id == scope.school_id]
    homes = _homes(scope)
    by_class = (
        select(homes.c.class_id, *counts)
        .select_from(FollowUp)
        .join(homes, homes.c.family_id == FollowUp.family_id)
        .where(*theirs)
        .group_by(homes.c.class_id)
    )
    total: Select[Any] = select(ALL, *counts).select_from(FollowUp).where(*theirs)
    if not whole_school:
        total = total.where(FollowUp.family_id.in_(select(homes.c.family_id)))
    return _rows(union_all(by_class, total))


def replies(scope: Scope) -> Iterable[tuple[int | None, int]]:
    """Count the messages that came from the phones of families; a shared phone counts for each of them."""
    came = (
        select(Inbound.id, Pupil.class_id)
        .join(
            ContactPoint,
            and_(ContactPoint.channel == Inbound.channel, ContactPoint.address == Inbound.sender),
        )
        .join(GuardianContact, GuardianContact.contact_point_id == ContactPoint.id)
        .join(Guardian, Guardian.id == GuardianContact.guardian_id)
        .join(Pupil, Pupil.family_id == Guardian.family_id)
        .where(
            ContactPoint.school_id == scope.school_id,
            _within(Inbound.received_at, scope),
            Pupil.class_id.in_(scope.class_ids),
            Pupil.left_at.is_(None),
        )
        .distinct()
        .cte("came")
    )
    return _rows(
        union_all(
            select(came.c.class_id, func.count()).group_by(came.c.class_id),
            select(ALL, func.count(distinct(came.c.id))).select_from(came),
        )
    )


def work(scope: Scope) -> Iterable[tuple[int, int, int]]:
    """Count the children an assignment asked for their work, and those whose work is there, by class.

    Where nobody ticked anything nothing is known, so a class counts with the assignments it was ticked for.
    """
    ticked = (
        select(
            Pupil.class_id,
            func.count(distinct(Pupil.id)).label("asked"),
            func.count(distinct(HandedIn.pupil_id)).label("there"),
        )
        .select_from(Announcement)
        .join(Recipient, Recipient.announcement_id == Announcement.id)
        .join(RecipientPupil, RecipientPupil.recipient_id == Recipient.id)
        .join(Pupil, Pupil.id == RecipientPupil.pupil_id)
        .outerjoin(HandedIn, and_(HandedIn.announcement_id == Announcement.id, HandedIn.pupil_id == Pupil.id))
        .where(
            Announcement.school_id == scope.school_id,
            Announcement.kind == ASSIGNMENT,
            _within(Announcement.published_at, scope),
            Pupil.class_id.in_(scope.class_ids),
            Pupil.left_at.is_(None),
        )
        .group_by(Announcement.id, Pupil.class_id)
        .having(func.count(HandedIn.pupil_id) > 0)
        .subquery()
    )
    counts = select(ticked.c.class_id, func.sum(ticked.c.asked), func.sum(ticked.c.there))
    return (
        (class_id, int(asked), int(there))
        for class_id, asked, there in _rows(counts.group_by(ticked.c.class_id))
    )


def _homes(scope: Scope) -> Subquery:
    """Families with a child in a class today, once for each class."""
    return (
        select(Pupil.family_id, Pupil.class_id)
        .where(Pupil.class_id.in_(scope.class_ids), Pupil.left_at.is_(None))
        .distinct()
        .subquery()
    )


def _within(moment: InstrumentedAttribute[Any], scope: Scope) -> ColumnElement[bool]:
    return and_(moment >= scope.since, moment < scope.until)


def _rows(query: Any) -> Iterable[Any]:
    return db.session.execute(query).tuples()
