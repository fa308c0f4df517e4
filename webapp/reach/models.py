"""Going after families: the ladder, follow-ups, and what took place between people."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from notifier.database import Base
from notifier.models import BigId
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient
from webapp.families.models import Family, Guardian
from webapp.staff.models import StaffMember


class Means(StrEnum):
    """By what a family is told on a rung: the first two a machine does, the others a person."""

    NEXT_NUMBER = "next_number"  # SMS to the next guardian, or the next number of the same
    EMAIL = "email"
    CALL = "call"
    RELAY = "relay"  # somebody near passes it on
    VISIT = "visit"
    LESSON = "lesson"  # lessons at school


BY_MACHINE = frozenset({Means.NEXT_NUMBER, Means.EMAIL})


class Outcome(StrEnum):
    """What came of a call, a visit or another try of a person."""

    SPOKE = "spoke"
    RELAYED = "relayed"  # told somebody who passes it on
    NO_ANSWER = "no_answer"
    SWITCHED_OFF = "switched_off"
    NOBODY_HOME = "nobody_home"
    LEFT_NOTE = "left_note"
    WRONG_NUMBER = "wrong_number"
    MOVED_AWAY = "moved_away"
    REFUSED = "refused"


class FollowUpState(StrEnum):
    OPEN = "open"
    DONE = "done"  # final
    CANCELLED = "cancelled"


class LadderRung(Base):
    """One rung of a school's ladder: what is tried next, and how long after the one before.

    A rung that is off keeps its place and its hours.
    """

    __tablename__ = "ladder_rungs"

    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)  # from 1; the first SMS is 0 and has no row
    means: Mapped[str] = mapped_column(String(16))
    after_minutes: Mapped[int]
    urgent_after_minutes: Mapped[int]
    active: Mapped[bool] = mapped_column(default=True)


class FollowUp(Base):
    """A person's task for one family. A rule opens it once for each cause, however often it runs."""

    __tablename__ = "follow_ups"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    family_id: Mapped[int] = mapped_column(ForeignKey("families.id", ondelete="CASCADE"))
    rule: Mapped[str] = mapped_column(
        String(24)
    )  # "ladder", "wrong_number", "no_tv", "asked_help", "by_hand"
    cause: Mapped[str] = mapped_column(String(40))  # "announcement:12", "contact:7", "reply:31"
    means: Mapped[str] = mapped_column(String(16), default=Means.CALL)  # what is to be done
    announcement_id: Mapped[int | None] = mapped_column(
        ForeignKey("announcements.id", ondelete="SET NULL"), index=True
    )
    priority: Mapped[int] = mapped_column(default=1)  # 0: urgent
    state: Mapped[str] = mapped_column(String(12), default=FollowUpState.OPEN)
    note: Mapped[str] = mapped_column(Text, default="")
    due_at: Mapped[datetime]
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    # Why: "spoke", "delivered", "acknowledged" (the family was reached otherwise), "cancelled", "left".
    closed_because: Mapped[str] = mapped_column(String(24), default="")

    family: Mapped[Family] = relationship()
    announcement: Mapped[Announcement | None] = relationship()
    assignee: Mapped[StaffMember | None] = relationship(foreign_keys=[assignee_id])
    closed_by: Mapped[StaffMember | None] = relationship(foreign_keys=[closed_by_id])

    __table_args__ = (
        UniqueConstraint("rule", "family_id", "cause"),
        Index("ix_follow_ups_family", "family_id", "state"),
        Index(
            "ix_follow_ups_open",
            "school_id",
            "priority",
            "due_at",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )


class ContactLog(Base):
    """A call, visit, relay or lesson at school that took place, or was tried; rows are only ever added.

    Only a tap taken back (contacts/by_tap.py) leaves again, and stays in the audit.
    """

    __tablename__ = "contact_logs"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    family_id: Mapped[int] = mapped_column(ForeignKey("families.id", ondelete="CASCADE"))
    # Made by the form: one that is sent twice, or typed twice from paper, is one contact.
    token: Mapped[str] = mapped_column(String(40))
    means: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime]  # when it took place
    noted_at: Mapped[datetime]  # when it was written down
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"), index=True)
    guardian_id: Mapped[int | None] = mapped_column(
        ForeignKey("guardians.id", ondelete="SET NULL"), index=True
    )
    contact_point_id: Mapped[int | None] = mapped_column(
        ForeignKey("contact_points.id", ondelete="SET NULL"), index=True
    )
    # What it was about; None: all that the family had not heard by then.
    announcement_id: Mapped[int | None] = mapped_column(
        ForeignKey("announcements.id", ondelete="SET NULL"), index=True
    )
    follow_up_id: Mapped[int | None] = mapped_column(
        ForeignKey("follow_ups.id", ondelete="SET NULL"), index=True
    )
    note: Mapped[str] = mapped_column(Text, default="")

    family: Mapped[Family] = relationship()
    guardian: Mapped[Guardian | None] = relationship()
    staff: Mapped[StaffMember | None] = relationship()

    __table_args__ = (
        UniqueConstraint("school_id", "token"),
        Index("ix_contact_logs_family", "family_id", "at"),
        Index("ix_contact_logs_newest", "school_id", "at"),
    )


class FamilyStanding(Base):
    """How long a family has been unreached: kept up by the worker, so that the board needs no counting.

    Rewritten from the tables whenever in doubt; the tables are the truth.
    """

    __tablename__ = "family_standings"

    family_id: Mapped[int] = mapped_column(ForeignKey("families.id", ondelete="CASCADE"), primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"))
    # When the oldest thing the family has not heard was sent, after the last that it heard; None: nothing.
    unreached_since: Mapped[datetime | None]
    missed: Mapped[int] = mapped_column(default=0)  # announcements since then
    reached_at: Mapped[datetime | None]  # the last contact that worked …
    reached_by: Mapped[str] = mapped_column(String(16), default="")  # … "sms", "reply", "call", "visit", …
    # The newest copy the family has not heard: its delivery says why.
    missed_copy_id: Mapped[int | None] = mapped_column(
        ForeignKey("recipients.id", ondelete="SET NULL"), index=True
    )
    computed_at: Mapped[datetime]

    family: Mapped[Family] = relationship()
    missed_copy: Mapped[Recipient | None] = relationship()

    __table_args__ = (
        Index(
            "ix_family_standings_unreached",
            "school_id",
            "unreached_since",
            sqlite_where=text("unreached_since IS NOT NULL"),
            postgresql_where=text("unreached_since IS NOT NULL"),
        ),
    )
