"""Let a draft go by itself later, or not after all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from notifier.database import db
from webapp.announcements import looked_over
from webapp.announcements.later.form import HOURS_BEFORE, LaterForm
from webapp.announcements.models import Announcement
from webapp.announcements.queries import own_draft
from webapp.families.queries import visible_classes
from webapp.staff import audit
from webapp.staff.access import only
from webapp.staff.models import WRITERS
from webapp.times import when


@only(WRITERS)
def later(number: int) -> ResponseReturnValue:
    """Keep with a draft when it goes."""
    draft, now = own_draft(current_user, number, hold=True) or abort(404), datetime.now(UTC)
    if draft.published_at:
        flash(gone(), "warning")
        return redirect(url_for(".progress", number=number), 303)
    if request.form.get("seen") != draft.fingerprint:
        flash(gettext("The announcement was changed since you looked at it. Look at it again."), "warning")
        return redirect(url_for(".review", number=number), 303)
    if not set(draft.classes) <= set(visible_classes(current_user)):
        flash(gettext("You can only write to your own classes. Choose among these."), "error")
        return redirect(url_for(".edit", number=number), 303)
    form = LaterForm()
    if form.before.data in HOURS_BEFORE:
        moment = draft.moment - timedelta(hours=form.before.data) if draft.moment else now
        if moment <= now:
            flash(gettext("This hour is over. Choose one that is still to come."), "error")
            return redirect(url_for(".review", number=number), 303)
        draft.goes_before, draft.repeats_until = form.before.data, None
        _goes(draft, moment, now)
    elif form.holds(draft, current_user.school, now) and (chosen := form.goes_at(current_user.school)):
        draft.goes_before, draft.repeats_until = None, form.repeats_until
        _goes(draft, chosen, now)
    else:
        return looked_over.page(draft, form, now), 422
    return redirect(url_for(".sent"), 303)


def _goes(draft: Announcement, moment: datetime, now: datetime) -> None:
    draft.goes_at, draft.goes_by_id, draft.not_sent_because = moment, current_user.id, ""
    detail = {
        "goes_at": f"{moment.astimezone(current_user.school.zone):%Y-%m-%d %H:%M}",
        "classes": [school_class.name for school_class in draft.classes],
    }
    audit.record("announcement.goes_later", f"announcement {draft.id}", detail, current_user, now)
    db.session.commit()
    flash(gettext("It goes by itself: %(when)s.", when=when(moment, now)), "success")


def gone() -> str:
    """Say that a draft went while its author was about to keep it."""
    sentence: str = gettext("It has been sent meanwhile. You can still take back what has not left.")
    return sentence


@only(WRITERS)
def stay(number: int) -> ResponseReturnValue:
    """Let a draft not go by itself."""
    draft, now = own_draft(current_user, number, hold=True) or abort(404), datetime.now(UTC)
    if draft.published_at:
        flash(gone(), "warning")
        return redirect(url_for(".progress", number=number), 303)
    if draft.goes_at:
        draft.stays()
        audit.record("announcement.stays", f"announcement {draft.id}", {}, current_user, now)
        db.session.commit()
    flash(gettext("It does not go by itself now: it waits as a draft."), "success")
    return redirect(url_for(".review", number=number), 303)
