"""A round: the families of one list, in the order in which they stand on the paper."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from notifier.database import Base
from webapp.families.models import Family
from webapp.staff.models import StaffMember


class Order(StrEnum):
    """By what the families of a list follow each other."""

    STREET = "street"  # for who walks from door to door
    CLASS = "class"  # for who sits at a phone, or gives the list to a class teacher


class Round(Base):
    """A list somebody took along; kept, so that its results are typed in the order of the paper."""

    __tablename__ = "rounds"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    # Made by the form, so that the same form sent twice is one round.
    token: Mapped[str] = mapped_column(String(40))
    means: Mapped[str] = mapped_column(String(16))  # VISIT or CALL: what can come of it differs
    order: Mapped[str] = mapped_column(String(8))
    scope: Mapped[str] = mapped_column(String(80), default="")  # whose families: "5-А, 5-Б"; empty: all
    made_at: Mapped[datetime]

    staff: Mapped[StaffMember | None] = relationship()
    rows: Mapped[list[RoundRow]] = relationship(
        back_populates="round", order_by="RoundRow.position", cascade="all, delete-orphan"
    )

    __table_args__ = (
        UniqueConstraint("school_id", "token"),
        Index("ix_rounds_newest", "school_id", "made_at"),
    )


class RoundRow(Base):
    """One family of a list, with the code that stands beside it on the paper."""

    __tablename__ = "round_rows"

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)  # from 1
    family_id: Mapped[int] = mapped_column(ForeignKey("families.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(4))
    place: Mapped[str] = mapped_column(
        String(120), default=""
    )  # the heading it stands under: street or class

    round: Mapped[Round] = relationship(back_populates="rows")
    family: Mapped[Family] = relationship()

    __table_args__ = (
        UniqueConstraint("round_id", "code"),
        Index("ix_round_rows_once", "round_id", "family_id", unique=True),
    )

    @property
    def token(self) -> str:
        """What its contact is noted under: typed twice, it is one."""
        return f"round:{self.round_id}:{self.position}"
