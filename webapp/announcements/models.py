"""What a member of staff tells an audience, and each family's copy of it."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from notifier.database import Base
from notifier.models import BigId, Delivery
from webapp.families.models import ContactPoint, Family, Guardian, Pupil, SchoolClass
from webapp.staff.models import StaffMember


class Announcement(Base):
    """A text for an audience: a draft until `published_at`, then never changed."""

    __tablename__ = "announcements"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    # Made by the form, so that the same form sent twice is the same draft.
    token: Mapped[str] = mapped_column(String(32), default=lambda: secrets.token_urlsafe(16))
    kind: Mapped[str] = mapped_column(String(24), default="general")
    text_ky: Mapped[str] = mapped_column(Text, default="")
    text_ru: Mapped[str] = mapped_column(Text, default="")
    urgent: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None] = mapped_column(index=True)

    author: Mapped[StaffMember | None] = relationship()
    classes: Mapped[list[SchoolClass]] = relationship(
        secondary="announcement_classes", order_by="SchoolClass.grade, SchoolClass.letter"
    )
    recipients: Mapped[list[Recipient]] = relationship(back_populates="announcement", viewonly=True)

    __table_args__ = (UniqueConstraint("school_id", "token"),)


class AnnouncementClass(Base):
    """A class of an announcement's audience."""

    __tablename__ = "announcement_classes"

    announcement_id: Mapped[int] = mapped_column(
        ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True
    )
    class_id: Mapped[int] = mapped_column(
        ForeignKey("classes.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Recipient(Base):
    """One family's copy of an announcement, naming the pupils it concerns.

    Without a delivery the family had no address; two families behind one phone share a delivery.
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
    acknowledged_at: Mapped[datetime | None]
    spoken_at: Mapped[datetime | None]

    announcement: Mapped[Announcement] = relationship(back_populates="recipients")
    family: Mapped[Family] = relationship()
    guardian: Mapped[Guardian | None] = relationship()
    contact_point: Mapped[ContactPoint | None] = relationship()
    delivery: Mapped[Delivery | None] = relationship()
    pupils: Mapped[list[Pupil]] = relationship(secondary="recipient_pupils", order_by="Pupil.name")

    __table_args__ = (UniqueConstraint("announcement_id", "family_id"),)


class RecipientPupil(Base):
    """A pupil whom a family's copy concerns."""

    __tablename__ = "recipient_pupils"

    recipient_id: Mapped[int] = mapped_column(
        ForeignKey("recipients.id", ondelete="CASCADE"), primary_key=True
    )
    pupil_id: Mapped[int] = mapped_column(ForeignKey("pupils.id", ondelete="CASCADE"), primary_key=True)
