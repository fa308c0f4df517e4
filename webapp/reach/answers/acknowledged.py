"""Who has said that they know an announcement, who was in touch by its hour: class by class."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from notifier.database import db
from webapp.announcements.models import Announcement
from webapp.announcements.progress import seen_copies
from webapp.announcements.recipients import Recipient, RecipientPupil
from webapp.announcements.touch import InTouch
from webapp.families.models import Pupil, SchoolClass
from webapp.families.queries import visible_classes
from webapp.staff.models import StaffMember


@dataclass(frozen=True, slots=True)
class Answers:
    """How many have answered of those that were asked, in a class or in all: families, or children."""

    asked: int
    answered: int

    @property
    def rest(self) -> int:
        return self.asked - self.answered


def knows() -> ColumnElement[bool]:
    """That a family said that it knows; who was spoken to about it knows, too."""
    return or_(Recipient.acknowledged_at.is_not(None), Recipient.spoken_at.is_not(None))


def was_in_touch() -> ColumnElement[bool]:
    return Recipient.id.in_(select(InTouch.recipient_id))


def by_class(
    person: StaffMember, announcement: Announcement, answered: ColumnElement[bool]
) -> list[tuple[SchoolClass, Answers]]:
    """Count for each class this person sees; a family with children in two is counted in both."""
    classes = {each.id: each for each in visible_classes(person)}
    found = {
        class_id: Answers(families, done)
        for class_id, families, done in db.session.execute(
            select(
                Pupil.class_id,
                func.count(Recipient.id.distinct()),
                func.count(case((answered, Recipient.id)).distinct()),
            )
            .select_from(Recipient)
            .join(RecipientPupil, RecipientPupil.recipient_id == Recipient.id)
            .join(Pupil, Pupil.id == RecipientPupil.pupil_id)
            .where(Recipient.announcement_id == announcement.id, Pupil.class_id.in_(classes))
            .group_by(Pupil.class_id)
        ).tuples()
    }
    return [(each, found[each.id]) for each in classes.values() if each.id in found]


def in_all(person: StaffMember, announcement: Announcement, answered: ColumnElement[bool]) -> Answers:
    """Count every family this person sees once."""
    query = select(func.count(Recipient.id), func.count(case((answered, Recipient.id)))).where(
        Recipient.announcement_id == announcement.id
    )
    if (seen := seen_copies(person)) is not None:
        query = query.where(seen)
    families, done = db.session.execute(query).one()
    return Answers(families, done)


def copies_in(
    announcement: Announcement, school_class: SchoolClass, left: ColumnElement[bool] | None = None
) -> Select[tuple[Recipient]]:
    """Select the copies that name a child of the class, in the order of its list; `left` narrows them."""
    first = (
        select(RecipientPupil.recipient_id, func.min(Pupil.name).label("name"))
        .join(Pupil, Pupil.id == RecipientPupil.pupil_id)
        .where(Pupil.class_id == school_class.id)
        .group_by(RecipientPupil.recipient_id)
        .subquery()
    )
    query = (
        select(Recipient)
        .join(first, first.c.recipient_id == Recipient.id)
        .where(Recipient.announcement_id == announcement.id)
        .options(
            joinedload(Recipient.guardian),
            joinedload(Recipient.delivery),
            selectinload(Recipient.pupils).joinedload(Pupil.school_class),
        )
        .order_by(first.c.name, Recipient.id)
    )
    return query if left is None else query.where(left)


def ids_among(announcement: Announcement, school_class: SchoolClass, ids: Collection[int]) -> list[int]:
    """Keep those ids that are copies of this announcement naming a child of this class."""
    return [copy.id for copy in db.session.scalars(copies_in(announcement, school_class)) if copy.id in ids]


def touches_of(recipient_ids: Collection[int]) -> dict[int, InTouch]:
    """When and how each of these was in touch."""
    rows = db.session.scalars(select(InTouch).where(InTouch.recipient_id.in_(recipient_ids)))
    return {touch.recipient_id: touch for touch in rows}
