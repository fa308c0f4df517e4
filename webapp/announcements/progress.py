"""How a sent announcement fares: the families' copies somebody may see, and how many stand where."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload

from notifier.database import db
from notifier.models import Delivery, State
from webapp.announcements.levels import REACHED, Standing, standing
from webapp.announcements.recipients import Recipient, RecipientPupil
from webapp.families.models import Pupil, SchoolClass
from webapp.staff.models import StaffMember


@dataclass(frozen=True, slots=True)
class Glance:
    """How many families of one announcement stand where."""

    counts: dict[Standing, int] = field(default_factory=dict)

    def __getitem__(self, wanted: Standing) -> int:
        return self.counts.get(wanted, 0)

    @property
    def families(self) -> int:
        return sum(self.counts.values())

    @property
    def waiting(self) -> int:
        return self[Standing.WAITING]

    @property
    def sent(self) -> int:
        return self[Standing.SENT]

    @property
    def relayed(self) -> int:
        return self[Standing.RELAYED]

    @property
    def not_reached(self) -> int:
        return self[Standing.NOT_REACHED]

    @property
    def taken_back(self) -> int:
        return self[Standing.TAKEN_BACK]

    @property
    def reached(self) -> int:
        return sum(self[wanted] for wanted in REACHED)


def seen_copies(person: StaffMember) -> ColumnElement[bool] | None:
    """A class teacher sees the copies that name a pupil of theirs; None when all are seen."""
    if person.sees_whole_school:
        return None
    # Asked of each copy at hand: the copies of all years that name these pupils would be a long list.
    return (
        select(1)
        .select_from(RecipientPupil)
        .join(Pupil, Pupil.id == RecipientPupil.pupil_id)
        .join(SchoolClass, SchoolClass.id == Pupil.class_id)
        .where(RecipientPupil.recipient_id == Recipient.id, SchoolClass.teacher_id == person.id)
        .correlate(Recipient)
        .exists()
    )


def glances(person: StaffMember, announcement_ids: Collection[int], now: datetime) -> dict[int, Glance]:
    """Say for each announcement how many families this person sees stand where."""
    where = standing(now).label("standing")
    query = (
        select(Recipient.announcement_id, where, func.count())
        .outerjoin(Recipient.delivery)
        .where(Recipient.announcement_id.in_(announcement_ids))
        .group_by(Recipient.announcement_id, where)
    )
    if (seen := seen_copies(person)) is not None:
        query = query.where(seen)
    found = {number: Glance({}) for number in announcement_ids}
    for number, place, families in db.session.execute(query):
        found[number].counts[Standing(place)] = families
    return found


def copies(
    person: StaffMember, announcement_id: int, only: Collection[Standing], now: datetime
) -> Select[tuple[Recipient, str]]:
    """Select the families' copies that stand in one of `only`, each with its standing, problems first."""
    where = standing(now).label("standing")
    rank = case({place.value: rank for rank, place in enumerate(Standing)}, value=where)
    query = (
        select(Recipient, where)
        .outerjoin(Recipient.delivery)
        .where(Recipient.announcement_id == announcement_id, where.in_([place.value for place in only]))
        .options(
            contains_eager(Recipient.delivery),
            joinedload(Recipient.guardian),
            selectinload(Recipient.pupils).joinedload(Pupil.school_class),
        )
        .order_by(rank, Recipient.id)
    )
    seen = seen_copies(person)
    return query if seen is None else query.where(seen)


def copy_of(person: StaffMember, announcement_id: int, family_id: int) -> Recipient | None:
    """Find the copy of one family, if this person may see it."""
    query = select(Recipient).where(
        Recipient.announcement_id == announcement_id, Recipient.family_id == family_id
    )
    if (seen := seen_copies(person)) is not None:
        query = query.where(seen)
    return db.session.scalar(query)


def held_until(announcement_id: int, waiting: int, now: datetime) -> datetime | None:
    """Say until when all that waits is held back by quiet hours; None when some of it may go, or went."""
    held, first = db.session.execute(
        select(func.count(), func.min(Delivery.not_before))
        .select_from(Recipient)
        .join(Recipient.delivery)
        .where(
            Recipient.announcement_id == announcement_id,
            Delivery.state == State.PENDING,
            Delivery.attempts == 0,
            Delivery.not_before > now,
        )
    ).one()
    return first if held >= waiting else None
