"""Short words for the stories of the ladder: more numbers, the worker's minute, what was tried."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update

from notifier.database import db
from notifier.message import Fault
from notifier.models import Delivery, State
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Climb
from webapp.families.models import ContactPoint, Family, Guardian, GuardianContact
from webapp.reach.jobs import climb_what_is_due
from webapp.reach.models import FollowUp

FATHER, RELAY, MAIL = "+996555000111", "+996555000122", "father@example.kg"


def guardian(
    family: Family, name: str, *addresses: str, language: str = "ky", relay: bool = False
) -> Guardian:
    """Let a family have one more guardian."""
    person = Guardian(
        school_id=family.school_id, family_id=family.id, name=name, language=language, priority=5
    )
    db.session.add(person)
    db.session.flush()
    for priority, address in enumerate(addresses):
        known = {"school_id": family.school_id, "channel": "email" if "@" in address else "sms"}
        point = db.session.scalar(select(ContactPoint).filter_by(address=address, **known))
        if point is None:
            point = ContactPoint(address=address, **known)
            db.session.add(point)
            db.session.flush()
        db.session.add(
            GuardianContact(
                guardian_id=person.id, contact_point_id=point.id, priority=priority, is_relay=relay
            )
        )
    db.session.commit()
    return person


def settle(delivery: Delivery, state: State, at: datetime, fault: Fault | None = None) -> None:
    """Let the network have brought a message that far."""
    accepted = at if state in {State.ACCEPTED, State.DELIVERED, State.UNDELIVERED} else None
    db.session.execute(
        update(Delivery)
        .where(Delivery.id == delivery.id)
        .values(state=state, fault=fault, accepted_at=accepted, settled_at=at)
    )
    db.session.commit()
    db.session.expire_all()


def minute(now: datetime, *hours: float) -> datetime:
    """Let the worker come by, so many hours later; return when that was."""
    at = now + timedelta(hours=sum(hours), minutes=2)
    climb_what_is_due(at)
    db.session.expire_all()
    return at


def messages(announcement: Announcement) -> list[Delivery]:
    """All messages of an announcement, in the order in which they were posted."""
    keys = (f"announcement:{announcement.id}:%", "climb:%")
    return list(
        db.session.scalars(
            select(Delivery)
            .where(Delivery.dedupe_key.like(keys[0]) | Delivery.dedupe_key.like(keys[1]))
            .order_by(Delivery.id)
        )
    )


def sent_to(address: str) -> list[Delivery]:
    return list(db.session.scalars(select(Delivery).filter_by(address=address).order_by(Delivery.id)))


def rungs(announcement: Announcement, family: Family) -> list[str]:
    """By what a family was tried, from below."""
    from tests.announcements.writing import copy_for

    copy = copy_for(announcement, family)
    return list(
        db.session.scalars(select(Climb.means).filter_by(recipient_id=copy.id).order_by(Climb.position))
    )


def tasks(family: Family, rule: str = "ladder") -> list[FollowUp]:
    return list(
        db.session.scalars(select(FollowUp).filter_by(family_id=family.id, rule=rule).order_by(FollowUp.id))
    )
