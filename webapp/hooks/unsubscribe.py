"""The address in every e-mail by which a reader asks for no more of them, and, later, for more after all.

Opening it changes nothing, because mail programs and virus scanners open every address they see.
Who posts to it, by the button or by the mail program's own (RFC 8058), wants no more e-mail. The address is
the secret: it stands in the letter alone, and nobody has to sign in.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask import Blueprint, abort, render_template, session
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, get_locale
from sqlalchemy import select

from notifier import outbox
from notifier.database import db
from notifier.models import Delivery, Suppression
from notifier.stationery import Paper
from webapp.staff.access import public

blueprint = Blueprint("unsubscribe", __name__)

UNSUBSCRIBED = "unsubscribed"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who holds a letter of ours."""

    address: str
    language: str  # the letter's
    silence: str | None  # why this mailbox is not written to


@blueprint.get("/unsubscribe/<ref>")
@public
def ask(ref: str) -> ResponseReturnValue:
    return _page(_reader(ref))


@blueprint.post("/unsubscribe/<ref>")
@public
def unsubscribe(ref: str) -> ResponseReturnValue:
    reader = _reader(ref)
    outbox.suppress("email", reader.address, UNSUBSCRIBED, datetime.now(UTC))
    db.session.commit()
    return _page(replace(reader, silence=reader.silence or UNSUBSCRIBED))


@blueprint.post("/unsubscribe/<ref>/again")
@public
def again(ref: str) -> ResponseReturnValue:
    """Write to a reader again who asked for silence here; not to one whom the school has blocked."""
    reader = _reader(ref)
    outbox.unsuppress("email", reader.address, only=UNSUBSCRIBED)
    db.session.commit()
    return _page(
        replace(reader, silence=None if reader.silence == UNSUBSCRIBED else reader.silence), is_back=True
    )


def _reader(ref: str) -> Reader:
    """The reader to whom we wrote under `ref`; 404 when there is none."""
    found = db.session.execute(
        select(Delivery.address, Paper.language, Suppression.reason)
        .outerjoin(Paper, Paper.id == Delivery.paper_id)
        .outerjoin(Suppression, (Suppression.channel == "email") & (Suppression.address == Delivery.address))
        .where(Delivery.ref == ref, Delivery.channel == "email")
    ).one_or_none()
    if found is None:
        abort(404)
    return Reader(found.address, found.language or "", found.reason)


def _page(reader: Reader, *, is_back: bool = False) -> str:
    # In the letter's language, unless this browser has chosen one.
    chosen = str(get_locale()) if "language" in session or not reader.language else reader.language
    with force_locale(chosen):
        return render_template(
            "hooks/unsubscribe.html",
            address=_masked(reader.address),
            silent=reader.silence is not None,
            may_return=reader.silence == UNSUBSCRIBED,
            is_back=is_back,
        )


def _masked(address: str) -> str:
    """The address as its owner knows it and a passer-by does not."""
    local, _, domain = address.partition("@")
    return f"{local[:1]}•••@{domain}"
