"""What the school does by itself with what parents write, and whether it asks silent numbers."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import func, select

from notifier.database import db
from webapp.announcements.audience.households import Address, Child, Envelope, Household
from webapp.announcements.money.budget import price_of
from webapp.inbox.answering.guards import ANSWERS_A_DAY
from webapp.inbox.models import NumberCheck
from webapp.inbox.number_check import can_ask, question, silent_numbers
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.staff.models import KEEPERS, Script

# A quarter, half a school year, a school year; 0 is never.
TERMS = (9, 18, 36)
EXAMPLE = Child(0, "Нурлан", 0, "5-А")


@only(KEEPERS)
def settings() -> ResponseReturnValue:
    school, now = current_user.school, datetime.now(UTC)
    check = db.session.get(NumberCheck, school.id) or NumberCheck(school_id=school.id, weeks=None, since=None)
    if request.method == "POST":
        asked = request.form.get("weeks", "")
        weeks = int(asked) if asked.isdecimal() and len(asked) < 3 and int(asked) in TERMS else None
        if weeks != check.weeks:
            check.weeks, check.since = weeks, now if weeks else None
            db.session.add(check)
            record("number_check.changed", "", {"weeks": weeks or 0}, current_user, now)
            db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for(".settings"), 303)
    home = Household(
        0, (EXAMPLE,), None, "", school.language, Script(school.script), Address(0, "sms", ""), None
    )
    sample = question(school, Envelope(Address(0, "sms", ""), (home,), school.language))
    trial = NumberCheck(school_id=school.id, weeks=check.weeks or TERMS[0], since=check.since or now)
    due = db.session.scalar(select(func.count()).select_from(silent_numbers(trial, now).subquery())) or 0
    return render_template(
        "inbox/settings.html",
        weeks=check.weeks or 0,
        terms=TERMS,
        sample=sample,
        due=due,
        price=price_of(school, due * sample.segments),
        can_ask=can_ask(),
        a_day=ANSWERS_A_DAY,
    )
