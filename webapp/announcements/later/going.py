"""Drafts that go by themselves: at a moment, once or on every school day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

from flask_babel import force_locale, gettext
from sqlalchemy import select

from notifier.database import db
from webapp.announcements.back.again import use_again
from webapp.announcements.desk.sendable import may_write
from webapp.announcements.models import Announcement
from webapp.announcements.publish import Published, Unready, publish
from webapp.announcements.series import begin_of
from webapp.families.queries import visible_classes
from webapp.languages import DEFAULT
from webapp.staff import audit
from webapp.staff.models import School, StaffMember

# What could not go within so long is no longer what somebody meant to say.
LATEST = timedelta(hours=6)
SATURDAY = 5

IsOff = Callable[[School, date], bool]
Send = Callable[[Announcement, datetime, StaffMember | None], Published]


def due(now: datetime, limit: int = 200) -> Sequence[int]:
    """List the drafts whose moment has come, the longest waiting first."""
    return db.session.scalars(
        select(Announcement.id)
        .where(Announcement.goes_at <= now, Announcement.published_at.is_(None))
        .order_by(Announcement.goes_at, Announcement.id)
        .limit(limit)
    ).all()


def let_go(number: int, now: datetime, is_off: IsOff, send: Send = publish) -> Published | None:
    """Send one draft whose moment has come, in the caller's transaction; None: it stays, and says why.

    What was right when it was written need not be now: its author's rights, its audience and the limits are
    looked at again. Of two machines that do it at once, the second finds it sent. `send` is the road of its
    kind.
    """
    # Locked: of two that refuse it, only one writes the next of its row down.
    draft = db.session.get(Announcement, number, populate_existing=True, with_for_update=True)
    if draft is None or draft.published_at or draft.goes_at is None or draft.goes_at > now:
        return None
    school = db.session.get_one(School, draft.school_id)
    with force_locale((draft.author and draft.author.language) or DEFAULT):
        if refusal := _refusal(draft, now):
            _stays(draft, refusal, school, is_off, now)
            return None
        try:
            with db.session.begin_nested():
                published = send(draft, now, draft.goes_by)
        except Unready as unready:
            draft = db.session.get_one(Announcement, number, populate_existing=True)
            _stays(draft, str(unready), school, is_off, now)
            return None
    if published.first:
        _again(draft, school, is_off, now)
    return published


def _refusal(draft: Announcement, now: datetime) -> str:
    """Say why it must not go now; "" when it may."""
    author: StaffMember | None = draft.author
    if author is None or not author.active or not may_write(author, draft.kind):
        return str(gettext("Whoever wrote it may no longer write to families."))
    if not set(draft.classes) <= set(visible_classes(author)):
        return str(gettext("Whoever wrote it no longer writes to all of its classes."))
    if draft.goes_at and now > draft.goes_at + LATEST:
        return str(gettext("Nothing could be sent at its hour, and it would have been too late afterwards."))
    if draft.answer_by and draft.answer_by <= now:
        return str(gettext("The hour by which families are to be in touch was over."))
    if draft.due_at and draft.due_at <= now:
        return str(gettext("What it is about was over."))
    return ""


def _stays(draft: Announcement, why: str, school: School, is_off: IsOff, now: datetime) -> None:
    """Leave the draft to its author, with the reason; the days after go on."""
    _again(draft, school, is_off, now)
    draft.stays(why)
    detail = {"classes": [school_class.name for school_class in draft.classes]}
    audit.record("announcement.not_sent", f"announcement {draft.id}", detail, None, now, school=school)


def _again(draft: Announcement, school: School, is_off: IsOff, now: datetime) -> None:
    """Write the next one of a row down, where there is one more day."""
    if draft.repeats_until is None or draft.goes_at is None or draft.author is None:
        return
    moment = next_moment(draft.goes_at, draft.repeats_until, school, is_off, now)
    if moment is None:
        return
    following = use_again(draft, draft.author, now)
    # Whom it is for is the same on every day.
    following.audience, following.classes = draft.audience, list(draft.classes)
    following.goes_at, following.repeats_until = moment, draft.repeats_until
    following.goes_by_id, following.repeated_from_id = draft.goes_by_id, begin_of(draft)
    if draft.answer_by:
        # The hour to be in touch moves with the day.
        following.answer_by = draft.answer_by + (moment - draft.goes_at)
        following.answer_reminder = draft.answer_reminder


def next_moment(
    before: datetime, until: date, school: School, is_off: IsOff, now: datetime
) -> datetime | None:
    """The same hour of the next school day that is still to come; None after the last."""
    local = before.astimezone(school.zone)
    day = local.date()
    while day < until:
        day += timedelta(days=1)
        moment = datetime.combine(day, local.time(), school.zone).astimezone(UTC)
        if day.weekday() < SATURDAY and not is_off(school, day) and moment > now:
            return moment
    return None
