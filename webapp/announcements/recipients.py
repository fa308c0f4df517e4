"""Each family's copy of an announcement: where it went, and the evidence of what became of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from notifier.database import Base
from notifier.models import BigId, Delivery
from webapp.announcements.models import Announcement
from webapp.families.models import ContactPoint, Family, Guardian, Pupil


class NoAddress(StrEnum):
    """Why a family could not be written to when an announcement was sent."""

    NONE = "none"  # nobody has written down a number or an e-mail address
    BAD = "bad"  # what we have does not exist
    OPTED_OUT = "opted_out"  # the family asked for silence


class AckHow(StrEnum):
    """How a family said that it knows."""

    SMS = "sms"
    PAPER = "paper"  # a slip the child brought, a signature
    PHONE = "phone"  # told a member of staff


class Recipient(Base):
    """One family's copy of an announcement, naming the pupils it concerns.

    Two families behind one phone share a delivery; without a delivery, `no_address` says why. Once the copy
    climbs, guardian, contact point and delivery are those of the latest try; `climbs` has them all.
    """

    __tablename__ = "recipients"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcements.id", ondelete="CASCADE"))
    family_id: Mapped[int] = mapped_column(ForeignKey("families.id", ondelete="CASCADE"), index=True)
    guardian_id: Mapped[int | None] = mapped_column(ForeignKey("guardians.id", ondelete="SET NULL"))
    contact_point_id: Mapped[int | None] = mapped_column(ForeignKey("contact_points.id", ondelete="SET NULL"))
    delivery_id: Mapped[int | None] = mapped_column(
        ForeignKey("deliveries.id", ondelete="SET NULL"), index=True
    )
    no_address: Mapped[str | None] = mapped_column(String(16))  # a NoAddress
    # The evidence: when, how, by which message, or who of the staff wrote it down.
    acknowledged_at: Mapped[datetime | None]
    acknowledged_how: Mapped[str | None] = mapped_column(String(8))  # an AckHow
    acknowledged_inbound_id: Mapped[int | None] = mapped_column(
        ForeignKey("inbound.id", ondelete="SET NULL"), index=True
    )
    acknowledged_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("staff.id", ondelete="SET NULL"), index=True
    )
    relayed_at: Mapped[datetime | None]  # told through a neighbour, which is not "delivered"
    spoken_at: Mapped[datetime | None]
    # The ladder: how many rungs were taken, and when to look at the next; None: nothing more to climb.
    rung: Mapped[int] = mapped_column(default=0)
    climb_at: Mapped[datetime | None]
    # The announcement was taken back before this copy left.
    taken_back_at: Mapped[datetime | None]
    # The number is a neighbour's: what arrived there was passed on, at best.
    by_relay: Mapped[bool] = mapped_column(default=False)

    announcement: Mapped[Announcement] = relationship()
    family: Mapped[Family] = relationship()
    guardian: Mapped[Guardian | None] = relationship()
    contact_point: Mapped[ContactPoint | None] = relationship()
    delivery: Mapped[Delivery | None] = relationship()
    pupils: Mapped[list[Pupil]] = relationship(secondary="recipient_pupils", order_by="Pupil.name")

    __table_args__ = (
        UniqueConstraint("announcement_id", "family_id"),
        Index(
            "ix_recipients_to_climb",
            "climb_at",
            sqlite_where=text("climb_at IS NOT NULL"),
            postgresql_where=text("climb_at IS NOT NULL"),
        ),
    )


class Climb(Base):
    """That a family's copy took a rung of the ladder: once, whoever tries.

    What was done there is the evidence: a delivery, or a person's follow-up. Rung 0 is the first message.
    """

    __tablename__ = "climbs"

    recipient_id: Mapped[int] = mapped_column(
        ForeignKey("recipients.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    means: Mapped[str] = mapped_column(String(16))
    guardian_id: Mapped[int | None] = mapped_column(
        ForeignKey("guardians.id", ondelete="SET NULL"), index=True
    )
    contact_point_id: Mapped[int | None] = mapped_column(
        ForeignKey("contact_points.id", ondelete="SET NULL"), index=True
    )
    delivery_id: Mapped[int | None] = mapped_column(
        ForeignKey("deliveries.id", ondelete="SET NULL"), index=True
    )
    follow_up_id: Mapped[int | None] = mapped_column(
        ForeignKey("follow_ups.id", ondelete="SET NULL"), index=True
    )
    by_relay: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]

    contact_point: Mapped[ContactPoint | None] = relationship()
    delivery: Mapped[Delivery | None] = relationship()


class RecipientPupil(Base):
    """A pupil whom a family's copy concerns."""

    __tablename__ = "recipient_pupils"

    recipient_id: Mapped[int] = mapped_column(
        ForeignKey("recipients.id", ondelete="CASCADE"), primary_key=True
    )
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id", ondelete="CASCADE"), primary_key=True)
