"""Methodical associations, notices for the staff with everybody's copy, and the hour of the week's plan."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Connection,
    Date,
    ForeignKey,
    String,
    Text,
    UniqueConstraint,
    event,
    insert,
)
from sqlalchemy.orm import Mapped, Mapper, mapped_column, relationship

from notifier.database import Base
from notifier.models import BigId, Delivery
from webapp.announcements.models import Announcement
from webapp.families.models import SchoolClass
from webapp.staff.models import School, StaffMember

# The methodical associations of clause 3.2; a school writes its own.
ASSOCIATIONS = (
    "Гуманитардык бирикме",
    "Башталгыч класстар",
    "Табигый-математикалык бирикме",
    "Эстетикалык бирикме",
)


class Association(Base):
    """A methodical association of a school's teachers."""

    __tablename__ = "associations"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))

    members: Mapped[list[Membership]] = relationship(back_populates="association", passive_deletes=True)

    __table_args__ = (UniqueConstraint("school_id", "name"),)


class Membership(Base):
    """That a person belongs to an association, and maybe leads it; nobody belongs to two."""

    __tablename__ = "association_members"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    association_id: Mapped[int] = mapped_column(ForeignKey("associations.id", ondelete="CASCADE"), index=True)
    leads: Mapped[bool] = mapped_column(default=False)

    association: Mapped[Association] = relationship(back_populates="members")


class Kind(StrEnum):
    """What a notice for the staff is."""

    NOTICE = "notice"
    WEBINAR = "webinar"
    REMINDER = "reminder"  # of the week's plan, by itself: no list of what somebody sent shows it


class StaffNotice(Base):
    """What an announcement is when it is for the staff: whom it is for, and the webinar it invites to."""

    __tablename__ = "staff_notices"

    announcement_id: Mapped[int] = mapped_column(
        ForeignKey("announcements.id", ondelete="CASCADE"), primary_key=True
    )
    kind: Mapped[str] = mapped_column(String(12), default=Kind.NOTICE)
    everybody: Mapped[bool] = mapped_column(default=False)
    roles: Mapped[list[str]] = mapped_column(JSON, default=list)
    associations: Mapped[list[int]] = mapped_column(JSON, default=list)
    # What the author typed; of a webinar the announcement's text is made from it.
    words_ky: Mapped[str] = mapped_column(Text, default="")
    words_ru: Mapped[str] = mapped_column(Text, default="")
    starts_at: Mapped[datetime | None]
    platform: Mapped[str] = mapped_column(String(60), default="")
    link: Mapped[str] = mapped_column(String(500), default="")
    code: Mapped[str] = mapped_column(String(60), default="")
    # By SMS or e-mail, too; on everybody's page it stands in any case.
    sends: Mapped[bool] = mapped_column(default=True)

    announcement: Mapped[Announcement] = relationship(lazy="joined", innerjoin=True)

    @property
    def fingerprint(self) -> str:
        """A short sum of all that decides who reads what, to see whether it changed since it was shown."""
        meant = [self.everybody, sorted(self.roles), sorted(self.associations), self.sends]
        said = json.dumps([self.announcement.fingerprint, self.kind, meant])
        return hashlib.sha256(said.encode()).hexdigest()[:16]


class NotSent(StrEnum):
    """Why a notice only stands on a person's page."""

    NO_ADDRESS = "no_address"
    OPTED_OUT = "opted_out"  # whoever has the phone asked for silence
    NOT_WISHED = "not_wished"  # the notice was not to be sent


class StaffCopy(Base):
    """One person's copy of a notice; two who share a phone share a delivery."""

    __tablename__ = "staff_copies"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcements.id", ondelete="CASCADE"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    delivery_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("deliveries.id", ondelete="SET NULL"), index=True
    )
    not_sent: Mapped[str | None] = mapped_column(String(12))  # a NotSent
    read_at: Mapped[datetime | None]  # the person said so

    announcement: Mapped[Announcement] = relationship()
    staff: Mapped[StaffMember] = relationship()
    delivery: Mapped[Delivery | None] = relationship()

    __table_args__ = (UniqueConstraint("announcement_id", "staff_id"),)


class Before(StrEnum):
    """When a class teacher is reminded of a plan that has still to be told."""

    NO = "no"
    HOURS = "hours"  # three hours before
    MORNING = "morning"  # of the day, at eight
    DAY = "day"  # a day before


class PlanDeadline(Base):
    """By when each class's plan of a week is told to its families (clause 4.2)."""

    __tablename__ = "plan_deadlines"

    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"), primary_key=True)
    # Days from the week's Monday: -3 is the Friday before it, 0 the Monday itself.
    day: Mapped[int]
    minute: Mapped[int]  # since midnight, of the school's clock
    before: Mapped[str] = mapped_column(String(8), default=Before.MORNING)
    by_sms: Mapped[bool] = mapped_column(default=False)
    # Nobody is asked for an hour that was over when it was set.
    set_at: Mapped[datetime]

    __table_args__ = (
        CheckConstraint("day BETWEEN -7 AND 0", name="day"),
        CheckConstraint("minute BETWEEN 0 AND 1439", name="minute"),
    )


class PlanTold(Base):
    """That a class was told its plan of a week by an announcement of its own, or in another way."""

    __tablename__ = "plans_told"

    class_id: Mapped[int] = mapped_column(ForeignKey("classes.id", ondelete="CASCADE"), primary_key=True)
    monday: Mapped[date] = mapped_column(Date, primary_key=True)
    announcement_id: Mapped[int | None] = mapped_column(
        ForeignKey("announcements.id", ondelete="SET NULL"), index=True
    )  # None: on paper, in a group chat
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)

    by: Mapped[StaffMember | None] = relationship()


class PlanReminder(Base):
    """That a class's teacher was reminded of a week's plan: before the hour or after it, each once."""

    __tablename__ = "plan_reminders"

    class_id: Mapped[int] = mapped_column(ForeignKey("classes.id", ondelete="CASCADE"), primary_key=True)
    monday: Mapped[date] = mapped_column(Date, primary_key=True)
    late: Mapped[bool] = mapped_column(primary_key=True)
    announcement_id: Mapped[int | None] = mapped_column(
        ForeignKey("announcements.id", ondelete="SET NULL"), index=True
    )
    at: Mapped[datetime]

    school_class: Mapped[SchoolClass] = relationship()


@event.listens_for(School, "after_insert")
def _equip(_mapper: Mapper[School], connection: Connection, school: School) -> None:
    """Give every new school the associations of the regulation, whoever creates it."""
    connection.execute(insert(Association), [{"school_id": school.id, "name": name} for name in ASSOCIATIONS])
