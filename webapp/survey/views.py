"""Ask families, and see what they answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from notifier import jobs
from notifier.database import db
from webapp.announcements.money import budget
from webapp.announcements.publish import Published, Unready
from webapp.announcements.refused import say_why
from webapp.families.device_queries import device_classes
from webapp.families.devices import SEES_DEVICES
from webapp.paging import Page
from webapp.staff.access import only
from webapp.staff.models import StaffMember
from webapp.survey import class_views
from webapp.survey.forms import SurveyForm, meanings
from webapp.survey.models import MOST_CHOICES, Survey
from webapp.survey.queries import (
    classes_seen,
    may_steer,
    results,
    survey_of,
    survey_with_token,
    surveys_for,
)
from webapp.survey.ready import READY
from webapp.survey.sending import plan_of, remind, send, too_long

blueprint = Blueprint("survey", __name__, url_prefix="/surveys")

PER_PAGE = 20
SHOWN_RENDERINGS = 6


@blueprint.get("/")
@only(SEES_DEVICES)
def surveys() -> str:
    page = Page.of(
        surveys_for(current_user), request.args.get("page"), PER_PAGE, lambda n: url_for(".surveys", page=n)
    )
    found = db.session.scalars(page.rows).all()
    return render_template(
        "survey/surveys.html",
        page=page,
        surveys=found,
        results={
            each.id: results(each, classes_seen(current_user, each))[0] for each in found if each.sent_at
        },
        ready=READY,
        now=datetime.now(UTC),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@only(SEES_DEVICES)
def new() -> ResponseReturnValue:
    if request.method == "POST":
        return _written(SurveyForm.read(request.form), None)
    form = SurveyForm.blank(request.args.get("ready", ""), _today())
    classes = device_classes(current_user)
    form.classes = [str(each.id) for each in classes] if len(classes) == 1 else []
    return _shown(form)


@blueprint.route("/<int:number>/edit", methods=["GET", "POST"])
@only(SEES_DEVICES)
def edit(number: int) -> ResponseReturnValue:
    survey = _own_draft(number, hold=request.method == "POST")
    if survey.sent_at:
        return redirect(url_for(".survey", number=number))
    if request.method == "POST":
        return _written(SurveyForm.read(request.form), survey)
    return _shown(SurveyForm.of(survey, current_user.school.zone))


def _written(form: SurveyForm, survey: Survey | None) -> ResponseReturnValue:
    """Keep what was written as a draft, once; then look it over."""
    classes, school = device_classes(current_user), current_user.school
    if not form.holds(classes, _today()):
        return _shown(form), 422
    survey = survey or survey_with_token(current_user, form.token)
    if survey is None:
        survey = Survey(
            school_id=school.id, author_id=current_user.id, token=form.token, created_at=datetime.now(UTC)
        )
        form.fill(survey, classes, school.zone)
        try:
            with db.session.begin_nested():
                db.session.add(survey)
        except IntegrityError:
            survey = survey_with_token(current_user, form.token)
    if survey is None or survey.author_id != current_user.id:
        abort(404)
    if survey.sent_at is None:
        form.fill(survey, classes, school.zone)
    db.session.commit()
    return redirect(url_for(".survey", number=survey.id), 303)


def _shown(form: SurveyForm) -> str:
    return render_template(
        "survey/form.html",
        form=form,
        classes=device_classes(current_user),
        meanings=meanings(),
        rows=[*form.choices, *({"ky": "", "ru": "", "sets": ""},) * (MOST_CHOICES - len(form.choices))],
    )


@blueprint.get("/<int:number>")
@only(SEES_DEVICES)
def survey(number: int) -> str:
    """A draft is looked over; what was sent shows what was answered."""
    found, now = survey_of(current_user, number), datetime.now(UTC)
    if found.sent_at is None:
        plan = plan_of(found)
        return render_template(
            "survey/review.html",
            survey=found,
            plan=plan,
            renderings=list(dict.fromkeys(message for _, message in plan.messages))[:SHOWN_RENDERINGS],
            problem=too_long(plan),
            price=budget.price_of(plan.school, plan.segments),
        )
    classes = classes_seen(current_user, found)
    whole, by_class = results(found, classes)
    return render_template(
        "survey/results.html",
        survey=found,
        classes=classes,
        whole=whole,
        by_class=by_class,
        last_day=found.last_day(current_user.school.zone),
        steers=may_steer(current_user, found),
        now=now,
    )


@blueprint.post("/<int:number>/send")
@only(SEES_DEVICES)
def send_it(number: int) -> ResponseReturnValue:
    survey = _own_draft(number, hold=True)
    if not set(survey.classes) <= set(device_classes(current_user)):
        abort(404)
    return _told(survey, send)


@blueprint.post("/<int:number>/remind")
@only(SEES_DEVICES)
def remind_them(number: int) -> ResponseReturnValue:
    survey = survey_of(current_user, number)
    if survey.sent_at is None or not may_steer(current_user, survey):
        abort(404)
    return _told(survey, remind)


def _told(
    survey: Survey, tell: Callable[[Survey, datetime, StaffMember], Published | None]
) -> ResponseReturnValue:
    number = survey.id
    try:
        published = tell(survey, datetime.now(UTC), current_user)
    except Unready as unready:
        say_why(unready)
        return redirect(url_for(".survey", number=number), 303)
    db.session.commit()
    jobs.nudge()
    if published:
        flash(
            ngettext(
                "The question goes to %(num)s family.",
                "The question goes to %(num)s families.",
                published.recipients,
            ),
            "success",
        )
    return redirect(url_for(".survey", number=number), 303)


@blueprint.post("/<int:number>/discard")
@only(SEES_DEVICES)
def discard(number: int) -> ResponseReturnValue:
    """Throw a draft away; one that was sent meanwhile stays open."""
    survey = _steered(number)
    if survey.sent_at is not None:
        flash(gettext("It has been sent meanwhile, so it was not thrown away."), "warning")
        return redirect(url_for(".survey", number=number), 303)
    db.session.delete(survey)
    db.session.commit()
    flash(gettext("The draft is deleted."), "success")
    return redirect(url_for(".surveys"), 303)


@blueprint.post("/<int:number>/close")
@only(SEES_DEVICES)
def close(number: int) -> ResponseReturnValue:
    """End a survey that was sent: answers count no more."""
    survey, now = _steered(number), datetime.now(UTC)
    if survey.sent_at is not None:
        survey.closes_at = min(survey.closes_at, now)
        db.session.commit()
        flash(gettext("The survey is closed."), "success")
    return redirect(url_for(".survey", number=number), 303)


def _steered(number: int) -> Survey:
    """Find a survey the person at hand may end, and hold it."""
    survey = survey_of(current_user, number, hold=True)
    return survey if may_steer(current_user, survey) else abort(404)


def _own_draft(number: int, *, hold: bool = False) -> Survey:
    survey = survey_of(current_user, number, hold=hold)
    return survey if survey.author_id == current_user.id else abort(404)


def _today() -> date:
    return datetime.now(UTC).astimezone(current_user.school.zone).date()


blueprint.add_url_rule(
    "/<int:number>/class/<int:class_id>", view_func=class_views.class_page, methods=["GET", "POST"]
)
