"""Messages to colleagues of which only a person can say whether they arrived."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from notifier.database import db
from notifier.models import Delivery
from webapp.announcements.models import Announcement
from webapp.messages.queries import in_doubt_or
from webapp.staff.models import KEEPERS, StaffMember
from webapp.staffroom.models import StaffCopy


def undecided(person: StaffMember, decided: str = "") -> Select[tuple[Delivery]]:
    """Select those this person decides about, oldest first: the administration all, others their own.

    With `decided`, the public name of one that was just decided about, that one keeps its place.
    """
    # Asked of each of the few messages in doubt, as `messages.queries.undecided` does for families.
    return (
        select(Delivery)
        .where(in_doubt_or(decided), _copies_of(person).where(StaffCopy.delivery_id == Delivery.id).exists())
        .order_by(Delivery.created_at, Delivery.id)
    )


def undecided_in(person: StaffMember, number: int) -> Sequence[Delivery]:
    """List those of one notice."""
    in_it = select(StaffCopy.delivery_id).where(StaffCopy.announcement_id == number)
    return db.session.scalars(undecided(person).where(Delivery.id.in_(in_it))).all()


def how_many_undecided(person: StaffMember) -> int:
    return db.session.scalar(select(func.count()).select_from(undecided(person).subquery())) or 0


def message_with_ref(person: StaffMember, ref: str) -> Delivery | None:
    """Find a message by its public name, in doubt or not, if this person decides about it."""
    return db.session.scalar(
        select(Delivery).where(
            Delivery.ref == ref, _copies_of(person).where(StaffCopy.delivery_id == Delivery.id).exists()
        )
    )


def copies_in(delivery_ids: Collection[int]) -> dict[int, list[StaffCopy]]:
    """List for each message whose copies it carries, by name."""
    found: dict[int, list[StaffCopy]] = {}
    for copy in db.session.scalars(
        select(StaffCopy)
        .join(StaffCopy.staff)
        .where(StaffCopy.delivery_id.in_(delivery_ids))
        .options(joinedload(StaffCopy.staff), joinedload(StaffCopy.announcement))
        .order_by(StaffMember.name, StaffCopy.id)
    ):
        found.setdefault(copy.delivery_id or 0, []).append(copy)
    return found


def _copies_of(person: StaffMember) -> Select[tuple[int]]:
    copies = (
        select(StaffCopy.id)
        .join(StaffCopy.announcement)
        .where(Announcement.school_id == person.school_id)
        .correlate(Delivery)
    )
    return copies if person.may(KEEPERS) else copies.where(Announcement.author_id == person.id)
