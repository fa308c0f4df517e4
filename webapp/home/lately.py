"""What went out lately and how it fared, and how the week stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from notifier.database import db
from webapp.announcements.models import Announcement
from webapp.announcements.queries import Glance, glances, sent_announcements
from webapp.families.models import Family
from webapp.home.desk import Desk
from webapp.reach.board import Asked, board
from webapp.reach.dashboard import mondays
from webapp.reach.models import FamilyStanding
from webapp.reach.queries import Scope, Week, by_week

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Sent:
    announcement: Announcement
    glance: Glance


def sent_lately(desk: Desk) -> list[Sent]:
    """The last few announcements this person may see, each with how many families it reached."""
    rows = db.session.scalars(sent_announcements(desk.person).limit(SHOWN)).all()
    found = glances(desk.person, [row.id for row in rows], desk.now) if rows else {}
    return [Sent(row, found[row.id]) for row in rows]


def this_and_last_week(desk: Desk) -> tuple[Week, Week]:
    """How many families were told something and reached: this week, and the one before."""
    scope = Scope(desk.person.school_id, [each.id for each in desk.classes])
    last, this = by_week(scope, mondays(desk.now, desk.person.school.zone, weeks=2))
    return this, last


def longest_unreached(desk: Desk) -> Sequence[tuple[Family, FamilyStanding]]:
    """The few families at the top of the board."""
    return db.session.execute(board(desk.person, Asked(), desk.now).limit(SHOWN)).tuples().all()


def days_since(moment: datetime | None, desk: Desk) -> int:
    zone = desk.person.school.zone
    return (desk.today - moment.astimezone(zone).date()).days if moment else 0
