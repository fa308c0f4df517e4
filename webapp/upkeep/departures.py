"""What the worker does every few seconds about drafts that go by themselves."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime

from notifier import jobs
from notifier.database import db
from webapp.announcements.later import due, let_go
from webapp.lessons.rules import rules_of
from webapp.staff.models import School

log = logging.getLogger(__name__)

DEPART = "webapp.upkeep.departures.depart"


def depart() -> None:
    """Send every draft whose moment has come: the job that RQ runs."""
    let_all_go(datetime.now(UTC))


def let_all_go(now: datetime) -> int:
    """Send what is due, each draft in its own transaction, and say how many went."""
    gone = 0
    numbers = due(now)
    db.session.rollback()
    for number in numbers:
        try:
            published = let_go(number, now, _is_off)
            db.session.commit()
        except Exception:
            # One that cannot go must not hold up the others.
            db.session.rollback()
            log.exception("announcement %d could not go by itself", number)
            continue
        gone += published is not None and published.first
    if gone:
        jobs.nudge()
    return gone


def _is_off(school: School, day: date) -> bool:
    return rules_of(school).day_off(day) is not None
