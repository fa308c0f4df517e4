"""The families an announcement has not reached, and who goes to them; the school's ladder."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, gettext, ngettext
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from notifier.database import db
from webapp.announcements.levels import Standing
from webapp.announcements.progress import copy_of
from webapp.announcements.queries import sent_announcement
from webapp.announcements.reasons import why
from webapp.announcements.recipients import Recipient
from webapp.families.looking import found_in, looked_for
from webapp.paging import Page
from webapp.reach import by_tap
from webapp.reach.causes import CAUSE_KINDS, CAUSE_NAMES, causes_of, in_order
from webapp.reach.evidence import evidence
from webapp.reach.going import hand_over, send_somebody, tasks_about, unreached, who_goes
from webapp.reach.ladder import LONGEST, MEANS_NAMES, MOST_RUNGS, Rung, keep_ladder, ladder_of
from webapp.reach.models import Means
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.staff.models import BROADCASTERS, KEEPERS, Role

blueprint = Blueprint("reach_going", __name__, url_prefix="/reach")

PER_PAGE = 30
LEAST_HOURS, LEAST_MINUTES = 1, 5


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
        may_send=current_user.may(BROADCASTERS),
        may_hand=current_user.may(BROADCASTERS - {Role.SOCIAL_PEDAGOGUE}),
        now=now,
    )


@blueprint.post("/announcements/<int:number>/follow-ups")
@only(BROADCASTERS)
def send(number: int) -> ResponseReturnValue:
    """Open a task for every family that nobody goes to yet."""
    found = sent_announcement(current_user, number) or abort(404)
    now = datetime.now(UTC)
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


@blueprint.post("/announcements/<int:number>/spoken")
@only(BROADCASTERS)
def spoken(number: int) -> ResponseReturnValue:
    """Note that somebody spoke to a family about it, or that this was a slip of the finger."""
    sent_announcement(current_user, number) or abort(404)
    family_id = request.form.get("family", type=int) or abort(404)
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
    db.session.commit()
    if stays:
        flash(gettext("This talk was noted with the family; it stays."), "warning")
    else:
        flash(gettext("Taken back.") if undo else gettext("Noted: you spoke to the family."), "success")
    show, page = request.args.get("show"), request.args.get("page")
    return redirect(url_for("announcements.progress", number=number, show=show, page=page), 303)


@blueprint.route("/ladder", methods=["GET", "POST"])
@only(KEEPERS)
def ladder() -> ResponseReturnValue:
    school, faults = current_user.school, dict[int, LazyString | str]()
    rows = offered(ladder_of(school.id))
    if request.method == "POST":
        rows, faults = read_rungs(request.form, rows)
        if not faults:
            on, now = "on" in request.form, datetime.now(UTC)
            changed = keep_ladder(school, rows)
            if changed or school.ladder_on != on:
                school.ladder_on = on
                record(
                    "ladder.changed", "", {"rungs": [r.means for r in rows if r.active]}, current_user, now
                )
            db.session.commit()
            flash(gettext("Saved."), "success")
            return redirect(url_for(".ladder"), 303)
    page = render_template(
        "reach/ladder.html", rows=rows, faults=faults, names=MEANS_NAMES, on=school.ladder_on
    )
    return page, 422 if faults else 200


def offered(rungs: Sequence[Rung]) -> list[Rung]:
    """The rungs a school may set: its own, and those it has not, switched off; a second number twice."""
    rows = list(rungs)
    for means in (Means.NEXT_NUMBER, *Means):
        wanted = 2 if means is Means.NEXT_NUMBER else 1
        while sum(rung.means is means for rung in rows) < wanted and len(rows) < MOST_RUNGS:
            rows.append(Rung(len(rows) + 1, means, timedelta(hours=3), timedelta(minutes=30), active=False))
    return rows


def read_rungs(
    form: MultiDict[str, str], rows: Sequence[Rung]
) -> tuple[list[Rung], dict[int, LazyString | str]]:
    """Read the rows of the form in the order they are given; the faults by row."""
    read: list[tuple[int, Rung]] = []
    faults: dict[int, LazyString | str] = {}
    most_hours = int(LONGEST.total_seconds()) // 3600
    for place, row in enumerate(rows):
        order = form.get(f"order-{place}", "", type=str).strip()
        hours = form.get(f"hours-{place}", "", type=str).strip()
        minutes = form.get(f"minutes-{place}", "", type=str).strip()
        within = (
            _between(order, 1, MOST_RUNGS)
            and _between(hours, LEAST_HOURS, most_hours)
            and _between(minutes, LEAST_MINUTES, most_hours * 60)
        )
        if not within:
            faults[place] = gettext(
                "Write whole numbers: a place from 1, 1 to %(hours)s hours, and at least 5 minutes.",
                hours=most_hours,
            )
            read.append((place, row))
            continue
        rung = Rung(
            place + 1,
            row.means,
            timedelta(hours=int(hours)),
            timedelta(minutes=int(minutes)),
            f"active-{place}" in form,
        )
        read.append((int(order), rung))
    if faults:
        return [rung for _, rung in read], faults
    ordered = [rung for _, rung in sorted(read, key=lambda each: each[0])]
    return [Rung(at, r.means, r.after, r.urgent_after, r.active) for at, r in enumerate(ordered, 1)], faults


def _between(typed: str, least: int, most: int) -> bool:
    return typed.isascii() and typed.isdecimal() and len(typed) <= 6 and least <= int(typed) <= most
