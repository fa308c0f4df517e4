"""What a school holds lessons to: the row that timetables and online lessons both look at."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from notifier.database import Base, db

# 18:30, when a family is at home and the phone may still ring.
EVENING = 18 * 60 + 30
DIGEST_PARTS, WEEK_PARTS = 2, 6
# Clause 4.5 of the regulation; it rules nothing for the grades above.
CAPS: dict[str, int | None] = {
    **dict.fromkeys(("1", "2"), 20),
    **dict.fromkeys(("3", "4"), 25),
    **dict.fromkeys(("5", "6", "7", "8", "9"), 30),
}


class LessonRules(Base):
    """What one school holds lessons to; all of it can be edited."""

    __tablename__ = "lesson_rules"

    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"), primary_key=True)
    first_grade: Mapped[int]  # 0 where there is a preparatory class
    last_grade: Mapped[int]
    caps: Mapped[dict[str, int | None]] = mapped_column(JSON)  # {"1": 20, …, "10": None}: minutes per grade
    days_off: Mapped[list[dict[str, str]]] = mapped_column(JSON)  # {"first": "11-07", "last": …, "name": …}
    # The minute of the evening at which tomorrow's lessons are told; None: they are not.
    digest_at: Mapped[int | None] = mapped_column(default=EVENING)
    digest_parts: Mapped[int] = mapped_column(default=DIGEST_PARTS)  # SMS parts it may have
    week_parts: Mapped[int] = mapped_column(default=WEEK_PARTS)  # the same for a whole week
    abbreviations: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON)  # {"ky": {"Математика": "Мат"}}


def strictest_cap(school_id: int, grades: Iterable[int]) -> tuple[int, int] | None:
    """Return the grade whose lessons must be shortest, and their minutes; None when nothing is ruled."""
    row = db.session.get(LessonRules, school_id)
    caps = row.caps if row else CAPS
    found = [(cap, grade) for grade in sorted(set(grades)) if (cap := caps.get(str(grade))) is not None]
    if not found:
        return None
    cap, grade = min(found)
    return grade, cap
