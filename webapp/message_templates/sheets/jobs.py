"""What nobody sent goes after a day, also when nobody uploads another."""

from __future__ import annotations

from datetime import UTC, datetime

from notifier.database import db
from webapp.message_templates.queries import forget_old_sheets

FORGET = "webapp.message_templates.sheets.jobs.forget"


def forget() -> None:
    """Forget spreadsheets that waited too long: the job that RQ runs."""
    forget_old_sheets(datetime.now(UTC))
    db.session.commit()
