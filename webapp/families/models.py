"""Who belongs to the school: classes, pupils, and the families behind them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from notifier.database import Base
from notifier.models import BigId
from webapp.families.search_key import LONGEST, search_key
from webapp.staff.models import School, Script, StaffMember
from webapp.staff.money import Som


class ContactStatus(StrEnum):
    OK = "ok"
    LOOK = "look"  # works as far as we know, but somebody should look: shared, suspicious
    BAD = "bad"  # a provider said there is no such address


class DigestWish(StrEnum):
    """When a guardian wants to be told the TV lessons."""

    DAILY = "daily"  # every evening, those of tomorrow
    WEEKLY = "weekly"  # on Sundays, those of the week
    NONE = "none"


class SchoolClass(Base):
    """Grade, letter and language of instruction: 5-А (ky)."""

    __tablename__ = "classes"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    grade: Mapped[int]
    letter: Mapped[str] = mapped_column(String(8))  # Cyrillic, upper case
    language: Mapped[str] = mapped_column(String(2), default="ky")
    teacher_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)

    # Of its SMS; None: what the school gives to each class.
    monthly_limit: Mapped[Decimal | None] = mapped_column(Som)

    teacher: Mapped[StaffMember | None] = relationship()

    __table_args__ = (UniqueConstraint("school_id", "grade", "letter"),)

    @property
    def name(self) -> str:
        return class_name(self.grade, self.letter)


def class_name(grade: int, letter: str) -> str:
    """Call a class as everybody does: 5-А."""
    return f"{grade}-{letter}" if letter else str(grade)


class Family(Base):
    """A household: its pupils and its guardians. "Reached" is said of families."""

    __tablename__ = "families"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"), index=True)
    address: Mapped[str] = mapped_column(String(255), default="")
    # Why somebody should look: "lost_letters", "new_guardian".
    needs_look: Mapped[str] = mapped_column(String(40), default="")

    pupils: Mapped[list[Pupil]] = relationship(back_populates="family", order_by="Pupil.name")
    guardians: Mapped[list[Guardian]] = relationship(
        back_populates="family", order_by="Guardian.priority, Guardian.id", cascade="all, delete-orphan"
    )


class Pupil(Base):
    """A child of the school; one who left keeps the row, with the day."""

    __tablename__ = "pupils"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"), index=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("families.id", ondelete="CASCADE"), index=True)
    class_id: Mapped[int] = mapped_column(ForeignKey("classes.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    search_key: Mapped[str] = mapped_column(
        String(LONGEST), default="", server_default=""
    )  # of the name, written with it
    left_at: Mapped[datetime | None]

    family: Mapped[Family] = relationship(back_populates="pupils")
    school_class: Mapped[SchoolClass] = relationship()

    # Looked through school by school, for a part of a name has no place in an order.
    __table_args__ = (Index("ix_pupils_search", "school_id", "search_key"),)

    @validates("name")
    def _keep_key(self, _field: str, name: str) -> str:
        self.search_key = search_key(name)
        return name


class Guardian(Base):
    """A parent or legal representative; the one with the lowest `priority` is told first."""

    __tablename__ = "guardians"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"), index=True)
    family_id: Mapped[int] = mapped_column(ForeignKey("families.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120), default="")
    search_key: Mapped[str] = mapped_column(
        String(LONGEST), default="", server_default=""
    )  # of the name, written with it
    # As the class list says it: апасы, атасы, бабушка.
    relation: Mapped[str] = mapped_column(String(40), default="")
    language: Mapped[str] = mapped_column(String(2), default="ky")
    priority: Mapped[int] = mapped_column(default=0)
    script: Mapped[str | None] = mapped_column(String(8))  # of SMS; None: the school's
    digest: Mapped[str] = mapped_column(String(8), default=DigestWish.DAILY)  # of TV lessons

    family: Mapped[Family] = relationship(back_populates="guardians")
    contacts: Mapped[list[GuardianContact]] = relationship(
        back_populates="guardian", order_by="GuardianContact.priority", cascade="all, delete-orphan"
    )

    __table_args__ = (Index("ix_guardians_search", "school_id", "search_key"),)

    @validates("name")
    def _keep_key(self, _field: str, name: str) -> str:
        self.search_key = search_key(name)
        return name

    def script_at(self, school: School) -> Script:
        """The letters this guardian's SMS are written in: their own choice, else the school's."""
        return Script(self.script or school.script)


class ContactPoint(Base):
    """A phone number or an e-mail address; several guardians, even two families, may share one."""

    __tablename__ = "contact_points"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(16))  # "sms" | "email"
    address: Mapped[str] = mapped_column(String(254))
    status: Mapped[str] = mapped_column(String(8), default=ContactStatus.OK)
    # Why it needs a look: "shared", "suspicious"; "looked" once somebody has.
    note: Mapped[str] = mapped_column(String(40), default="")
    # What people said of a number: it is the family's; it is not (`note` says who said so); when we asked.
    confirmed_at: Mapped[datetime | None]
    marked_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("school_id", "channel", "address"),
        Index("ix_contact_points_address", "channel", "address"),
    )


class GuardianContact(Base):
    """That a guardian can be reached at a contact point, and in which order to try."""

    __tablename__ = "guardian_contacts"

    guardian_id: Mapped[int] = mapped_column(ForeignKey("guardians.id", ondelete="CASCADE"), primary_key=True)
    contact_point_id: Mapped[int] = mapped_column(
        ForeignKey("contact_points.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    priority: Mapped[int] = mapped_column(default=0)
    is_relay: Mapped[bool] = mapped_column(default=False)  # a neighbour's phone: passes it on

    guardian: Mapped[Guardian] = relationship(back_populates="contacts")
    contact_point: Mapped[ContactPoint] = relationship(lazy="joined", innerjoin=True)


class DeviceFact(Base):
    """What somebody once learned about a household's devices; rows are only ever added, the newest counts."""

    __tablename__ = "device_facts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    family_id: Mapped[int] = mapped_column(ForeignKey("families.id", ondelete="CASCADE"))
    fact: Mapped[str] = mapped_column(String(16))  # a devices.Fact
    value: Mapped[str] = mapped_column(String(255), default="")  # one of its values; "": not known any more
    learned_at: Mapped[datetime]
    # By whom; or by which message, when the family said so itself. Neither: from before this was kept.
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    inbound_id: Mapped[int | None] = mapped_column(ForeignKey("inbound.id", ondelete="SET NULL"), index=True)

    staff: Mapped[StaffMember | None] = relationship()

    __table_args__ = (
        Index("ix_device_facts_newest", "family_id", "fact", "learned_at"),
        Index("ix_device_facts_school", "school_id", "fact"),
    )


class ClassListUpload(Base):
    """A class list on its way in: the file stays here from step to step, a day at most."""

    __tablename__ = "class_list_uploads"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    filename: Mapped[str] = mapped_column(String(255), default="")
    # Deferred: a page that only asks whose file it is doesn't fetch megabytes.
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    columns: Mapped[list[str] | None] = mapped_column(JSON)  # as the person chose them
    created_at: Mapped[datetime] = mapped_column(index=True)
