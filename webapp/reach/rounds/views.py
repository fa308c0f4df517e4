"""Rounds: make a list, print it, and type its results back in the same order."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext, lazy_gettext, ngettext
from flask_login import current_user
from sqlalchemy import select

from notifier.database import db
from webapp.families.looking import families_found, looked_for
from webapp.families.models import Family
from webapp.families.queries import visible_classes
from webapp.paging import Page
from webapp.reach.board.cards import children_of
from webapp.reach.board.kinds import Asked, Show
from webapp.reach.board.standings import stand_anew
from webapp.reach.board.views import SHOWN
from webapp.reach.contacts.forms import new_token
from webapp.reach.models import Means
from webapp.reach.rounds.entry import keep, read_grid, show_date
from webapp.reach.rounds.make import MOST_ON_A_LIST, SHOWS, how_many, made_before, make_round
from webapp.reach.rounds.models import Order, Round
from webapp.reach.rounds.queries import noted, round_of, rounds_of, rows_of, sizes
from webapp.reach.rounds.results import KEYS
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.staff.models import BROADCASTERS, Role
from webapp.times import full_day

blueprint = Blueprint("reach_rounds", __name__, url_prefix="/reach/rounds")

PER_PAGE = 20
# Whose copy of the paper has the families' numbers on it.
PHONES_ON_PAPER = frozenset({Role.SOCIAL_PEDAGOGUE})
ORDERS = {Order.STREET: lazy_gettext("By street"), Order.CLASS: lazy_gettext("By class")}


@blueprint.get("")
def listing() -> str:
    page = Page.of(
        rounds_of(current_user),
        request.args.get("page"),
        PER_PAGE,
        lambda number: url_for(".listing", page=number),
    )
    rounds = db.session.scalars(page.rows).all()
    return render_template(
        "reach/rounds.html",
        page=page,
        rounds=rounds,
        sizes=sizes(rounds),
        orders=ORDERS,
        may_make=current_user.may(BROADCASTERS),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@only(BROADCASTERS)
def new() -> ResponseReturnValue:
    """Ask for a list, and make it."""
    now, classes = datetime.now(UTC), visible_classes(current_user)
    school_class = next((each for each in classes if each.id == request.values.get("class", type=int)), None)
    show, order, means = request.values.get("show"), request.values.get("order"), request.values.get("means")
    asked = Asked(
        Show(show) if show and show in SHOWS else Show.UNREACHED,
        class_id=school_class.id if school_class else None,
    )
    token = request.form.get("token", "")[:32]
    if request.method == "POST" and len(token) >= 8:
        made = made_before(current_user, token) or make_round(
            current_user,
            asked,
            school_class,
            Order(order) if order in set(Order) else Order.STREET,
            Means.CALL if means == Means.CALL else Means.VISIT,
            token,
            now,
        )
        if made is not None:
            if made.made_at == now:
                record("round.made", f"round {made.id}", {"families": len(made.rows)}, current_user, now)
            db.session.commit()
            return redirect(url_for(".one", number=made.id), 303)
        flash(gettext("There is nobody to go to: no family of this kind."), "message")
    return render_template(
        "reach/round_new.html",
        token=new_token(),
        classes=classes,
        school_class=school_class,
        asked=asked,
        shows=[(each, SHOWN[each]) for each in SHOWS],
        orders=ORDERS,
        families=how_many(current_user, asked, now),
        most=MOST_ON_A_LIST,
    )


@blueprint.route("/<int:number>", methods=["GET", "POST"])
def one(number: int) -> ResponseReturnValue:
    """The grid in the order of the paper; posted to, note what was typed: all of it or nothing."""
    a_round, now = round_of(current_user, number), datetime.now(UTC)
    today = now.astimezone(current_user.school.zone).date()
    rows = rows_of(current_user, a_round)
    may_note = current_user.may(BROADCASTERS)
    if request.method == "POST" and may_note:
        # Of two who type the same paper the second waits, and then finds what the first has noted.
        db.session.execute(select(Round.id).where(Round.id == number).with_for_update())
        for family_id in sorted(row.family_id for row in rows):
            db.session.execute(select(Family.id).where(Family.id == family_id).with_for_update())
    typed = read_grid(a_round, rows, noted(a_round, rows), request.form, today)
    faults = [line for line in typed if line.error]
    if request.method == "POST" and may_note and not faults:
        kept = keep(a_round, typed, current_user, now)
        if kept:
            stand_anew([line.row.family_id for line in kept], now)
            record("round.typed", f"round {number}", {"rows": len(kept)}, current_user, now)
        db.session.commit()
        flash(
            ngettext("%(num)s result noted.", "%(num)s results noted.", len(kept))
            if kept
            else gettext("There was nothing new to note."),
            "success" if kept else "message",
        )
        return redirect(url_for(".one", number=number), 303)
    if request.method == "POST":
        db.session.rollback()
        a_round, rows = round_of(current_user, number), rows_of(current_user, round_of(current_user, number))
        typed = read_grid(a_round, rows, noted(a_round, rows), request.form, today)
    wanted = looked_for()
    found = families_found(wanted) if wanted else set()
    page = render_template(
        "reach/round.html",
        round=a_round,
        wanted=wanted,
        typed=[line for line in typed if not wanted or line.row.family_id in found or line.error],
        faults=faults,
        keys=KEYS[Means(a_round.means)],
        today=show_date(today),
        children_of=children_of,
        may_note=may_note,
        left=sum(1 for line in typed if line.before is None),
        show_date=lambda moment: show_date(moment.astimezone(current_user.school.zone).date()),
    )
    return page, 422 if faults and request.method == "POST" else 200


@blueprint.get("/<int:number>/list.pdf")
@only(BROADCASTERS)
def paper(number: int) -> Response:
    a_round = round_of(current_user, number)
    # A sheet is read on other days than the one it was made on.
    local = a_round.made_at.astimezone(current_user.school.zone)
    made = gettext(
        "%(school)s · made by %(name)s, %(when)s · %(order)s",
        school=current_user.school.name,
        name=a_round.staff.name if a_round.staff else "—",
        when=f"{full_day(local.date())}, {local:%H:%M}",
        order=ORDERS[Order(a_round.order)],
    )
    # Only when asked for: what draws on paper takes 30 MB, in each process of the web and of the worker.
    from webapp.reach.rounds.sheet import sheet

    content = sheet(
        a_round,
        rows_of(current_user, a_round),
        str(get_locale()),
        made,
        phones=current_user.may(PHONES_ON_PAPER),
    )
    return Response(
        content,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="round-{number}.pdf"'},
    )
