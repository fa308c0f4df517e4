"""Documents of the school, and who is to be made familiar with each."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from flask_babel import LazyString, lazy_gettext
from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from notifier.database import Base
from webapp.announcements.models import Announcement
from webapp.staff.models import StaffMember


class DocumentKind(StrEnum):
    ORDER = "order"
    REGULATION = "regulation"
    OTHER = "other"


KIND_NAMES: dict[DocumentKind, LazyString] = {
    DocumentKind.ORDER: lazy_gettext("Order"),
    DocumentKind.REGULATION: lazy_gettext("Regulation"),
    DocumentKind.OTHER: lazy_gettext("Another document"),
}


class ReadHow(StrEnum):
    """How a member of staff said that they know a document."""

    APP = "app"  # pressed the button
    PAPER = "paper"  # signed on paper, entered by the office


class Document(Base):
    """One version of an order, a regulation or another text; a new version is a new row."""

    __tablename__ = "documents"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    # Made by the form, so that the same form sent twice is the same document.
    token: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(12))
    number: Mapped[str] = mapped_column(String(40), default="")  # "282/1"
    signed_on: Mapped[date | None]
    title_ky: Mapped[str] = mapped_column(String(200), default="")
    title_ru: Mapped[str] = mapped_column(String(200), default="")
    text_ky: Mapped[str] = mapped_column(Text, default="")
    text_ru: Mapped[str] = mapped_column(Text, default="")
    version: Mapped[int] = mapped_column(default=1)
    # The version before; each has one successor at most.
    replaces_id: Mapped[int | None] = mapped_column(
        ForeignKey("documents.id", ondelete="SET NULL"), unique=True
    )
    filename: Mapped[str] = mapped_column(String(120), default="")
    size: Mapped[int] = mapped_column(default=0)  # of the file, in bytes; 0: there is none
    # Deferred: a list does not fetch megabytes.
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]

    replaces: Mapped[Document | None] = relationship(remote_side=[id])
    author: Mapped[StaffMember | None] = relationship()

    __table_args__ = (
        Index("ix_documents_newest", "school_id", "created_at"),
        Index("uq_documents_token", "school_id", "token", unique=True),
    )

    def title_in(self, language: str) -> str:
        """The title for a reader of `language`; the other one if there is none."""
        both = {"ky": self.title_ky, "ru": self.title_ru}
        return both.get(language) or self.title_ky or self.title_ru

    def text_in(self, language: str) -> str:
        both = {"ky": self.text_ky, "ru": self.text_ru}
        return both.get(language) or self.text_ky or self.text_ru

    def own_words(self, language: str) -> tuple[str, str]:
        """The title and the text in this very language; empty where nobody has written them."""
        return {"ky": (self.title_ky, self.text_ky), "ru": (self.title_ru, self.text_ru)}.get(
            language, ("", "")
        )

    def speaks(self, language: str) -> bool:
        """Whether anything of it is written in this language."""
        return any(self.own_words(language))


class DocumentAnnouncement(Base):
    """An announcement by which families are told of a document; their copies of it say how far that came."""

    __tablename__ = "document_announcements"

    announcement_id: Mapped[int] = mapped_column(
        ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True
    )
    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), index=True)

    announcement: Mapped[Announcement] = relationship()


class DocumentReader(Base):
    """A member of staff who is to know a document, and whether they said so."""

    __tablename__ = "document_readers"

    document_id: Mapped[int] = mapped_column(ForeignKey("documents.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(
        ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    asked_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_how: Mapped[str | None] = mapped_column(String(8))  # a ReadHow
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)

    document: Mapped[Document] = relationship()
    staff: Mapped[StaffMember] = relationship(foreign_keys=[staff_id])
