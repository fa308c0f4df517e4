"""That a family was in touch by the hour it was asked to keep (clause 4.7), or later."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from notifier.database import Base
from notifier.models import BigId


class TouchHow(StrEnum):
    SMS = "sms"  # wrote an SMS
    BY_HAND = "by_hand"  # a member of staff ticked it: they called, came, sent their work


class InTouch(Base):
    """One family's answer to an announcement that asks the child to get in touch; the first one counts."""

    __tablename__ = "in_touch"

    recipient_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("recipients.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    how: Mapped[str] = mapped_column(String(8))
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound.id", ondelete="SET NULL"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
