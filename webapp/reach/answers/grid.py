"""The grid of one class in which a teacher ticks families: what two pages of answers share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from flask import abort, render_template, request, url_for
from flask_babel import gettext, ngettext
from flask_login import current_user

from notifier.database import db
from webapp.announcements.models import Announcement
from webapp.announcements.queries import sent_announcement
from webapp.announcements.recipients import AckHow, Recipient
from webapp.families.looking import found_in, looked_for
from webapp.families.models import SchoolClass
from webapp.paging import Page
from webapp.reach.answers.acknowledged import copies_in, ids_among
from webapp.staff import audit

PER_PAGE = 100
MOST_IDS = 200


@dataclass(frozen=True, slots=True)
class Entered:
    """What a grid was sent with."""

    ids: list[int]
    how: AckHow
    at: datetime


def asked(number: int) -> Announcement:
    """The announcement; of a reminder, what it reminds of."""
    announcement = sent_announcement(current_user, number) or abort(404)
    if announcement.reminds_of_id:
        announcement = sent_announcement(current_user, announcement.reminds_of_id) or announcement
    return announcement


def grid(
    announcement: Announcement, school_class: SchoolClass, endpoint: str, touches: Mapping[int, object]
) -> str:
    here: dict[str, Any] = {"number": announcement.id, "class_id": school_class.id}
    wanted = looked_for()
    page = Page.of(
        found_in(copies_in(announcement, school_class), Recipient.family_id, wanted),
        request.args.get("page"),
        PER_PAGE,
        lambda n: url_for(endpoint, **here, q=wanted or None, page=n),
    )
    copies = db.session.scalars(page.rows).all()
    return render_template(
        "reach/answer_grid.html",
        announcement=announcement,
        school_class=school_class,
        wanted=wanted,
        page=page,
        copies=copies,
        touches=touches,
        hour=endpoint == ".in_touch_class",
        entered=[copy.id for copy in copies if copy.id in ids_in("entered", request.args.getlist("entered"))],
        today=datetime.now(current_user.school.zone).date(),
    )


def entered_in(announcement: Announcement, school_class: SchoolClass) -> Entered:
    """Read the grid: what makes no sense is today, and on paper."""
    zone, now = current_user.school.zone, datetime.now(UTC)
    how = AckHow.PHONE if request.form.get("how") == AckHow.PHONE else AckHow.PAPER
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        day = now.astimezone(zone).date()
    sent = announcement.published_at or now
    # Not before it was sent, and not in the future; the hour of a slip nobody knows, so it is noon.
    at = min(max(datetime.combine(day, time(12), zone).astimezone(UTC), sent), now)
    return Entered(
        ids_among(announcement, school_class, ids_in("copy")),
        how,
        now if day == now.astimezone(zone).date() else at,
    )


def ids_in(name: str, given: list[str] | None = None) -> set[int]:
    texts = request.form.getlist(name) if given is None else given
    numbers = ",".join(texts).split(",")[:MOST_IDS]
    return {int(text) for text in numbers if text.isdecimal() and len(text) < 19}


def listed(ids: list[int]) -> str | None:
    return ",".join(map(str, ids)) or None


def families_noted(families: int) -> str:
    if not families:
        return str(gettext("Nothing new was ticked."))
    return str(ngettext("Noted for %(num)s family.", "Noted for %(num)s families.", families))


def note(
    announcement: Announcement,
    action: str,
    school_class: SchoolClass,
    families: int,
    now: datetime,
    **more: str,
) -> None:
    if families:
        detail = {"classes": [school_class.name], "families": families, **more}
        audit.record(action, f"announcement {announcement.id}", detail, current_user, now)
