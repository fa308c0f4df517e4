"""The board of who was reached, class by class, and who was not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user

from notifier.database import db
from webapp.families.looking import found_in, looked_for
from webapp.families.models import Family
from webapp.families.queries import class_of, visible_classes
from webapp.paging import Page
from webapp.reach.queries import Scope, families_not_reached, report

blueprint = Blueprint("reach", __name__, url_prefix="/reach")

PER_PAGE = 50
# Days back; the board opens on the first, because what reached a family last year says little today.
PERIODS = {"month": 30, "week": 7, "all": None}


@blueprint.get("/")
def board() -> str:
    classes = visible_classes(current_user)
    scope = Scope(current_user.school_id, [each.id for each in classes], since=_since())
    return render_template(
        "reach/board.html", found=report(scope, classes), period=_period(), periods=list(PERIODS)
    )


@blueprint.get("/classes/<int:class_id>")
def not_reached(class_id: int) -> str:
    school_class, wanted = class_of(current_user, class_id), looked_for()
    scope = Scope(current_user.school_id, [school_class.id], since=_since())
    page = Page.of(
        found_in(families_not_reached(scope), Family.id, wanted),
        request.args.get("page"),
        PER_PAGE,
        lambda number: url_for(
            ".not_reached", class_id=class_id, period=_period(), q=wanted or None, page=number
        ),
    )
    return render_template(
        "reach/not_reached.html",
        school_class=school_class,
        wanted=wanted,
        page=page,
        rows=db.session.execute(page.rows).tuples().all(),
        period=_period(),
    )


def _period() -> str:
    asked = request.args.get("period", "")
    return asked if asked in PERIODS else next(iter(PERIODS))


def _since() -> datetime | None:
    days = PERIODS[_period()]
    return datetime.now(UTC) - timedelta(days=days) if days else None
