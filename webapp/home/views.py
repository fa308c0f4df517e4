"""The page everybody begins with."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, render_template
from flask_login import current_user

from webapp.home import manifest
from webapp.home.desk import LEADERS, PEDAGOGUES, Desk
from webapp.home.lately import DAYS, days_since, lately, longest_unreached
from webapp.home.of_lessons import ahead
from webapp.home.of_messages import goes_by_itself
from webapp.home.waits import waits_for
from webapp.reach.board.cards import children_of
from webapp.staff.models import BROADCASTERS

blueprint = Blueprint("home", __name__)
blueprint.add_url_rule(manifest.RULE, view_func=manifest.manifest)


@blueprint.get("/")
def page() -> str:
    desk = Desk.of(current_user, datetime.now(UTC))
    waits, leads = waits_for(desk), current_user.may(LEADERS)
    return render_template(
        "home/home.html",
        today=desk.today,
        classes=desk.classes,
        first=waits[0] if waits else None,
        rest=waits[1:],
        may_write=current_user.may(BROADCASTERS) and bool(desk.classes),
        ahead=[*goes_by_itself(desk), *ahead(desk)],
        lately=lately(desk, whole_week=leads),
        leads=leads,
        days=DAYS,
        longest=[
            (family.id, children_of(family), days_since(standing.unreached_since, desk))
            for family, standing in (longest_unreached(desk) if current_user.may(PEDAGOGUES) else ())
        ],
        present=desk.present,
    )
