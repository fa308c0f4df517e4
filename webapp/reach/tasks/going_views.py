"""The families an announcement has not reached, and who goes to them."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user

from notifier.database import db
from webapp.announcements.levels import Standing
from webapp.announcements.progress import copy_of
from webapp.announcements.queries import sent_announcement
from webapp.announcements.reasons import why
from webapp.announcements.recipients import Recipient
from webapp.families.looking import found_in, looked_for
from webapp.numbers import row_number
from webapp.paging import Page
from webapp.reach.causes import CAUSE_KINDS, CAUSE_NAMES, causes_of, in_order
from webapp.reach.contacts import by_tap
from webapp.reach.history.evidence import evidence
from webapp.reach.tasks.going import hand_over, send_somebody, tasks_about, unreached, who_goes
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.staff.models import BROADCASTERS, Role

blueprint = Blueprint("reach_going", __name__, url_prefix="/reach")

PER_PAGE = 30


@blueprint.get("/announcements/<int:number>")
def announcement(number: int) -> str:
    found = sent_announcement(current_user, number) or abort(404)
    now, wanted = datetime.now(UTC), looked_for()
    page = Page.of(
        found_in(unreached(current_user, found, now), Recipient.family_id, wanted),
        request.args.get("page"),
        PER_PAGE,
        lambda at: url_for(".announcement", number=number, q=wanted or None, page=at),
    )
    rows = db.session.execute(page.rows).tuples().all()
    return render_template(
        "reach/going.html",
        announcement=found,
        wanted=wanted,
        page=page,
        causes=in_order(causes_of(current_user, found, now)) if rows else [],
        cause_names=CAUSE_NAMES,
        cause_kinds=CAUSE_KINDS,
        rows=[
            (copy, standing, why(Standing(standing), copy.delivery, copy.no_address), evidence(copy))
            for copy, standing in rows
        ],
        going=tasks_about(number, [copy.family_id for copy, _ in rows]),
        may_send=current_user.may(BROADCASTERS) and not found.taken_back_at,
        may_hand=current_user.may(BROADCASTERS - {Role.SOCIAL_PEDAGOGUE}) and not found.taken_back_at,
        now=now,
    )


@blueprint.post("/announcements/<int:number>/follow-ups")
@only(BROADCASTERS)
def send(number: int) -> ResponseReturnValue:
    """Open a task for every family that nobody goes to yet."""
    found = sent_announcement(current_user, number) or abort(404)
    now = datetime.now(UTC)
    if found.taken_back_at:
        return _was_taken_back(number)
    left = [family for family, task in who_goes(found, current_user, now) if task is None]
    new = send_somebody(found, left, now)
    if new:
        record("follow_ups.opened", f"announcement {number}", {"families": new}, current_user, now)
    db.session.commit()
    flash(ngettext("%(num)s follow-up opened.", "%(num)s follow-ups opened.", new), "success")
    return redirect(url_for(".announcement", number=number), 303)


@blueprint.post("/announcements/<int:number>/hand")
@only(BROADCASTERS)
def hand(number: int) -> ResponseReturnValue:
    """Hand the ticked families to the social pedagogue: those nobody goes to, and one's own."""
    found = sent_announcement(current_user, number) or abort(404)
    if found.taken_back_at:
        return _was_taken_back(number)
    now, ticked = datetime.now(UTC), set(request.form.getlist("family", type=int))
    left = [
        (family, task)
        for family, task in who_goes(found, current_user, now)
        if family.id in ticked and (task is None or task.assignee_id == current_user.id)
    ]
    new = hand_over(found, left, now)
    if new:
        record("follow_ups.handed", f"announcement {number}", {"families": new}, current_user, now)
    db.session.commit()
    if new:
        flash(
            ngettext(
                "%(num)s family is handed to the social pedagogue.",
                "%(num)s families are handed to the social pedagogue.",
                new,
            ),
            "success",
        )
    else:
        flash(gettext("Tick the families first."), "warning")
    return redirect(url_for(".announcement", number=number), 303)


def _was_taken_back(number: int) -> ResponseReturnValue:
    """Say to whoever pressed a button of an older page that nobody goes to a family with this any more."""
    flash(gettext("It was taken back: nobody goes to the families with it any more."), "warning")
    return redirect(url_for("announcements.progress", number=number), 303)


@blueprint.post("/announcements/<int:number>/spoken")
@only(BROADCASTERS)
def spoken(number: int) -> ResponseReturnValue:
    """Note that somebody spoke to a family about it, or that this was a slip of the finger."""
    sent_announcement(current_user, number) or abort(404)
    family_id = request.form.get("family", type=row_number) or abort(404)
    recipient = copy_of(current_user, number, family_id) or abort(404)
    now, undo = datetime.now(UTC), "undo" in request.form
    if by_tap.take_back(recipient, now) if undo else by_tap.spoke(recipient, current_user, now):
        record(
            "announcement.spoken_undone" if undo else "announcement.spoken",
            f"announcement {number}, family {family_id}",
            {},
            current_user,
            now,
        )
    stays = undo and recipient.spoken_at is not None
    unsaid = not undo and recipient.spoken_at is None and recipient.taken_back_at is not None
    db.session.commit()
    if unsaid:
        flash(gettext("It was taken back before it went to this family: nobody has to tell them."), "warning")
    elif stays:
        flash(gettext("This talk was noted with the family; it stays."), "warning")
    else:
        flash(gettext("Taken back.") if undo else gettext("Noted: you spoke to the family."), "success")
    show, page = request.args.get("show"), request.args.get("page")
    return redirect(url_for("announcements.progress", number=number, show=show, page=page), 303)
