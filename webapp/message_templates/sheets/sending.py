"""A spreadsheet goes out as one announcement whose texts differ from phone to phone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import update

from notifier.database import db
from webapp.announcements.audience.find import classes_of
from webapp.announcements.models import Announcement
from webapp.announcements.own_texts import SHEET, SHEET_PREFIX
from webapp.announcements.publish import AT_ONCE, UNDO, Published, hand_out, taken
from webapp.message_templates.models import MessageSheet, TemplateUse
from webapp.message_templates.sheets.pins import keep_to_say, note_gone, pin
from webapp.message_templates.sheets.plan import SheetPlan
from webapp.staff import audit
from webapp.staff.models import School, StaffMember


def today_began(school: School, now: datetime) -> datetime:
    return datetime.combine(now.astimezone(school.zone).date(), time.min, school.zone).astimezone(UTC)


def send(sheet: MessageSheet, found: SheetPlan, now: datetime, by: StaffMember) -> Published | None:
    """Publish what the plan says, in the caller's transaction; then commit and nudge. None: sent before.

    1. Take the sheet, or the draft it waits as: of two who press the button at once, the second waits, and
       finds it sent.
    2. Hand the messages out as an announcement; raises Unready when it goes over a limit of the month.
    """
    db.session.flush()
    announcement = sheet.announcement
    if announcement is not None:
        if not taken(announcement, now):
            return None
    elif _taken(sheet, now):
        announcement = written_down(sheet, found, by)
        announcement.published_at = now
    else:
        return None
    return hand_over(sheet, announcement, found, now, by, AT_ONCE if sheet.urgent else UNDO)


def _taken(sheet: MessageSheet, now: datetime) -> bool:
    """Mark a spreadsheet as sent unless it is, or has become a draft that waits."""
    ours = db.session.scalar(
        update(MessageSheet)
        .where(
            MessageSheet.id == sheet.id,
            MessageSheet.sent_at.is_(None),
            MessageSheet.announcement_id.is_(None),
        )
        .values(sent_at=now)
        .returning(MessageSheet.id)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(sheet, ["sent_at", "announcement_id"])
    return ours is not None


def written_down(sheet: MessageSheet, found: SheetPlan, by: StaffMember) -> Announcement:
    """Write the announcement of a spreadsheet down, not yet sent, and which row is about whom."""
    announcement = Announcement(
        school_id=sheet.school_id,
        author_id=by.id,
        # A number alone would not do: SQLite gives that of a forgotten spreadsheet to the next.
        token=f"{SHEET_PREFIX}{sheet.id}:{sheet.created_at:%y%m%d%H%M%S}",
        kind=SHEET,
        text_ky=sheet.version.name,
        created_at=sheet.created_at,
        classes=classes_of(found.plan.audience),
    )
    db.session.add(announcement)
    db.session.flush()
    db.session.add(TemplateUse(announcement_id=announcement.id, version_id=sheet.version_id))
    pin(announcement.id, found.line_of)
    return announcement


def hand_over(
    sheet: MessageSheet,
    announcement: Announcement,
    found: SheetPlan,
    now: datetime,
    by: StaffMember | None,
    hold: timedelta,
) -> Published:
    """Hand the messages out, and forget the rows: what each family was told stands in its message.

    What a family without an address is to be told is kept for whoever goes there.
    """
    announcement.urgent, announcement.without_duty = sheet.urgent, sheet.without_duty
    announcement.asks_acknowledgement = sheet.asks_acknowledgement
    announcement.classes = classes_of(found.plan.audience)
    if found.gone:
        rows = note_gone(announcement.id, found.gone)
        school = found.plan.school
        audit.record(
            "sheet.rows_left_out", f"announcement {announcement.id}", {"rows": rows}, by, now, school=school
        )
    keep_to_say(announcement.id, found.in_person)
    sheet.sent_at, sheet.announcement_id = now, announcement.id
    sheet.content, sheet.filename = None, ""
    db.session.flush()
    return hand_out(announcement, found.plan, now, by, hold)
