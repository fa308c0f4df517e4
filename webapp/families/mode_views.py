"""The pages of how classes are taught: what holds, a new period, an earlier or later end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from notifier.database import db
from webapp.families.mode_forms import EndForm, ModeForm
from webapp.families.modes import MODE_NAMES, ClassMode, make_room, mode_numbered, modes_from
from webapp.families.queries import visible_classes
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.staff.models import KEEPERS, StaffMember

blueprint = Blueprint("modes", __name__, url_prefix="/modes")

FORTNIGHT = timedelta(days=13)


@blueprint.get("")
def overview() -> str:
    today = _today()
    found = modes_from(current_user.school_id, today)
    return render_template(
        "families/modes.html",
        now=[each for each in found if each.starts <= today],
        later=[each for each in found if each.starts > today],
        names=MODE_NAMES,
        may_edit=current_user.may(KEEPERS),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@only(KEEPERS)
def new() -> ResponseReturnValue:
    form, now = ModeForm(), datetime.now(UTC)
    form.offer(visible_classes(current_user))
    if not form.is_submitted():
        form.starts.data, form.ends.data = _today(), _today() + FORTNIGHT
    if form.holds():
        for class_id in form.chosen:
            make_room(current_user.school_id, class_id, form.starts.data, form.ends.data)
            db.session.add(
                ClassMode(
                    school_id=current_user.school_id,
                    class_id=class_id,
                    mode=form.mode.data,
                    starts=form.starts.data,
                    ends=form.ends.data,
                    quarantine=form.quarantine.data,
                    order_number=form.order_number.data,
                    order_date=form.order_date.data,
                    created_at=now,
                )
            )
        names = [form.offered[str(number)].name for number in form.chosen if number]
        _note("mode.set", {"classes": names, "mode": form.mode.data}, now)
        db.session.commit()
        flash(gettext("Saved. Now tell the families."), "success")
        return redirect(url_for(".overview"), 303)
    return render_template("families/mode.html", form=form), 422 if form.errors else 200


@blueprint.route("/<int:number>", methods=["GET", "POST"])
@only(KEEPERS)
def change(number: int) -> ResponseReturnValue:
    """Extend a period, or end it earlier; ended before its first day it never was."""
    mode, now = mode_numbered(current_user.school_id, number) or abort(404), datetime.now(UTC)
    form = EndForm(obj=mode)
    if form.validate_on_submit() and form.ends.data:
        if form.ends.data < mode.starts:
            db.session.delete(mode)
        else:
            mode.ends = form.ends.data
        _note("mode.changed", {"until": form.ends.data.isoformat()}, now)
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for(".overview"), 303)
    return render_template("families/mode_end.html", form=form, mode=mode, names=MODE_NAMES), (
        422 if form.errors else 200
    )


def _today() -> date:
    return datetime.now(UTC).astimezone(current_user.school.zone).date()


def _note(action: str, detail: dict[str, object], now: datetime) -> None:
    person: StaffMember = current_user._get_current_object()
    record(action, "", detail, person, now)
