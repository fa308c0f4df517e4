"""Who was in touch by an announcement's hour: by class, entered in bulk."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from notifier.database import db
from webapp.families.queries import class_of
from webapp.reach.answers import feedback
from webapp.reach.answers.acknowledged import by_class, copies_in, ids_among, in_all, touches_of, was_in_touch
from webapp.reach.answers.grid import asked, entered_in, families_noted, grid, ids_in, listed, note
from webapp.reach.answers.views import blueprint
from webapp.staff.access import only
from webapp.staff.models import BROADCASTERS


@blueprint.get("/in-touch")
def in_touch(number: int) -> str:
    announcement = asked(number)
    return render_template(
        "reach/in_touch.html",
        announcement=announcement,
        classes=by_class(current_user, announcement, was_in_touch()),
        total=in_all(current_user, announcement, was_in_touch()),
        may_write=current_user.may(BROADCASTERS),
        reminds_at=feedback.reminds_at(announcement),
        now=datetime.now(UTC),
    )


@blueprint.route("/in-touch/<int:class_id>", methods=["GET", "POST"])
@only(BROADCASTERS)
def in_touch_class(number: int, class_id: int) -> ResponseReturnValue:
    """A grid of one class: tick the children who called, came or sent their work."""
    announcement, school_class = asked(number), class_of(current_user, class_id)
    here: dict[str, Any] = {"number": announcement.id, "class_id": class_id}
    if request.method == "POST":
        entered, now = entered_in(announcement, school_class), datetime.now(UTC)
        new = feedback.note_by_hand(entered.ids, entered.at, current_user, now)
        note(announcement, "touch.entered", school_class, len(new), now)
        db.session.commit()
        flash(families_noted(len(new)), "success" if new else "message")
        return redirect(url_for(".in_touch_class", **here, entered=listed(new)), 303)
    ids = [copy.id for copy in db.session.scalars(copies_in(announcement, school_class))]
    return grid(announcement, school_class, ".in_touch_class", touches_of(ids))


@blueprint.post("/in-touch/<int:class_id>/undo")
@only(BROADCASTERS)
def undo_in_touch(number: int, class_id: int) -> ResponseReturnValue:
    announcement, school_class = asked(number), class_of(current_user, class_id)
    undone = feedback.take_back(ids_among(announcement, school_class, ids_in("ids")))
    note(announcement, "touch.taken_back", school_class, len(undone), datetime.now(UTC))
    db.session.commit()
    flash(gettext("Taken back."), "success")
    return redirect(url_for(".in_touch_class", number=announcement.id, class_id=class_id), 303)
