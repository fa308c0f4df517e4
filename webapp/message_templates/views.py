"""A school's templates: list, write, change, put away, fill in."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_login import current_user

from notifier.database import db
from webapp.announcements.kinds import PERSONAL, PRIVATE
from webapp.announcements.own_texts import OWN_TEXTS
from webapp.announcements.queries import sent_announcement
from webapp.languages import headline
from webapp.message_templates import fill_views
from webapp.message_templates.fields import KNOWN, parse
from webapp.message_templates.forms import TemplateForm
from webapp.message_templates.keeping import change_template, make_template, put_away, take_ready
from webapp.message_templates.models import LONGEST_TEXT, MessageTemplate
from webapp.message_templates.preview import phones_of
from webapp.message_templates.queries import (
    may_change,
    sent_with,
    sheets_waiting,
    taken_ready,
    template_of,
    template_with_token,
    templates_for,
    version_behind,
    versions_of,
)
from webapp.message_templates.ready import READY
from webapp.numbers import row_number
from webapp.paging import Page
from webapp.staff import audit
from webapp.staff.access import only, reads_only
from webapp.staff.models import BROADCASTERS

blueprint = Blueprint("message_templates", __name__, url_prefix="/templates")

PER_PAGE, VERSIONS = 20, 10


@blueprint.get("/")
@only(BROADCASTERS)
def templates() -> str:
    archived = request.args.get("show") == "archived"
    page = Page.of(
        templates_for(current_user, archived=archived),
        request.args.get("page"),
        PER_PAGE,
        lambda n: url_for(".templates", show="archived" if archived else None, page=n),
    )
    taken = taken_ready(current_user, READY)
    return render_template(
        "message_templates/list.html",
        page=page,
        templates=db.session.scalars(page.rows).all(),
        archived=archived,
        waiting=sheets_waiting(current_user, datetime.now(UTC)),
        ready={key: ready for key, ready in READY.items() if key not in taken},
        pieces_of=lambda ready: parse(ready.ru if str(get_locale()) == "ru" else ready.ky),
    )


@blueprint.post("/ready/<key>")
@only(BROADCASTERS)
def ready(key: str) -> ResponseReturnValue:
    """Take a ready template over, once, and go on with it."""
    if key not in READY:
        abort(404)
    made = take_ready(current_user.school, key, datetime.now(UTC), current_user)
    made = made or template_with_token(current_user, f"ready:{key}") or abort(404)
    db.session.commit()
    return redirect(url_for(".template", number=made.id), 303)


@blueprint.get("/<int:number>")
@only(BROADCASTERS)
def template(number: int) -> str:
    found = template_of(current_user, number)
    version = found.current
    return render_template(
        "message_templates/template.html",
        template=found,
        version=version,
        phones=phones_of(current_user.school, version.pieces),
        waiting=[
            each
            for each in sheets_waiting(current_user, datetime.now(UTC))
            if each.version.template_id == number
        ],
        asked=version.asked_in(str(get_locale())),
        known=KNOWN,
        may_change=may_change(current_user, found),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@only(BROADCASTERS)
def new() -> ResponseReturnValue:
    form, behind = TemplateForm(), None
    form.begin()
    if request.method != "POST":
        behind = _begin_from(form)
    elif request.form.get("then") != "look" and form.holds(current_user.school):
        now, person = datetime.now(UTC), current_user._get_current_object()
        school, name, token = person.school, form.name.data, form.token.data
        made = make_template(school, name, form.texts, now, token=token, author=person)
        if made is None:
            made = template_with_token(current_user, token)
        else:
            audit.record("template.written", made.name, {"version": 1}, person, now)
        if made is None or made.author_id != current_user.id:
            abort(404)
        db.session.commit()
        flash(gettext("The template is kept."), "success")
        return redirect(url_for(".template", number=made.id), 303)
    return _written(form, None, behind)


def _begin_from(form: TemplateForm) -> MessageTemplate | None:
    """Begin with another template's words, or an announcement's; say by which template that was written."""
    if copied := request.args.get("copy", type=row_number):
        first = template_of(current_user, copied)
        form.name.data = gettext("%(name)s (copy)", name=first.name)[:80]
        form.text_ky.data, form.text_ru.data = first.current.text_ky, first.current.text_ru
    elif number := request.args.get("announcement", type=row_number):
        said = sent_announcement(current_user, number)
        if said is None or said.kind in PERSONAL | PRIVATE | OWN_TEXTS:
            abort(404)
        form.name.data = headline(said)[:60]
        form.text_ky.data, form.text_ru.data = said.text_ky, said.text_ru
        if version := version_behind(said):
            return version.template
    return None


@blueprint.route("/<int:number>/edit", methods=["GET", "POST"])
@only(BROADCASTERS)
def edit(number: int) -> ResponseReturnValue:
    found = template_of(current_user, number)
    if not may_change(current_user, found):
        flash(
            gettext(
                "Whoever wrote this template and the administration change it. Make a copy for yourself."
            ),
            "warning",
        )
        return redirect(url_for(".template", number=number), 303)
    form = TemplateForm(obj=None if request.method == "POST" else found.current)
    if request.method != "POST":
        form.seen.data = str(found.latest)
    elif request.form.get("then") != "look" and form.holds(current_user.school):
        seen = int(form.seen.data) if (form.seen.data or "").isdecimal() and len(form.seen.data) < 9 else 0
        person, now = current_user._get_current_object(), datetime.now(UTC)
        if change_template(found, form.name.data, form.texts, seen, now, person):
            db.session.commit()
            flash(gettext("The template is kept. The former text stays among the versions."), "success")
            return redirect(url_for(".template", number=number), 303)
        form.seen.data = str(found.latest)
        form.name.errors = [
            gettext(
                "Somebody has changed this template meanwhile. Look at the versions; to keep yours all the "
                "same, press the button again."
            )
        ]
    return _written(form, found, None)


def _written(
    form: TemplateForm, found: MessageTemplate | None, behind: MessageTemplate | None
) -> ResponseReturnValue:
    return render_template(
        "message_templates/form.html",
        form=form,
        template=found,
        behind=behind,
        phones=form.phones(current_user.school),
        most=LONGEST_TEXT,
    ), 422 if form.errors else 200


@blueprint.post("/preview")
@reads_only
@only(BROADCASTERS)
def preview() -> str:
    """Answer the typing with what phones will show; writes nothing."""
    return render_template(
        "message_templates/_phones.html", phones=TemplateForm().phones(current_user.school)
    )


@blueprint.get("/<int:number>/versions")
@only(BROADCASTERS)
def versions(number: int) -> str:
    found = template_of(current_user, number)
    page = Page.of(
        versions_of(found),
        request.args.get("page"),
        VERSIONS,
        lambda n: url_for(".versions", number=number, page=n),
    )
    listed = db.session.scalars(page.rows).all()
    return render_template(
        "message_templates/versions.html",
        template=found,
        page=page,
        versions=listed,
        uses=sent_with([each.id for each in listed]),
    )


@blueprint.post("/<int:number>/archive")
@only(BROADCASTERS)
def archive(number: int) -> ResponseReturnValue:
    """Put a template away, or bring it back."""
    found = template_of(current_user, number)
    if not may_change(current_user, found):
        abort(403)
    gone = put_away(found, datetime.now(UTC), current_user)
    db.session.commit()
    flash(gettext("The template is in the archive.") if gone else gettext("The template is back."), "success")
    return redirect(url_for(".templates") if gone else url_for(".template", number=number), 303)


blueprint.add_url_rule("/<int:number>/fill", view_func=fill_views.fill, methods=["GET", "POST"])
blueprint.add_url_rule("/<int:number>/fill/preview", view_func=fill_views.fill_preview, methods=["POST"])
