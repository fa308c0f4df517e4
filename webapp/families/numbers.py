"""What is known of a number or address: that it is the family's, or that it is somebody else's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import LazyString, lazy_gettext
from sqlalchemy import Select, exists, select

from notifier import outbox
from notifier.database import db
from notifier.models import Delivery, State
from webapp.families.models import ContactPoint, ContactStatus, Family, Guardian, GuardianContact, Pupil


class Why(StrEnum):
    """How a number turned out to be wrong; kept in the contact point's `note`."""

    SAID_WRONG = "said_wrong"  # whoever has the phone wrote so
    SAID_NO = "said_no"  # asked whether it is still the family's, they wrote no
    CALLED = "wrong_number"  # a member of staff called
    NO_SUCH = "no_such_number"  # the provider says that it does not exist


WHY_WRONG: dict[str, LazyString] = {
    Why.SAID_WRONG: lazy_gettext("Whoever has this phone wrote that it is a wrong number."),
    Why.SAID_NO: lazy_gettext("Whoever has this phone wrote that the child is not of their family."),
    Why.CALLED: lazy_gettext("Whoever answered the call was not of this family."),
    Why.NO_SUCH: lazy_gettext("The phone network says that there is no such number."),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What a page says of a number: kind and words of a pill, since when, and why."""

    kind: str
    words: LazyString
    since: datetime | None
    why: LazyString | None = None


def known_of(point: ContactPoint) -> Known | None:
    """Say what is known of a number; None when nobody has said anything."""
    if point.status == ContactStatus.BAD:
        return Known("problem", lazy_gettext("Wrong number"), point.marked_at, WHY_WRONG.get(point.note))
    if point.confirmed_at:
        return Known("delivered", lazy_gettext("Confirmed by the family"), point.confirmed_at)
    return None


def mark_wrong(point: ContactPoint, now: datetime, why: str) -> bool:
    """Write nothing more to this address, in the caller's transaction; False when it was marked before.

    What waits to leave for it is taken back, unless another school knows the address too.
    """
    if point.status == ContactStatus.BAD:
        return False
    point.status, point.note, point.marked_at, point.confirmed_at = ContactStatus.BAD, why, now, None
    db.session.flush()
    others = exists().where(
        ContactPoint.channel == point.channel,
        ContactPoint.address == point.address,
        ContactPoint.school_id != point.school_id,
    )
    if not db.session.scalar(select(others)):
        waiting = select(Delivery.id).where(
            Delivery.channel == point.channel,
            Delivery.address == point.address,
            Delivery.state.in_((State.PENDING, State.SENDING, State.UNCERTAIN)),
        )
        outbox.cancel(db.session.scalars(waiting).all(), now)
    return True


def mark_right(point: ContactPoint, now: datetime) -> bool:
    """A person says that the number is right after all; False when nobody had said otherwise."""
    if point.status != ContactStatus.BAD:
        return False
    point.status, point.note, point.marked_at, point.confirmed_at = ContactStatus.OK, "looked", None, now
    return True


def confirm(point: ContactPoint, now: datetime) -> None:
    """Whoever has the phone says that it is the family's."""
    if point.status != ContactStatus.BAD:
        point.confirmed_at = now


def families_behind(point_ids: Iterable[int]) -> Select[tuple[int, Family]]:
    """Select (contact point, family) for each family of today's pupils behind these addresses."""
    return (
        select(GuardianContact.contact_point_id, Family)
        .join(Guardian, Guardian.id == GuardianContact.guardian_id)
        .join(Family, Family.id == Guardian.family_id)
        .where(
            GuardianContact.contact_point_id.in_(list(point_ids)),
            exists().where(Pupil.family_id == Family.id, Pupil.left_at.is_(None)),
        )
        .distinct()
        .order_by(GuardianContact.contact_point_id, Family.id)
    )
