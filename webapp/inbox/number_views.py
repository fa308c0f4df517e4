"""The tray of numbers nobody knows: whose are they, or are they nobody's?"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload, selectinload

from notifier.database import db
from webapp.families.looking import looked_for
from webapp.families.models import ContactPoint, Family, Guardian, GuardianContact, Pupil
from webapp.families.search import children_named
from webapp.inbox.conversations import mark_read
from webapp.inbox.models import Conversation
from webapp.inbox.queries import number_of, numbers_nobody_knows
from webapp.inbox.strangers import block as block_number
from webapp.inbox.strangers import give_to, unblock
from webapp.inbox.timeline import told, with_number
from webapp.inbox.words import meaning
from webapp.paging import Page
from webapp.staff.access import only, writes
from webapp.staff.models import WHOLE_SCHOOL

PER_PAGE = 50
SAID_PER_PAGE = 20
MOST_GUARDIANS = 20


@only(WHOLE_SCHOOL)
def numbers() -> str:
    blocked, wanted = "blocked" in request.args, looked_for()
    page = Page.of(
        numbers_nobody_knows(current_user, blocked=blocked, wanted=wanted),
        request.args.get("page"),
        PER_PAGE,
        lambda n: url_for(".numbers", page=n, blocked=1 if blocked else None, q=wanted or None),
    )
    return render_template(
        "inbox/numbers.html",
        page=page,
        conversations=db.session.scalars(page.rows).all(),
        blocked=blocked,
        wanted=wanted,
        meaning=meaning,
    )


@writes
@only(WHOLE_SCHOOL)
def number(number: int) -> str:
    conversation, now = number_of(current_user, number), datetime.now(UTC)
    if conversation.unread_since:
        mark_read(conversation, current_user, now)
        db.session.commit()
    wanted = looked_for()
    page = Page.of(
        with_number(conversation),
        request.args.get("page"),
        SAID_PER_PAGE,
        lambda n: url_for(".number", number=number, page=n),
    )
    return render_template(
        "inbox/number.html",
        conversation=conversation,
        page=page,
        said=told(page.rows),
        wanted=wanted,
        guardians=_guardians(conversation, wanted),
    )


def _guardians(conversation: Conversation, wanted: str) -> list[Guardian]:
    """Whose number it may be: of the children looked for, or of who has it by now."""
    families = {child.family_id for child in children_named(current_user, wanted)} if wanted else set()
    has_it = (
        select(GuardianContact.guardian_id)
        .join(ContactPoint, ContactPoint.id == GuardianContact.contact_point_id)
        .where(
            ContactPoint.school_id == conversation.school_id,
            ContactPoint.channel == "sms",
            ContactPoint.address == conversation.address,
        )
    )
    return list(
        db.session.scalars(
            select(Guardian)
            .where(
                Guardian.school_id == conversation.school_id,
                or_(Guardian.family_id.in_(families), Guardian.id.in_(has_it)),
            )
            .order_by(Guardian.family_id, Guardian.priority, Guardian.id)
            .limit(MOST_GUARDIANS)
            .options(
                joinedload(Guardian.family)
                .selectinload(Family.pupils.and_(Pupil.left_at.is_(None)))
                .joinedload(Pupil.school_class),
                selectinload(Guardian.contacts),
            )
        )
    )


@only(WHOLE_SCHOOL)
def match(number: int) -> ResponseReturnValue:
    """Say whose number it is."""
    conversation, now = number_of(current_user, number), datetime.now(UTC)
    asked = request.form.get("guardian", "")
    guardian = db.session.get(Guardian, int(asked)) if asked.isdecimal() and len(asked) < 10 else None
    if guardian is None or guardian.school_id != current_user.school_id:
        abort(404)
    give_to(conversation, guardian, current_user, now)
    db.session.commit()
    flash(gettext("The number is the family’s now, and so are its messages."), "success")
    return redirect(url_for(".family", number=guardian.family_id), 303)


@only(WHOLE_SCHOOL)
def block(number: int) -> ResponseReturnValue:
    """Take no interest in a number any more, or again."""
    conversation, now = number_of(current_user, number), datetime.now(UTC)
    if "undo" in request.form:
        unblock(conversation, current_user, now)
        flash(gettext("What this number writes is shown again."), "success")
    else:
        block_number(conversation, current_user, now)
        flash(gettext("The number is blocked: it is neither read nor answered."), "success")
    db.session.commit()
    return redirect(url_for(".numbers"), 303)
