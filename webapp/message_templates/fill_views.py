"""Fill a template in for one announcement, alike for all families."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_login import current_user

from notifier.database import db
from webapp.message_templates.fields import KNOWN
from webapp.message_templates.filling import Filling, blank, draft_from
from webapp.message_templates.preview import phones_of
from webapp.message_templates.queries import template_of
from webapp.staff.access import only, reads_only
from webapp.staff.models import BROADCASTERS


@only(BROADCASTERS)
def fill(number: int) -> ResponseReturnValue:
    """Fill the fields in, alike for all families; then it is a draft in the composer."""
    found = template_of(current_user, number)
    version, token = found.current, request.form.get("token", "")
    if not 0 < len(token) <= 32 or ":" in token:
        token = secrets.token_urlsafe(16)
    if request.method != "POST":
        filling = blank(version.asked_in(str(get_locale())))
        if not filling.asked:
            filling.holds()
    else:
        filling = Filling.read(version.asked_in(str(get_locale())), request.form)
        if request.form.get("version") != str(version.id):
            flash(gettext("The template has changed meanwhile. Look whether it is still right."), "warning")
        elif request.form.get("then") != "look" and filling.holds():
            person = current_user._get_current_object()
            draft = draft_from(version, filling, token, person, datetime.now(UTC)) or abort(404)
            db.session.commit()
            flash(gettext("The text is filled in. Choose who gets it, and look it over."), "success")
            return redirect(url_for("announcements.edit", number=draft.id), 303)
    return render_template(
        "message_templates/fill.html",
        template=found,
        version=version,
        filling=filling,
        known=KNOWN,
        token=token,
        phones=phones_of(current_user.school, version.pieces, filling.shown if request.form else None),
    ), 422 if filling.faults else 200


@reads_only
@only(BROADCASTERS)
def fill_preview(number: int) -> str:
    """Answer the typing; writes nothing."""
    version = template_of(current_user, number).current
    shown = Filling.read(version.asked_in(str(get_locale())), request.form).shown
    return render_template(
        "message_templates/_phones.html", phones=phones_of(current_user.school, version.pieces, shown)
    )
