"""The page of duty: who is here now, the week, and who stands in."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import delete

from notifier.database import db
from webapp.roster.forms import SwapForm, TurnForm
from webapp.roster.models import ROSTER_NAMES, DutySwap, DutyTurn, Roster
from webapp.roster.queries import next_day, on_duty, swaps_from, turn_of, turns_of
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.staff.models import KEEPERS, StaffMember
from webapp.staff.queries import staff_of
from webapp.times import WEEKDAYS

blueprint = Blueprint("roster", __name__, url_prefix="/duty")

# A roster has a handful of turns a day; more is somebody's mistake.
MOST_TURNS = 70


@blueprint.get("")
def week() -> str:
    now = datetime.now(UTC)
    return render_template(
        "roster/week.html",
        present=on_duty(current_user.school, now),
        rosters={
            roster: [turn for turn in turns_of(current_user.school_id) if turn.roster == roster]
            for roster in Roster
        },
        roster_names=ROSTER_NAMES,
        weekdays=WEEKDAYS,
        swaps=swaps_from(current_user.school_id, _today(now)),
        may_edit=current_user.may(KEEPERS),
    )


@blueprint.route("/turns/new", methods=["GET", "POST"])
@only(KEEPERS)
def new() -> ResponseReturnValue:
    return _written(None)


@blueprint.route("/turns/<int:number>", methods=["GET", "POST"])
@only(KEEPERS)
def edit(number: int) -> ResponseReturnValue:
    return _written(_turn(number))


def _written(turn: DutyTurn | None) -> ResponseReturnValue:
    """Show the form until it holds; then keep the turn."""
    form = TurnForm()
    form.offer(_colleagues())
    if form.validate_on_submit():
        if turn is None:
            if len(turns_of(current_user.school_id)) >= MOST_TURNS:
                flash(gettext("There are too many turns already. Remove those that are over."), "error")
                return redirect(url_for(".week"), 303)
            turn = DutyTurn(school_id=current_user.school_id)
            db.session.add(turn)
        elif turn.weekday != form.weekday.data:
            # Whoever stood in did so on the day that is no longer this turn's.
            db.session.execute(delete(DutySwap).where(DutySwap.turn_id == turn.id))
        form.write_into(turn)
        _note()
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for(".week"), 303)
    if turn and not form.is_submitted():
        form.show(turn)
    return render_template("roster/turn.html", form=form, turn=turn), 422 if form.errors else 200


@blueprint.post("/turns/<int:number>/remove")
@only(KEEPERS)
def remove(number: int) -> ResponseReturnValue:
    db.session.delete(_turn(number))
    _note()
    db.session.commit()
    flash(gettext("The turn is removed."), "success")
    return redirect(url_for(".week"), 303)


@blueprint.route("/turns/<int:number>/swap", methods=["GET", "POST"])
@only(KEEPERS)
def swap(number: int) -> ResponseReturnValue:
    turn, today = _turn(number), _today(datetime.now(UTC))
    form = SwapForm()
    form.offer(_colleagues())
    if not form.is_submitted():
        form.day.data = next_day(turn, today)
    if form.holds(turn, today):
        found = db.session.scalar(db.select(DutySwap).filter_by(turn_id=turn.id, day=form.day.data))
        if found is None:
            found = DutySwap(turn_id=turn.id, day=form.day.data)
            db.session.add(found)
        form.write_into(found)
        _note()
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for(".week"), 303)
    return render_template("roster/swap.html", form=form, turn=turn, weekday=WEEKDAYS[turn.weekday]), (
        422 if form.errors else 200
    )


@blueprint.post("/swaps/<int:number>/remove")
@only(KEEPERS)
def remove_swap(number: int) -> ResponseReturnValue:
    found = db.session.get(DutySwap, number)
    if found is None or found.turn.school_id != current_user.school_id:
        abort(404)
    db.session.delete(found)
    _note()
    db.session.commit()
    flash(gettext("The turn stands as in the roster again."), "success")
    return redirect(url_for(".week"), 303)


def _colleagues() -> list[StaffMember]:
    return [person for person in staff_of(current_user.school) if person.active]


def _turn(number: int) -> DutyTurn:
    return turn_of(current_user.school_id, number) or abort(404)


def _today(now: datetime) -> date:
    return now.astimezone(current_user.school.zone).date()


def _note() -> None:
    person: StaffMember = current_user._get_current_object()
    record("roster.changed", "", {}, person, datetime.now(UTC))
