"""A parent's message as one school understood it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from notifier.database import Base
from notifier.models import BigId, Inbound
from webapp.families.models import ContactPoint


class Reply(Base):
    """One school's reading of an inbound message; a number known to two schools gives each its own."""

    __tablename__ = "replies"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    inbound_id: Mapped[int] = mapped_column(ForeignKey("inbound.id", ondelete="CASCADE"))
    contact_point_id: Mapped[int | None] = mapped_column(ForeignKey("contact_points.id", ondelete="SET NULL"))
    intent: Mapped[str | None] = mapped_column(String(16))  # what keywords.read understood, if anything
    families_acknowledged: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime]

    inbound: Mapped[Inbound] = relationship(lazy="joined", innerjoin=True)
    contact_point: Mapped[ContactPoint | None] = relationship(lazy="joined")

    __table_args__ = (
        UniqueConstraint("inbound_id", "school_id"),
        Index("ix_replies_newest", "school_id", "received_at"),
    )
