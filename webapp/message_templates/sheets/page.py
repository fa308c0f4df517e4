"""The page on which a spreadsheet is looked over before it goes: every fault, or what each phone will get."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response

from notifier import policy
from webapp.announcements.later.form import LaterForm
from webapp.announcements.money import limits
from webapp.announcements.money.budget import price_of
from webapp.announcements.publish import starts_at
from webapp.families.queries import visible_classes
from webapp.message_templates.models import MessageSheet
from webapp.message_templates.queries import same_file_sent, same_file_waiting, sheet_of
from webapp.message_templates.sheets.looking import look_at
from webapp.message_templates.sheets.plan import SheetPlan, nothing_to_send, plan_of
from webapp.message_templates.sheets.sending import today_began
from webapp.paging import Cut
from webapp.roster.queries import has_numbers
from webapp.staff.models import SCRIPT_NAMES

PROBLEMS, LOOKS = 50, 20
WITHOUT_SHOWN = 50


class Gone(Exception):
    """The spreadsheet is not here (any more)."""


def own_sheet(number: int) -> MessageSheet:
    """This person's own spreadsheet; raises Gone."""
    found = sheet_of(current_user, number, datetime.now(UTC))
    if found is None:
        raise Gone
    return found


def planned(sheet: MessageSheet, now: datetime) -> SheetPlan:
    class_ids = [each.id for each in visible_classes(current_user)]
    return plan_of(sheet, current_user.school, class_ids, now)


def where_sent(sheet: MessageSheet) -> Response:
    """Lead on to what became of a spreadsheet that was sent."""
    if sheet.announcement_id is None:
        raise Gone
    return redirect(url_for("announcements.progress", number=sheet.announcement_id), 303)


def was_looked_over(sheet: MessageSheet, found: SheetPlan, now: datetime) -> bool:
    """Say whether what stands here is what its owner has just looked at and wants; if not, tell why."""
    if found.problems or not found.plan.audience.told:
        return False
    if request.form.get("seen") != found.fingerprint or request.form.get("urgent") != str(int(sheet.urgent)):
        flash(gettext("Something has changed since you looked at it. Look at it again."), "warning")
        return False
    if request.form.get("again") == "1":
        return True
    if same_file_sent(sheet, today_began(current_user.school, now)):
        flash(
            gettext("The same file was sent today. Tick the box if it is meant to go once more."), "warning"
        )
        return False
    if same_file_waiting(sheet):
        flash(
            gettext("The same file waits for its hour already. Tick the box if it is meant to go twice."),
            "warning",
        )
        return False
    return True


def page(sheet: MessageSheet, found: SheetPlan, later: LaterForm, now: datetime) -> str:
    """Name everything that is wrong at once; where nothing is, show what each phone will get."""
    return _problems(sheet, found) if found.problems else _review(sheet, found, later, now)


def _problems(sheet: MessageSheet, found: SheetPlan) -> str:
    return render_template(
        "message_templates/sheet_problems.html",
        sheet=sheet,
        found=found,
        page=Cut.of(
            found.problems,
            request.args.get("page"),
            PROBLEMS,
            lambda n: url_for(".sheet", number=sheet.id, page=n),
        ),
        looks=found.looks[:LOOKS],
    )


def _review(sheet: MessageSheet, found: SheetPlan, later: LaterForm, now: datetime) -> str:
    plan, school, draft = found.plan, current_user.school, sheet.announcement
    concerned = {child.class_id for household in plan.audience.households for child in household.children}
    classes = [each for each in visible_classes(current_user) if each.id in concerned]
    return render_template(
        "message_templates/sheet_review.html",
        sheet=sheet,
        draft=draft,
        later=later,
        found=found,
        plan=plan,
        shown=look_at(found, request.args.get("row", "")),
        looks=found.looks[:LOOKS],
        without=plan.audience.without_address[:WITHOUT_SHOWN],
        price=price_of(school, plan.segments),
        sms=sum(message.channel == "sms" for _, message in plan.messages),
        has_duty=has_numbers(current_user.school_id),
        over=[] if sheet.urgent else limits.refusals(school, classes, plan.messages, now),
        low=limits.warnings(school, classes, now, plan.messages),
        same=same_file_sent(sheet, today_began(school, now)),
        waits=same_file_waiting(sheet),
        nobody=nothing_to_send(found),
        script_names=SCRIPT_NAMES,
        starts_at=starts_at(sheet.urgent, now, school),
        quiet_until=policy.not_before(now, False, school.quiet),
        rings_at=starts_at(sheet.urgent, draft.goes_at, school) if draft and draft.goes_at else None,
        now=now,
    )
