"""The page of the school: its name in SMS, language and letters, what SMS cost and may cost."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from notifier.database import db
from webapp.announcements.audience.households import Child
from webapp.announcements.money import budget
from webapp.announcements.render import sms
from webapp.families.queries import visible_classes
from webapp.school.forms import SchoolForm, limits_form
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.staff.models import KEEPERS, LIFTERS, SCRIPT_NAMES, School, Script, StaffMember

blueprint = Blueprint("school", __name__, url_prefix="/school")

MONEY = ("sms_price", "monthly_limit", "class_limit")
# Not translated: it is read by families. In Cyrillic letters it takes two parts, in Latin ones a single one.
SAMPLE = "Урматтуу ата-энелер! Эртең сабактар телекөрсөтүү аркылуу өтөт. Балага шарт түзүңүз."
# What a class's page of numbers holds; more classes has no school.
MOST_CLASSES = 100


@blueprint.route("", methods=["GET", "POST"])
@only(KEEPERS)
def settings() -> ResponseReturnValue:
    school, now = current_user.school, datetime.now(UTC)
    form = SchoolForm(obj=school)
    if form.validate_on_submit():
        changed = form.write_into(school)
        if changed:
            money = {name: str(getattr(school, name) or "—") for name in changed if name in MONEY}
            record("school.changed", "", {"changed": changed, **money}, _me(), now)
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for(".settings"), 303)
    return _page(form, school, now), 422 if form.errors else 200


def _page(form: SchoolForm, school: School, now: datetime) -> str:
    classes = visible_classes(current_user)
    by_class = budget.spent_by_class(school, now)
    ranked = sorted(classes, key=lambda each: -by_class.get(each.id, 0))[:MOST_CLASSES]
    return render_template(
        "school/settings.html",
        form=form,
        school=school,
        script_names=SCRIPT_NAMES,
        samples=[
            sms(school, SAMPLE, [Child(0, "", 0, "5-А")], "ky", script)
            for script in (Script.CYRILLIC, Script.LATIN)
        ],
        spent=budget.spent(school, now),
        purses=budget.purses(school, ranked, now),
        by_class=[(each, by_class[each.id]) for each in ranked if by_class.get(each.id)],
        own_limits=[each.name for each in classes if each.monthly_limit is not None],
        lifted=budget.are_lifted(school, now),
        may_lift=current_user.may(LIFTERS),
    )


@blueprint.route("/limits", methods=["GET", "POST"])
@only(KEEPERS)
def limits() -> ResponseReturnValue:
    """Limits of single classes, beside the one that the school gives to each."""
    school, now = current_user.school, datetime.now(UTC)
    classes = visible_classes(current_user)[:MOST_CLASSES]
    form = limits_form(classes, school)
    if form.validate_on_submit():
        changed = {}
        for each in classes:
            limit = form[f"limit_{each.id}"].data
            if limit != each.monthly_limit:
                each.monthly_limit = limit
                changed[each.name] = str(limit or "—")
        if changed:
            record("school.class_limits_changed", "", changed, _me(), now)
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for(".limits"), 303)
    page = render_template(
        "school/limits.html",
        form=form,
        school=school,
        classes=classes,
        spent=budget.spent_by_class(school, now),
    )
    return page, 422 if form.errors else 200


@blueprint.post("/lift")
@only(LIFTERS)
def lift() -> ResponseReturnValue:
    """Let every announcement go for the rest of this month, or hold it to the limits again."""
    now, keep = datetime.now(UTC), "keep" in request.form
    school = current_user.school
    month = budget.month_of(school, now)
    if budget.are_lifted(school, now) == keep:
        school.limits_lifted_in = None if keep else month
        record("school.limits_kept" if keep else "school.limits_lifted", "", {"month": month}, _me(), now)
        db.session.commit()
    flash(
        gettext("The limits hold again.")
        if keep
        else gettext("Until the end of this month every announcement goes."),
        "success",
    )
    return redirect(url_for(".settings"), 303)


def _me() -> StaffMember:
    person: StaffMember = current_user._get_current_object()
    return person
