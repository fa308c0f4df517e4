"""The pages of documents (clause 3.3.1): read, tell, see who knows."""

from __future__ import annotations

import io
from datetime import UTC, datetime, time

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext, ngettext
from flask_login import current_user

from notifier.database import db
from webapp.documents.export import HOW_NAMES, as_xlsx
from webapp.documents.forms import DocumentForm, SignedForm
from webapp.documents.keeping import draft_about, keep, note_read
from webapp.documents.models import KIND_NAMES, Document, DocumentReader, ReadHow
from webapp.documents.queries import (
    counts_of,
    document_numbered,
    documents_of,
    families_of,
    how_many_read,
    readers_of,
    reading_of,
    to_read,
)
from webapp.families.looking import families_found, is_called, looked_for
from webapp.families.queries import class_of, visible_classes
from webapp.paging import Cut, Page
from webapp.reach.words import LEVEL_NAMES
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.staff.models import BROADCASTERS, KEEPERS, Role, StaffMember

blueprint = Blueprint("documents", __name__, url_prefix="/documents")

PER_PAGE, READERS_PER_PAGE, FAMILIES_PER_PAGE = 20, 40, 50
# Who sees to it that people are made familiar.
DOCUMENT_KEEPERS = KEEPERS | {Role.SOCIAL_PEDAGOGUE}


@blueprint.get("")
def overview() -> str:
    page = Page.of(
        documents_of(current_user.school_id),
        request.args.get("page"),
        PER_PAGE,
        lambda number: url_for(".overview", page=number),
    )
    documents = db.session.scalars(page.rows).all()
    return render_template(
        "documents/list.html",
        page=page,
        documents=documents,
        read=how_many_read([each.id for each in documents]),
        waiting=to_read(current_user),
        kinds=KIND_NAMES,
        language=_language(),
        may_keep=current_user.may(DOCUMENT_KEEPERS),
    )


@blueprint.route("/new", methods=["GET", "POST"])
@only(DOCUMENT_KEEPERS)
def new() -> ResponseReturnValue:
    form, now = DocumentForm(), datetime.now(UTC)
    form.begin()
    if form.holds():
        document, first = keep(form, _me(), now)
        if first:
            _note("document.kept", document, {"file": bool(document.size)}, now)
        db.session.commit()
        flash(gettext("Saved. The staff you ticked see it under “To read”."), "success")
        return redirect(url_for(".show", number=document.id), 303)
    return render_template("documents/new.html", form=form), 422 if form.errors else 200


@blueprint.get("/<int:number>")
def show(number: int) -> str:
    document, classes = _document(number), visible_classes(current_user)
    reading, page = reading_of(document, _me()), _readers(document, ".show")
    return render_template(
        "documents/show.html",
        document=document,
        language=_language(),
        kinds=KIND_NAMES,
        reading=reading,
        counts=counts_of(document, classes),
        how_names=HOW_NAMES,
        wanted=looked_for(),
        page=page,
        readers=db.session.scalars(page.rows).all() if current_user.sees_whole_school else [],
        classes=classes,
        may_tell=current_user.may(BROADCASTERS) and classes,
        may_keep=current_user.may(DOCUMENT_KEEPERS),
    )


@blueprint.get("/<int:number>/file")
def file(number: int) -> ResponseReturnValue:
    document = _document(number)
    if not document.size or document.content is None:
        abort(404)
    return send_file(
        io.BytesIO(document.content),
        mimetype="application/pdf",
        as_attachment=True,
        download_name=document.filename,
    )


@blueprint.post("/<int:number>/read")
def read(number: int) -> ResponseReturnValue:
    """Note that the person who is signed in knows the document."""
    document, now = _document(number), datetime.now(UTC)
    if note_read(document, [current_user.id], ReadHow.APP, now, None):
        db.session.commit()
    flash(gettext("Noted: you know this document."), "success")
    return redirect(url_for(".show", number=number), 303)


@blueprint.post("/<int:number>/tell")
@only(BROADCASTERS)
def tell(number: int) -> ResponseReturnValue:
    """Begin the announcement by which families are told; it is written, looked over and sent as any other."""
    document = _document(number)
    asked = set(request.form.getlist("class"))
    classes = [each for each in visible_classes(current_user) if str(each.id) in asked]
    if not classes:
        flash(gettext("Choose at least one class."), "error")
        return redirect(url_for(".show", number=number), 303)
    now = datetime.now(UTC)
    draft = draft_about(document, classes, _me(), now)
    _note("document.told", document, {"classes": [each.name for each in classes]}, now)
    db.session.commit()
    return redirect(url_for("announcements.edit", number=draft.id), 303)


