"""What a member of staff tells an audience; `recipients` has each family's copy of it."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from notifier.database import Base
from notifier.stationery import Enclosure
from webapp.announcements.kinds import CALLED, GENERAL, PRIVATE, Called
from webapp.families.models import SchoolClass
from webapp.staff.models import StaffMember


class AnswerReminder(StrEnum):
    """When families that have not been in touch are reminded of the hour they are asked to keep."""

    NO = "no"
    HOURS = "hours"  # two hours before
    EVENING = "evening"  # on the evening before


# The announcements whose hour is still to come, or just over.
AWAITED = "answer_by IS NOT NULL AND answer_closed_at IS NULL"
# The drafts that go by themselves.
TO_GO = "goes_at IS NOT NULL AND published_at IS NULL"


class Announcement(Base):
    """A text for an audience: a draft until `published_at`, then never changed."""

    __tablename__ = "announcements"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    # Made by the form, so that the same form sent twice is the same draft.
    token: Mapped[str] = mapped_column(String(32), default=lambda: secrets.token_urlsafe(16))
    kind: Mapped[str] = mapped_column(String(24), default="general")
    text_ky: Mapped[str] = mapped_column(Text, default="")
    text_ru: Mapped[str] = mapped_column(Text, default="")
    urgent: Mapped[bool] = mapped_column(default=False)
    # An urgent one ends with the phone of who is on duty, unless its author wished it without.
    without_duty: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    # SMS parts of all its messages: what the month's spending is added up from.
    segments: Mapped[int] = mapped_column(default=0)
    # Families are asked to answer that they know; who has not is reminded once.
    asks_acknowledgement: Mapped[bool] = mapped_column(default=False)
    reminded_at: Mapped[datetime | None]
    # What this one reminds of: whoever answers it answers that.
    reminds_of_id: Mapped[int | None] = mapped_column(
        ForeignKey("announcements.id", ondelete="SET NULL"), index=True
    )
    # The day and hour by which the family is to get in touch (clause 4.7), and when it is reminded of that.
    answer_by: Mapped[datetime | None]
    answer_reminder: Mapped[str] = mapped_column(String(8), default="no")  # an AnswerReminder
    answer_reminded_at: Mapped[datetime | None]
    answer_closed_at: Mapped[datetime | None]  # the hour is over, and somebody goes after those who did not
    # A draft that goes by itself: when, who wished so, and why it did not after all.
    goes_at: Mapped[datetime | None]
    goes_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    not_sent_because: Mapped[str] = mapped_column(Text, default="")
    # So many hours before the moment it is about, and with that moment when it moves.
    goes_before: Mapped[int | None]
    # It goes again on every school day until this one, as an announcement of its own each time.
    repeats_until: Mapped[date | None]
    # The first of such a row.
    repeated_from_id: Mapped[int | None] = mapped_column(
        ForeignKey("announcements.id", ondelete="SET NULL"), index=True
    )
    # Taken back: what had not left by then stayed.
    taken_back_at: Mapped[datetime | None]
    taken_back_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("staff.id", ondelete="SET NULL"), index=True
    )
    # What it sets right; told to those who were told that.
    corrects_id: Mapped[int | None] = mapped_column(
        ForeignKey("announcements.id", ondelete="SET NULL"), index=True
    )
    # The window that saved the draft last: another one must not overwrite it unseen.
    saved_by: Mapped[str] = mapped_column(String(32), default="", server_default="")
    # A Selection as JSON: grades, conditions, names. Empty: all families of its classes.
    audience: Mapped[str] = mapped_column(Text, default="", server_default="")
    # What its kind asks for beside the text, by name of the field, as JSON; "" where it asks for nothing.
    fields: Mapped[str] = mapped_column(Text, default="", server_default="")
    # The moment it is about, where its kind has one: until when to hand in, when a lesson or an event begins.
    due_at: Mapped[datetime | None]

    author: Mapped[StaffMember | None] = relationship(foreign_keys=[author_id])
    goes_by: Mapped[StaffMember | None] = relationship(foreign_keys=[goes_by_id])
    taken_back_by: Mapped[StaffMember | None] = relationship(foreign_keys=[taken_back_by_id])
    corrects: Mapped[Announcement | None] = relationship(foreign_keys=[corrects_id], remote_side=[id])
    classes: Mapped[list[SchoolClass]] = relationship(
        secondary="announcement_classes", order_by="SchoolClass.grade, SchoolClass.letter"
    )
    files: Mapped[list[AnnouncementFile]] = relationship(
        order_by="AnnouncementFile.enclosure_id", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def texts(self) -> dict[str, str]:
        """The text by language."""
        return {"ky": self.text_ky, "ru": self.text_ru}

    @property
    def fingerprint(self) -> str:
        """A short sum of all that decides who is told what, to see whether it changed since it was shown."""
        audience = sorted(school_class.id for school_class in self.classes)
        asks = [
            self.asks_acknowledgement,
            self.answer_by and self.answer_by.isoformat(),
            self.answer_reminder,
        ]
        said = json.dumps(
            [self.text_ky, self.text_ru, self.urgent, audience, self.audience, asks, self.kind, self.fields]
            + [file.enclosure_id for file in self.files]
            + [moment and moment.isoformat() for moment in (self.goes_at, self.repeats_until)]
            + [self.without_duty]
        )
        return hashlib.sha256(said.encode()).hexdigest()[:16]

    def headline_in(self, language: str) -> str:
        """How a list calls it: its first line; of what is about one child, whom it is about."""
        if self.is_private:
            kept = json.loads(self.fields) if self.fields else {}
            return f"{CALLED[self.kind].name}: {kept.get('child', '')}".rstrip(": ")
        both = {"ky": self.text_ky, "ru": self.text_ru}
        return (both.get(language) or self.text_ky or self.text_ru).partition("\n")[0]

    @property
    def is_private(self) -> bool:
        """Whether it is about one child, so that no other family is told."""
        return self.kind in PRIVATE

    @property
    def called(self) -> Called | None:
        """Its kind, where that says more than that it is an announcement."""
        return CALLED.get(self.kind) if self.kind != GENERAL else None

    @property
    def class_names(self) -> str:
        return ", ".join(school_class.name for school_class in self.classes)

    @property
    def moment(self) -> datetime | None:
        """The moment it is about: its own, or the hour by which families are to be in touch."""
        return self.due_at or self.answer_by

    def stays(self, why: str = "") -> None:
        """Let a draft not go by itself: it waits for its author, who is told why."""
        self.goes_at = self.goes_by_id = self.goes_before = self.repeats_until = None
        self.not_sent_because = why

    __table_args__ = (
        UniqueConstraint("school_id", "token"),
        Index("ix_announcements_newest", "school_id", "published_at"),
        Index(
            "ix_announcements_to_go",
            "goes_at",
            sqlite_where=text(TO_GO),
            postgresql_where=text(TO_GO),
        ),
        Index(
            "ix_announcements_awaited",
            "answer_by",
            sqlite_where=text(AWAITED),
            postgresql_where=text(AWAITED),
        ),
    )


class AnnouncementClass(Base):
    """A class of an announcement's audience."""

    __tablename__ = "announcement_classes"

    announcement_id: Mapped[int] = mapped_column(
        ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True
    )
    class_id: Mapped[int] = mapped_column(
        ForeignKey("classes.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    # SMS parts of the messages that name a child of this class.
    segments: Mapped[int] = mapped_column(default=0)


class AnnouncementFile(Base):
    """A file that goes with the letters of an announcement."""

    __tablename__ = "announcement_files"

    announcement_id: Mapped[int] = mapped_column(
        ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True
    )
    enclosure_id: Mapped[int] = mapped_column(ForeignKey("enclosures.id"), primary_key=True, index=True)

    enclosure: Mapped[Enclosure] = relationship(lazy="joined", innerjoin=True)
