"""The history of one family: everything told and tried."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, render_template, request, url_for
from flask_login import current_user

from webapp.families.queries import family_of
from webapp.reach.board.cards import card_of
from webapp.reach.board.queries import standing_of, tasks_of
from webapp.reach.history.story import story_of
from webapp.staff.models import BROADCASTERS

blueprint = Blueprint("reach_family", __name__, url_prefix="/reach/families")


@blueprint.get("/<int:number>")
def story(number: int) -> str:
    family, now = family_of(current_user, number), datetime.now(UTC)
    before = _before()
    return render_template(
        "reach/family.html",
        card=card_of(family, standing_of(family), tasks_of(current_user, [number]).get(number, []), now),
        story=story_of(current_user, number, before, now),
        first=before is None,
        may_note=current_user.may(BROADCASTERS),
        back=url_for(".story", number=number),
    )


def _before() -> datetime | None:
    """Read where an earlier part begins; what is no moment is the beginning."""
    try:
        moment = datetime.fromisoformat(request.args.get("before", "")[:40])
    except ValueError:
        return None
    # Of other years there is nothing, and the first and the last cannot be told in another zone.
    return moment if moment.tzinfo and 2000 <= moment.year <= 2099 else None
