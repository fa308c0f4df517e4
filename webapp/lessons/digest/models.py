"""What of the timetable was told, and to which phone."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from notifier.database import Base
from notifier.models import BigId
from webapp.announcements.models import Announcement


class Span(StrEnum):
    """What a digest is of."""

    DAY = "day"
    WEEK = "week"

    @property
    def days(self) -> int:
        return 7 if self is Span.WEEK else 1


class Digest(Base):
    """That a school told the lessons of a day, or of a week; written once, whoever does it.

    `lessons` keeps every line as it was told, under "lesson id.revision": what a phone holds can be said, and
    compared with what is true, when the lesson has long changed.
    """

    __tablename__ = "digests"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    span: Mapped[str] = mapped_column(String(8))
    first_day: Mapped[date]
    starts_at: Mapped[datetime]  # the days, as moments
    ends_at: Mapped[datetime] = mapped_column(index=True)
    # None: the lessons had nobody to be told to.
    announcement_id: Mapped[int | None] = mapped_column(
        ForeignKey("announcements.id", ondelete="SET NULL"), index=True
    )
    # What changed in the timetable after it has still to be told.
    composed_at: Mapped[datetime]
    lessons: Mapped[dict[str, list[Any]]] = mapped_column(JSON, default=dict)

    announcement: Mapped[Announcement | None] = relationship()

    __table_args__ = (UniqueConstraint("school_id", "span", "first_day"),)


class ToldLessons(Base):
    """The lines that one message tells: "12.1 13.2", lesson and revision; 0 is cancelled."""

    __tablename__ = "told_lessons"

    delivery_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"), index=True)
    # Of the announcement in which the message went: the digest itself, or a correction.
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcements.id", ondelete="CASCADE"))
    contact_point_id: Mapped[int] = mapped_column(ForeignKey("contact_points.id", ondelete="CASCADE"))
    lines: Mapped[str] = mapped_column(Text)
