"""Where a draft is looked over before it goes: what comes of a spreadsheet has a page of its own."""

from __future__ import annotations

from flask import url_for

from webapp.announcements.models import Announcement
from webapp.announcements.own_texts import SHEET, SHEET_PREFIX


def looked_over_at(draft: Announcement) -> str:
    """The page of a draft: what it will say, when it goes, and the button that sends it."""
    if draft.kind == SHEET:
        return url_for(
            "message_sheets.sheet", number=int(draft.token.removeprefix(SHEET_PREFIX).partition(":")[0])
        )
    return url_for("announcements.review", number=draft.id)
