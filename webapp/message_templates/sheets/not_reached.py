"""The rows of a spreadsheet that were not reached, as a file: no number, nothing that a program would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from flask_babel import LazyString, gettext, lazy_gettext

from webapp.announcements.levels import Standing
from webapp.message_templates.sheets.example import harmless
from webapp.message_templates.sheets.sent_rows import GONE, SentRow

PLACE_NAMES: dict[str, LazyString] = {
    GONE: lazy_gettext("Not sent"),
    Standing.NOT_REACHED: lazy_gettext("Not reached"),
    Standing.WAITING: lazy_gettext("Waiting"),
    Standing.SENT: lazy_gettext("Sent"),
    Standing.RELAYED: lazy_gettext("Through a neighbour"),
    Standing.DELIVERED: lazy_gettext("Delivered"),
    Standing.ACKNOWLEDGED: lazy_gettext("Acknowledged"),
    Standing.SPOKEN_TO: lazy_gettext("Spoken to"),
    Standing.TAKEN_BACK: lazy_gettext("Taken back"),
}
GONE_SAID = lazy_gettext("This child was no longer in a class of whoever sent it.")


def as_csv(rows: Iterable[SentRow]) -> bytes:
    """Write a line for each row, in the language of the moment, as spreadsheets of this country open it."""
    buffer = io.StringIO()
    # Excel asks for semicolons where the comma is in numbers, and for the mark to see that it is UTF-8.
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow(
        [
            gettext("Row"),
            gettext("Class"),
            gettext("Pupil"),
            gettext("Where it stands"),
            gettext("Why"),
            gettext("What you can do"),
            gettext("To be said"),
        ]
    )
    for row in rows:
        what = GONE_SAID if row.place == GONE else row.reason.what if row.reason else ""
        cells = [
            row.pupil.school_class.name if row.pupil else "",
            row.pupil.name if row.pupil else "",
            str(PLACE_NAMES[row.place]),
            str(what),
            str(row.reason.next) if row.reason and row.reason.next else "",
            row.in_person,
        ]
        writer.writerow([row.number, *map(harmless, cells)])
    return buffer.getvalue().encode("utf-8-sig")
