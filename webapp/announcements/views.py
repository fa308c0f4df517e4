"""Write, look over, send."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user
from sqlalchemy import select

from notifier import jobs
from notifier.database import db
from webapp.announcements import looked_over, progress_views
from webapp.announcements.audience import who_views
from webapp.announcements.audience.chips import chips_for
from webapp.announcements.back import views as back_views
from webapp.announcements.back.again import beginning_of
from webapp.announcements.desk.asking import kind_asked_for, often_written_by, to_the_picker
from webapp.announcements.drafts import looked_over_at
from webapp.announcements.files.attaching import detach_all
from webapp.announcements.forms import ComposeForm, form_for
from webapp.announcements.keeping import Other, keep
from webapp.announcements.later import views as later_views
from webapp.announcements.later.form import LaterForm
from webapp.announcements.models import Announcement
from webapp.announcements.money import limits
from webapp.announcements.money import views as cost_views
from webapp.announcements.money.views import cost_of
from webapp.announcements.progress import glances
from webapp.announcements.publish import AT_ONCE, UNDO, Unready, publish
from webapp.announcements.queries import drafts_of, own_draft, sent_announcements, set_right_among
from webapp.announcements.recipients import Recipient
from webapp.announcements.refused import say_why
from webapp.families.looking import found_in, looked_for
from webapp.families.queries import visible_classes
from webapp.paging import Page
from webapp.roster.queries import has_numbers
from webapp.staff.access import only
from webapp.staff.models import ADVISERS, BROADCASTERS, WRITERS

blueprint = Blueprint("announcements", __name__)

PER_PAGE = 20
FEW_DRAFTS, MOST_DRAFTS = 5, 30


@blueprint.get("/announcements")
def sent() -> str:
    """What was sent, drafts first; of a child that is looked for, what its family was told."""
    now, wanted, query = datetime.now(UTC), looked_for(), sent_announcements(current_user)
    if wanted:
        told = found_in(select(Recipient.announcement_id), Recipient.family_id, wanted)
        query = query.where(Announcement.id.in_(told))
    page = Page.of(
        query, request.args.get("page"), PER_PAGE, lambda n: url_for(".sent", page=n, q=wanted or None)
    )
    announcements = db.session.scalars(page.rows).all()
    return render_template(
        "announcements/sent.html",
        wanted=wanted,
        page=page,
        sent=announcements,
        glances=glances(current_user, [each.id for each in announcements], now),
        set_right=set_right_among([each.id for each in announcements]),
        **(_drafts() if page.number == 1 and not wanted else {"drafts": []}),
        looked_over_at=looked_over_at,
        may_write=current_user.may(BROADCASTERS),
        may_advise=current_user.may(ADVISERS),
        low=_limits_near(now) if page.number == 1 else [],
    )


def _drafts() -> dict[str, object]:
    """What goes by itself and what was begun; of more than a few begun ones the older on demand."""
    shown = MOST_DRAFTS if "drafts" in request.args else FEW_DRAFTS
    found = drafts_of(current_user, shown + 1)
    begun = [each for each in found if each.goes_at is None]
    left = begun[shown:]
    return {"drafts": [each for each in found if each not in left], "older_drafts": bool(left)}


def _limits_near(now: datetime) -> list[str]:
    """Warn who may write: of the school's limit, and a teacher of their own classes'."""
    if not current_user.may(BROADCASTERS):
        return []
    own = [] if current_user.sees_whole_school else visible_classes(current_user)
    return limits.warnings(current_user.school, own, now)


@blueprint.route("/announcements/new", methods=["GET", "POST"])
@only(WRITERS)
def compose() -> ResponseReturnValue:
    kind = kind_asked_for(None)
    if request.method != "POST" and (picker := to_the_picker(kind, request.args)):
        return picker
    form = form_for(kind.code)()
    if request.method != "POST":
        form.begin_audience(request.args)
        form.begin_kind(request.args)
    return _written(form, None)


@blueprint.route("/announcements/<int:number>/edit", methods=["GET", "POST"])
@only(WRITERS)
def edit(number: int) -> ResponseReturnValue:
    draft = own_draft(current_user, number) or abort(404)
    form = form_for(kind_asked_for(draft).code)(obj=draft)
    if draft.published_at:
        return _too_late(form, draft)
    if request.method != "POST":
        form.recall(draft, current_user.school)
    form.recall_audience(draft)
    form.begins = beginning_of(draft)
    return _written(form, draft)


def _too_late(form: ComposeForm, sent: Announcement) -> ResponseReturnValue:
    """Lead to what has been sent; whoever has just written something else is told that it is not in it."""
    if form.is_submitted() and form.says_else(sent):
        flash(
            gettext(
                "It was sent before you saved this, as it stood then: your change is not in it. If it "
                "matters, send a correction."
            ),
            "warning",
        )
    return redirect(url_for(".progress", number=sent.id), 303)


def _written(form: ComposeForm, draft: Announcement | None) -> ResponseReturnValue:
    """Show the form until it holds; then keep it as a draft and go on to the review."""
    classes, now = visible_classes(current_user), datetime.now(UTC)
    form.offer(current_user, classes)
    then = request.form.get("then")
    writes = then in {"write", "anew"}
    if request.method != "POST" or writes:
        form.follow(current_user.school, now, anew=then == "anew")
    holds, looks_who = not writes and form.holds(current_user.school), then == "who"
    other = None
    if holds or (looks_who and form.is_unfinished):
        kept = keep(form, draft, now)
        if not isinstance(kept, Other):
            db.session.commit()
            if kept.published_at:
                return _too_late(form, kept)
            return redirect(url_for(".who" if looks_who else ".review", number=kept.id), 303)
        other = kept
    return render_template(
        "announcements/compose.html",
        form=form,
        draft=draft,
        has_classes=bool(classes),
        chips=chips_for(current_user, classes, form.selection, now),
        often=() if draft else often_written_by(current_user),
        other=other,
        has_duty=has_numbers(current_user.school_id),
        **cost_of(form),
    ), 409 if other else 422 if form.errors else 200


@blueprint.get("/announcements/<int:number>/review")
@only(WRITERS)
def review(number: int) -> ResponseReturnValue:
    draft = own_draft(current_user, number) or abort(404)
    if draft.published_at:
        return redirect(url_for(".progress", number=draft.id))
    if not any(draft.texts.values()):
        return redirect(url_for(".edit", number=draft.id))
    now = datetime.now(UTC)
    form = LaterForm()
    form.recall(draft, current_user.school, now)
    return looked_over.page(draft, form, now)


@blueprint.post("/announcements/<int:number>/send")
@only(WRITERS)
def send(number: int) -> ResponseReturnValue:
    draft = own_draft(current_user, number, hold=True) or abort(404)
    if draft.published_at is None and request.form.get("seen") != draft.fingerprint:
        flash(gettext("The announcement was changed since you looked at it. Look at it again."), "warning")
        return redirect(url_for(".review", number=number), 303)
    if not set(draft.classes) <= set(visible_classes(current_user)):
        flash(gettext("You can only write to your own classes. Choose among these."), "error")
        return redirect(url_for(".edit", number=number), 303)
    try:
        hold = AT_ONCE if draft.urgent else UNDO
        published = publish(draft, datetime.now(UTC), by=current_user, hold=hold)
    except Unready as unready:
        say_why(unready)
        return redirect(url_for(".edit", number=number), 303)
    db.session.commit()
    jobs.nudge()
    if published.first:
        flash(
            ngettext(
                "The announcement goes to %(num)s family.",
                "The announcement goes to %(num)s families.",
                published.recipients,
            ),
            "success",
        )
    return redirect(url_for(".progress", number=number), 303)


@blueprint.post("/announcements/<int:number>/discard")
@only(WRITERS)
def discard(number: int) -> ResponseReturnValue:
    draft = own_draft(current_user, number, hold=True) or abort(404)
    if draft.published_at:
        flash(later_views.gone(), "warning")
        return redirect(url_for(".progress", number=number), 303)
    detach_all(draft)
    db.session.delete(draft)
    db.session.commit()
    flash(gettext("The draft is deleted."), "success")
    return redirect(url_for(".sent"), 303)


blueprint.add_url_rule("/announcements/cost", view_func=cost_views.cost, methods=["POST"])
for rule, view, methods in (
    ("", progress_views.progress, ["GET"]),
    ("/progress", progress_views.counts, ["GET"]),
    ("/families", progress_views.families, ["GET"]),
    ("/who", who_views.who, ["GET"]),
    ("/later", later_views.later, ["POST"]),
    ("/stay", later_views.stay, ["POST"]),
    ("/back", back_views.back, ["POST"]),
    ("/correct", back_views.correct, ["POST"]),
    ("/again", back_views.use_again, ["POST"]),
):
    blueprint.add_url_rule(f"/announcements/<int:number>{rule}", view_func=view, methods=methods)
blueprint.add_url_rule("/announcements/<int:number>/who", view_func=who_views.choose_who, methods=["POST"])
