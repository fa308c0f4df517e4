"""A person decides about a message of which nobody knows whether it arrived."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from flask import abort, flash, request
from flask_babel import gettext, lazy_gettext
from flask_login import current_user

from notifier import jobs, outbox
from notifier.database import db
from notifier.models import Delivery, State
from webapp.messages.queries import decision_about
from webapp.staff import audit
from webapp.staff.audit import DECISION_NAMES

DECISIONS = {"arrived": State.DELIVERED, "again": State.PENDING, "leave": State.CANCELLED}
LONGEST_REF = 32  # as long as the tables keep it
# What the next page says; %(who)s is whose message it is.
NOTED = {
    State.DELIVERED: lazy_gettext("%(who)s: noted that they have it."),
    State.PENDING: lazy_gettext("%(who)s: it is sent again."),
    State.CANCELLED: lazy_gettext("%(who)s: left as it is; nobody knows whether it arrived."),
}


def take_decision(delivery_id: int, who: str) -> None:
    """Do what the form says with a message, commit, and let the next page say so; once, whoever else does.

    `who` names whose message it is.
    """
    to = DECISIONS.get(request.form.get("decision", "")) or abort(400)
    now = datetime.now(UTC)
    if outbox.decide(delivery_id, to, now):
        audit.record("message.decided", f"message {delivery_id}", {"decision": to.value}, current_user, now)
        db.session.commit()
        if to is State.PENDING:
            jobs.nudge()
        flash(str(NOTED[to]) % {"who": who}, "success")
    else:
        db.session.rollback()
        already = gettext("This message is decided already.")
        flash(f"{who} · {already}", "message")


def just_decided(deliveries: Iterable[Delivery], ref: str) -> str:
    """Say on its card what was decided about the message of this public name; "" when it is not among these.

    It stays where it was, without buttons, so that nothing comes under a finger that taps once more.
    """
    for delivery in deliveries:
        if delivery.ref == ref and delivery.state is not State.NEEDS_HUMAN:
            found = decision_about(delivery)
            return str(gettext("Decided: %(what)s", what=DECISION_NAMES[found])) if found else ""
    return ""
