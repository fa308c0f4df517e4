"""Whose work for an assignment was handed in: by class, ticked child by child."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from notifier.database import db
from webapp.announcements.kinds import ASSIGNMENT
from webapp.announcements.models import Announcement
from webapp.announcements.queries import sent_announcement
from webapp.families.looking import found_in, looked_for
from webapp.families.models import Pupil, SchoolClass
from webapp.families.queries import class_of
from webapp.paging import Page
from webapp.reach.answers.acknowledged import Answers
from webapp.reach.answers.grid import PER_PAGE, asked, ids_in
from webapp.reach.answers.handing_in import children_in, handed_in_by_class, note_work
from webapp.reach.answers.views import blueprint
from webapp.staff import audit
from webapp.staff.access import only
from webapp.staff.models import BROADCASTERS


@blueprint.get("/handed-in")
def handed_in(number: int) -> str:
    announcement = _assignment(number)
    classes = handed_in_by_class(current_user, announcement)
    # A child is in one class, so that these add up.
    total = Answers(sum(each.asked for _, each in classes), sum(each.answered for _, each in classes))
    return render_template(
        "reach/handed_in.html",
        announcement=announcement,
        classes=classes,
        total=total,
        may_write=current_user.may(BROADCASTERS),
        now=datetime.now(UTC),
    )


@blueprint.route("/handed-in/<int:class_id>", methods=["GET", "POST"])
@only(BROADCASTERS)
def handed_in_class(number: int, class_id: int) -> ResponseReturnValue:
    """One class: tick whose work is there, untick what was a mistake."""
    announcement, school_class = _assignment(number), class_of(current_user, class_id)
    here: dict[str, Any] = {"number": announcement.id, "class_id": class_id}
    if request.method == "POST":
        _note(announcement, school_class)
        here |= {"q": looked_for() or None, "page": request.args.get("page")}
        return redirect(url_for(".handed_in_class", **here), 303)
    wanted = looked_for()
    page = Page.of(
        found_in(children_in(announcement, school_class), Pupil.family_id, wanted),
        request.args.get("page"),
        PER_PAGE,
        lambda n: url_for(".handed_in_class", **here, q=wanted or None, page=n),
    )
    return render_template(
        "reach/handed_in_class.html",
        announcement=announcement,
        school_class=school_class,
        wanted=wanted,
        page=page,
        children=db.session.execute(page.rows).all(),
    )


def _assignment(number: int) -> Announcement:
    """The assignment; of its reminder or its correction, what that is about."""
    announcement = asked(number)
    while announcement.corrects_id and (first := sent_announcement(current_user, announcement.corrects_id)):
        announcement = first
    if announcement.kind != ASSIGNMENT:
        abort(404)
    return announcement


def _note(announcement: Announcement, school_class: SchoolClass) -> None:
    """Keep what was changed on the page: what somebody else ticked meanwhile stays."""
    children = {row.id for row in db.session.execute(children_in(announcement, school_class))}
    ticked, before = ids_in("pupil") & children, ids_in("before") & children
    now = datetime.now(UTC)
    new, gone = note_work(announcement, ticked - before, before - ticked, current_user, now)
    if new or gone:
        detail = {"classes": [school_class.name], "handed_in": new, "not_handed_in": gone}
        audit.record("work.entered", f"announcement {announcement.id}", detail, current_user, now)
    db.session.commit()
    if new or gone:
        flash(gettext("Saved."), "success")
    else:
        flash(gettext("Nothing was changed."), "message")
