"""Short words for what the tests do over and over: write a draft, send it, let the network answer."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from notifier.database import db
from notifier.message import Fault
from notifier.models import Delivery, State
from tests.cast import Cast
from webapp.announcements.models import Announcement
from webapp.announcements.publish import Published, publish
from webapp.announcements.recipients import Recipient
from webapp.families.models import Family, SchoolClass
from webapp.staff.models import StaffMember

KY = "Эртең сабак телекөрсөтүү аркылуу өтөт."
RU = "Завтра уроки по телевизору."


def write(
    cast: Cast,
    *classes: SchoolClass,
    ky: str = KY,
    ru: str = RU,
    urgent: bool = False,
    author: StaffMember | None = None,
    now: datetime,
) -> Announcement:
    """Keep a draft to these classes, by default 5-А's teacher's to 5-А."""
    announcement = Announcement(
        school_id=cast.school.id,
        author_id=(author or cast.teacher).id,
        text_ky=ky,
        text_ru=ru,
        urgent=urgent,
        created_at=now,
        classes=list(classes or [cast.class_5a]),
    )
    db.session.add(announcement)
    db.session.commit()
    return announcement


def send(announcement: Announcement, now: datetime) -> Published:
    published = publish(announcement, now)
    db.session.commit()
    return published


def copy_for(announcement: Announcement, family: Family) -> Recipient:
    """The copy of one family."""
    return db.session.scalars(
        select(Recipient).filter_by(announcement_id=announcement.id, family_id=family.id)
    ).one()


def message_for(announcement: Announcement, family: Family) -> Delivery:
    """The message that carries one family's copy."""
    delivery = copy_for(announcement, family).delivery
    assert delivery is not None
    return delivery


def becomes(delivery: Delivery, state: State, now: datetime, fault: Fault | None = None) -> None:
    """Let the network have brought a message that far."""
    accepted = state in {State.ACCEPTED, State.DELIVERED, State.UNDELIVERED}
    db.session.execute(
        update(Delivery)
        .where(Delivery.id == delivery.id)
        .values(state=state, fault=fault, accepted_at=now if accepted else None)
    )
    db.session.commit()
