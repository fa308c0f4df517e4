"""What waits with spreadsheets: one that was looked over and not sent, and rows that were left out."""

from __future__ import annotations

from datetime import timedelta

from flask import url_for
from flask_babel import gettext, ngettext

from webapp.home.desk import Desk
from webapp.home.wait import Wait, Weight, short
from webapp.languages import headline
from webapp.message_templates.queries import sheets_waiting
from webapp.message_templates.sheets.sent_rows import left_out_since

# Whoever has not told those families in person by then will not.
SAID_FOR = timedelta(days=3)


def rows_left_out(desk: Desk) -> Wait | None:
    """Rows of this person's spreadsheet that were not sent when its hour had come."""
    found = left_out_since(desk.person, desk.now - SAID_FOR)
    if found is None:
        return None
    announcement, rows = found
    return Wait(
        ngettext(
            "%(num)s row of your spreadsheet was not sent: the child has left the class",
            "%(num)s rows of your spreadsheet were not sent: the children have left the class",
            rows,
        ),
        gettext("See which"),
        url_for("message_sheets.sent_rows", number=announcement.id, show="not_reached"),
        Weight.TODAY,
        "problem",
        more=f"«{short(headline(announcement))}»",
    )


def not_sent(desk: Desk) -> Wait | None:
    """A spreadsheet this person brought and has not sent: tomorrow it is forgotten."""
    waiting = sheets_waiting(desk.person, desk.now)
    if not waiting:
        return None
    return Wait(
        gettext("A spreadsheet of yours is not sent yet"),
        gettext("Look it over"),
        url_for("message_sheets.sheet", number=waiting[0].id),
        Weight.SOON,
        "none",
        more=waiting[0].filename or waiting[0].version.name,
    )
