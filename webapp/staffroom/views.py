"""Notices for the staff: written, looked over, sent; and what became of them."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from notifier import jobs
from notifier.database import db
from webapp.announcements.desk.platforms import platforms_of
from webapp.announcements.keeping import Other
from webapp.announcements.kinds import STAFF
from webapp.announcements.later.views import gone
from webapp.announcements.models import Announcement
from webapp.announcements.money import limits
from webapp.announcements.money.budget import price_of
from webapp.announcements.publish import AT_ONCE, UNDO, Unready, starts_at
from webapp.announcements.refused import say_why
from webapp.paging import Page
from webapp.staff.models import KEEPERS
from webapp.staffroom import back_views, doubt_views, doubts, reading_views
from webapp.staffroom.audience import may_send, offered_to, oversteps
from webapp.staffroom.back import counted
from webapp.staffroom.forms import NoticeForm
from webapp.staffroom.handing import hand_out, nobody, plan_for, refusals
from webapp.staffroom.models import Kind, StaffNotice
from webapp.staffroom.queries import (
    Stand,
    copies_of,
    counts_of,
    drafts_by,
    notice_with_token,
    own_notice,
    sent_notice,
    sent_notices,
)
from webapp.staffroom.reading_views import PER_PAGE, in_my_language
from webapp.staffroom.wording import why_not

blueprint = Blueprint("staff_notices", __name__, url_prefix="/staff-notices")

PEOPLE_A_PAGE = 100


@blueprint.app_context_processor
def for_the_journal() -> dict[str, object]:
    return {"whose_staff_message": doubt_views.whose_message}


@blueprint.get("/sent")
def sent() -> str:
    """What was sent, and how many have read it."""
    _only_senders()
    page = Page.of(
        sent_notices(current_user),
        request.args.get("page"),
        PER_PAGE,
        lambda number: url_for(".sent", page=number),
    )
    notices = db.session.scalars(page.rows).all()
    return render_template(
        "staffroom/sent.html",
        page=page,
        notices=notices,
        counts=counts_of([notice.announcement_id for notice in notices]),
        drafts=drafts_by(current_user) if page.number == 1 else [],
        say=in_my_language,
        Stand=Stand,
        keeps=current_user.may(KEEPERS),
    )


@blueprint.route("/new", methods=["GET", "POST"])
def new() -> ResponseReturnValue:
    _only_senders()
    kind = Kind.WEBINAR if request.args.get("kind") == Kind.WEBINAR else Kind.NOTICE
    return _written(NoticeForm(), None, kind)


@blueprint.route("/<int:number>/edit", methods=["GET", "POST"])
def edit(number: int) -> ResponseReturnValue:
    notice = _own(number, hold=request.method == "POST")
    if notice.announcement.published_at:
        return redirect(url_for(".progress", number=number))
    form = NoticeForm()
    if request.method != "POST":
        form.recall(notice, current_user.school)
    return _written(form, notice, notice.kind)


def _written(form: NoticeForm, notice: StaffNotice | None, kind: str) -> ResponseReturnValue:
    """Show the form until it holds; then keep it as a draft and go on to the review."""
    offer = offered_to(current_user)
    form.offer(offer)
    other = None
    if form.holds(current_user, kind, datetime.now(UTC)):
        kept = _keep(form, notice, kind)
        if isinstance(kept, StaffNotice):
            db.session.commit()
            return redirect(url_for(".review", number=kept.announcement_id), 303)
        other = kept
    return render_template(
        "staffroom/write.html",
        form=form,
        notice=notice,
        kind=kind,
        Kind=Kind,
        offer=offer,
        platforms=platforms_of(current_user.school),
        other=other,
    ), 409 if other else 422 if form.errors else 200


def _keep(form: NoticeForm, notice: StaffNotice | None, kind: str) -> StaffNotice | Other:
    """Write the draft down; a form that came twice, even at once, is one draft.

    Where another window has changed it meanwhile nothing is written: sent once more, this one counts.
    """
    if notice is None:
        notice = notice_with_token(current_user, form.token.data)
    if notice is None:
        draft = Announcement(
            school_id=current_user.school_id,
            author_id=current_user.id,
            token=form.token.data,
            kind=STAFF,
            created_at=datetime.now(UTC),
        )
        notice = StaffNotice(announcement=draft)
        try:
            with db.session.begin_nested():
                db.session.add(notice)
        except IntegrityError:
            notice = notice_with_token(current_user, form.token.data)
    if notice is None or notice.announcement.author_id != current_user.id:
        abort(404)
    draft = notice.announcement
    if draft.published_at is None:
        overwrites, before, theirs = form.overwrites(draft), notice.fingerprint, dict(draft.texts)
        form.write(notice, draft, current_user.school, kind)
        if overwrites and notice.fingerprint != before:
            form.saw.data, number = draft.saved_by, draft.id
            db.session.rollback()
            return Other(number, theirs)
        draft.saved_by = form.window.data
    return notice


@blueprint.get("/<int:number>/review")
def review(number: int) -> ResponseReturnValue:
    notice = _own(number)
    draft = notice.announcement
    if draft.published_at:
        return redirect(url_for(".progress", number=number))
    now, intended = datetime.now(UTC), plan_for(notice)
    school = intended.school
    renderings = {(message.channel, message.language): message for message in intended.messages.values()}
    return render_template(
        "staffroom/review.html",
        notice=notice,
        draft=draft,
        plan=intended,
        renderings=list(renderings.values()),
        price=price_of(school, intended.segments),
        over=[] if draft.urgent else refusals(draft, intended, now),
        low=limits.warnings(school, [], now, intended.envelopes),
        nobody="" if intended.people else nobody(),
        starts_at=starts_at(draft.urgent, now, school),
        quiet_until=starts_at(False, now, school),
        now=now,
        say=in_my_language,
    )


@blueprint.post("/<int:number>/send")
def send(number: int) -> ResponseReturnValue:
    notice = _own(number, hold=True)
    if notice.announcement.published_at is None and request.form.get("seen") != notice.fingerprint:
        flash(gettext("The notice was changed since you looked at it. Look at it again."), "warning")
        return redirect(url_for(".review", number=number), 303)
    if oversteps(notice, current_user):
        flash(gettext("You can only write to your own association."), "error")
        return redirect(url_for(".edit", number=number), 303)
    try:
        hold = AT_ONCE if notice.announcement.urgent else UNDO
        people = hand_out(notice, datetime.now(UTC), current_user._get_current_object(), hold)
    except Unready as unready:
        say_why(unready)
        return redirect(url_for(".edit", number=number), 303)
    db.session.commit()
    jobs.nudge()
    if people is not None:
        flash(
            ngettext("The notice goes to %(num)s person.", "The notice goes to %(num)s people.", people),
            "success",
        )
    return redirect(url_for(".progress", number=number), 303)


@blueprint.post("/<int:number>/discard")
def discard(number: int) -> ResponseReturnValue:
    notice = _own(number, hold=True)
    if notice.announcement.published_at:
        flash(gone(), "warning")
        return redirect(url_for(".progress", number=number), 303)
    draft = notice.announcement
    db.session.delete(notice)
    db.session.flush()
    db.session.delete(draft)
    db.session.commit()
    flash(gettext("The draft is deleted."), "success")
    return redirect(url_for(".sent"), 303)


@blueprint.get("/<int:number>/progress")
def progress(number: int) -> str:
    """Who has read it, whom it reached, and whom it did not, by name."""
    notice = sent_notice(current_user, number) or abort(404)
    page = Page.of(
        copies_of(number),
        request.args.get("page"),
        PEOPLE_A_PAGE,
        lambda wanted: url_for(".progress", number=number, page=wanted),
    )
    return render_template(
        "staffroom/progress.html",
        notice=notice,
        announcement=notice.announcement,
        count=counts_of([number])[number],
        copies=db.session.execute(page.rows).all(),
        page=page,
        Stand=Stand,
        price=price_of(current_user.school, notice.announcement.segments),
        why_not=why_not,
        stopped=counted(notice.announcement) if notice.announcement.taken_back_at else None,
        in_words=back_views.in_words,
        may_take_back=back_views.may_take_back(current_user, notice),
        undo=back_views.may_undo(notice, datetime.now(UTC)),
        may_decide=len(doubts.undecided_in(current_user, number)),
        say=in_my_language,
    )


def _only_senders() -> None:
    if not may_send(current_user):
        abort(404)


def _own(number: int, *, hold: bool = False) -> StaffNotice:
    """A notice of the person who asks; who may write to nobody any more has none."""
    _only_senders()
    return own_notice(current_user, number, hold=hold) or abort(404)


for rule, view, methods in (
    ("", reading_views.inbox, ["GET"]),
    ("/<int:number>", reading_views.show, ["GET"]),
    ("/<int:number>/read", reading_views.read, ["POST"]),
    ("/<int:number>/back", back_views.back, ["POST"]),
    ("/<int:number>/again", back_views.again, ["POST"]),
    ("/to-decide", doubt_views.to_decide, ["GET"]),
    ("/to-decide/<ref>", doubt_views.decide, ["POST"]),
):
    blueprint.add_url_rule(rule, view_func=view, methods=methods)
