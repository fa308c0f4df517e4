"""The page everybody begins with."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, render_template
from flask_login import current_user

from webapp.home.desk import LEADERS, PEDAGOGUES, Desk
from webapp.home.lately import days_since, longest_unreached, sent_lately, this_and_last_week
from webapp.home.of_lessons import ahead
from webapp.home.waits import waits_for
from webapp.reach.cards import children_of
from webapp.roster.queries import on_duty
from webapp.staff.models import BROADCASTERS

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def page() -> str:
    desk = Desk.of(current_user, datetime.now(UTC))
    first, *rest = [*waits_for(desk), None]
    return render_template(
        "home/home.html",
        today=desk.today,
        classes=desk.classes,
        first=first,
        rest=[wait for wait in rest if wait],
        may_write=current_user.may(BROADCASTERS) and bool(desk.classes),
        ahead=ahead(desk),
        weeks=this_and_last_week(desk) if current_user.may(LEADERS) and desk.classes else None,
        longest=[
            (family.id, children_of(family), days_since(standing.unreached_since, desk))
            for family, standing in (longest_unreached(desk) if current_user.may(PEDAGOGUES) else ())
        ],
        sent=sent_lately(desk),
        present=on_duty(current_user.school, desk.now),
    )
