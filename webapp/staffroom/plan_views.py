"""The week's plan: which classes were told it in time, which late, and which not yet (clause 4.2)."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import delete

from notifier.database import db
from webapp.families.models import SchoolClass
from webapp.families.queries import class_of, visible_classes
from webapp.paging import MOST_ROWS
from webapp.reach.once import insert_once
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.staff.models import BROADCASTERS, KEEPERS, StaffMember
from webapp.staffroom.late import WEEKS_BACK, late_before
from webapp.staffroom.models import PlanDeadline, PlanTold
from webapp.staffroom.plan_forms import BEFORE_NAMES, DeadlineForm
from webapp.staffroom.plans import (
    WEEK,
    PlanState,
    deadline_of,
    plans_of,
    recent_announcements,
    week_to_show,
)
from webapp.times import day_asked, monday_of

blueprint = Blueprint("plans", __name__, url_prefix="/plans")

OTHERWISE = "otherwise"


@blueprint.get("")
def week() -> str:
    now, school = datetime.now(UTC), current_user.school
    deadline, classes = deadline_of(school.id), visible_classes(current_user)
    if deadline is None or not classes:
        return render_template(
            "staffroom/plans.html", deadline=deadline, plans=None, keeps=current_user.may(KEEPERS)
        )
    shown = week_to_show(deadline, school, now)
    monday = monday_of(day_asked(request.args.get("week"), shown))
    plans = plans_of(school, classes, deadline, monday, now)
    rows = plans.classes[:MOST_ROWS]
    return render_template(
        "staffroom/plans.html",
        deadline=deadline,
        plans=plans,
        rows=rows,
        due=plans.due.astimezone(school.zone),
        this=monday_of(now.astimezone(school.zone).date()),
        PlanState=PlanState,
        may_say={row.school_class.id for row in rows if _may_say(row.school_class)},
        earlier=url_for(".week", week=monday - WEEK),
        later=url_for(".week", week=monday + WEEK),
        keeps=(keeps := current_user.may(KEEPERS)),
        late_before=late_before(school, classes, deadline, monday, now)[:MOST_ROWS] if keeps else [],
        weeks_back=WEEKS_BACK,
    )


@blueprint.get("/classes/<int:number>")
def say(number: int) -> str:
    """Say which announcement told a class its plan, or that it was told in another way."""
    school_class, monday = _own_class(number), _monday()
    deadline = deadline_of(school_class.school_id) or abort(404)
    now = datetime.now(UTC)
    (row,) = plans_of(current_user.school, [school_class], deadline, monday, now).classes
    return render_template(
        "staffroom/plan_told.html",
        row=row,
        monday=monday,
        recent=recent_announcements(school_class, monday, current_user.school),
        otherwise=OTHERWISE,
        may_write=current_user.may(BROADCASTERS),
    )


@blueprint.post("/classes/<int:number>/told")
def told(number: int) -> ResponseReturnValue:
    """Note that the plan was told; once, whoever says so first."""
    school_class, monday = _own_class(number), _monday()
    at, announcement_id = datetime.now(UTC), None
    if (wanted := request.form.get("by", "")) != OTHERWISE:
        recent = recent_announcements(school_class, monday, current_user.school)
        chosen = next((each for each in recent if str(each.id) == wanted), None)
        if chosen is None or chosen.published_at is None:
            flash(gettext("Choose how the plan was told."), "error")
            return redirect(url_for(".say", number=number, week=monday), 303)
        at, announcement_id = chosen.published_at, chosen.id
    is_new = insert_once(
        PlanTold,
        ["class_id", "monday"],
        class_id=school_class.id,
        monday=monday,
        announcement_id=announcement_id,
        at=at,
        by_id=current_user.id,
    )
    if is_new:
        _note("plan.told", school_class, monday)
    db.session.commit()
    flash(gettext("Noted: class %(name)s knows its plan.", name=school_class.name), "success")
    return redirect(url_for(".week", week=monday), 303)


@blueprint.post("/classes/<int:number>/not-told")
def not_told(number: int) -> ResponseReturnValue:
    """Take back what somebody said."""
    school_class, monday = _own_class(number), _monday()
    taken_back = db.session.scalar(
        delete(PlanTold)
        .where(PlanTold.class_id == school_class.id, PlanTold.monday == monday)
        .returning(PlanTold.class_id)
    )
    if taken_back is not None:
        _note("plan.told_taken_back", school_class, monday)
    db.session.commit()
    return redirect(url_for(".week", week=monday), 303)


@blueprint.route("/settings", methods=["GET", "POST"])
@only(KEEPERS)
def settings() -> ResponseReturnValue:
    form, deadline = DeadlineForm(), deadline_of(current_user.school_id)
    form.offer()
    if form.validate_on_submit():
        _set(form, deadline)
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for(".week"), 303)
    if not form.is_submitted():
        form.show(deadline)
    return render_template("staffroom/plan_settings.html", form=form), 422 if form.errors else 200


def _set(form: DeadlineForm, deadline: PlanDeadline | None) -> None:
    now = datetime.now(UTC)
    by: StaffMember = current_user._get_current_object()
    if form.is_off:
        if deadline is not None:
            db.session.delete(deadline)
            record("plan.deadline_removed", "", {}, by, now)
        return
    before = (deadline.day, deadline.minute) if deadline else None
    if deadline is None:
        deadline = PlanDeadline(school_id=current_user.school_id)
        db.session.add(deadline)
    form.write_into(deadline)
    if (deadline.day, deadline.minute) != before:
        # Another way of reminding is no other hour: who was late stays so.
        deadline.set_at = now
    detail = {"day": form.day.data, "hour": form.hour.data, "before": str(BEFORE_NAMES[form.before.data])}
    record("plan.deadline_set", "", detail, by, now)


def _own_class(number: int) -> SchoolClass:
    """A class whose plan this person answers for; any other is not found."""
    found = class_of(current_user, number)
    return found if _may_say(found) else abort(404)


def _may_say(school_class: SchoolClass) -> bool:
    return bool(current_user.may(KEEPERS) or school_class.teacher_id == current_user.id)


def _monday() -> date:
    today = datetime.now(UTC).astimezone(current_user.school.zone).date()
    return monday_of(day_asked(request.values.get("week"), today))


def _note(action: str, school_class: SchoolClass, monday: date) -> None:
    by: StaffMember = current_user._get_current_object()
    record(action, "", {"classes": [school_class.name], "week": monday.isoformat()}, by, datetime.now(UTC))
