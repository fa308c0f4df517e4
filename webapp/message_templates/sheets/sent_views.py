"""What became of a spreadsheet that was sent, row by row; and the rows not reached, to take along."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Response, abort, render_template, request, url_for
from flask_login import current_user

from notifier.database import db
from webapp.announcements.models import Announcement
from webapp.announcements.own_texts import SHEET
from webapp.announcements.queries import sent_announcement
from webapp.families.search import LONGEST_TEXT
from webapp.message_templates.queries import version_behind
from webapp.message_templates.sheets import not_reached
from webapp.message_templates.sheets.sent_rows import (
    GONE,
    NOT_KNOWN_REACHED,
    PLACES,
    SHOWN,
    counted,
    read,
    rows_of,
)
from webapp.paging import Page
from webapp.staff import audit
from webapp.staff.access import writes
from webapp.staff.models import BROADCASTERS

PER_PAGE = 20


def sent_rows(number: int) -> str:
    """Each row and child, searched by name, phone or the row's number."""
    announcement, now = _sheet_sent(number), datetime.now(UTC)
    show, wanted = request.args.get("show", ""), request.args.get("q", "").strip()[:LONGEST_TEXT]
    show = show if show in SHOWN else ""
    page = Page.of(
        rows_of(current_user, announcement, now, SHOWN.get(show, PLACES), wanted),
        request.args.get("page"),
        PER_PAGE,
        lambda n: url_for(".sent_rows", number=number, show=show or None, q=wanted or None, page=n),
    )
    counts = counted(current_user, announcement, now)
    return render_template(
        "message_templates/sheet_sent.html",
        announcement=announcement,
        page=page,
        rows=read(current_user, page.rows),
        counts={name: sum(counts.get(place, 0) for place in places) for name, places in SHOWN.items()},
        total=sum(counts.values()),
        left=sum(counts.get(place, 0) for place in NOT_KNOWN_REACHED),
        show=show,
        wanted=wanted,
        place_names=not_reached.PLACE_NAMES,
        gone=GONE,
        gone_said=not_reached.GONE_SAID,
        version=version_behind(announcement),
        may_write=current_user.may(BROADCASTERS),
    )


@writes
def not_reached_csv(number: int) -> Response:
    """The rows of which nobody knows that they were reached, as a file; who took it is written down."""
    announcement, now = _sheet_sent(number), datetime.now(UTC)
    rows = read(current_user, rows_of(current_user, announcement, now, NOT_KNOWN_REACHED))
    audit.record(
        "sheet.exported",
        f"announcement {announcement.id}",
        {"rows": len(rows)},
        current_user._get_current_object(),
        now,
    )
    answer = Response(not_reached.as_csv(rows), content_type="text/csv; charset=utf-8")
    db.session.commit()
    name = f"kabarchy-{announcement.id}-not-reached.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _sheet_sent(number: int) -> Announcement:
    announcement: Announcement = sent_announcement(current_user, number) or abort(404)
    if announcement.kind != SHEET:
        abort(404)
    return announcement
