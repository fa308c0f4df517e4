"""A draft that goes by itself when what it is about moves: it moves with it, or waits and says why."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext, ngettext

from webapp.announcements.models import Announcement


def follow_moment(draft: Announcement, now: datetime) -> None:
    """Let a draft that was just changed go when that still makes sense, in the caller's transaction.

    One that goes some hours before a moment goes with it. One whose hour is over by that, or later than what
    it is about, waits for its author: nobody wished that it goes at once.
    """
    if draft.goes_at is None:
        return
    if draft.goes_before is None:
        if draft.moment and draft.goes_at >= draft.moment:
            draft.stays(gettext("It was to go when what it is about is over. Choose another moment."))
        return
    if draft.moment is None:
        draft.stays(gettext("It was to go before a moment that it no longer names. Choose another moment."))
        return
    draft.goes_at = draft.moment - timedelta(hours=draft.goes_before)
    if draft.goes_at <= now:
        draft.stays(
            ngettext(
                "It was to go %(num)s hour before what it is about, and that hour is over. Send it now, or "
                "choose another moment.",
                "It was to go %(num)s hours before what it is about, and that hour is over. Send it now, or "
                "choose another moment.",
                draft.goes_before,
            )
        )
