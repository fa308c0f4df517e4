"""The address in every e-mail by which a reader asks for no more of them.

Opening it changes nothing, because mail programs and virus scanners open every address they see.
Who posts to it, by the button or by the mail program's own (RFC 8058), wants no more e-mail.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from notifier import outbox
from notifier.database import db
from notifier.models import Delivery
from webapp.staff.access import public

blueprint = Blueprint("unsubscribe", __name__)


@blueprint.get("/unsubscribe/<ref>")
@public
def ask(ref: str) -> str:
    return render_template("hooks/unsubscribe.html", address=_masked(_address(ref)), done=False)


@blueprint.post("/unsubscribe/<ref>")
@public
def unsubscribe(ref: str) -> ResponseReturnValue:
    address = _address(ref)
    outbox.suppress("email", address, "unsubscribed", datetime.now(UTC))
    db.session.commit()
    return render_template("hooks/unsubscribe.html", address=_masked(address), done=True)


def _address(ref: str) -> str:
    """The mailbox to which we wrote under `ref`; 404 when there is none."""
    address = db.session.scalar(
        select(Delivery.address).where(Delivery.ref == ref, Delivery.channel == "email")
    )
    return address or abort(404)


def _masked(address: str) -> str:
    """The address as its owner knows it and a passer-by does not."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}•••@{domain}"
