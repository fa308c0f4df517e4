"""What the worker does four times a minute about drafts that go by themselves."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime

from notifier import jobs
from notifier.database import db
from webapp.announcements.later.going import due, let_go
from webapp.announcements.models import Announcement
from webapp.announcements.own_texts import SHEET
from webapp.announcements.publish import Published, publish
from webapp.lessons.rules import rules_of
from webapp.message_templates.sheets import waiting
from webapp.staff.models import School, StaffMember

log = logging.getLogger(__name__)

SEND_SCHEDULED = "webapp.upkeep.scheduled.send_scheduled"


def send_scheduled() -> None:
    """Send every draft whose moment has come: the job that RQ runs."""
    let_all_go(datetime.now(UTC))


def let_all_go(now: datetime) -> int:
    """Send what is due, each draft in its own transaction, and say how many went."""
    gone = 0
    numbers = due(now)
    db.session.rollback()
    for number in numbers:
        try:
            published = let_go(number, now, _is_off, _send)
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


def _send(draft: Announcement, now: datetime, by: StaffMember | None) -> Published:
    """Send a draft: one text for all, or what each row of a spreadsheet says."""
    return waiting.go(draft, now, by) if draft.kind == SHEET else publish(draft, now, by)


def _is_off(school: School, day: date) -> bool:
    return rules_of(school).day_off(day) is not None
