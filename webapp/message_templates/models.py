"""A school's templates with all their versions, and spreadsheets on their way through one."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from notifier.database import Base
from webapp.announcements.models import Announcement
from webapp.families.models import Pupil
from webapp.message_templates.fields import Asked, Piece, asked_by, parse
from webapp.staff.models import StaffMember

LONGEST_TITLE, LONGEST_TEXT = 80, 1500


class MessageTemplate(Base):
    """A text of the school to use again and again; what it says is its newest version."""

    __tablename__ = "message_templates"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    # Whose it is beside the administration's; nobody's: it came with Kabarchy, or its author is gone.
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    # Made by the form, so that the same form sent twice is one template; of a ready one its name.
    token: Mapped[str] = mapped_column(String(40), default=lambda: secrets.token_urlsafe(16))
    name: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    latest: Mapped[int] = mapped_column(default=1)  # the number of the version that counts
    changed_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]

    author: Mapped[StaffMember | None] = relationship()
    versions: Mapped[list[TemplateVersion]] = relationship(
        back_populates="template", order_by="TemplateVersion.number.desc()", passive_deletes=True
    )
    current: Mapped[TemplateVersion] = relationship(
        primaryjoin="and_(TemplateVersion.template_id == MessageTemplate.id, "
        "TemplateVersion.number == MessageTemplate.latest)",
        viewonly=True,
        uselist=False,
    )

    __table_args__ = (
        UniqueConstraint("school_id", "token"),
        Index("ix_message_templates_listed", "school_id", "archived_at", "name"),
    )


class TemplateVersion(Base):
    """What a template said from then on; never changed."""

    __tablename__ = "message_template_versions"

    id: Mapped[int] = mapped_column(primary_key=True)
    template_id: Mapped[int] = mapped_column(ForeignKey("message_templates.id", ondelete="CASCADE"))
    number: Mapped[int]
    name: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    text_ky: Mapped[str] = mapped_column(Text, default="")
    text_ru: Mapped[str] = mapped_column(Text, default="")
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime]

    staff: Mapped[StaffMember | None] = relationship()
    template: Mapped[MessageTemplate] = relationship(back_populates="versions")

    __table_args__ = (UniqueConstraint("template_id", "number"),)

    @property
    def texts(self) -> dict[str, str]:
        """The text by language."""
        return {"ky": self.text_ky, "ru": self.text_ru}

    @property
    def pieces(self) -> dict[str, tuple[Piece, ...]]:
        """Each text that is not empty, taken apart."""
        return {language: parse(text) for language, text in self.texts.items() if text}

    @property
    def asked(self) -> list[Asked]:
        """The fields to fill in."""
        return asked_by(self.pieces.values())

    def asked_in(self, language: str) -> list[Asked]:
        """The same, called as the text of this language calls them where it has them."""
        names = {each.key: each.name for each in asked_by([self.pieces.get(language, ())])}
        return [replace(each, name=names.get(each.key, each.name)) for each in self.asked]


class TemplateUse(Base):
    """By which version of a template an announcement was written."""

    __tablename__ = "message_template_uses"

    announcement_id: Mapped[int] = mapped_column(
        ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True
    )
    version_id: Mapped[int] = mapped_column(
        ForeignKey("message_template_versions.id", ondelete="CASCADE"), index=True
    )

    announcement: Mapped[Announcement] = relationship()
    version: Mapped[TemplateVersion] = relationship()


class MessageSheet(Base):
    """A spreadsheet between upload and sending, for its owner alone; a day, or until its hour has come.

    Once sent, nothing of it stays but which row was about whom, and the sum of its bytes: so that the same
    file is noticed.
    """

    __tablename__ = "message_sheets"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int] = mapped_column(
        ForeignKey("message_template_versions.id", ondelete="CASCADE"), index=True
    )
    filename: Mapped[str] = mapped_column(String(255), default="")
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the file
    # A `sheet.Kept` as JSON; deferred: a page that only asks whose it is doesn't fetch thousands of rows.
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    urgent: Mapped[bool] = mapped_column(default=False)
    without_duty: Mapped[bool] = mapped_column(default=False, server_default=false())
    asks_acknowledgement: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(index=True)
    # Until when it waits here unsent; None: a day from `created_at`.
    kept_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    # The draft that goes at an hour, then what was sent.
    announcement_id: Mapped[int | None] = mapped_column(
        ForeignKey("announcements.id", ondelete="SET NULL"), index=True
    )

    version: Mapped[TemplateVersion] = relationship()
    announcement: Mapped[Announcement | None] = relationship()

    __table_args__ = (Index("ix_message_sheets_same", "school_id", "digest"),)


class SheetRow(Base):
    """Which row of a spreadsheet is about which child: what stays of it once it is sent."""

    __tablename__ = "message_sheet_rows"

    announcement_id: Mapped[int] = mapped_column(
        ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True
    )
    pupil_id: Mapped[int] = mapped_column(
        ForeignKey("pupils.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    number: Mapped[int]
    # The child was no longer in its author's classes when it went: nobody was told this row.
    gone: Mapped[bool] = mapped_column(default=False, server_default=false())
    # What the row says to a family without an address: it stands in no message for whoever goes there.
    in_person: Mapped[str] = mapped_column(Text, default="", server_default="")

    pupil: Mapped[Pupil] = relationship()
