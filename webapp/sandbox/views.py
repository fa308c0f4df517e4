"""Practice mode: the phones on which messages arrive, and the answers written on them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import select

from notifier import outbox
from notifier.database import db
from webapp.announcements.reasons import reason
from webapp.families.models import ContactPoint
from webapp.families.queries import contact_points_seen_by
from webapp.inbox.queries import owners_of
from webapp.inbox.read import read_waiting
from webapp.paging import Page
from webapp.sandbox.queries import Phone, colleagues_with, phones_with_messages, screens, troubles
from webapp.sandbox.stories import STORIES

blueprint = Blueprint("sandbox", __name__, url_prefix="/sandbox")

PHONES_PER_PAGE = 10
LONGEST_ANSWER = 300


@blueprint.get("/")
def phones() -> str:
    wanted = request.args.get("q", "").strip()
    page = Page.of(
        phones_with_messages(current_user, wanted),
        request.args.get("page"),
        PHONES_PER_PAGE,
        lambda n: url_for(".phones", page=n, q=wanted or None),
    )
    drawn = [Phone(*row) for row in db.session.execute(page.rows).tuples()]
    return render_template(
        "sandbox/phones.html",
        page=page,
        phones_=drawn,
        screens=screens(current_user, drawn, current_user.school.short_name),
        owners=owners_of({phone.point for phone in drawn if phone.point is not None}),
        colleagues=colleagues_with(current_user, drawn),
        troubles={number: reason(delivery) for number, delivery in troubles(drawn).items()},
        stories=[[f"…{ending}", str(story)] for ending, story in STORIES.items()],
        wanted=wanted,
    )


@blueprint.post("/answer")
def answer() -> ResponseReturnValue:
    """Take an answer written on a drawn phone, as if it had come from the provider."""
    now = datetime.now(UTC)
    number, text = request.form.get("number", ""), request.form.get("text", "").strip()
    point = db.session.scalar(
        select(ContactPoint).where(
            ContactPoint.channel == "sms",
            ContactPoint.address == number,
            ContactPoint.id.in_(contact_points_seen_by(current_user)),
        )
    )
    if point is None:
        abort(404)
    if not text:
        flash(gettext("Write the answer before you send it."), "error")
    elif len(text) > LONGEST_ANSWER:
        flash(gettext("The answer is too long: a phone with buttons writes at most 300 characters."), "error")
    else:
        outbox.receive(
            provider="sandbox",
            provider_ref=secrets.token_hex(16),
            sender=number,
            recipient="",
            body=text,
            now=now,
        )
        read_waiting(now)
        flash(gettext("The answer arrived. See it under Replies."), "success")
    return redirect(url_for(".phones", q=number))
