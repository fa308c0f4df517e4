"""The board: the families nobody has reached, and what can be done about each with a thumb."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import lazy_gettext
from flask_login import current_user

from notifier.database import db
from webapp.families.looking import looked_for
from webapp.families.queries import visible_classes
from webapp.paging import Page
from webapp.reach.board.cards import cards_of
from webapp.reach.board.kinds import Asked, Show
from webapp.reach.board.queries import board, counts, places, tasks_of
from webapp.staff.models import BROADCASTERS

blueprint = Blueprint("reach_board", __name__, url_prefix="/reach/board")


PER_PAGE = 15
SHOWN = {
    Show.UNREACHED: lazy_gettext("Not reached"),
    Show.DUE: lazy_gettext("To do today"),
    Show.URGENT: lazy_gettext("Urgent"),
    Show.MINE: lazy_gettext("Mine"),
    Show.LESSON: lazy_gettext("Lesson at school"),
    Show.NO_ADDRESS: lazy_gettext("No address"),
    Show.SWITCHED_OFF: lazy_gettext("Switched off"),
    Show.NO_PHONE: lazy_gettext("No phone"),
}


@blueprint.get("")
def board_page() -> str:
    asked, now = _asked(), datetime.now(UTC)
    page = Page.of(
        board(current_user, asked, now),
        request.args.get("page"),
        PER_PAGE,
        lambda number: _url(asked, page=number),
    )
    rows = db.session.execute(page.rows).tuples().all()
    return render_template(
        "reach/unreached.html",
        asked=asked,
        page=page,
        cards=cards_of(rows, tasks_of(current_user, [family.id for family, _ in rows]), now),
        counts=counts(current_user, asked, now),
        places=places(current_user, asked, now),
        names=SHOWN,
        url=_url,
        may_note=current_user.may(BROADCASTERS),
        back=request.full_path if request.query_string else request.path,
    )


def _asked() -> Asked:
    """Read what is asked for; a class that is not this person's, or no class, is none."""
    show = request.args.get("show", "")
    own = {each.id for each in visible_classes(current_user)}
    class_id = request.args.get("class", type=int)
    grade = request.args.get("grade", type=int)
    return Asked(
        Show(show) if show in set(Show) else Show.UNREACHED,
        grade if grade is not None and 0 <= grade <= 12 else None,
        class_id if class_id in own else None,
        looked_for(),
    )


def _url(asked: Asked, **other: object) -> str:
    """The address of the board as it is, but for `other`."""
    parts = {
        "show": None if asked.show == Show.UNREACHED else asked.show.value,
        "grade": asked.grade,
        "class": asked.class_id,
        "q": asked.name or None,
    } | other
    given: dict[str, Any] = {name: value for name, value in parts.items() if value is not None}
    return url_for("reach_board.board_page", **given)
