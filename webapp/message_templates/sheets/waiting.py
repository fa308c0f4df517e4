"""A spreadsheet that goes by itself at an hour: an announcement that waits, and is listed, as any other."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import gettext
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import undefer

from notifier.database import db
from webapp.announcements.flaws import Flaw
from webapp.announcements.models import Announcement
from webapp.announcements.publish import AT_ONCE, Published, Unready, already_published, taken
from webapp.families.queries import visible_classes
from webapp.message_templates.models import MessageSheet
from webapp.message_templates.queries import KEPT
from webapp.message_templates.sheets.plan import SheetPlan, nothing_to_send, plan_of
from webapp.message_templates.sheets.sending import hand_over, written_down
from webapp.staff import audit
from webapp.staff.models import School, StaffMember

# One that could not go waits so long for its owner, also over a weekend.
KEPT_AFTER_ITS_HOUR = timedelta(days=3)
# More of what stands against it nobody reads on a list.
MOST_SAID = 3


def let_it_go_at(
    sheet: MessageSheet, found: SheetPlan, moment: datetime, now: datetime, by: StaffMember
) -> bool:
    """Settle when a spreadsheet goes, in the caller's transaction; False: roll back, somebody was quicker."""
    draft = sheet.announcement
    if draft is None:
        try:
            with db.session.begin_nested():
                draft = written_down(sheet, found, by)
        except IntegrityError:
            return False
        if not _becomes(sheet, draft):
            return False
    settled = db.session.scalar(
        update(Announcement)
        .where(Announcement.id == draft.id, Announcement.published_at.is_(None))
        .values(goes_at=moment, goes_by_id=by.id, not_sent_because="")
        .returning(Announcement.id)
        .execution_options(synchronize_session=False)
    )
    if settled is None:
        return False
    db.session.refresh(draft)
    sheet.kept_until = moment + KEPT_AFTER_ITS_HOUR
    detail = {
        "goes_at": f"{moment.astimezone(by.school.zone):%Y-%m-%d %H:%M}",
        "classes": [school_class.name for school_class in draft.classes],
        "rows": len(found.kept.rows),
    }
    audit.record("announcement.goes_later", f"announcement {draft.id}", detail, by, now)
    return True


def _becomes(sheet: MessageSheet, draft: Announcement) -> bool:
    """Bind a spreadsheet to its draft unless it was sent or bound before."""
    bound = db.session.scalar(
        update(MessageSheet)
        .where(
            MessageSheet.id == sheet.id,
            MessageSheet.sent_at.is_(None),
            MessageSheet.announcement_id.is_(None),
        )
        .values(announcement_id=draft.id)
        .returning(MessageSheet.id)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(sheet, ["announcement_id", "announcement"])
    return bound is not None


def let_it_stay(sheet: MessageSheet, now: datetime, by: StaffMember) -> bool:
    """Let a spreadsheet not go by itself, in the caller's transaction; False: it has gone, or goes now.

    Its draft is taken first and then itself, as whoever sends it does: two who meet there never wait for each
    other.
    """
    number = sheet.announcement_id
    stopped = number is None or db.session.scalar(
        delete(Announcement)
        .where(Announcement.id == number, Announcement.published_at.is_(None))
        .returning(Announcement.id)
        .execution_options(synchronize_session=False)
    )
    # Held: it may be sent, put off or forgotten in another window at this very moment.
    stands = db.session.execute(
        select(MessageSheet.sent_at, MessageSheet.announcement_id)
        .where(MessageSheet.id == sheet.id)
        .with_for_update()
    ).one_or_none()
    if not stopped or stands is None or stands.sent_at is not None or stands.announcement_id is not None:
        return False
    if number is not None:
        db.session.expire_all()
        sheet.kept_until = now + KEPT
        audit.record("announcement.stays", f"announcement {number}", {}, by, now)
    return True


def go(announcement: Announcement, now: datetime, by: StaffMember | None) -> Published:
    """Send a spreadsheet whose hour has come, as things stand now, in the caller's transaction.

    Rows of children whom its author no longer sees are left out, and noted. Raises Unready when something
    else stands against it: a message that grew too long, nobody with an address, a limit of the month.
    """
    if not taken(announcement, now):
        return already_published(announcement)
    sheet = db.session.scalar(
        select(MessageSheet)
        .where(MessageSheet.announcement_id == announcement.id, MessageSheet.sent_at.is_(None))
        .options(undefer(MessageSheet.content))
    )
    author = announcement.author
    if sheet is None or author is None:
        raise Unready([Flaw("file", gettext("Its spreadsheet is not here any more."))])
    school = db.session.get_one(School, announcement.school_id)
    found = plan_of(sheet, school, [each.id for each in visible_classes(author)], now)
    if found.problems:
        sentences = list(dict.fromkeys(problem.message for problem in found.problems))
        raise Unready([Flaw("file", sentence) for sentence in sentences[:MOST_SAID]])
    if sentence := nothing_to_send(found):
        raise Unready([Flaw("classes", sentence)])
    return hand_over(sheet, announcement, found, now, by, AT_ONCE)
