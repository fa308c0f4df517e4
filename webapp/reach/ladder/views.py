"""The page on which a school sets its ladder: which ways, in which order, and how long after one another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString, gettext
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from notifier.database import db
from webapp.reach.ladder.of_school import LONGEST, MEANS_NAMES, MOST_RUNGS, Rung, keep_ladder, ladder_of
from webapp.reach.models import Means
from webapp.reach.tasks.going_views import blueprint
from webapp.staff.access import only
from webapp.staff.audit import record
from webapp.staff.models import KEEPERS

LEAST_HOURS, LEAST_MINUTES = 1, 5


@blueprint.route("/ladder", methods=["GET", "POST"])
@only(KEEPERS)
def ladder() -> ResponseReturnValue:
    school, faults = current_user.school, dict[int, LazyString | str]()
    rows = offered(ladder_of(school.id))
    if request.method == "POST":
        rows, faults = read_rungs(request.form, rows)
        if not faults:
            on, now = "on" in request.form, datetime.now(UTC)
            changed = keep_ladder(school, rows)
            if changed or school.ladder_on != on:
                school.ladder_on = on
                record(
                    "ladder.changed", "", {"rungs": [r.means for r in rows if r.active]}, current_user, now
                )
            db.session.commit()
            flash(gettext("Saved."), "success")
            return redirect(url_for(".ladder"), 303)
    page = render_template(
        "reach/ladder.html", rows=rows, faults=faults, names=MEANS_NAMES, on=school.ladder_on
    )
    return page, 422 if faults else 200


def offered(rungs: Sequence[Rung]) -> list[Rung]:
    """The rungs a school may set: its own, and those it has not, switched off; a second number twice."""
    rows = list(rungs)
    for means in (Means.NEXT_NUMBER, *Means):
        wanted = 2 if means is Means.NEXT_NUMBER else 1
        while sum(rung.means is means for rung in rows) < wanted and len(rows) < MOST_RUNGS:
            rows.append(Rung(len(rows) + 1, means, timedelta(hours=3), timedelta(minutes=30), active=False))
    return rows


def read_rungs(
    form: MultiDict[str, str], rows: Sequence[Rung]
) -> tuple[list[Rung], dict[int, LazyString | str]]:
    """Read the rows of the form in the order they are given; the faults by row."""
    read: list[tuple[int, Rung]] = []
    faults: dict[int, LazyString | str] = {}
    most_hours = int(LONGEST.total_seconds()) // 3600
    for place, row in enumerate(rows):
        order = form.get(f"order-{place}", "", type=str).strip()
        hours = form.get(f"hours-{place}", "", type=str).strip()
        minutes = form.get(f"minutes-{place}", "", type=str).strip()
        within = (
            _between(order, 1, MOST_RUNGS)
            and _between(hours, LEAST_HOURS, most_hours)
            and _between(minutes, LEAST_MINUTES, most_hours * 60)
        )
        if not within:
            faults[place] = gettext(
                "Write whole numbers: a place from 1, 1 to %(hours)s hours, and at least 5 minutes.",
                hours=most_hours,
            )
            read.append((place, row))
            continue
        rung = Rung(
            place + 1,
            row.means,
            timedelta(hours=int(hours)),
            timedelta(minutes=int(minutes)),
            f"active-{place}" in form,
        )
        read.append((int(order), rung))
    if faults:
        return [rung for _, rung in read], faults
    ordered = [rung for _, rung in sorted(read, key=lambda each: each[0])]
    return [Rung(at, r.means, r.after, r.urgent_after, r.active) for at, r in enumerate(ordered, 1)], faults


def _between(typed: str, least: int, most: int) -> bool:
    return typed.isascii() and typed.isdecimal() and len(typed) <= 6 and least <= int(typed) <= most
