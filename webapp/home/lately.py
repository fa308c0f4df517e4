"""What went out lately and how it fared, and which families have been without news the longest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from notifier.database import db
from webapp.announcements.kinds import PERSONAL
from webapp.announcements.models import Announcement
from webapp.announcements.progress import Glance, glances
from webapp.announcements.queries import sent_announcements, set_right_among
from webapp.families.models import Family
from webapp.home.desk import Desk
from webapp.reach.board.kinds import Asked
from webapp.reach.board.queries import board
from webapp.reach.models import FamilyStanding

SHOWN = 3
DAYS = 7
# A school that sends more in a week than this is counted by its latest.
MOST = 60


@dataclass(frozen=True, slots=True)
class Sent:
    announcement: Announcement
    glance: Glance
    set_right: bool


@dataclass(frozen=True, slots=True)
class Lately:
    """The last few announcements; and of the whole week, how many copies families were to get and got."""

    shown: Sequence[Sent]
    announcements: int
    copies: int
    reached: int
    not_reached: int


def lately(desk: Desk, *, whole_week: bool) -> Lately:
    """Look at what this person may see of what was sent; the week is counted only when it is shown."""
    shown = db.session.scalars(sent_announcements(desk.person).limit(SHOWN)).all()
    week = _of_the_week(desk) if whole_week else []
    found = glances(desk.person, {*week, *(each.id for each in shown)}, desk.now) if shown else {}
    set_right = set_right_among([each.id for each in shown])
    counted = [found[number] for number in week]
    return Lately(
        [Sent(each, found[each.id], each.id in set_right) for each in shown],
        len(week),
        # Who was not told of what was taken back was to get nothing.
        sum(glance.families - glance.taken_back for glance in counted),
        sum(glance.reached for glance in counted),
        sum(glance.not_reached for glance in counted),
    )


def _of_the_week(desk: Desk) -> Sequence[int]:
    return db.session.scalars(
        select(Announcement.id)
        .where(
            Announcement.school_id == desk.person.school_id,
            Announcement.published_at > desk.now - timedelta(days=DAYS),
            Announcement.kind.not_in(PERSONAL),
        )
        .order_by(Announcement.published_at.desc())
        .limit(MOST)
    ).all()


def longest_unreached(desk: Desk) -> Sequence[tuple[Family, FamilyStanding]]:
    """The few families at the top of the board."""
    return db.session.execute(board(desk.person, Asked(), desk.now).limit(SHOWN)).tuples().all()


def days_since(moment: datetime | None, desk: Desk) -> int:
    zone = desk.person.school.zone
    return (desk.today - moment.astimezone(zone).date()).days if moment else 0