@blueprint.get("/<int:number>/classes/<int:class_id>")
def class_page(number: int, class_id: int) -> str:
    document, school_class, wanted = _document(number), class_of(current_user, class_id), looked_for()
    families = families_of(document, [school_class])[school_class.id]
    if wanted:
        found = families_found(wanted)
        families = {each: known for each, known in families.items() if each in found}
    page = Cut.of(
        sorted(families.values(), key=lambda family: (family.level, family.children)),
        request.args.get("page"),
        FAMILIES_PER_PAGE,
        lambda n: url_for(".class_page", number=number, class_id=class_id, q=wanted or None, page=n),
    )
    return render_template(
        "documents/class.html",
        document=document,
        school_class=school_class,
        language=_language(),
        wanted=wanted,
        page=page,
        levels=LEVEL_NAMES,
        how_names=HOW_NAMES,
    )


@blueprint.route("/<int:number>/signatures", methods=["GET", "POST"])
@only(DOCUMENT_KEEPERS)
def signatures(number: int) -> ResponseReturnValue:
    """Enter who of the staff has signed on paper; GET is the sheet to print, too."""
    document, now = _document(number), datetime.now(UTC)
    form, today = SignedForm(), now.astimezone(current_user.school.zone).date()
    if not form.is_submitted():
        form.day.data = today
    chosen = [int(each) for each in request.form.getlist("staff") if each.isdecimal() and len(each) < 10]
    if form.holds(today) and form.day.data:
        at = datetime.combine(form.day.data, time(12), tzinfo=current_user.school.zone)
        noted = note_read(document, chosen, ReadHow.PAPER, at, _me())
        if noted:
            _note("document.signed", document, {"people": noted}, now)
            db.session.commit()
        flash(ngettext("%(num)s signature is entered.", "%(num)s signatures are entered.", noted), "success")
        return redirect(url_for(".show", number=number), 303)
    page = _readers(document, ".signatures")
    return render_template(
        "documents/signatures.html",
        form=form,
        document=document,
        language=_language(),
        wanted=looked_for(),
        page=page,
        readers=db.session.scalars(page.rows).all(),
        chosen=chosen,
    ), 422 if form.errors else 200


@blueprint.post("/<int:number>/export")
@only(DOCUMENT_KEEPERS)
def export(number: int) -> ResponseReturnValue:
    """Hand over who knows it, as a spreadsheet or on paper."""
    document, classes, now = _document(number), visible_classes(current_user), datetime.now(UTC)
    found, school = families_of(document, classes), current_user.school
    counts = counts_of(document, classes)
    families = [(each, found[each.id].values()) for each in classes]
    readers = db.session.scalars(readers_of(document)).all()
    if request.form.get("format") == "pdf":
        # Here, because a page has no use for the printer's megabytes.
        from webapp.documents.sheet_of_paper import as_pdf

        form, mimetype = "pdf", "application/pdf"
        content = as_pdf(document, counts, families, readers, now, school.zone, school.name, _language())
    else:
        form, mimetype = "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
        content = as_xlsx(document, counts, families, readers, school.zone, _language())
    _note("document.exported", document, {"classes": [each.name for each in classes]}, now)
    db.session.commit()
    answer = Response(content, mimetype=mimetype)
    answer.headers.set("Content-Disposition", "attachment", filename=f"document-{document.id}.{form}")
    return answer


def _readers(document: Document, endpoint: str) -> Page:
    query, wanted = readers_of(document), looked_for()
    if wanted:
        called = [each.staff_id for each in db.session.scalars(query) if is_called(each.staff.name, wanted)]
        query = query.where(DocumentReader.staff_id.in_(called))
    return Page.of(
        query,
        request.args.get("page"),
        READERS_PER_PAGE,
        lambda number: url_for(endpoint, number=document.id, q=wanted or None, page=number),
    )


def _document(number: int) -> Document:
    return document_numbered(current_user.school_id, number) or abort(404)


def _language() -> str:
    return str(get_locale())[:2]


def _me() -> StaffMember:
    person: StaffMember = current_user._get_current_object()
    return person


def _note(action: str, document: Document, detail: dict[str, object], now: datetime) -> None:
    record(action, f"document {document.id}", detail, _me(), now)
