"""One message and its story; the messages that wait for a decision; providers that rest."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from notifier import jobs, outbox
from notifier.database import db
from notifier.models import Delivery, State
from notifier.text import split
from webapp.announcements.reasons import LEFT, reason
from webapp.families.looking import looked_for
from webapp.messages.deciding import LONGEST_REF, just_decided, take_decision
from webapp.messages.queries import (
    attempts_of,
    copies_in,
    deciders_of,
    how_many_undecided,
    message_with_ref,
    nobody_sends,
    pauses,
    undecided,
)
from webapp.messages.words import LEFT_IN_DOUBT, STATES, in_words, whose
from webapp.paging import Page
from webapp.staff import audit
from webapp.staff.access import only
from webapp.staff.models import BROADCASTERS, KEEPERS

blueprint = Blueprint("messages", __name__, url_prefix="/messages")

PER_PAGE = 30
LOG_LINES = 50
# Those by which e-mail goes, as `notifier.channels` call them; by all others SMS does.
MAIL_PROVIDERS = frozenset({"smtp"})


@blueprint.app_context_processor
def news() -> dict[str, object]:
    """Give the frame of every page what cannot wait; as functions, for fragments have no frame."""
    return {
        "provider_pauses": pauses,
        "mail_providers": MAIL_PROVIDERS,
        "nobody_sends": nobody_sends,
        "how_many_undecided": how_many_undecided,
        "KEEPERS": KEEPERS,
        "whose_message": _whose_message,
    }


def _whose_message(number: int) -> tuple[str, str] | None:
    """Name for the journal whose message it was, and its page, as far as this person sees the families."""
    delivery = db.session.get(Delivery, number)
    copies = copies_in(current_user, [number]).get(number)
    return (whose(copies), url_for("messages.story", ref=delivery.ref)) if delivery and copies else None


@blueprint.get("/<ref>")
def story(ref: str) -> str:
    delivery, copies = message_with_ref(current_user, ref) or abort(404)
    log = attempts_of(delivery, LOG_LINES)
    by = deciders_of(delivery) if any(line.event == "person" for line in log) else {}
    return render_template(
        "messages/message.html",
        delivery=delivery,
        copies=copies,
        state=LEFT_IN_DOUBT if (why := reason(delivery)) is LEFT.what else STATES[delivery.state],
        reason=why,
        parts=split(delivery.body) if delivery.channel == "sms" else [],
        log=[(line, in_words(line, by.get(line.at, ""))) for line in log],
        may_decide=delivery.state == State.NEEDS_HUMAN and current_user.may(BROADCASTERS),
    )


@blueprint.get("/to-decide")
def to_decide() -> str:
    wanted, decided = looked_for(), request.args.get("decided", "")[:LONGEST_REF]
    page = Page.of(
        undecided(current_user, wanted, decided),
        request.args.get("page"),
        PER_PAGE,
        lambda number: url_for(".to_decide", q=wanted or None, page=number),
    )
    deliveries = db.session.scalars(page.rows).all()
    return render_template(
        "messages/to_decide.html",
        wanted=wanted,
        page=page,
        decided=decided,
        outcome=just_decided(deliveries, decided),
        deliveries=deliveries,
        copies=copies_in(current_user, [delivery.id for delivery in deliveries]),
        may_decide=current_user.may(BROADCASTERS),
    )


@blueprint.post("/<ref>/decide")
@only(BROADCASTERS)
def decide(ref: str) -> ResponseReturnValue:
    delivery, copies = message_with_ref(current_user, ref) or abort(404)
    take_decision(delivery.id, whose(copies))
    # On the page it was on, at its place.
    page, wanted = request.args.get("page"), looked_for() or None
    return redirect(url_for(".to_decide", decided=ref, q=wanted, page=page, _anchor="decided"), 303)


@blueprint.post("/resume")
@only(KEEPERS)
def resume() -> ResponseReturnValue:
    """Let a provider work again, after the account with it was mended."""
    provider = request.form.get("provider", "")
    if provider not in {pause.provider for pause in pauses()}:
        flash(gettext("Sending goes on already."), "message")
    else:
        outbox.resume(provider)
        audit.record("provider.resumed", provider[:80], {}, current_user, datetime.now(UTC))
        db.session.commit()
        jobs.nudge()
        flash(gettext("Sending goes on."), "success")
    return redirect(url_for("home.page"), 303)
