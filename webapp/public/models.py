"""What stands on the school's public page, and where else it was posted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from notifier.database import Base
from webapp.announcements.models import Announcement
from webapp.staff.models import School, StaffMember


class PublicPage(Base):
    """That a school has a public page, and its address: /news/<slug>."""

    __tablename__ = "public_pages"

    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"), primary_key=True)
    slug: Mapped[str] = mapped_column(String(40), unique=True)

    school: Mapped[School] = relationship()


class PublicNotice(Base):
    """One notice for everybody: a text of its own, because what families are told may name children."""

    __tablename__ = "public_notices"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    announcement_id: Mapped[int | None] = mapped_column(
        ForeignKey("announcements.id", ondelete="SET NULL"), unique=True
    )
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    title_ky: Mapped[str] = mapped_column(String(160), default="")
    title_ru: Mapped[str] = mapped_column(String(160), default="")
    text_ky: Mapped[str] = mapped_column(Text, default="")
    text_ru: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    announcement: Mapped[Announcement | None] = relationship()
    postings: Mapped[list[Posting]] = relationship(
        back_populates="notice", order_by="Posting.at, Posting.id", cascade="all, delete-orphan"
    )

    __table_args__ = (Index("ix_public_notices_newest", "school_id", "published_at"),)

    def said(self, language: str) -> tuple[str, str, str]:
        """Return title, text and the language they are in: the one asked for if the notice has it."""
        spoken = {"ky": (self.title_ky, self.text_ky), "ru": (self.title_ru, self.text_ru)}
        for code in (language, "ky", "ru"):
            title, text = spoken.get(code, ("", ""))
            if text:
                return title, text, code
        return "", "", language


class Posting(Base):
    """Where a notice was posted by hand, and by whom: a social network, a messenger group, a wall."""

    __tablename__ = "postings"

    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int] = mapped_column(ForeignKey("public_notices.id", ondelete="CASCADE"), index=True)
    place: Mapped[str] = mapped_column(String(120))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime]

    notice: Mapped[PublicNotice] = relationship(back_populates="postings")
    staff: Mapped[StaffMember | None] = relationship()
