"""How classes are taught at present (clauses 1.5 and 3.2): at school, at a distance, or both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from flask_babel import LazyString, lazy_gettext
from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, or_, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from notifier.database import Base, db
from webapp.families.models import SchoolClass

DAY = timedelta(days=1)


def bare_number(typed: str) -> str:
    """The number of an order without the sign that pages put before it: «№ 01-5/95»."""
    return typed.lstrip("№# ").strip()


class Mode(StrEnum):
    AT_SCHOOL = "at_school"
    DISTANCE = "distance"
    MIXED = "mixed"


MODE_NAMES: dict[Mode, LazyString] = {
    Mode.DISTANCE: lazy_gettext("At a distance"),
    Mode.MIXED: lazy_gettext("Partly at school, partly at a distance"),
    Mode.AT_SCHOOL: lazy_gettext("At school"),
}


class ClassMode(Base):
    """From when to when a class, or the whole school, is taught in a mode; it ends by itself."""

    __tablename__ = "class_modes"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    class_id: Mapped[int | None] = mapped_column(
        ForeignKey("classes.id", ondelete="CASCADE"), index=True
    )  # None: the whole school
    mode: Mapped[str] = mapped_column(String(12))
    starts: Mapped[date] = mapped_column(Date)
    ends: Mapped[date] = mapped_column(Date)  # the last day, included
    quarantine: Mapped[bool] = mapped_column(default=False)
    order_number: Mapped[str] = mapped_column(String(40), default="")
    order_date: Mapped[date | None] = mapped_column(Date)
    created_at: Mapped[datetime]

    school_class: Mapped[SchoolClass | None] = relationship()

    __table_args__ = (
        CheckConstraint("starts <= ends", name="days"),
        Index("ix_class_modes_days", "school_id", "ends"),
    )


def modes_from(school_id: int, today: date) -> Sequence[ClassMode]:
    """List the modes that hold today or will, the nearest first."""
    return db.session.scalars(
        select(ClassMode)
        .where(ClassMode.school_id == school_id, ClassMode.ends >= today)
        .outerjoin(ClassMode.school_class)
        .order_by(ClassMode.starts, SchoolClass.grade, SchoolClass.letter, ClassMode.id)
        .options(joinedload(ClassMode.school_class))
        .limit(100)
    ).all()


def mode_numbered(school_id: int, number: int) -> ClassMode | None:
    return db.session.scalar(
        select(ClassMode).where(ClassMode.id == number, ClassMode.school_id == school_id)
    )


def mode_of(school_class: SchoolClass, day: date) -> Mode:
    """Say how a class is taught on a day: the class's own mode goes before the school's."""
    found = db.session.scalar(
        select(ClassMode.mode)
        .where(
            ClassMode.school_id == school_class.school_id,
            or_(ClassMode.class_id == school_class.id, ClassMode.class_id.is_(None)),
            ClassMode.starts <= day,
            ClassMode.ends >= day,
        )
        .order_by(ClassMode.class_id.is_(None), ClassMode.created_at.desc(), ClassMode.id.desc())
        .limit(1)
    )
    return Mode(found) if found else Mode.AT_SCHOOL


@dataclass
class Room:
    """What had to give way to a new period: cut short, with the last day it had; gone; what is left of it."""

    cut: list[tuple[ClassMode, date]] = field(default_factory=list)
    gone: list[ClassMode] = field(default_factory=list)
    left: list[ClassMode] = field(default_factory=list)


def make_room(school_id: int, class_id: int | None, first: date, last: date) -> Room:
    """Let a new period stand alone on its days: of one class, or (None) of the whole school as such.

    The newest counts in any case (`mode_of`); so lists and the public page do not say two things of one day.
    In the caller's transaction; the periods that are gone are deleted with it.
    """
    room = Room()
    overlapping = db.session.scalars(
        select(ClassMode)
        .where(
            ClassMode.school_id == school_id,
            ClassMode.class_id == class_id if class_id else ClassMode.class_id.is_(None),
            ClassMode.starts <= last,
            ClassMode.ends >= first,
        )
        .order_by(ClassMode.id)
    ).all()
    for mode in overlapping:
        if mode.ends > last:
            room.left.append(_copied(mode, last + DAY))
        if mode.starts < first:
            room.cut.append((mode, mode.ends))
            mode.ends = first - DAY
        else:
            room.gone.append(mode)
            db.session.delete(mode)
    db.session.add_all(room.left)
    return room


def _copied(mode: ClassMode, starts: date) -> ClassMode:
    """The rest of a period, from a later day on."""
    return ClassMode(
        school_id=mode.school_id,
        class_id=mode.class_id,
        mode=mode.mode,
        starts=starts,
        ends=mode.ends,
        quarantine=mode.quarantine,
        order_number=mode.order_number,
        order_date=mode.order_date,
        created_at=mode.created_at,
    )


def by_period(modes: Iterable[ClassMode]) -> list[tuple[ClassMode, list[str]]]:
    """Put the classes that share mode and days together; without names it is the whole school."""
    groups: dict[tuple[object, ...], tuple[ClassMode, list[str]]] = {}
    for each in modes:
        key = (each.class_id is None, each.mode, each.starts, each.ends, each.quarantine, each.order_number)
        _, names = groups.setdefault(key, (each, []))
        if each.school_class:
            names.append(each.school_class.name)
    return list(groups.values())
