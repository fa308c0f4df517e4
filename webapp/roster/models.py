"""Duty rosters (clause 3.2): whose turn it is on which weekday, and who stands in on a day."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from flask_babel import LazyString, lazy_gettext
from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from notifier.database import Base
from webapp.staff.models import StaffMember


class Roster(StrEnum):
    """The two tables of the regulation."""

    ADMINISTRATION = "administration"  # persons, who answer the phone
    ASSOCIATION = "association"  # methodical associations, whose teachers are at school


ROSTER_NAMES: dict[Roster, LazyString] = {
    Roster.ADMINISTRATION: lazy_gettext("Administration"),
    Roster.ASSOCIATION: lazy_gettext("Methodical associations"),
}


class DutyTurn(Base):
    """One turn of every week; a day may have several, and an association several days."""

    __tablename__ = "duty_turns"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    roster: Mapped[str] = mapped_column(String(16), default=Roster.ADMINISTRATION)
    weekday: Mapped[int]  # 0 is Monday
    starts: Mapped[int]  # minutes since midnight, of the school's clock
    ends: Mapped[int]
    name: Mapped[str] = mapped_column(String(120))  # as the roster calls the person or the association
    phone: Mapped[str] = mapped_column(String(32), default="")  # where a parent can call meanwhile
    # The account of the person, if there is one: then what parents write meanwhile is theirs to read.
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)

    staff: Mapped[StaffMember | None] = relationship()
    swaps: Mapped[list[DutySwap]] = relationship(
        back_populates="turn", order_by="DutySwap.day", cascade="all, delete-orphan"
    )

    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("starts >= 0 AND ends <= 1440 AND starts < ends", name="hours"),
        Index("ix_duty_turns_week", "school_id", "weekday", "starts"),
    )


class DutySwap(Base):
    """Who stands in for a turn on one day; without a name nobody does."""

    __tablename__ = "duty_swaps"

    id: Mapped[int] = mapped_column(primary_key=True)
    turn_id: Mapped[int] = mapped_column(ForeignKey("duty_turns.id", ondelete="CASCADE"))
    day: Mapped[date] = mapped_column(Date)
    name: Mapped[str] = mapped_column(String(120), default="")
    phone: Mapped[str] = mapped_column(String(32), default="")
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)

    turn: Mapped[DutyTurn] = relationship(back_populates="swaps")

    __table_args__ = (UniqueConstraint("turn_id", "day"),)
