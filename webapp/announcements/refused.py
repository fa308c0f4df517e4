"""Say on the next page why an announcement was not sent."""

from __future__ import annotations

from flask import flash

from notifier.database import db
from webapp.announcements.publish import Unready


def say_why(unready: Unready) -> None:
    """Undo what was begun, and show the person each thing that stands against sending."""
    db.session.rollback()
    for flaw in unready.flaws:
        flash(flaw.text, "error")
