"""Keep a document, ask the staff to read it, tell families of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from flask_babel import force_locale, gettext
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from notifier.database import db
from webapp.announcements.models import Announcement
from webapp.documents.files import safe_name
from webapp.documents.forms import DocumentForm
from webapp.documents.models import (
    KIND_NAMES,
    Document,
    DocumentAnnouncement,
    DocumentKind,
    DocumentReader,
    ReadHow,
)
from webapp.documents.queries import document_with_token
from webapp.families.models import SchoolClass
from webapp.staff.models import StaffMember, StaffRole

KIND = "document"


def keep(form: DocumentForm, by: StaffMember, now: datetime) -> tuple[Document, bool]:
    """Write the document and its readers down; also say whether it is new: a form that came twice is not."""
    document = Document(
        school_id=by.school_id,
        token=form.token.data,
        kind=form.kind.data,
        number=form.number.data,
        signed_on=form.signed_on.data,
        title_ky=form.title_ky.data,
        title_ru=form.title_ru.data,
        text_ky=form.text_ky.data,
        text_ru=form.text_ru.data,
        author_id=by.id,
        created_at=now,
    )
    if form.content:
        document.content, document.size = form.content, len(form.content)
        document.filename = safe_name(form.file.data.filename or "", 0)
    try:
        with db.session.begin_nested():
            db.session.add(document)
    except IntegrityError:
        known = document_with_token(by.school_id, form.token.data or "")
        if known is None:
            raise
        return known, False
    _ask(document, form.roles.data or [], now)
    return document, True


def _ask(document: Document, roles: Collection[str], now: datetime) -> None:
    """Ask everybody who works at the school in one of these roles to read it."""
    people = db.session.scalars(
        select(StaffMember.id)
        .join(StaffRole, StaffRole.staff_id == StaffMember.id)
        .where(
            StaffMember.school_id == document.school_id, StaffMember.active, StaffRole.role.in_(set(roles))
        )
        .distinct()
    )
    db.session.add_all(
        [DocumentReader(document_id=document.id, staff_id=person, asked_at=now) for person in people]
    )


def note_read(
    document: Document, staff_ids: Sequence[int], how: ReadHow, at: datetime, by: StaffMember | None
) -> int:
    """Note that these people know it, those who had not said so; return how many."""
    noted = db.session.execute(
        update(DocumentReader)
        .where(
            DocumentReader.document_id == document.id,
            DocumentReader.staff_id.in_(staff_ids),
            DocumentReader.acknowledged_at.is_(None),
        )
        .values(acknowledged_at=at, acknowledged_how=how, entered_by_id=by.id if by else None)
        .returning(DocumentReader.staff_id)
    )
    return len(noted.all())


def draft_about(
    document: Document, classes: Sequence[SchoolClass], by: StaffMember, now: datetime
) -> Announcement:
    """Begin an announcement to these classes that asks families to answer that they know."""
    draft = Announcement(
        school_id=document.school_id,
        author_id=by.id,
        kind=KIND,
        text_ky=_text(document, "ky"),
        text_ru=_text(document, "ru"),
        asks_acknowledgement=True,
        created_at=now,
        classes=list(classes),
    )
    db.session.add(draft)
    db.session.flush()
    db.session.add(DocumentAnnouncement(announcement_id=draft.id, document_id=document.id))
    return draft


def _text(document: Document, language: str) -> str:
    """Write what families read, in their language; nothing where the document does not speak it."""
    if not document.speaks(language):
        return ""
    title, said = document.own_words(language)
    with force_locale(language):
        named = gettext(
            "Document of the school: %(title)s", title=title or str(KIND_NAMES[DocumentKind(document.kind)])
        )
        if document.number:
            named += f", № {document.number}"
    return f"{named}. {said}" if said else f"{named}."
