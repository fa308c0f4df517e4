"""Who has answered an announcement: by class, entered in bulk from paper, reminded once, slips to print."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user
from sqlalchemy import not_

from notifier import jobs
from notifier.database import db
from webapp.announcements.models import Announcement
from webapp.announcements.money import budget, limits
from webapp.announcements.own_texts import OWN_TEXTS
from webapp.announcements.publish import Unready, starts_at
from webapp.announcements.recipients import Recipient
from webapp.announcements.refused import say_why
from webapp.families.looking import found_in, looked_for
from webapp.families.queries import class_of, visible_classes
from webapp.paging import Page
from webapp.reach.answers.acknowledge import acknowledge, take_back
from webapp.reach.answers.acknowledged import (
    by_class,
    copies_in,
    ids_among,
    in_all,
    knows,
)
from webapp.reach.answers.grid import PER_PAGE, asked, entered_in, families_noted, grid, ids_in, listed, note
from webapp.reach.answers.own_words import alone
from webapp.reach.answers.remind import remind, reminder_of, still_holds, still_to_leave
from webapp.staff import audit
from webapp.staff.access import only
from webapp.staff.models import BROADCASTERS, SCRIPT_NAMES

blueprint = Blueprint("reach_answers", __name__, url_prefix="/reach/announcements/<int:number>")

SHOWN_RENDERINGS = 3


@blueprint.get("/acknowledged")
def acknowledged(number: int) -> str:
    announcement = asked(number)
    holds = still_holds(announcement)
    may_remind = holds and _may_remind(announcement) and announcement.reminded_at is None
    reminder = _reminder(announcement) if may_remind else {"plan": None}
    return render_template(
        "reach/acknowledged.html",
        announcement=announcement,
        classes=by_class(current_user, announcement, knows()),
        total=in_all(current_user, announcement, knows()),
        may_write=current_user.may(BROADCASTERS),
        holds=holds,
        waits=may_remind and still_to_leave(announcement),
        **reminder,
    )


def _may_remind(announcement: Announcement) -> bool:
    """It goes to all who have not answered, so to classes this person may write to."""
    return current_user.may(BROADCASTERS) and set(announcement.classes) <= set(visible_classes(current_user))


def _reminder(announcement: Announcement) -> dict[str, object]:
    """What a reminder would say and cost, shown before it goes."""
    now, found = datetime.now(UTC), reminder_of(announcement, knows())
    school, plan = found.plan.school, found.plan
    renderings = list(dict.fromkeys(message for _, message in plan.messages))
    over = [] if announcement.urgent else limits.refusals(school, announcement.classes, plan.messages, now)
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
    announcement = asked(number)
    if not _may_remind(announcement):
        abort(403)
    now = datetime.now(UTC)
    if still_to_leave(announcement) and not reminder_of(announcement, knows()).plan.audience.told:
        # Pressed too early it would be spent: it goes once.
        flash(gettext("The messages themselves have not left yet. Remind families afterwards."), "warning")
        return redirect(url_for(".acknowledged", number=announcement.id), 303)
    try:
        reminded = remind(announcement, knows(), Announcement.reminded_at, now, by=current_user)
    except Unready as unready:
        say_why(unready)
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
    announcement, school_class = asked(number), class_of(current_user, class_id)
    here: dict[str, Any] = {"number": announcement.id, "class_id": class_id}
    if request.method == "POST":
        entered, now = entered_in(announcement, school_class), datetime.now(UTC)
        new = acknowledge(entered.ids, entered.how, current_user, entered.at)
        note(announcement, "acknowledgement.entered", school_class, len(new), now, how=entered.how)
        db.session.commit()
        flash(families_noted(len(new)), "success" if new else "message")
        return redirect(url_for(".acknowledged_class", **here, entered=listed(new)), 303)
    return grid(announcement, school_class, ".acknowledged_class", {})


@blueprint.post("/acknowledged/<int:class_id>/undo")
@only(BROADCASTERS)
def undo_acknowledged(number: int, class_id: int) -> ResponseReturnValue:
    announcement, school_class = asked(number), class_of(current_user, class_id)
    undone = take_back(ids_among(announcement, school_class, ids_in("ids")))
    note(announcement, "acknowledgement.taken_back", school_class, len(undone), datetime.now(UTC))
    db.session.commit()
    flash(gettext("Taken back."), "success")
    return redirect(url_for(".acknowledged_class", number=announcement.id, class_id=class_id), 303)


@blueprint.get("/slips/<int:class_id>")
def slips(number: int, class_id: int) -> str:
    """Slips of paper to cut apart: one for each family of the class that has not answered yet."""
    announcement, school_class, wanted = asked(number), class_of(current_user, class_id), looked_for()
    page = Page.of(
        found_in(copies_in(announcement, school_class, not_(knows())), Recipient.family_id, wanted),
        request.args.get("page"),
        PER_PAGE,
        lambda n: url_for(".slips", number=announcement.id, class_id=class_id, q=wanted or None, page=n),
    )
    copies = db.session.scalars(page.rows).all()
    return render_template(
        "reach/slips.html",
        announcement=announcement,
        school=current_user.school,
        school_class=school_class,
        wanted=wanted,
        page=page,
        copies=copies,
        own=alone(copies) if announcement.kind in OWN_TEXTS else {},
    )
