"""Which kind a request is about, and which ones somebody writes most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import func, select

from notifier.database import db
from webapp.announcements.desk.kind import Kind
from webapp.announcements.desk.one_child import child_of
from webapp.announcements.desk.table import KINDS
from webapp.announcements.kinds import GENERAL
from webapp.announcements.models import Announcement
from webapp.staff.models import StaffMember

# So many of somebody's last ones say what they write most.
LATELY = 60
OFFERED = 2


def kind_asked_for(draft: Announcement | None) -> Kind:
    """The kind of a draft, or the one an address names; 403 for what this person may not write."""
    code = draft.kind if draft else request.args.get("kind", GENERAL)
    kind = KINDS.get(code)
    if kind is None:
        # What the house writes by itself, or set right of it: its words are anybody's.
        return KINDS[GENERAL] if draft else abort(404)
    if not current_user.may(kind.who):
        abort(403)
    return kind


def to_the_picker(kind: Kind, args: Mapping[str, str]) -> ResponseReturnValue | None:
    """Lead to where a child is chosen; None where one is, or none is asked for."""
    if not kind.of_one_child or child_of(current_user, args.get("pupil")):
        return None
    keep: dict[str, Any] = {"kind": kind.code, "class": args.get("class")}
    return redirect(url_for("kinds.child", **keep))


def kinds_for(person: StaffMember) -> list[Kind]:
    """The kinds somebody may write, those they write most first."""
    counts = _counts(person)
    may = [kind for kind in KINDS.values() if person.may(kind.who)]
    return sorted(may, key=lambda kind: -counts.get(kind.code, 0))


def often_written_by(person: StaffMember) -> Sequence[Kind]:
    """The one or two special kinds somebody writes most; none before they have."""
    counts = _counts(person)
    return [kind for kind in kinds_for(person) if kind.code != GENERAL and counts.get(kind.code)][:OFFERED]


def _counts(person: StaffMember) -> dict[str, int]:
    lately = (
        select(Announcement.kind)
        .where(Announcement.author_id == person.id, Announcement.published_at.is_not(None))
        .order_by(Announcement.id.desc())
        .limit(LATELY)
        .subquery()
    )
    rows = db.session.execute(select(lately.c.kind, func.count()).group_by(lately.c.kind)).tuples()
    return dict(rows.all())
