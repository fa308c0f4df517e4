"""What the letters of an announcement have in common, in the engine's words."""

from __future__ import annotations

from functools import cache

from flask_babel import force_locale, gettext

from notifier import outbox
from notifier.database import db
from webapp.announcements.models import Announcement
from webapp.staff.models import School


def letterhead(announcement: Announcement, language: str) -> outbox.Letterhead:
    """Say on which paper a letter in `language` is written, and what lies with it."""
    school = db.session.get_one(School, announcement.school_id)
    files = tuple(file.enclosure_id for file in announcement.files)
    return outbox.Letterhead(language, school.name, stop_words(language), files)


@cache
def stop_words(language: str) -> str:
    """The words, in the letter's language, by which its reader asks for no more of them."""
    with force_locale(language):
        return str(gettext("No more e-mail from the school"))
