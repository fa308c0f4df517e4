"""Write a draft down: a form that came twice is one draft, and no window overwrites another unseen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import abort
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from notifier.database import db
from webapp.announcements.files.attaching import held_draft
from webapp.announcements.forms import ComposeForm
from webapp.announcements.later.moving import follow_moment
from webapp.announcements.models import Announcement
from webapp.announcements.queries import draft_with_token


@dataclass(frozen=True, slots=True)
class Other:
    """What another window has made of the draft since this one was opened."""

    number: int
    texts: dict[str, str]


def keep(form: ComposeForm, draft: Announcement | None, now: datetime) -> Announcement | Other:
    """Write what the form says into its draft, in the caller's transaction.

    Where another window has changed the draft meanwhile, nothing is written: the form is shown again beside
    what stands there, and sent once more it counts.
    """
    draft = draft or draft_with_token(current_user, form.token.data) or _new(form, now)
    if draft is None or draft.author_id != current_user.id:
        abort(404)
    # It may go by itself at this very moment; what families were told never changes afterwards.
    if not held_draft(draft):
        return draft
    overwrites, before, theirs = form.overwrites(draft), draft.fingerprint, dict(draft.texts)
    form.write_audience(draft, current_user.school, now)
    form.write_kind(draft, current_user.school)
    draft.text_ky, draft.text_ru = form.text_ky.data, form.text_ru.data
    draft.urgent, draft.without_duty = form.urgent.data, form.without_duty.data
    form.write_asks(draft, current_user.school)
    if overwrites and draft.fingerprint != before:
        form.saw.data = draft.saved_by
        number = draft.id
        db.session.rollback()
        return Other(number, theirs)
    follow_moment(draft, now)
    draft.saved_by = form.window.data
    return draft


def _new(form: ComposeForm, now: datetime) -> Announcement | None:
    """Begin a draft; of two that begin the same one at once, the second finds it."""
    draft = Announcement(
        school_id=current_user.school_id,
        author_id=current_user.id,
        token=form.token.data,
        created_at=now,
    )
    try:
        with db.session.begin_nested():
            db.session.add(draft)
    except IntegrityError:
        return draft_with_token(current_user, form.token.data)
    return draft
