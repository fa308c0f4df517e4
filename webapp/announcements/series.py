"""Announcements that go again on every school day: each is one of its own, and the next waits as a draft."""

from __future__ import annotations

from sqlalchemy import update

from notifier.database import db
from webapp.announcements.models import Announcement


def begin_of(announcement: Announcement) -> int:
    """The number of the first of its row."""
    return announcement.repeated_from_id or announcement.id


def stop(announcement: Announcement, why: str) -> int:
    """Let the next of its row wait for its author, who is told why; say whether there was one."""
    db.session.flush()
    stopped = db.session.scalars(
        update(Announcement)
        .where(
            Announcement.repeated_from_id == begin_of(announcement),
            Announcement.published_at.is_(None),
            Announcement.goes_at.is_not(None),
        )
        .values(goes_at=None, goes_by_id=None, goes_before=None, repeats_until=None, not_sent_because=why)
        .returning(Announcement.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.session.expire_all()
    return len(stopped)
