"""What a person decides about messages to colleagues that may or may not have arrived."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from notifier.database import db
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
    take_decision(
        delivery.id, ", ".join(copy.staff.name for copy in copies_in([delivery.id]).get(delivery.id, []))
    )
    # On the page it was on, at its place.
    return redirect(url_for(".to_decide", decided=ref, page=request.args.get("page"), _anchor="decided"), 303)
