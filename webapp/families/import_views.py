"""A class list comes in by steps: file → columns → problems → difference → apply.

The file waits in the database between the steps; each step reads it anew, so a step can be repeated, left, or
opened in another window without anything being half done.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user
from sqlalchemy import delete, or_

from notifier.database import db
from webapp.families import example
from webapp.families.cells import ClassName
from webapp.families.column_names import CANONICAL
from webapp.families.forms import UploadForm
from webapp.families.importing import ListFile, bring_in, compare, file_problem, read_file, read_sheet
from webapp.families.looking import is_called, looked_for
from webapp.families.models import ClassListUpload
from webapp.families.names import clean
from webapp.families.problems import COLUMN_LABELS, Problem
from webapp.families.queries import upload_of, visible_classes
from webapp.families.roster import name_of
from webapp.families.sheets import BadSheet
from webapp.paging import Cut
from webapp.staff.access import only
from webapp.staff.models import LIST_KEEPERS

blueprint = Blueprint("families_import", __name__, url_prefix="/families/import")

KEPT = timedelta(days=1)
SAMPLE_ROWS = 3
# On one page: problems of a list, pupils of one kind when looked at alone, and pupils of each kind together.
PROBLEMS, OF_ONE_KIND, OF_EACH_KIND = 100, 100, 20
KINDS = ("new", "changed", "unchanged", "leaving")


class Gone(Exception):
    """The uploaded list is not here (any more)."""


@blueprint.errorhandler(Gone)
def gone(_error: Gone) -> ResponseReturnValue:
    return render_template("families/import_file.html", form=UploadForm(formdata=None), gone=True), 404


def _own_classes() -> frozenset[ClassName] | None:
    """The classes whose lists this person may change; None: all of the school."""
    if current_user.sees_whole_school:
        return None
    return frozenset(map(name_of, visible_classes(current_user)))


def _upload(number: int) -> ClassListUpload:
    found = upload_of(current_user, number)
    if found is None:
        raise Gone
    return found


def _read(upload: ClassListUpload) -> tuple[ListFile, frozenset[ClassName] | None]:
    """Read the kept file again, with nobody waiting for the database meanwhile."""
    content, columns, mine = upload.content, upload.columns, _own_classes()
    db.session.rollback()
    return read_file(content, columns, mine), mine


@blueprint.route("/", methods=["GET", "POST"])
@only(LIST_KEEPERS)
def upload() -> ResponseReturnValue:
    form = UploadForm()
    if not form.validate_on_submit():
        return render_template("families/import_file.html", form=form), 422 if form.errors else 200
    content = form.file.data.read()
    name = clean(form.file.data.filename or "")[-255:]
    # Reading is slow; nobody should wait for the database meanwhile.
    db.session.rollback()
    try:
        read_sheet(content)
    except BadSheet as error:
        form.blame(file_problem(error).message)
        return render_template("families/import_file.html", form=form), 422
    now = datetime.now(UTC)
    db.session.execute(
        delete(ClassListUpload).where(
            or_(ClassListUpload.staff_id == current_user.id, ClassListUpload.created_at < now - KEPT)
        )
    )
    kept = ClassListUpload(
        school_id=current_user.school_id,
        staff_id=current_user.id,
        filename=name,
        content=content,
        created_at=now,
    )
    db.session.add(kept)
    db.session.commit()
    return redirect(url_for(".columns", number=kept.id))


@blueprint.route("/<int:number>/columns", methods=["GET", "POST"])
@only(LIST_KEEPERS)
def columns(number: int) -> ResponseReturnValue:
    """Show what each column was taken for; the person may choose otherwise."""
    kept = _upload(number)
    if request.method == "POST":
        kept.columns = [name if name in CANONICAL else "" for name in request.form.getlist("column")[:100]]
        db.session.commit()
        kept = _upload(number)
    filename = kept.filename
    read, _ = _read(kept)
    missing = read.columns.missing
    if request.method == "POST" and not missing:
        return redirect(url_for(".problems", number=number))
    header = read.sheet.rows[read.columns.header]
    below = read.sheet.rows[read.columns.header + 1 :][:SAMPLE_ROWS]
    rows = [
        (
            header.cells[i] if i < len(header.cells) else "",
            [row.cells[i] for row in below if i < len(row.cells) and row.cells[i].strip()],
            name,
        )
        for i, name in enumerate(read.columns.names)
    ]
    return render_template(
        "families/import_columns.html",
        number=number,
        filename=filename,
        header=header,
        columns=rows,
        choices=[(name, COLUMN_LABELS[name]) for name in CANONICAL],
        faults=[Problem(header.number, name, "missing_column").message for name in missing],
        tried=request.method == "POST",
    ), 422 if request.method == "POST" else 200


@blueprint.get("/<int:number>/problems")
@only(LIST_KEEPERS)
def problems(number: int) -> ResponseReturnValue:
    """Show the problems row by row; without any, go on."""
    read, _ = _read(_upload(number))
    found = read.found
    if read.columns.missing:
        return redirect(url_for(".columns", number=number))
    if not found.errors and not found.warnings:
        return redirect(url_for(".difference", number=number))
    return render_template(
        "families/import_problems.html",
        number=number,
        found=found,
        errors=Cut.of(
            found.errors,
            request.args.get("page"),
            PROBLEMS,
            lambda n: url_for(".problems", number=number, page=n),
        ),
        warnings=found.warnings[: PROBLEMS if not found.errors else SAMPLE_ROWS * 5],
    )


@blueprint.get("/<int:number>/difference")
@only(LIST_KEEPERS)
def difference(number: int) -> ResponseReturnValue:
    """Show what would change, and ask."""
    read, mine = _read(_upload(number))
    found, skip = read.found, request.args.get("skip") == "1"
    if not found.rows or (found.errors and not skip):
        return redirect(url_for(".problems", number=number))
    plan = compare(found, current_user.school, mine)
    lists = {kind: plan.of_kind(kind) for kind in KINDS[:-1]} | {"leaving": plan.leaving}
    asked, wanted = request.args.get("show"), looked_for()
    shown = asked if asked in lists else None
    cuts = {
        kind: Cut.of(
            [each for each in rows if not wanted or is_called(each.name, wanted)],
            request.args.get("page"),
            OF_ONE_KIND if shown else OF_EACH_KIND,
            lambda n: url_for(
                ".difference",
                number=number,
                skip=1 if skip else None,
                show=shown,
                q=wanted or None,
                page=n,
            ),
        )
        for kind, rows in lists.items()
        if not shown or kind == shown
    }
    return render_template(
        "families/import_difference.html",
        number=number,
        found=found,
        plan=plan,
        lists=lists,
        cuts=cuts,
        shown=shown,
        wanted=wanted,
        skip=skip,
        labels=COLUMN_LABELS,
        nothing=not (lists["new"] or lists["changed"] or lists["leaving"]),
    )


@blueprint.post("/<int:number>/apply")
@only(LIST_KEEPERS)
def apply(number: int) -> ResponseReturnValue:
    """Do what the difference said, in one transaction; what it didn't say is not done."""
    read, mine = _read(_upload(number))
    skip, leaving = request.form.get("skip") == "1", request.form.get("leaving") == "1"
    if not read.found.rows or (read.found.errors and not skip):
        return redirect(url_for(".problems", number=number))
    person = current_user._get_current_object()
    plan = bring_in(
        read.found,
        person.school,
        datetime.now(UTC),
        leaving=leaving,
        person=person,
        only=mine,
        agreed=request.form.get("agreed", ""),
    )
    if plan is None:
        db.session.rollback()
        flash(
            gettext("The lists of the school have changed meanwhile. Look at what will change again."),
            "warning",
        )
        return redirect(url_for(".difference", number=number, skip=1 if skip else None))
    # A second click finds no upload and changes nothing.
    db.session.delete(_upload(number))
    db.session.commit()
    new, changed = len(plan.of_kind("new")), len(plan.of_kind("changed"))
    said = [
        ngettext("%(num)s pupil is new.", "%(num)s pupils are new.", new),
        ngettext("%(num)s pupil has changed.", "%(num)s pupils have changed.", changed),
    ]
    if leaving:
        said.append(ngettext("%(num)s pupil has left.", "%(num)s pupils have left.", len(plan.leaving)))
    flash(gettext("The class list is in.") + " " + " ".join(said), "success")
    return redirect(url_for("families.classes"))


@blueprint.get("/example.csv")
@only(LIST_KEEPERS)
def example_csv() -> Response:
    return _download(example.as_csv(), "text/csv; charset=utf-8", "kabarchy-tizme.csv")


@blueprint.get("/example.xlsx")
@only(LIST_KEEPERS)
def example_xlsx() -> Response:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _download(example.as_xlsx(), kind, "kabarchy-tizme.xlsx")


def _download(content: bytes, kind: str, name: str) -> Response:
    answer = Response(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
