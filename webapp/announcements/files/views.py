"""The files of an announcement: add and remove before it is sent, open before and after."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_decimal, gettext
from flask_login import current_user
from sqlalchemy import select

from notifier.database import db
from notifier.stationery import Enclosure
from webapp.announcements.files.attaching import attach, detach, held_draft
from webapp.announcements.files.check import MB, MOST_BYTES, MOST_FILES, BadFile, checked
from webapp.announcements.files.kinds import KINDS
from webapp.announcements.models import Announcement
from webapp.announcements.plan import plan
from webapp.announcements.queries import own_draft, sent_announcement
from webapp.staff.access import only
from webapp.staff.models import WRITERS

blueprint = Blueprint("attachments", __name__, url_prefix="/announcements/<int:number>/attachments")

ENDINGS = ",".join(f".{ending}" for kind in KINDS for ending in kind.endings)


@blueprint.app_template_filter("file_size")
def file_size(size: int) -> str:
    """Say how big a file is: "1.4 MB", "12 KB"."""
    if size >= MB:
        return str(gettext("%(num)s MB", num=format_decimal(size / MB, format="#,##0.#")))
    return str(gettext("%(num)s KB", num=format_decimal(max(1, round(size / 1024)))))


@blueprint.get("")
@only(WRITERS)
def overview(number: int) -> ResponseReturnValue:
    draft = _draft(number)
    if draft.published_at:
        return redirect(url_for("announcements.progress", number=number))
    return _page(draft)


@blueprint.post("")
@only(WRITERS)
def add(number: int) -> ResponseReturnValue:
    """Take a file in; what does not go is told beside the field."""
    draft, upload = _draft(number), request.files.get("file")
    if draft.published_at:
        return redirect(url_for("announcements.progress", number=number), 303)
    if upload is None or not upload.filename:
        return _page(draft, gettext("Choose a file first.")), 422
    name, content = upload.filename, upload.read(MOST_BYTES + 1)
    upload.close()
    # To look through a file takes a moment; nobody should wait for the database meanwhile.
    db.session.rollback()
    try:
        file = checked(name, content)
        draft = _draft(number)
        if not held_draft(draft):
            return redirect(url_for("announcements.progress", number=number), 303)
        added = attach(draft, file, datetime.now(UTC))
    except BadFile as bad:
        db.session.rollback()
        return _page(_draft(number), str(bad)), 422
    db.session.commit()
    if added:
        flash(gettext("“%(name)s” goes with the letters.", name=file.name), "success")
    else:
        flash(gettext("“%(name)s” is there already.", name=file.name), "message")
    return redirect(url_for(".overview", number=number), 303)


@blueprint.post("/<int:file>/remove")
@only(WRITERS)
def remove(number: int, file: int) -> ResponseReturnValue:
    draft = _draft(number)
    if not held_draft(draft):
        flash(gettext("The announcement is sent already: its files stay."), "warning")
        return redirect(url_for("announcements.progress", number=number), 303)
    if not detach(draft, file):
        abort(404)
    db.session.commit()
    flash(gettext("The file is removed."), "success")
    return redirect(url_for(".overview", number=number), 303)


@blueprint.get("/<int:file>")
def download(number: int, file: int) -> Response:
    """Give a file to staff who may see the announcement; the browser saves it, and never shows it."""
    announcement = own_draft(current_user, number) or sent_announcement(current_user, number) or abort(404)
    if file not in {each.enclosure_id for each in announcement.files}:
        abort(404)
    found = db.session.execute(
        select(Enclosure.name, Enclosure.media_type, Enclosure.content).where(Enclosure.id == file)
    ).one()
    return send_file(
        io.BytesIO(found.content), mimetype=found.media_type, as_attachment=True, download_name=found.name
    )


def _page(draft: Announcement, problem: str = "") -> str:
    return render_template(
        "announcements/attachments.html",
        draft=draft,
        plan=plan(draft, datetime.now(UTC)),
        problem=problem,
        endings=ENDINGS,
        full=len(draft.files) >= MOST_FILES,
        together=sum(each.enclosure.size for each in draft.files),
    )


def _draft(number: int) -> Announcement:
    return own_draft(current_user, number) or abort(404)
