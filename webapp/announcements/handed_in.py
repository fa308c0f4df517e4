"""That a child handed in the work an assignment asked for (clause 3.3.2), as the staff ticked it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from notifier.database import Base


class HandedIn(Base):
    """One child's work for one assignment; a correction is about the same work as what it corrects."""

    __tablename__ = "handed_in"

    announcement_id: Mapped[int] = mapped_column(
        ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True
    )
    pupil_id: Mapped[int] = mapped_column(
        ForeignKey("pupils.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    at: Mapped[datetime]  # when it was ticked
    by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
