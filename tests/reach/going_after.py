"""Short words for the tests of the board: an announcement that did not come, and how a family stands then."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from notifier.database import db
from notifier.message import Fault
from notifier.models import State
from tests.announcements.writing import becomes, copy_for, send, write
from tests.cast import Cast
from webapp.announcements.models import Announcement
from webapp.families.models import Family
from webapp.reach.models import ContactLog, FamilyStanding, FollowUp
from webapp.reach.tasks.followups import open_follow_up


def unheard(cast: Cast, sent_at: datetime, *families: Family) -> Announcement:
    """Tell both classes something that reached none of these families, by phones that are switched off."""
    announcement = write(cast, cast.class_5a, cast.class_5b, now=sent_at)
    send(announcement, sent_at)
    for family in families:
        copy = copy_for(announcement, family)
        if copy.delivery is not None:
            becomes(copy.delivery, State.UNDELIVERED, sent_at, Fault.HANDSET_OFF)
        standing = db.session.get(FamilyStanding, family.id)
        if standing is None:
            standing = FamilyStanding(
                family_id=family.id,
                school_id=family.school_id,
                unreached_since=sent_at,
                computed_at=sent_at,
                missed=0,
            )
            db.session.add(standing)
        standing.missed += 1
        standing.missed_copy_id = copy.id
    db.session.commit()
    return announcement


def task(family: Family, now: datetime, cause: str = "by hand", **details: object) -> FollowUp:
    assert open_follow_up(family, "by_hand", cause, now, **details)  # type: ignore[arg-type]
    db.session.commit()
    return db.session.scalars(select(FollowUp).filter_by(family_id=family.id, cause=cause)).one()


def logs_of(family: Family) -> list[ContactLog]:
    db.session.expire_all()
    return list(db.session.scalars(select(ContactLog).filter_by(family_id=family.id).order_by(ContactLog.id)))


def field(page: str, name: str) -> str:
    """What a form on the page has in its hidden field."""
    return page.split(f'name="{name}"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
