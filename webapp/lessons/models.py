"""Channels, their lessons, what a school rules about them, and the timetables that were brought in."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from notifier.database import Base
from webapp.families.lesson_rules import DIGEST_PARTS, EVENING, WEEK_PARTS, LessonRules
from webapp.staff.models import StaffMember

__all__ = [
    "DIGEST_PARTS",
    "EVENING",
    "WEEK_PARTS",
    "LessonImport",
    "LessonRules",
    "TvChannel",
    "TvLesson",
]

LONGEST_SUBJECT, LONGEST_TOPIC = 120, 300


class TvChannel(Base):
    """A channel that shows lessons, with the other names people write for it."""

    __tablename__ = "tv_channels"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    aliases: Mapped[list[str]] = mapped_column(JSON, default=list)
    # The grades it usually carries; a lesson for others is asked about. None: any.
    first_grade: Mapped[int | None]
    last_grade: Mapped[int | None]

    __table_args__ = (UniqueConstraint("school_id", "name"),)

    @property
    def names(self) -> list[str]:
        return [self.name, *self.aliases]

    def carries(self, first: int, last: int) -> bool:
        """Say whether lessons for these grades are usual on this channel."""
        return self.first_grade is None or (
            self.first_grade <= first and last <= (self.last_grade or self.first_grade)
        )


class TvLesson(Base):
    """One airing of a lesson; what was told to parents is never deleted, only cancelled."""

    __tablename__ = "tv_lessons"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    channel_id: Mapped[int] = mapped_column(ForeignKey("tv_channels.id", ondelete="CASCADE"), index=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True, default=lambda: secrets.token_hex(16))
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    first_grade: Mapped[int]
    last_grade: Mapped[int]
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(LONGEST_SUBJECT), default="")
    topic: Mapped[str] = mapped_column(String(LONGEST_TOPIC), default="")
    # The airing that this one shows again.
    repeat_of_id: Mapped[int | None] = mapped_column(
        ForeignKey("tv_lessons.id", ondelete="SET NULL"), index=True
    )
    # Grows with every change, so that whoever holds an older line can be told.
    revision: Mapped[int] = mapped_column(default=1)
    cancelled_at: Mapped[datetime | None]
    # Cancelled because the timetable it came with was taken back: nobody needs to see it struck through.
    withdrawn: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime]

    channel: Mapped[TvChannel] = relationship(lazy="joined", innerjoin=True)
    repeat_of: Mapped[TvLesson | None] = relationship(remote_side="TvLesson.id")

    __table_args__ = (
        Index("ix_tv_lessons_day", "school_id", "starts_at"),
        # What changed since parents were told is asked every minute.
        Index("ix_tv_lessons_changed", "school_id", "changed_at"),
    )

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def grades(self) -> str:
        """The grade, or the run of grades, as it is written: 5 or 5–6."""
        return (
            str(self.first_grade)
            if self.first_grade == self.last_grade
            else f"{self.first_grade}–{self.last_grade}"
        )


class LessonImport(Base):
    """A timetable that somebody brought in: read and mended first, then applied, maybe taken back."""

    __tablename__ = "lesson_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    source: Mapped[str] = mapped_column(String(120))  # a file's name; "" for a pasted table
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # as written; emptied when applied
    # {"created": [[id, revision]], "updated": [[id, revision, {field: value before}]]}
    changes: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    staff: Mapped[StaffMember | None] = relationship()
