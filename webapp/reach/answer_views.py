"""Who has answered an announcement: by class, entered in bulk from paper, reminded once, slips to print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user
from sqlalchemy import not_

from notifier import jobs
from notifier.database import db
from webapp.announcements import budget
from webapp.announcements.models import AckHow, Announcement
from webapp.announcements.publish import Unready, starts_at
from webapp.announcements.queries import sent_announcement
from webapp.families.models import SchoolClass
from webapp.families.queries import class_of, visible_classes
from webapp.paging import Page
from webapp.reach import feedback
from webapp.reach.acknowledge import acknowledge, take_back
from webapp.reach.acknowledged import (
    by_class,
    copies_in,
    ids_among,
    in_all,
    knows,
    touches_of,
    was_in_touch,
)
from webapp.reach.remind import remind, reminder_of
from webapp.staff import audit
from webapp.staff.access import only
from webapp.staff.models import BROADCASTERS, SCRIPT_NAMES

blueprint = Blueprint("reach_answers", __name__, url_prefix="/reach/announcements/<int:number>")

PER_PAGE = 100
MOST_IDS = 200
SHOWN_RENDERINGS = 3


@dataclass(frozen=True, slots=True)
class Entered:
    """What a grid was sent with."""

    ids: list[int]
    how: AckHow
    at: datetime


@blueprint.get("/acknowledged")
def acknowledged(number: int) -> str:
    announcement = _asked(number)
    may_remind = _may_remind(announcement) and announcement.reminded_at is None
    return render_template(
        "reach/acknowledged.html",
        announcement=announcement,
        classes=by_class(current_user, announcement, knows()),
        total=in_all(current_user, announcement, knows()),
        **(_reminder(announcement) if may_remind else {"plan": None}),
    )


def _asked(number: int) -> Announcement:
    """The announcement; of a reminder, what it reminds of."""
    announcement = sent_announcement(current_user, number) or abort(404)
    if announcement.reminds_of_id:
        announcement = sent_announcement(current_user, announcement.reminds_of_id) or announcement
    return announcement


def _may_remind(announcement: Announcement) -> bool:
    """It goes to all who have not answered, so to classes this person may write to."""
    return current_user.may(BROADCASTERS) and set(announcement.classes) <= set(visible_classes(current_user))


def _reminder(announcement: Announcement) -> dict[str, object]:
    """What a reminder would say and cost, shown before it goes."""
    now, found = datetime.now(UTC), reminder_of(announcement, knows())
    school, plan = found.plan.school, found.plan
    renderings = list(dict.fromkeys(message for _, message in plan.messages))
    over = [] if announcement.urgent else budget.refusals(school, announcement.classes, plan.messages, now)
    return {
        "plan": plan,
        "renderings": renderings[:SHOWN_RENDERINGS],
        "price": budget.price_of(school, plan.segments),
        "over": over,
        "starts_at": starts_at(announcement.urgent, now, school),
        "now": now,
        "script_names": SCRIPT_NAMES,
    }


@blueprint.post("/remind")
@only(BROADCASTERS)
def send_reminder(number: int) -> ResponseReturnValue:
    announcement = _asked(number)
    if not _may_remind(announcement):
        abort(403)
    now = datetime.now(UTC)
    try:
        reminded = remind(announcement, knows(), Announcement.reminded_at, now, by=current_user)
    except Unready as unready:
        db.session.rollback()
        for flaw in unready.flaws:
            flash(flaw.text, "error")
        return redirect(url_for(".acknowledged", number=announcement.id), 303)
    if reminded:
        detail = {"families": reminded.recipients, "segments": reminded.segments}
        audit.record("announcement.reminded", f"announcement {announcement.id}", detail, current_user, now)
    db.session.commit()
    jobs.nudge()
    if reminded:
        flash(
            ngettext("%(num)s family is reminded.", "%(num)s families are reminded.", reminded.recipients),
            "success",
        )
    else:
        flash(gettext("They have been reminded already, or nobody is left who has an address."), "message")
    return redirect(url_for(".acknowledged", number=announcement.id), 303)


@blueprint.route("/acknowledged/<int:class_id>", methods=["GET", "POST"])
@only(BROADCASTERS)
def acknowledged_class(number: int, class_id: int) -> ResponseReturnValue:
    """A grid of one class: tick the slips that came back."""
    announcement, school_class = _asked(number), class_of(current_user, class_id)
    here: dict[str, Any] = {"number": announcement.id, "class_id": class_id}
    if request.method == "POST":
        entered, now = _entered(announcement, school_class), datetime.now(UTC)
        new = acknowledge(entered.ids, entered.how, current_user, entered.at)
        _note(announcement, "acknowledgement.entered", school_class, len(new), now, how=entered.how)
        db.session.commit()
        flash(_families_noted(len(new)), "success" if new else "message")
        return redirect(url_for(".acknowledged_class", **here, entered=_listed(new)), 303)
    return _grid(announcement, school_class, ".acknowledged_class", {})


@blueprint.post("/acknowledged/<int:class_id>/undo")
@only(BROADCASTERS)
def undo_acknowledged(number: int, class_id: int) -> ResponseReturnValue:
    announcement, school_class = _asked(number), class_of(current_user, class_id)
    undone = take_back(ids_among(announcement, school_class, _ids("ids")))
    _note(announcement, "acknowledgement.taken_back", school_class, len(undone), datetime.now(UTC))
    db.session.commit()
    flash(gettext("Taken back."), "success")
    return redirect(url_for(".acknowledged_class", number=announcement.id, class_id=class_id), 303)


@blueprint.get("/in-touch")
def in_touch(number: int) -> str:
    announcement = _asked(number)
    return render_template(
        "reach/in_touch.html",
        announcement=announcement,
        classes=by_class(current_user, announcement, was_in_touch()),
        total=in_all(current_user, announcement, was_in_touch()),
        reminds_at=feedback.reminds_at(announcement),
        now=datetime.now(UTC),
    )


@blueprint.route("/in-touch/<int:class_id>", methods=["GET", "POST"])
@only(BROADCASTERS)
def in_touch_class(number: int, class_id: int) -> ResponseReturnValue:
    """A grid of one class: tick the children who called, came or sent their work."""
    announcement, school_class = _asked(number), class_of(current_user, class_id)
    here: dict[str, Any] = {"number": announcement.id, "class_id": class_id}
    if request.method == "POST":
        entered, now = _entered(announcement, school_class), datetime.now(UTC)
        new = feedback.note_by_hand(entered.ids, entered.at, current_user, now)
        _note(announcement, "touch.entered", school_class, len(new), now)
        db.session.commit()
        flash(_families_noted(len(new)), "success" if new else "message")
        return redirect(url_for(".in_touch_class", **here, entered=_listed(new)), 303)
    ids = [copy.id for copy in db.session.scalars(copies_in(announcement, school_class))]
    return _grid(announcement, school_class, ".in_touch_class", touches_of(ids))


@blueprint.post("/in-touch/<int:class_id>/undo")
@only(BROADCASTERS)
def undo_in_touch(number: int, class_id: int) -> ResponseReturnValue:
    announcement, school_class = _asked(number), class_of(current_user, class_id)
    undone = feedback.take_back(ids_among(announcement, school_class, _ids("ids")))
    _note(announcement, "touch.taken_back", school_class, len(undone), datetime.now(UTC))
    db.session.commit()
    flash(gettext("Taken back."), "success")
    return redirect(url_for(".in_touch_class", number=announcement.id, class_id=class_id), 303)


@blueprint.get("/slips/<int:class_id>")
def slips(number: int, class_id: int) -> str:
    """Slips of paper to cut apart: one for each family of the class that has not answered yet."""
    announcement, school_class = _asked(number), class_of(current_user, class_id)
    page = Page.of(
        copies_in(announcement, school_class, not_(knows())),
        request.args.get("page"),
        PER_PAGE,
        lambda n: url_for(".slips", number=announcement.id, class_id=class_id, page=n),
    )
    return render_template(
        "reach/slips.html",
        announcement=announcement,
        school=current_user.school,
        school_class=school_class,
        page=page,
        copies=db.session.scalars(page.rows).all(),
    )


def _grid(
    announcement: Announcement, school_class: SchoolClass, endpoint: str, touches: Mapping[int, object]
) -> str:
    here: dict[str, Any] = {"number": announcement.id, "class_id": school_class.id}
    page = Page.of(
        copies_in(announcement, school_class),
        request.args.get("page"),
        PER_PAGE,
        lambda n: url_for(endpoint, **here, page=n),
    )
    copies = db.session.scalars(page.rows).all()
    return render_template(
        "reach/answer_grid.html",
        announcement=announcement,
        school_class=school_class,
        page=page,
        copies=copies,
        touches=touches,
        hour=endpoint == ".in_touch_class",
        entered=[copy.id for copy in copies if copy.id in _ids("entered", request.args.getlist("entered"))],
        today=datetime.now(current_user.school.zone).date(),
    )


def _entered(announcement: Announcement, school_class: SchoolClass) -> Entered:
    """Read the grid: what makes no sense is today, and on paper."""
    zone, now = current_user.school.zone, datetime.now(UTC)
    how = AckHow.PHONE if request.form.get("how") == AckHow.PHONE else AckHow.PAPER
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        day = now.astimezone(zone).date()
    sent = announcement.published_at or now
    # Not before it was sent, and not in the future; the hour of a slip nobody knows, so it is noon.
    at = min(max(datetime.combine(day, time(12), zone).astimezone(UTC), sent), now)
    return Entered(
        ids_among(announcement, school_class, _ids("copy")),
        how,
        now if day == now.astimezone(zone).date() else at,
    )


def _ids(name: str, given: list[str] | None = None) -> set[int]:
    texts = request.form.getlist(name) if given is None else given
    numbers = ",".join(texts).split(",")[:MOST_IDS]
    return {int(text) for text in numbers if text.isdecimal() and len(text) < 19}


def _listed(ids: list[int]) -> str | None:
    return ",".join(map(str, ids)) or None


def _families_noted(families: int) -> str:
    if not families:
        return str(gettext("Nothing new was ticked."))
    return str(ngettext("Noted for %(num)s family.", "Noted for %(num)s families.", families))


def _note(
    announcement: Announcement,
    action: str,
    school_class: SchoolClass,
    families: int,
    now: datetime,
    **more: str,
) -> None:
    if families:
        detail = {"classes": [school_class.name], "families": families, **more}
        audit.record(action, f"announcement {announcement.id}", detail, current_user, now)
