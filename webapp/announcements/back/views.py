"""Take an announcement back, set it right, use it again."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user
from sqlalchemy import or_, select

from notifier.database import db
from webapp.announcements.back import again
from webapp.announcements.back.taking_back import TakenBack, take_back
from webapp.announcements.desk.sendable import may_write
from webapp.announcements.kinds import PERSONAL
from webapp.announcements.levels import Standing, standing
from webapp.announcements.models import Announcement
from webapp.announcements.own_texts import OWN_TEXTS
from webapp.announcements.queries import corrected_by, correction_begun, sent_announcement
from webapp.announcements.recipients import Recipient
from webapp.staff.access import only
from webapp.staff.models import KEEPERS, WRITERS, StaffMember

# Their texts differ from phone to phone, and have ways of their own to be set right.
OF_LESSONS = frozenset({"digest", "correction"})


def may_take_back(person: StaffMember, announcement: Announcement) -> bool:
    """Whoever wrote it, and those who answer for what the school sends."""
    if announcement.kind in PERSONAL | OF_LESSONS or announcement.taken_back_at:
        return False
    return announcement.author_id == person.id or person.may(KEEPERS)


def still_waits(announcement: Announcement, now: datetime) -> bool:
    """Whether a message of it, or of its reminders, has not left or may still be tried: else all is done."""
    its = select(Announcement.id).where(
        or_(Announcement.id == announcement.id, Announcement.reminds_of_id == announcement.id)
    )
    waiting = (
        select(Recipient.id)
        .outerjoin(Recipient.delivery)
        .where(Recipient.announcement_id.in_(its), standing(now) == Standing.WAITING.value)
    )
    return db.session.scalar(waiting.limit(1)) is not None


def may_use(person: StaffMember, announcement: Announcement) -> bool:
    """Whether its text can be the beginning of another."""
    return (
        may_write(person, announcement.kind)
        and announcement.kind not in PERSONAL | OWN_TEXTS
        and any(announcement.texts.values())
    )


def may_correct(person: StaffMember, announcement: Announcement) -> bool:
    """Whoever may take it back and writes to all of its classes: no family is left with the wrong text."""
    return (
        may_use(person, announcement)
        and (announcement.author_id == person.id or person.may(KEEPERS))
        and (person.sees_whole_school or all(each.teacher_id == person.id for each in announcement.classes))
    )


@only(WRITERS)
def back(number: int) -> ResponseReturnValue:
    announcement = _sent(number)
    if not (may_take_back(current_user, announcement) or announcement.taken_back_at):
        abort(404)
    now = datetime.now(UTC)
    if not (announcement.taken_back_at or still_waits(announcement, now)):
        # On a page that was open before: who has no address would not be told what all others know.
        flash(
            gettext("All of it has left meanwhile, and nothing was changed. Send a correction instead."),
            "warning",
        )
        return redirect(url_for(".progress", number=number), 303)
    found = take_back(announcement, now, current_user)
    db.session.commit()
    flash(in_words(found), "success" if found.is_whole else "warning")
    return redirect(url_for(".progress", number=number), 303)


def in_words(found: TakenBack) -> str:
    """Say exactly who was told all the same."""
    if found.is_whole:
        return str(gettext("It is taken back: no family was told."))
    said = [
        ngettext(
            "It is taken back for %(num)s family.", "It is taken back for %(num)s families.", found.families
        )
    ]
    if found.gone:
        said.append(
            ngettext(
                "%(num)s family was sent it before, and stands below.",
                "%(num)s families were sent it before, and stand below.",
                found.gone,
            )
        )
    if found.perhaps:
        said.append(
            ngettext(
                "%(num)s family was perhaps sent it: its message was leaving at that moment.",
                "%(num)s families were perhaps sent it: their messages were leaving at that moment.",
                found.perhaps,
            )
        )
    return " ".join(said)


@only(WRITERS)
def correct(number: int) -> ResponseReturnValue:
    """Begin what sets it right, or go on with it."""
    first = _sent(number)
    while later := corrected_by(first):
        # Who was told of the correction alone must hear of the next one, too.
        first = later
    if not may_correct(current_user, first):
        abort(404)
    # Of two who begin at once, the second goes on with what the first has begun.
    db.session.execute(select(Announcement.id).where(Announcement.id == first.id).with_for_update())
    draft = correction_begun(current_user, first)
    if draft is None:
        draft = again.correction_of(first, current_user, datetime.now(UTC))
        db.session.commit()
    flash(gettext("Correct the text. It goes to the families that were told, or are about to be."), "message")
    return redirect(url_for(".edit", number=draft.id), 303)


@only(WRITERS)
def use_again(number: int) -> ResponseReturnValue:
    first = _sent(number)
    if not may_use(current_user, first):
        abort(404)
    draft = again.use_again(first, current_user, datetime.now(UTC))
    db.session.commit()
    flash(gettext("This is a new draft with the same text."), "message")
    return redirect(url_for(".edit", number=draft.id), 303)


def _sent(number: int) -> Announcement:
    announcement: Announcement = sent_announcement(current_user, number) or abort(404)
    return announcement
