"""A conversation with one family: read it, reply, hand it to the pedagogue, leave it for later."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from notifier import jobs
from notifier.database import db
from webapp.announcements.publish import Unready
from webapp.families.devices import SEES_DEVICES
from webapp.families.models import Family
from webapp.families.queries import family_of
from webapp.inbox.conversations import is_responsible, mark_read, mark_unread
from webapp.inbox.models import Conversation
from webapp.inbox.queries import conversation_with, owners_of
from webapp.inbox.reply import ReplyForm, cost_of, intended_to, leaves_at, phones_of, send
from webapp.inbox.timeline import told, with_family
from webapp.paging import Page
from webapp.reach.models import Means
from webapp.reach.tasks.followups import open_follow_up, whose
from webapp.staff.access import only, reads_only, writes
from webapp.staff.models import BROADCASTERS

PER_PAGE = 20
LONGEST_NOTE = 500
HANDED = "handed"

_token = re.compile(r"[A-Za-z0-9_-]{16,32}").fullmatch


@writes
def family(number: int) -> ResponseReturnValue:
    """Show the conversation, which reads it; or take a reply."""
    household = family_of(current_user, number)
    conversation, now = conversation_with(household), datetime.now(UTC)
    form = _form(household, conversation)
    if request.method == "POST":
        if not current_user.may(BROADCASTERS):
            abort(403)
        if (answer := _replied(household, conversation, form, now)) is not None:
            return answer
    elif conversation and conversation.unread_since and is_responsible(current_user, conversation):
        mark_read(conversation, current_user, now)
        db.session.commit()
    return _page(household, conversation, form, now), 422 if form.errors else 200


def _form(household: Family, conversation: Conversation | None) -> ReplyForm:
    form = ReplyForm()
    last = conversation.last_reply.inbound.sender if conversation and conversation.last_reply else ""
    form.offer(phones_of(household, last))
    return form


def _replied(
    household: Family, conversation: Conversation | None, form: ReplyForm, now: datetime
) -> ResponseReturnValue | None:
    """Send what the form says and lead back; None when it does not hold, and its fields say why."""
    point = form.offered.get(form.phone.data or "")
    if point is None or not form.validate_on_submit():
        if point is None:
            flash(gettext("There is no phone of this family to write to. Call or visit them."), "error")
            return redirect(url_for(".family", number=household.id), 303)
        return None
    intended = intended_to(current_user, household, point, form)
    field = f"text_{'ru' if intended.language == 'ru' else 'ky'}"
    if not form[field].data:
        form.blame(field, [gettext("Write the reply before you send it.")])
    elif objections := intended.objections(now):
        form.blame(field, objections)
    if form.errors:
        return None
    try:
        new = send(intended, current_user, form.token.data, now)
    except Unready as unready:
        db.session.rollback()
        form.blame(field, [flaw.text for flaw in unready.flaws])
        return None
    if conversation:
        mark_read(conversation, current_user, now)
    db.session.commit()
    jobs.nudge()
    if new:
        flash(gettext("The reply is on its way."), "success")
    return redirect(url_for(".family", number=household.id, sent=1), 303)


def _page(household: Family, conversation: Conversation | None, form: ReplyForm, now: datetime) -> str:
    page = Page.of(
        with_family(current_user, household, conversation),
        request.args.get("page"),
        PER_PAGE,
        lambda n: url_for(".family", number=household.id, page=n),
    )
    points = {link.contact_point.id for each in household.guardians for link in each.contacts}
    others = {who.family_id: who for owners in owners_of(points).values() for who in owners}
    others.pop(household.id, None)
    writes = current_user.may(BROADCASTERS)
    point = form.offered.get(form.phone.data or "")
    shown: dict[str, Any] = {}
    if writes and point:
        intended = intended_to(current_user, household, point, form)
        shown = cost_of(intended, now) | {
            "field_name": f"text_{'ru' if intended.language == 'ru' else 'ky'}",
            "leaves_at": leaves_at(intended.school, point.address, now),
        }
    return render_template(
        "inbox/family.html",
        family=household,
        conversation=conversation,
        page=page,
        said=told(page.rows, household, answers=current_user.may(SEES_DEVICES)),
        others=[who for who in others.values() if who.children],
        form=form,
        writes=writes and point is not None,
        may_hand=writes,
        is_unread=bool(conversation and conversation.unread_since),
        hand_token=secrets.token_urlsafe(16),
        now=now,
        **shown,
    )


@reads_only
@only(BROADCASTERS)
def cost(number: int) -> str:
    """Answer the typing with a fragment; writes nothing."""
    household = family_of(current_user, number)
    form = _form(household, conversation_with(household))
    point = form.offered.get(form.phone.data or "") or abort(404)
    intended = intended_to(current_user, household, point, form)
    return render_template(
        "announcements/_cost.html", **cost_of(intended, datetime.now(UTC)), was=request.form.get("was")
    )


@only(BROADCASTERS)
def hand(number: int) -> ResponseReturnValue:
    """Ask the social pedagogue to see to this family; a form sent twice is one task."""
    household, now = family_of(current_user, number), datetime.now(UTC)
    token, note = request.form.get("token", ""), request.form.get("note", "").strip()
    if not _token(token):
        abort(400)
    if len(note) > LONGEST_NOTE:
        flash(gettext("The note is too long: at most 500 characters."), "error")
        return redirect(url_for(".family", number=number), 303)
    open_follow_up(
        household, HANDED, f"form:{token}", now, note=note, assignee_id=whose(household, Means.VISIT)
    )
    if conversation := conversation_with(household):
        mark_read(conversation, current_user, now)
    db.session.commit()
    flash(gettext("The social pedagogue has it now."), "success")
    return redirect(url_for(".family", number=number), 303)


def unread(number: int) -> ResponseReturnValue:
    """Leave a conversation for later, or for somebody else; or say that nothing waits in it."""
    conversation, now = conversation_with(family_of(current_user, number)), datetime.now(UTC)
    if conversation is None:
        abort(404)
    if "read" in request.form:
        mark_read(conversation, current_user, now)
        flash(gettext("Marked as read."), "success")
    else:
        mark_unread(conversation, now)
        flash(gettext("Marked as unread: it stays at the top of the list."), "success")
    db.session.commit()
    return redirect(url_for(".messages"), 303)
