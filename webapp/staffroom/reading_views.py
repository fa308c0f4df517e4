"""What was written to me: the list, one notice, and that I have read it."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_login import current_user

from notifier.database import db
from webapp.announcements.models import Announcement
from webapp.announcements.render import text_for
from webapp.paging import Page
from webapp.staffroom.audience import may_send
from webapp.staffroom.models import Kind, StaffNotice
from webapp.staffroom.queries import copy_for, inbox_of, mark_read, sent_notice

PER_PAGE = 20


def inbox() -> str:
    """What was written to me, unread first."""
    page = Page.of(
        inbox_of(current_user),
        request.args.get("page"),
        PER_PAGE,
        lambda number: url_for(".inbox", page=number),
    )
    return render_template(
        "staffroom/inbox.html",
        page=page,
        copies=db.session.scalars(page.rows).all(),
        say=in_my_language,
        may_send=may_send(current_user),
    )


def show(number: int) -> ResponseReturnValue:
    """My copy of a notice; who has none and may see what became of it is led there."""
    copy = copy_for(current_user, number)
    if copy is None:
        if sent_notice(current_user, number) is None:
            abort(404)
        return redirect(url_for(".progress", number=number))
    return render_template(
        "staffroom/notice.html",
        copy=copy,
        notice=db.session.get_one(StaffNotice, number),
        announcement=copy.announcement,
        Kind=Kind,
        say=in_my_language,
    )


def read(number: int) -> ResponseReturnValue:
    copy = copy_for(current_user, number) or abort(404)
    if mark_read(copy, datetime.now(UTC)):
        flash(gettext("Noted that you have read it."), "success")
    db.session.commit()
    return redirect(url_for(".inbox"), 303)


def in_my_language(announcement: Announcement) -> tuple[str, str]:
    """The text as this reader gets it, and in which language that is."""
    return text_for(str(get_locale()), announcement.texts)
