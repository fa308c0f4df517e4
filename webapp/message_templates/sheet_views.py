"""Send from a spreadsheet, by steps: file → look over → send.

What is needed of the file waits in the database between the steps, for whoever brought it alone.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext, ngettext
from flask_login import current_user

from notifier import jobs, policy
from notifier.database import db
from webapp.announcements import limits
from webapp.announcements.budget import price_of
from webapp.announcements.publish import Unready, starts_at
from webapp.announcements.refused import say_why
from webapp.families.names import clean
from webapp.families.queries import visible_classes
from webapp.message_templates import example
from webapp.message_templates.fields import KNOWN
from webapp.message_templates.forms import SheetForm
from webapp.message_templates.looking import look_at
from webapp.message_templates.matching import load_children
from webapp.message_templates.models import MessageSheet
from webapp.message_templates.plan import SheetPlan, nothing_to_send, plan_of
from webapp.message_templates.queries import forget_sheets, same_file_sent, sheet_of, template_of
from webapp.message_templates.sending import read_file, send, today_began
from webapp.paging import Cut
from webapp.staff.access import only
from webapp.staff.models import BROADCASTERS, SCRIPT_NAMES

blueprint = Blueprint("message_sheets", __name__, url_prefix="/templates")

PROBLEMS, LOOKS = 50, 20
WITHOUT_SHOWN, NAMES_SHOWN = 50, 20
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Gone(Exception):
    """The spreadsheet is not here (any more)."""


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
            forget_sheets(current_user, now)
            kept = MessageSheet(
                school_id=current_user.school_id,
                staff_id=current_user.id,
                version_id=version_id,
                filename=name,
                digest=brought.digest,
                content=brought.kept.as_json(),
                urgent=bool(form.urgent.data),
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


def _sheet(number: int) -> MessageSheet:
    found = sheet_of(current_user, number, datetime.now(UTC))
    if found is None:
        raise Gone
    return found


def _planned(sheet: MessageSheet, now: datetime) -> SheetPlan:
    class_ids = [each.id for each in visible_classes(current_user)]
    return plan_of(sheet, current_user.school, class_ids, now)


def _sent(sheet: MessageSheet) -> ResponseReturnValue:
    if sheet.announcement_id is None:
        raise Gone
    return redirect(url_for("announcements.progress", number=sheet.announcement_id), 303)


@blueprint.get("/sheets/<int:number>")
@only(BROADCASTERS)
def sheet(number: int) -> ResponseReturnValue:
    """Name everything that is wrong at once; where nothing is, show what each phone will get."""
    kept, now = _sheet(number), datetime.now(UTC)
    if kept.sent_at:
        return _sent(kept)
    found, school = _planned(kept, now), current_user.school
    if found.problems:
        return render_template(
            "message_templates/sheet_problems.html",
            sheet=kept,
            found=found,
            page=Cut.of(
                found.problems,
                request.args.get("page"),
                PROBLEMS,
                lambda n: url_for(".sheet", number=number, page=n),
            ),
            looks=found.looks[:LOOKS],
        )
    plan = found.plan
    classes = [each for each in visible_classes(current_user) if each.id in _concerned(found)]
    without = plan.audience.without_address
    return render_template(
        "message_templates/sheet_review.html",
        sheet=kept,
        found=found,
        plan=plan,
        shown=look_at(found, request.args.get("row", "")),
        looks=found.looks[:LOOKS],
        without=without[:WITHOUT_SHOWN],
        names_shown=NAMES_SHOWN,
        price=price_of(school, plan.segments),
        sms=sum(message.channel == "sms" for _, message in plan.messages),
        over=[] if kept.urgent else limits.refusals(school, classes, plan.messages, now),
        low=limits.warnings(school, classes, now, plan.messages),
        same=same_file_sent(kept, today_began(school, now)),
        nobody=nothing_to_send(found),
        script_names=SCRIPT_NAMES,
        starts_at=starts_at(kept.urgent, now, school),
        quiet_until=policy.not_before(now, False, school.quiet),
        now=now,
    )


def _concerned(found: SheetPlan) -> set[int]:
    return {child.class_id for household in found.plan.audience.households for child in household.children}


@blueprint.post("/sheets/<int:number>/urgent")
@only(BROADCASTERS)
def urgent(number: int) -> ResponseReturnValue:
    """Mark what is to be sent as urgent, or take that back."""
    kept = _sheet(number)
    if kept.sent_at is None:
        kept.urgent = request.form.get("urgent") == "1"
        db.session.commit()
    return redirect(url_for(".sheet", number=number), 303)


@blueprint.post("/sheets/<int:number>/send")
@only(BROADCASTERS)
def send_it(number: int) -> ResponseReturnValue:
    kept, now = _sheet(number), datetime.now(UTC)
    if kept.sent_at:
        return _sent(kept)
    person = current_user._get_current_object()
    found, here = _planned(kept, now), redirect(url_for(".sheet", number=number), 303)
    if found.problems or not found.plan.audience.told:
        return here
    if request.form.get("seen") != found.fingerprint or request.form.get("urgent") != str(int(kept.urgent)):
        flash(gettext("Something has changed since you looked at it. Look at it again."), "warning")
        return here
    if same_file_sent(kept, today_began(person.school, now)) and request.form.get("again") != "1":
        flash(
            gettext("The same file was sent today. Tick the box if it is meant to go once more."), "warning"
        )
        return here
    try:
        published = send(kept, found, now, person)
    except Unready as unready:
        db.session.rollback()
        say_why(unready)
        return here
    db.session.commit()
    jobs.nudge()
    if published:
        flash(
            ngettext(
                "The messages go to %(num)s family.",
                "The messages go to %(num)s families.",
                published.recipients,
            ),
            "success",
        )
    return _sent(_sheet(number))


@blueprint.post("/sheets/<int:number>/discard")
@only(BROADCASTERS)
def discard(number: int) -> ResponseReturnValue:
    """Forget a spreadsheet that was not sent."""
    kept = _sheet(number)
    if kept.sent_at:
        return _sent(kept)
    template_id = kept.version.template_id
    db.session.delete(kept)
    db.session.commit()
    flash(gettext("The spreadsheet is forgotten. Nothing was sent."), "success")
    return redirect(url_for("message_templates.template", number=template_id), 303)
