"""A question to families with keyed answers, and what each family answered."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta
from typing import TypedDict
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from notifier.database import Base
from notifier.models import BigId
from webapp.announcements.models import Announcement
from webapp.families.models import Family, SchoolClass
from webapp.staff.models import StaffMember

LONGEST_QUESTION, LONGEST_LABEL, MOST_CHOICES = 140, 30, 6


class Choice(TypedDict):
    """An answer one may give; its key is its place in the list, from 1.

    `sets` is what it says of the household, "smartphone=yes"; "none": nothing of what the others name; "":
    nothing that is kept as a fact.
    """

    ky: str
    ru: str
    sets: str


class Survey(Base):
    """A question: a draft until `sent_at`; answers count until `closes_at`."""

    __tablename__ = "surveys"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    # Made by the form, so that the same form sent twice is one survey.
    token: Mapped[str] = mapped_column(String(32), default=lambda: secrets.token_urlsafe(16))
    question_ky: Mapped[str] = mapped_column(String(LONGEST_QUESTION), default="")
    question_ru: Mapped[str] = mapped_column(String(LONGEST_QUESTION), default="")
    choices: Mapped[list[Choice]] = mapped_column(JSON, default=list)
    multiple: Mapped[bool] = mapped_column(default=False)  # several answers at once: "13"
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    closes_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    # What was told: the question, and the one reminder.
    announcement_id: Mapped[int | None] = mapped_column(
        ForeignKey("announcements.id", ondelete="SET NULL"), index=True
    )
    reminder_id: Mapped[int | None] = mapped_column(
        ForeignKey("announcements.id", ondelete="SET NULL"), index=True
    )

    author: Mapped[StaffMember | None] = relationship()
    announcement: Mapped[Announcement | None] = relationship(foreign_keys=[announcement_id])
    classes: Mapped[list[SchoolClass]] = relationship(
        secondary="survey_classes", order_by="SchoolClass.grade, SchoolClass.letter"
    )

    __table_args__ = (
        UniqueConstraint("school_id", "token"),
        Index("ix_surveys_newest", "school_id", "created_at"),
    )

    def headline_in(self, language: str) -> str:
        """How a list calls it."""
        both = {"ky": self.question_ky, "ru": self.question_ru}
        return both.get(language) or self.question_ky or self.question_ru

    @property
    def class_names(self) -> str:
        return ", ".join(school_class.name for school_class in self.classes)

    def last_day(self, zone: ZoneInfo) -> date | None:
        """The day at whose end it closes, as its author wished; None when it closes in the middle of one."""
        last = self.closes_at.astimezone(zone)
        return last.date() - timedelta(days=1) if last.time() == time.min else None

    def is_open(self, now: datetime) -> bool:
        """Say whether answers still count."""
        return self.sent_at is not None and now < self.closes_at


class SurveyClass(Base):
    """A class whose families are asked."""

    __tablename__ = "survey_classes"

    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id", ondelete="CASCADE"), primary_key=True)
    class_id: Mapped[int] = mapped_column(
        ForeignKey("classes.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class SurveyAnswer(Base):
    """What a family answered; rows are only ever added, the newest counts."""

    __tablename__ = "survey_answers"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("surveys.id", ondelete="CASCADE"))
    family_id: Mapped[int] = mapped_column(ForeignKey("families.id", ondelete="CASCADE"), index=True)
    keys: Mapped[str] = mapped_column(String(12))  # "2", or "13" where several are allowed; "": taken back
    answered_at: Mapped[datetime]
    # Several families stand behind the phone that answered: whose answer was it?
    shared: Mapped[bool] = mapped_column(default=False)
    # Who wrote it down; or the message, when the family wrote itself.
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound.id", ondelete="SET NULL"), index=True)

    family: Mapped[Family] = relationship()
    staff: Mapped[StaffMember | None] = relationship()

    __table_args__ = (Index("ix_survey_answers_newest", "survey_id", "family_id", "answered_at"),)
