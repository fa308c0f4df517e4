"""Send from a spreadsheet, by steps: file → look over → send, now or later; then what became of each row.

What is needed of the file waits in the database between the steps, for whoever brought it alone.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_login import current_user

from notifier.database import db
from webapp.announcements.later.form import LaterForm
from webapp.announcements.models import Announcement
from webapp.families.names import clean
from webapp.families.queries import visible_classes
from webapp.message_templates.fields import KNOWN
from webapp.message_templates.forms import SheetForm
from webapp.message_templates.models import MessageSheet
from webapp.message_templates.queries import forget_sheets, template_of
from webapp.message_templates.sheets import example, how_views, sent_views
from webapp.message_templates.sheets import page as sheet_page
from webapp.message_templates.sheets.bringing import read_file
from webapp.message_templates.sheets.matching import load_children
from webapp.message_templates.sheets.page import Gone
from webapp.staff.access import only
from webapp.staff.models import BROADCASTERS

blueprint = Blueprint("message_sheets", __name__, url_prefix="/templates")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.errorhandler(Gone)
def gone(_error: Gone) -> ResponseReturnValue:
    return render_template("message_templates/sheet_gone.html"), 404


@blueprint.route("/<int:number>/sheet", methods=["GET", "POST"])
@only(BROADCASTERS)
def upload(number: int) -> ResponseReturnValue:
    found, form = template_of(current_user, number), SheetForm()
    faults: list[str] = []
    if form.validate_on_submit():
        version_id, asked = found.current.id, found.current.asked_in(str(get_locale()))
        content = form.file.data.read()
        name = clean(form.file.data.filename or "")[-255:]
        # Reading is slow; nobody should wait for the database meanwhile.
        db.session.rollback()
        brought = read_file(content, asked)
        faults = brought.faults
        if brought.kept and not faults:
            now = datetime.now(UTC)
            forget_sheets(current_user, number, now)
            kept = MessageSheet(
                school_id=current_user.school_id,
                staff_id=current_user.id,
                version_id=version_id,
                filename=name,
                digest=brought.digest,
                content=brought.kept.as_json(),
                urgent=bool(form.urgent.data),
                asks_acknowledgement=bool(form.asks_acknowledgement.data),
                created_at=now,
            )
            db.session.add(kept)
            db.session.commit()
            return redirect(url_for(".sheet", number=kept.id), 303)
        found = template_of(current_user, number)
    return render_template(
        "message_templates/sheet_file.html",
        form=form,
        faults=faults,
        template=found,
        asked=found.current.asked_in(str(get_locale())),
        known=KNOWN,
        classes=visible_classes(current_user),
    ), 422 if form.errors or faults else 200


@blueprint.get("/<int:number>/example.xlsx")
@only(BROADCASTERS)
def example_xlsx(number: int) -> Response:
    """The template's fields as columns, the children of a class, or of all one writes to, as rows."""
    found, wanted = template_of(current_user, number), request.args.get("class", type=int)
    classes = [each for each in visible_classes(current_user) if wanted in {None, each.id}]
    content = example.as_xlsx(
        found.current.asked_in(str(get_locale())), load_children([each.id for each in classes])
    )
    answer = Response(content, content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="kabarchy-{number}.xlsx"'
    return answer


@blueprint.get("/sheets/<int:number>")
@only(BROADCASTERS)
def sheet(number: int) -> ResponseReturnValue:
    """Name everything that is wrong at once; where nothing is, show what each phone will get."""
    kept, now = sheet_page.own_sheet(number), datetime.now(UTC)
    if kept.sent_at:
        return sheet_page.where_sent(kept)
    form = LaterForm()
    form.recall(kept.announcement or Announcement(), current_user.school, now)
    return sheet_page.page(kept, sheet_page.planned(kept, now), form, now)


for rule, view, methods in (
    ("<int:number>/urgent", how_views.urgent, ["POST"]),
    ("<int:number>/asks", how_views.asks, ["POST"]),
    ("<int:number>/send", how_views.send_it, ["POST"]),
    ("<int:number>/later", how_views.later, ["POST"]),
    ("<int:number>/stay", how_views.stay, ["POST"]),
    ("<int:number>/discard", how_views.discard, ["POST"]),
    ("sent/<int:number>", sent_views.sent_rows, ["GET"]),
    ("sent/<int:number>/not-reached.csv", sent_views.not_reached_csv, ["GET"]),
):
    blueprint.add_url_rule(f"/sheets/{rule}", view_func=view, methods=methods)
