"""What a person decides about messages to colleagues that may or may not have arrived."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from notifier.database import db
from notifier.models import Delivery
from webapp.messages.deciding import LONGEST_REF, just_decided, take_decision
from webapp.paging import Page
from webapp.staffroom.audience import may_send
from webapp.staffroom.doubts import copies_in, message_with_ref, undecided

PER_PAGE = 30


def to_decide() -> str:
    if not may_send(current_user):
        abort(404)
    decided = request.args.get("decided", "")[:LONGEST_REF]
    page = Page.of(
        undecided(current_user, decided),
        request.args.get("page"),
        PER_PAGE,
        lambda number: url_for(".to_decide", page=number),
    )
    deliveries = db.session.scalars(page.rows).all()
    return render_template(
        "staffroom/to_decide.html",
        page=page,
        decided=decided,
        outcome=just_decided(deliveries, decided),
        deliveries=deliveries,
        copies=copies_in([delivery.id for delivery in deliveries]),
    )


def decide(ref: str) -> ResponseReturnValue:
    delivery = message_with_ref(current_user, ref) if may_send(current_user) else None
    if delivery is None:
        abort(404)
    take_decision(delivery.id, _names(delivery.id))
    # On the page it was on, at its place.
    return redirect(url_for(".to_decide", decided=ref, page=request.args.get("page"), _anchor="decided"), 303)


def whose_message(number: int) -> tuple[str, str] | None:
    """Name for the journal whose message it was, and its notice's page, if this person decides about it."""
    copies = copies_in([number]).get(number)
    delivery = db.session.get(Delivery, number)
    if not copies or delivery is None or message_with_ref(current_user, delivery.ref) is None:
        return None
    return _names(number), url_for("staff_notices.progress", number=copies[0].announcement_id)


def _names(delivery_id: int) -> str:
    return ", ".join(copy.staff.name for copy in copies_in([delivery_id]).get(delivery_id, []))
