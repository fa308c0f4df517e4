"""Take a notice for the staff back, set it right, use it again."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user

from notifier.database import db
from webapp.announcements.publish import UNDO
from webapp.staff.models import KEEPERS, StaffMember
from webapp.staffroom.audience import may_send
from webapp.staffroom.back import TakenBack, take_back
from webapp.staffroom.back import use_again as begin_again
from webapp.staffroom.models import StaffNotice
from webapp.staffroom.queries import sent_notice


def may_take_back(person: StaffMember, notice: StaffNotice) -> bool:
    """Whoever wrote it, and the administration."""
    announcement = notice.announcement
    return announcement.taken_back_at is None and (announcement.author_id == person.id or person.may(KEEPERS))


def may_undo(notice: StaffNotice, now: datetime) -> bool:
    """Whether nothing of it has left yet, for that half a minute."""
    announcement = notice.announcement
    return bool(
        notice.sends
        and not announcement.urgent
        and announcement.published_at
        and now < announcement.published_at + UNDO
    )


def back(number: int) -> ResponseReturnValue:
    notice = _sent(number)
    if not (may_take_back(current_user, notice) or notice.announcement.taken_back_at):
        abort(404)
    found = take_back(notice, datetime.now(UTC), current_user._get_current_object())
    db.session.commit()
    flash(in_words(found), "warning" if found.told else "success")
    return redirect(url_for(".progress", number=number), 303)


def again(number: int) -> ResponseReturnValue:
    """Begin a draft from it: the same once more, or what sets it right."""
    corrects = request.form.get("corrects") == "1"
    draft = begin_again(
        _sent(number), current_user._get_current_object(), datetime.now(UTC), corrects=corrects
    )
    db.session.commit()
    return redirect(url_for(".edit", number=draft.announcement_id), 303)


def in_words(found: TakenBack) -> str:
    """Say exactly who knows of it."""
    if not found.told:
        return str(gettext("Taken back: nobody has been told."))
    sentence: str = ngettext(
        "Taken back. %(num)s person had been told before.",
        "Taken back. %(num)s people had been told before.",
        found.told,
    )
    return sentence


def _sent(number: int) -> StaffNotice:
    if not may_send(current_user):
        abort(404)
    return sent_notice(current_user, number) or abort(404)
