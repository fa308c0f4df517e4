"""Whose work for an assignment was handed in: children of a class, ticked by whoever took it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, delete, func, select

from notifier.database import db
from webapp.announcements.handed_in import HandedIn
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient, RecipientPupil
from webapp.families.models import Pupil, SchoolClass
from webapp.families.queries import visible_classes
from webapp.reach.answers.acknowledged import Answers
from webapp.reach.once import insert_once
from webapp.staff.models import StaffMember


def handed_in_by_class(person: StaffMember, announcement: Announcement) -> list[tuple[SchoolClass, Answers]]:
    """Count the children of each class this person sees, and those whose work is there."""
    classes = {each.id: each for each in visible_classes(person)}
    children = children_of(announcement).where(Pupil.class_id.in_(classes)).subquery()
    counts = select(children.c.class_id, func.count(), func.count(children.c.at)).group_by(
        children.c.class_id
    )
    found = {class_id: Answers(asked, done) for class_id, asked, done in db.session.execute(counts).tuples()}
    return [(each, found[each.id]) for each in classes.values() if each.id in found]


def children_of(announcement: Announcement) -> Select[Any]:
    """Select today's pupils an assignment names: id, name, class, family, and when their work was ticked."""
    named = (
        select(RecipientPupil.pupil_id)
        .join(Recipient, Recipient.id == RecipientPupil.recipient_id)
        .where(Recipient.announcement_id == announcement.id)
    )
    theirs = and_(HandedIn.pupil_id == Pupil.id, HandedIn.announcement_id == announcement.id)
    return (
        select(Pupil.id, Pupil.name, Pupil.class_id, Pupil.family_id, HandedIn.at)
        .outerjoin(HandedIn, theirs)
        .where(Pupil.id.in_(named), Pupil.left_at.is_(None))
    )


def children_in(announcement: Announcement, school_class: SchoolClass) -> Select[Any]:
    """Select those of one class, in the order of its list."""
    return children_of(announcement).where(Pupil.class_id == school_class.id).order_by(Pupil.name, Pupil.id)


def note_work(
    announcement: Announcement,
    there: Collection[int],
    not_there: Collection[int],
    by: StaffMember,
    now: datetime,
) -> tuple[int, int]:
    """Write down whose work is there and whose is not after all; returns how many of each are new.

    The pupils are the caller's to check. In the caller's transaction.
    """
    new = sum(
        insert_once(
            HandedIn,
            ["announcement_id", "pupil_id"],
            announcement_id=announcement.id,
            pupil_id=pupil_id,
            at=now,
            by_id=by.id,
        )
        for pupil_id in there
    )
    gone = db.session.scalars(
        delete(HandedIn)
        .where(HandedIn.announcement_id == announcement.id, HandedIn.pupil_id.in_(not_there))
        .returning(HandedIn.pupil_id)
        .execution_options(synchronize_session=False)
    ).all()
    return new, len(gone)
