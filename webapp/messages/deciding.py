"""A person decides about a message of which nobody knows whether it arrived."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import abort, flash, request
from flask_babel import gettext
from flask_login import current_user

from notifier import jobs, outbox
from notifier.database import db
from notifier.models import State
from webapp.staff import audit

DECISIONS = {"arrived": State.DELIVERED, "again": State.PENDING, "leave": State.CANCELLED}


def take_decision(delivery_id: int) -> None:
    """Do what the form says with a message, commit, and let the next page say so; once, whoever else does."""
    to = DECISIONS.get(request.form.get("decision", "")) or abort(400)
    now = datetime.now(UTC)
    if outbox.decide(delivery_id, to, now):
        audit.record("message.decided", f"message {delivery_id}", {"decision": to.value}, current_user, now)
        db.session.commit()
        if to is State.PENDING:
            jobs.nudge()
        flash(gettext("Your decision is noted."), "success")
    else:
        db.session.rollback()
        flash(gettext("This message is decided already."), "message")
