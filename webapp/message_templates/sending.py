"""A spreadsheet comes in, and goes out as one announcement whose texts differ from phone to phone."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from flask_babel import gettext
from sqlalchemy import update

from notifier.database import db
from webapp.announcements.audience import classes_of
from webapp.announcements.back_views import UNDO
from webapp.announcements.models import Announcement
from webapp.announcements.own_texts import SHEET
from webapp.announcements.publish import AT_ONCE, Published, hand_out
from webapp.families.sheets import BadSheet, read_sheets
from webapp.message_templates.fields import Asked
from webapp.message_templates.layout import lay_out
from webapp.message_templates.models import MessageSheet, TemplateUse
from webapp.message_templates.plan import SheetPlan
from webapp.message_templates.problems import of_file
from webapp.message_templates.rows import Kept
from webapp.staff.models import School, StaffMember


@dataclass
class Brought:
    """What came of reading a file: what is needed of it, or every reason why it cannot be used."""

    digest: str
    kept: Kept | None = None
    faults: list[str] = field(default_factory=list)


def read_file(content: bytes, asked: list[Asked]) -> Brought:
    """Read a spreadsheet for a template. Slow, and touches no database: call it with no transaction open."""
    brought = Brought(hashlib.sha256(content).hexdigest())
    try:
        layout = lay_out(read_sheets(content), asked)
        if not layout.columns:
            raise BadSheet("no_header")
    except BadSheet as error:
        if error.reason == "no_header":
            brought.faults = [_no_header(asked)]
        else:
            brought.faults = [of_file(error)]
        return brought
    for missing in layout.missing:
        brought.faults.append(
            gettext(
                "No column is called “%(name)s”. Write it above the column that fills this field.",
                name=missing.name,
            )
        )
    for header in layout.doubled:
        brought.faults.append(
            gettext(
                "Two columns are called “%(name)s”. Keep one of them, or give the other a new name.",
                name=header,
            )
        )
    if not layout.finds & {"pupil", "phone"}:
        brought.faults.append(
            gettext("No column says whom a row is about. Add the columns “Pupil” and “Class”, or “Phone”.")
        )
    if brought.faults and layout.hidden:
        brought.faults.append(
            gettext(
                "Hidden columns are not used: %(names)s. Show them if they are meant.",
                names=", ".join(layout.hidden),
            )
        )
    brought.kept = Kept.of(layout)
    if not brought.kept.rows and not brought.faults:
        brought.faults.append(of_file(BadSheet("no_rows")))
    return brought


def _no_header(asked: list[Asked]) -> str:
    sentence: str = gettext(
        "The list has no row with the names of its columns. Write above it: %(names)s. "
        "Or download the example and fill it in.",
        names=", ".join([gettext("Class"), gettext("Pupil"), *(each.name for each in asked)]),
    )
    return sentence


def today_began(school: School, now: datetime) -> datetime:
    return datetime.combine(now.astimezone(school.zone).date(), time.min, school.zone).astimezone(UTC)


def send(sheet: MessageSheet, found: SheetPlan, now: datetime, by: StaffMember) -> Published | None:
    """Publish what the plan says, in the caller's transaction; then commit and nudge. None: sent before.

    1. Take the sheet: of two who press the button at once, the second waits, and finds it sent.
    2. Hand the messages out as an announcement; raises Unready when it goes over a limit of the month.
    3. Forget the rows: what each family was told stands in its message.
    """
    db.session.flush()
    taken = db.session.scalar(
        update(MessageSheet)
        .where(MessageSheet.id == sheet.id, MessageSheet.sent_at.is_(None))
        .values(sent_at=now)
        .returning(MessageSheet.id)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(sheet, ["sent_at", "announcement_id"])
    if taken is None:
        return None
    announcement = Announcement(
        school_id=sheet.school_id,
        author_id=by.id,
        token=f"sheet:{sheet.id}",
        kind=SHEET,
        text_ky=sheet.version.name,
        urgent=sheet.urgent,
        created_at=sheet.created_at,
        published_at=now,
        classes=classes_of(found.plan.audience),
    )
    db.session.add(announcement)
    db.session.flush()
    db.session.add(TemplateUse(announcement_id=announcement.id, version_id=sheet.version_id))
    published = hand_out(announcement, found.plan, now, by, AT_ONCE if sheet.urgent else UNDO)
    sheet.announcement_id, sheet.content, sheet.filename = announcement.id, None, ""
    return published
