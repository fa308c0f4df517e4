"""How a spreadsheet goes: urgent or not, asking for an answer or not, now, at an hour, or not after all."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user

from notifier import jobs
from notifier.database import db
from webapp.announcements.later.form import LaterForm
from webapp.announcements.models import Announcement
from webapp.announcements.publish import Unready
from webapp.announcements.refused import say_why
from webapp.message_templates.models import MessageSheet
from webapp.message_templates.sheets import page as sheet_page
from webapp.message_templates.sheets.plan import SheetPlan
from webapp.message_templates.sheets.sending import send
from webapp.message_templates.sheets.waiting import let_it_go_at, let_it_stay
from webapp.staff.access import only
from webapp.staff.models import BROADCASTERS
from webapp.times import when


@only(BROADCASTERS)
def urgent(number: int) -> ResponseReturnValue:
    """Mark what is to be sent as urgent, or take that back; or leave the phone of who is on duty off."""
    kept = sheet_page.own_sheet(number)
    if kept.sent_at is None:
        if "urgent" in request.form:
            kept.urgent = request.form["urgent"] == "1"
        kept.without_duty = request.form.get("duty") == "0"
        db.session.commit()
    return redirect(url_for(".sheet", number=number), 303)


@only(BROADCASTERS)
def asks(number: int) -> ResponseReturnValue:
    """Let every message ask the family to answer that it knows, or not."""
    kept = sheet_page.own_sheet(number)
    if kept.sent_at is None:
        kept.asks_acknowledgement = request.form.get("asks") == "1"
        db.session.commit()
    return redirect(url_for(".sheet", number=number), 303)


@only(BROADCASTERS)
def send_it(number: int) -> ResponseReturnValue:
    now, person = datetime.now(UTC), current_user._get_current_object()
    kept, found = _looked_over(number, now)
    here = redirect(url_for(".sheet", number=number), 303)
    try:
        published = send(kept, found, now, person)
    except Unready as unready:
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
    kept = sheet_page.own_sheet(number)
    return sheet_page.where_sent(kept) if kept.sent_at else here


@only(BROADCASTERS)
def later(number: int) -> ResponseReturnValue:
    """Settle the day and hour at which it goes by itself."""
    now, person = datetime.now(UTC), current_user._get_current_object()
    kept, found = _looked_over(number, now)
    here = redirect(url_for(".sheet", number=number), 303)
    form = LaterForm()
    moment = form.goes_at(person.school)
    if not form.holds(kept.announcement or Announcement(), person.school, now) or moment is None:
        return sheet_page.page(kept, found, form, now), 422
    if not let_it_go_at(kept, found, moment, now, person):
        db.session.rollback()
        flash(gettext("Something has changed since you looked at it. Look at it again."), "warning")
        return here
    db.session.commit()
    flash(gettext("It goes by itself: %(when)s.", when=when(moment, now)), "success")
    return redirect(url_for("announcements.sent"), 303)


@only(BROADCASTERS)
def stay(number: int) -> ResponseReturnValue:
    """Let it not go by itself: it waits for a day, to be sent or forgotten."""
    kept, now = sheet_page.own_sheet(number), datetime.now(UTC)
    if kept.sent_at is None and let_it_stay(kept, now, current_user._get_current_object()):
        db.session.commit()
        flash(
            gettext("It does not go by itself now. It waits here for a day, to be sent or forgotten."),
            "success",
        )
    else:
        db.session.rollback()
    return redirect(url_for(".sheet", number=number), 303)


@only(BROADCASTERS)
def discard(number: int) -> ResponseReturnValue:
    """Forget a spreadsheet that was not sent, also one that was to go later."""
    kept, now = sheet_page.own_sheet(number), datetime.now(UTC)
    if kept.sent_at:
        return sheet_page.where_sent(kept)
    template_id = kept.version.template_id
    if not let_it_stay(kept, now, current_user._get_current_object()):
        db.session.rollback()
        return redirect(url_for(".sheet", number=number), 303)
    db.session.delete(kept)
    db.session.commit()
    flash(gettext("The spreadsheet is forgotten. Nothing was sent."), "success")
    return redirect(url_for("message_templates.template", number=template_id), 303)


def _looked_over(number: int, now: datetime) -> tuple[MessageSheet, SheetPlan]:
    """The sheet at hand and what it would do, as its sender saw it; else they are led where it stands."""
    kept = sheet_page.own_sheet(number)
    if kept.sent_at:
        abort(sheet_page.where_sent(kept))
    found = sheet_page.planned(kept, now)
    if not sheet_page.was_looked_over(kept, found, now):
        abort(redirect(url_for(".sheet", number=number), 303))
    return kept, found
