"""What parents answered, newest first."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from notifier.database import db
from webapp.inbox.queries import owners_of, replies_for
from webapp.paging import Page

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")

PER_PAGE = 50


def meaning(intent: str | None) -> tuple[str, str]:
    """Say in words what a reply meant, with the kind of its status pill."""
    known = {
        "YES": ("acknowledged", gettext("Acknowledged")),
        "NO": ("problem", gettext("Answered no")),
        "STOP": ("problem", gettext("Asked for no more messages")),
        "START": ("sent", gettext("Wants messages again")),
        "HELP": ("problem", gettext("Asks for help")),
        "TV": ("waiting", gettext("Asks for TV lessons")),
        "WRONG": ("problem", gettext("Says it is the wrong number")),
    }
    return known.get(intent or "", ("none", gettext("Free text")))


@blueprint.get("/")
def messages() -> str:
    page = Page.of(
        replies_for(current_user), request.args.get("page"), PER_PAGE, lambda n: url_for(".messages", page=n)
    )
    replies = db.session.scalars(page.rows).all()
    owners = owners_of({reply.contact_point_id for reply in replies if reply.contact_point_id})
    return render_template("inbox/messages.html", page=page, replies=replies, owners=owners, meaning=meaning)
