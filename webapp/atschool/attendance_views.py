"""Who came to a group's lessons: one meeting at a time, ticked child by child."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from notifier.database import db
from webapp.atschool.forms import day
from webapp.atschool.models import Attendance
from webapp.atschool.queries import (
    came_on,
    group_of,
    members_of,
)
from webapp.atschool.times import meeting_days
from webapp.families.looking import looked_for

MOST_DAYS = 14


def attendance(number: int) -> ResponseReturnValue:
    """Who came to a meeting."""
    found = group_of(current_user, number)
    today = datetime.now(UTC).astimezone(current_user.school.zone).date()
    days = [each for each in meeting_days(found.meetings, found.first_day, found.last_day) if each <= today]
    asked = day(request.args.get("day", "")) or (days[-1] if days else None)
    if asked is not None and asked not in days:
        abort(404)
    wanted = looked_for()
    members = [each for each in members_of(current_user, found, wanted) if each.has_seat]
    known = came_on(found, asked) if asked else {}
    if request.method == "POST":
        if asked is None:
            abort(404)
        now = datetime.now(UTC)
        for each in members:
            said = request.form.get(f"came{each.id}", "")
            if said in {"yes", "no"} and known.get(each.id) != (said == "yes"):
                db.session.merge(
                    Attendance(
                        member_id=each.id,
                        day=asked,
                        came=said == "yes",
                        noted_at=now,
                        noted_by_id=current_user.id,
                    )
                )
        db.session.commit()
        flash(gettext("Saved."), "success")
        return redirect(url_for(".attendance", number=number, day=asked.isoformat()), 303)
    return render_template(
        "atschool/attendance.html",
        group=found,
        days=days[-MOST_DAYS:],
        day=asked,
        wanted=wanted,
        members=members,
        known=known,
    )
