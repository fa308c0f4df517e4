"""The staff's side of the public page: put a notice on it, take it down, post it elsewhere."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from notifier.database import db
from webapp.announcements.kinds import PERSONAL, PRIVATE
from webapp.announcements.models import Announcement
from webapp.announcements.own_texts import OWN_TEXTS
from webapp.announcements.queries import sent_announcement
from webapp.public import feeds, passing_on
from webapp.public.forms import NoticeForm, PageForm, PostingForm
from webapp.public.models import Posting, PublicNotice, PublicPage
from webapp.public.queries import begun_before, notice_about, notice_numbered, notices_of, page_of
from webapp.public.views import PUBLIC_LANGUAGES, address_of, title_of
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.staff.models import KEEPERS, StaffMember

blueprint = Blueprint("public_desk", __name__, url_prefix="/public")

# For whoever keeps the school's own site.
FEEDS = ("/snippet.html", "/atom.xml", "/feed.json")


@blueprint.route("", methods=["GET", "POST"])
@only(KEEPERS)
def overview() -> ResponseReturnValue:
    """Show what stands on the page, and give the page its address."""
    school, form = current_user.school, PageForm()
    page = page_of(school)
    if form.validate_on_submit():
        if page is None:
            page = PublicPage(school_id=current_user.school_id)
        page.slug = form.slug.data or ""
        try:
            with db.session.begin_nested():
                db.session.add(page)
        except IntegrityError:
            form.slug.errors = [gettext("Another school has this address. Choose another one.")]
        else:
            _note("public.address_set", "")
            db.session.commit()
            flash(gettext("Saved."), "success")
            return redirect(url_for(".overview"), 303)
    elif page and not form.is_submitted():
        form.slug.data = page.slug
    faults = bool(form.errors or form.slug.errors)
    stored = page if page and page.slug and not faults else None
    notices = notices_of(school.id)
    return render_template(
        "public/overview.html",
        form=form,
        page=stored,
        address=address_of(stored) if stored else "",
        notices=[(each, each.said(str(get_locale()))[0]) for each in notices],
        feeds=FEEDS,
        public_languages=PUBLIC_LANGUAGES,
        snippets={
            code: feeds.snippet(title_of(stored, code), address_of(stored), notices, code, school.zone)
            for code in PUBLIC_LANGUAGES
        }
        if stored
        else {},
    ), 422 if faults else 200


@blueprint.route("/new", methods=["GET", "POST"])
@only(KEEPERS)
def new() -> ResponseReturnValue:
    return _written(None, None)


@blueprint.route("/from/<int:number>", methods=["GET", "POST"])
@only(KEEPERS)
def from_announcement(number: int) -> ResponseReturnValue:
    """Put what families were told on the page, once: a second time changes the notice."""
    announcement = sent_announcement(current_user, number) or abort(404)
    if announcement.kind in PERSONAL | PRIVATE | OWN_TEXTS:
        abort(404)  # what concerns one family is nobody else's
    return _written(notice_about(announcement.id), announcement)


@blueprint.route("/<int:number>/edit", methods=["GET", "POST"])
@only(KEEPERS)
def edit(number: int) -> ResponseReturnValue:
    return _written(_notice(number), None)


def _written(notice: PublicNotice | None, announcement: Announcement | None) -> ResponseReturnValue:
    """Show the form until it holds; then keep the notice and show how to pass it on."""
    if page_of(current_user.school) is None:
        flash(gettext("Give the public page an address first."), "warning")
        return redirect(url_for(".overview"), 303)
    form, now = NoticeForm(obj=notice), datetime.now(UTC)
    if announcement and not notice and not form.is_submitted():
        for code, text in announcement.texts.items():
            form[f"text_{code}"].data = text
            form[f"title_{code}"].data = text.partition("\n")[0][:80]
    if form.holds(current_user.school_id):
        said = {name: form[name].data or "" for name in ("title_ky", "title_ru", "text_ky", "text_ru")}
        about = announcement.id if announcement else None
        notice = notice or begun_before(current_user, said, about, now)
        if notice is None:
            notice = PublicNotice(
                school_id=current_user.school_id,
                author_id=current_user.id,
                announcement_id=about,
                published_at=now,
            )
            db.session.add(notice)
        for name, text in said.items():
            setattr(notice, name, text)
        notice.changed_at, notice.withdrawn_at = now, None
        if notice.announcement and notice.announcement.taken_back_at:
            # What it came from holds no more: from now on it is a text of its own.
            notice.announcement_id = None
        db.session.flush()
        _note("public.published", f"notice {notice.id}")
        db.session.commit()
        flash(gettext("It stands on the public page now."), "success")
        return redirect(url_for(".passed_on", number=notice.id), 303)
    return render_template("public/write.html", form=form, notice=notice), 422 if form.errors else 200


@blueprint.route("/<int:number>", methods=["GET", "POST"])
@only(KEEPERS)
def passed_on(number: int) -> ResponseReturnValue:
    """Show the ready text and the links to pass it on, and keep where it was posted."""
    notice, form = _notice(number), PostingForm()
    page = page_of(current_user.school) or abort(404)
    if form.validate_on_submit():
        notice.postings.append(Posting(place=form.place.data, staff_id=current_user.id, at=datetime.now(UTC)))
        db.session.commit()
        flash(gettext("Noted."), "success")
        return redirect(url_for(".passed_on", number=number), 303)
    link = f"{address_of(page)}/{notice.id}"
    said = {
        code: (title, text)
        for code in PUBLIC_LANGUAGES
        for title, text, spoken in [notice.said(code)]
        if spoken == code
    }
    return render_template(
        "public/passed_on.html",
        form=form,
        notice=notice,
        heading=notice.said(str(get_locale()))[0],
        link=link,
        public_languages=PUBLIC_LANGUAGES,
        ready={code: passing_on.ready(*each, f"{link}?lang={code}") for code, each in said.items()},
        shares={code: passing_on.shares(*each, f"{link}?lang={code}") for code, each in said.items()},
    ), 422 if form.errors else 200


@blueprint.post("/<int:number>/withdraw")
@only(KEEPERS)
def withdraw(number: int) -> ResponseReturnValue:
    notice = _notice(number)
    if notice.withdrawn_at is None:
        notice.withdrawn_at = datetime.now(UTC)
        _note("public.withdrawn", f"notice {notice.id}")
        db.session.commit()
    flash(gettext("The notice is taken down."), "success")
    return redirect(url_for(".overview"), 303)


def _notice(number: int) -> PublicNotice:
    return notice_numbered(current_user.school_id, number) or abort(404)


def _note(action: str, subject: str) -> None:
    person: StaffMember = current_user._get_current_object()
    record(action, subject, {}, person, datetime.now(UTC))
