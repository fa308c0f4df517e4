"""Groups that are taught at school, who is in them, and who came."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from enum import StrEnum
from typing import TypedDict

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from notifier.database import Base
from webapp.families.models import Pupil
from webapp.staff.models import StaffMember

LONGEST_NAME, LONGEST_PLACE, LONGEST_NOTE = 60, 60, 500


class Meeting(TypedDict):
    """When a group meets each week: weekday from 0, Monday; minutes of the day."""

    weekday: int
    starts: int
    ends: int


class Answer(StrEnum):
    YES = "yes"
    NO = "no"


class Group(Base):
    """Children taught at school together, at most `seats` of them; the others wait for a seat."""

    __tablename__ = "school_groups"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    # Made by the form, so that the same form sent twice is one group.
    token: Mapped[str] = mapped_column(String(32), default=lambda: secrets.token_urlsafe(16))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    place: Mapped[str] = mapped_column(String(LONGEST_PLACE))
    meetings: Mapped[list[Meeting]] = mapped_column(JSON, default=list)
    seats: Mapped[int]
    sanitary_note: Mapped[str] = mapped_column(Text, default="")
    responsible_id: Mapped[int | None] = mapped_column(
        ForeignKey("staff.id", ondelete="SET NULL"), index=True
    )
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime]

    responsible: Mapped[StaffMember | None] = relationship()

    __table_args__ = (
        UniqueConstraint("school_id", "token"),
        Index("ix_school_groups_newest", "school_id", "last_day"),
    )


class Member(Base):
    """A child of a group: on a seat, or waiting for one; who left or declined keeps the row."""

    __tablename__ = "school_group_members"

    id: Mapped[int] = mapped_column(primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("school_groups.id", ondelete="CASCADE"))
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id", ondelete="CASCADE"), index=True)
    added_at: Mapped[datetime]  # who came first is first to get a seat
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    has_seat: Mapped[bool] = mapped_column(default=False)
    left_at: Mapped[datetime | None]
    # The family's copy of this announcement asks whether the child comes.
    invitation_id: Mapped[int | None] = mapped_column(
        ForeignKey("announcements.id", ondelete="SET NULL"), index=True
    )
    invited_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(4))
    answered_at: Mapped[datetime | None]
    # Who wrote it down; or the message, when the family wrote itself.
    answered_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("staff.id", ondelete="SET NULL"), index=True
    )
    answered_inbound_id: Mapped[int | None] = mapped_column(
        ForeignKey("inbound.id", ondelete="SET NULL"), index=True
    )

    group: Mapped[Group] = relationship()
    pupil: Mapped[Pupil] = relationship()

    __table_args__ = (UniqueConstraint("group_id", "pupil_id"),)


class Attendance(Base):
    """Whether a child came to a meeting of its group."""

    __tablename__ = "school_group_attendance"

    member_id: Mapped[int] = mapped_column(
        ForeignKey("school_group_members.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    came: Mapped[bool]
    noted_at: Mapped[datetime] = mapped_column(index=True)
    noted_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)

    member: Mapped[Member] = relationship()
