"""How far a sent announcement has come: the counts, and the families."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from notifier.at_work import PATIENCE
from notifier.database import db
from webapp.announcements.audience.households import Child
from webapp.announcements.audience.who import left_out_of, still_to_tell
from webapp.announcements.back.taking_back import counted
from webapp.announcements.back.views import may_correct, may_take_back, may_use
from webapp.announcements.kinds import PERSONAL
from webapp.announcements.levels import REACHED, Standing
from webapp.announcements.models import Announcement
from webapp.announcements.money import budget
from webapp.announcements.progress import Glance, copies, glances, held_until
from webapp.announcements.publish import UNDO
from webapp.announcements.queries import corrected_by, own_draft, sent_announcement
from webapp.announcements.reasons import Reason, why
from webapp.announcements.recipients import Recipient
from webapp.families.looking import found_in, is_called, looked_for
from webapp.paging import Page
from webapp.staff.models import BROADCASTERS

PER_PAGE = 10
SHOWN = {
    "not_reached": {Standing.NOT_REACHED},
    "waiting": {Standing.WAITING},
    "sent": {Standing.SENT},
    "relayed": {Standing.RELAYED},
    "reached": REACHED,
    "taken_back": {Standing.TAKEN_BACK},
}
# Seconds until the next look: quick while messages leave, then ever slower, and at last not at all.
FIRST_LOOK, SLOWEST_LOOK, SLOWER, LOOKS = 2.0, 30.0, 1.4, 40
# Nobody wonders sooner that something still waits.
WONDER = min(PATIENCE.values())


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the progress page."""

    recipient: Recipient
    standing: Standing
    reason: Reason | None


def progress(number: int) -> ResponseReturnValue:
    announcement = sent_announcement(current_user, number)
    if announcement is None:
        draft = own_draft(current_user, number)
        if draft and draft.published_at is None:
            return redirect(url_for(".review", number=number))
        abort(404)
    now = datetime.now(UTC)
    return render_template(
        "announcements/progress.html",
        **_counts(announcement, now) | _families(announcement, now),
        cost=budget.price_of(current_user.school, announcement.segments),
        may_use=may_use(current_user, announcement),
        may_correct=may_correct(current_user, announcement),
        stopped=counted(announcement) if announcement.taken_back_at else None,
        left_out=_left_out(announcement),
    )


def _left_out(announcement: Announcement) -> list[list[Child]]:
    """Whom its author did not tell, a family each; of the name looked for, when one is."""
    left_out, wanted = left_out_of(current_user, announcement), looked_for()
    return [
        children
        for children in left_out
        if not wanted or any(is_called(child.name, wanted) for child in children)
    ]


def counts(number: int) -> Response:
    """Answer the page's asking with the counts as they are now, and when to ask again."""
    announcement = sent_announcement(current_user, number) or abort(404)
    found = _counts(announcement, datetime.now(UTC))
    response = make_response(render_template("announcements/_counts.html", **found))
    if request.args.get("was") != found["stamp"]:
        # The list of families asks for itself when it hears this.
        response.headers["HX-Trigger"] = "standings-changed"
    return response


def families(number: int) -> str:
    """Answer with the list of families as they stand now."""
    announcement = sent_announcement(current_user, number) or abort(404)
    return render_template("announcements/_families.html", **_families(announcement, datetime.now(UTC)))


def _show() -> str | None:
    show = request.args.get("show")
    return show if show in SHOWN else None


def _counts(announcement: Announcement, now: datetime) -> dict[str, object]:
    glance: Glance = glances(current_user, [announcement.id], now)[announcement.id]
    waiting = glance[Standing.WAITING]
    held = held_until(announcement.id, waiting, now) if waiting else None
    if undo := _undo(announcement, held):
        held = None
    set_right_by = corrected_by(announcement)
    look = min(max(request.args.get("look", 0, type=int), 0), LOOKS)
    seconds = min(SLOWEST_LOOK, FIRST_LOOK * SLOWER**look)
    if undo and announcement.published_at:
        # Nothing leaves before half a minute is over: then is the next look, and quick ones follow.
        look, seconds = -1, max(1.0, (announcement.published_at + UNDO - now).total_seconds() + 0.5)
    return {
        "announcement": announcement,
        "glance": glance,
        "show": _show(),
        "held": held,
        "undo": undo,
        "undo_over": "undo" in request.args and not undo,
        "may_take_back": may_take_back(current_user, announcement),
        "look": look + 1,
        "seconds": round(seconds, 1),
        # Then it is worth asking whether anything leaves at all.
        "long_waited": bool(waiting) and held is None and not undo and _sent_by(announcement, now - WONDER),
        "asking": bool(waiting) and held is None and look < LOOKS,
        "set_right_by": set_right_by,
        # Whom the wrong one did not reach the right one is to reach.
        "again": 0 if set_right_by else _to_write_again(announcement, glance, now),
        "stamp": ".".join(str(glance[place]) for place in Standing),
        "now": now,
    }


def _sent_by(announcement: Announcement, moment: datetime) -> bool:
    return announcement.published_at is not None and announcement.published_at <= moment


def _undo(announcement: Announcement, held: datetime | None) -> bool:
    """Whether nothing of it has left because it may be taken back whole, and for no other reason."""
    return (
        held is not None
        and announcement.published_at is not None
        and announcement.taken_back_at is None
        and held <= announcement.published_at + UNDO
    )


def _to_write_again(announcement: Announcement, glance: Glance, now: datetime) -> int:
    """Count the families this person may write to because this one did not reach them."""
    if announcement.kind in PERSONAL or announcement.taken_back_at or not current_user.may(BROADCASTERS):
        return 0
    if not glance[Standing.NOT_REACHED]:
        return 0
    return still_to_tell(current_user, announcement, now)


def _families(announcement: Announcement, now: datetime) -> dict[str, object]:
    show, wanted = _show(), looked_for()
    query = copies(current_user, announcement.id, SHOWN[show] if show else set(Standing), now)
    page = Page.of(
        found_in(query, Recipient.family_id, wanted),
        request.args.get("page"),
        PER_PAGE,
        lambda number: url_for(".progress", number=announcement.id, show=show, q=wanted or None, page=number),
    )
    rows = [
        Row(recipient, Standing(standing), why(Standing(standing), recipient.delivery, recipient.no_address))
        for recipient, standing in db.session.execute(page.rows)
    ]
    return {
        "announcement": announcement,
        "page": page,
        "rows": rows,
        "show": show,
        "wanted": wanted,
        "may_note": current_user.may(BROADCASTERS),
    }
