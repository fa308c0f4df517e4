"""Schools and the people who work in them."""

from __future__ import annotations

from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import LazyString, lazy_gettext
from flask_login import UserMixin
from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from notifier.database import Base
from notifier.models import BigId
from notifier.policy import Quiet
from webapp.staff.money import Som


class Role(StrEnum):
    DIRECTOR = "director"
    DEPUTY_DIRECTOR = "deputy_director"
    CLASS_TEACHER = "class_teacher"
    SUBJECT_TEACHER = "subject_teacher"
    SOCIAL_PEDAGOGUE = "social_pedagogue"
    PSYCHOLOGIST = "psychologist"
    OFFICE = "office"


ROLE_NAMES: dict[Role, LazyString] = {
    Role.DIRECTOR: lazy_gettext("Director"),
    Role.DEPUTY_DIRECTOR: lazy_gettext("Deputy director"),
    Role.CLASS_TEACHER: lazy_gettext("Class teacher"),
    Role.SUBJECT_TEACHER: lazy_gettext("Subject teacher"),
    Role.SOCIAL_PEDAGOGUE: lazy_gettext("Social pedagogue"),
    Role.PSYCHOLOGIST: lazy_gettext("Psychologist"),
    Role.OFFICE: lazy_gettext("School office"),
}

# Who sees every class of the school; the others see the classes they lead.
WHOLE_SCHOOL = frozenset(
    {Role.DIRECTOR, Role.DEPUTY_DIRECTOR, Role.SOCIAL_PEDAGOGUE, Role.PSYCHOLOGIST, Role.OFFICE}
)
# Who may write to families of the classes they see.
BROADCASTERS = frozenset(
    {Role.DIRECTOR, Role.DEPUTY_DIRECTOR, Role.CLASS_TEACHER, Role.SOCIAL_PEDAGOGUE, Role.OFFICE}
)
# Who may write advice and explanations to them, and nothing else (clause 3.1.9).
ADVISERS = frozenset({Role.PSYCHOLOGIST})
# Who may write something to families: what, a kind of announcement says.
WRITERS = BROADCASTERS | ADVISERS
# Who may bring class lists in for the classes they see.
LIST_KEEPERS = frozenset(
    {Role.DIRECTOR, Role.DEPUTY_DIRECTOR, Role.OFFICE, Role.SOCIAL_PEDAGOGUE, Role.CLASS_TEACHER}
)
# Who may read what was done at the school, and by whom.
AUDITORS = frozenset({Role.DIRECTOR})
# Who looks after the school's account with its providers.
KEEPERS = frozenset({Role.DIRECTOR, Role.DEPUTY_DIRECTOR, Role.OFFICE})


# Who may let routine messages go though the month's money is spent.
LIFTERS = frozenset({Role.DIRECTOR})


class Script(StrEnum):
    """The letters in which SMS are written."""

    CYRILLIC = "cyrillic"
    LATIN = "latin"  # of GSM-7: half the price, and readable on the oldest phone


SCRIPT_NAMES: dict[Script, LazyString] = {
    Script.CYRILLIC: lazy_gettext("Cyrillic letters"),
    Script.LATIN: lazy_gettext("Latin letters"),
}


class School(Base):
    """The tenant: every row of the school side belongs to one."""

    __tablename__ = "schools"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    short_name: Mapped[str] = mapped_column(String(20))  # opens every SMS: "№95"
    phone: Mapped[str] = mapped_column(String(32), default="")  # where a parent can call
    # Where parents reach the psychologist and the social pedagogue.
    support_phone: Mapped[str] = mapped_column(String(32), default="", server_default="")
    language: Mapped[str] = mapped_column(String(2), default="ky")
    time_zone: Mapped[str] = mapped_column(String(40), default="Asia/Bishkek")
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    script: Mapped[str] = mapped_column(String(8), default=Script.CYRILLIC)  # of SMS, for who chose none
    # The route loses ö, ü, ñ: Latin SMS go in ASCII.
    ascii_only: Mapped[bool] = mapped_column(default=False)
    sms_price: Mapped[Decimal | None] = mapped_column(Som)  # of one part; None: nobody said
    monthly_limit: Mapped[Decimal | None] = mapped_column(Som)  # for all SMS of the school; None: no limit
    class_limit: Mapped[Decimal | None] = mapped_column(Som)  # the same for each class
    limits_lifted_in: Mapped[str | None] = mapped_column(String(7))  # a month of the school: "2026-11"
    # What did not arrive is tried by other ways, at last by people.
    ladder_on: Mapped[bool] = mapped_column(default=True)
    # Where online lessons are held; None: as the regulation lists them.
    platforms: Mapped[list[str] | None] = mapped_column(JSON)

    # When no phone rings for what is not urgent: minutes of the day, through midnight.
    quiet_from: Mapped[int] = mapped_column(default=20 * 60, server_default="1200")
    quiet_until: Mapped[int] = mapped_column(default=8 * 60, server_default="480")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def quiet(self) -> Quiet:
        begins, ends = (time(*divmod(minute, 60)) for minute in (self.quiet_from, self.quiet_until))
        return Quiet(self.zone, begins, ends)

    def is_quiet_at(self, minute: int) -> bool:
        """Say whether the school's quiet hours hold at this minute of the day."""
        return self.quiet.holds(time(*divmod(minute, 60)))


class StaffMember(UserMixin, Base):
    """A person who works at a school and signs in."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    school_id: Mapped[int] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    login: Mapped[str] = mapped_column(String(80), unique=True)  # lower case
    password_hash: Mapped[str] = mapped_column(String(255))
    language: Mapped[str | None] = mapped_column(String(2))
    # Changing the password or closing the account makes every older session worthless.
    session_version: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    last_login_at: Mapped[datetime | None]
    # Their own, to be told at; shown to themselves and the administration alone.
    phone: Mapped[str] = mapped_column(String(32), default="", server_default="")  # E.164
    email: Mapped[str] = mapped_column(String(254), default="", server_default="")

    school: Mapped[School] = relationship(lazy="joined", innerjoin=True)
    role_rows: Mapped[list[StaffRole]] = relationship(lazy="selectin", cascade="all, delete-orphan")

    @property
    def is_active(self) -> bool:
        return self.active

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset(Role(row.role) for row in self.role_rows)

    def may(self, allowed: frozenset[Role]) -> bool:
        """Say whether one of this person's roles is among `allowed`."""
        return bool(self.roles & allowed)

    @property
    def role_names(self) -> list[LazyString]:
        """The names of this person's roles, in the order in which roles are listed."""
        return [ROLE_NAMES[role] for role in Role if role in self.roles]

    @property
    def sees_whole_school(self) -> bool:
        return self.may(WHOLE_SCHOOL)

    def get_id(self) -> str:
        return f"{self.id}.{self.session_version}"


class StaffRole(Base):
    """One role of one person: a person may have several."""

    __tablename__ = "staff_roles"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)


class EndedSession(Base):
    """A session somebody signed out of: a copy of its cookie must open nothing.

    Rows may go once the cookie would have expired by itself.
    """

    __tablename__ = "ended_sessions"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    ended_at: Mapped[datetime] = mapped_column(index=True)


class AuditEntry(Base):
    """Who did what to many people at once, or to somebody's rights; rows are only ever added."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("schools.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int | None] = mapped_column(
        ForeignKey("staff.id", ondelete="SET NULL")
    )  # None: a command
    at: Mapped[datetime]
    action: Mapped[str] = mapped_column(String(40))  # "announcement.published"
    subject: Mapped[str] = mapped_column(String(80), default="")  # "announcement 12"
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # counts, never numbers or texts
