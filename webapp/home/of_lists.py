"""What waits on paper and in lists: class lists to bring in, documents to read."""

from __future__ import annotations

from flask import url_for
from flask_babel import get_locale, gettext, ngettext
from sqlalchemy import select

from notifier.database import db
from webapp.documents.queries import to_read
from webapp.families.models import ClassListUpload, Pupil
from webapp.home.desk import Desk
from webapp.home.wait import Wait, Weight


def no_families_yet(desk: Desk) -> Wait | None:
    """A school, or a class, without a child: before anything else the list comes in."""
    if desk.classes:
        here = Pupil.class_id.in_([each.id for each in desk.classes])
        if db.session.scalar(select(Pupil.id).where(here, Pupil.left_at.is_(None)).limit(1)) is not None:
            return None
    elif not desk.person.sees_whole_school:
        # Nothing a person without a class could bring in.
        return None
    return Wait(
        gettext("There are no families yet"),
        gettext("Bring in a class list"),
        url_for("families_import.upload"),
        Weight.NOW,
        more=gettext("A spreadsheet with the pupils, their parents and the phones; then messages can go."),
    )


def unfinished_list(desk: Desk) -> Wait | None:
    """A list this person uploaded and did not bring in; it stays a day."""
    upload = db.session.scalar(
        select(ClassListUpload)
        .where(ClassListUpload.staff_id == desk.person.id, ClassListUpload.school_id == desk.person.school_id)
        .order_by(ClassListUpload.created_at.desc())
        .limit(1)
    )
    if upload is None:
        return None
    return Wait(
        gettext("A class list is not brought in yet"),
        gettext("Go on with it"),
        url_for("families_import.columns", number=upload.id),
        Weight.TODAY,
        more=upload.filename,
    )


def documents(desk: Desk) -> Wait | None:
    """Orders and rules this person has not said that they know."""
    unread = to_read(desk.person)
    if not unread:
        return None
    one = unread[0].document
    return Wait(
        ngettext("%(num)s document for you to read", "%(num)s documents for you to read", len(unread)),
        gettext("Read it") if len(unread) == 1 else gettext("Read them"),
        url_for("documents.show", number=one.id) if len(unread) == 1 else url_for("documents.overview"),
        Weight.SOON,
        more=one.title_in(str(get_locale())),
    )
