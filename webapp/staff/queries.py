"""What the doors ask the tables."""

from __future__ import annotations

import hashlib

from sqlalchemy import Select, select

from notifier.database import db
from webapp.staff.models import AuditEntry, EndedSession, School, StaffMember


def person_with_login(login: str) -> StaffMember | None:
    """Find who signs in as `login`; capitals and spaces around it don't count."""
    return db.session.scalar(select(StaffMember).where(StaffMember.login == plain_login(login)))


def plain_login(login: str) -> str:
    return login.strip().lower()


def schools() -> list[School]:
    """List the schools of this installation, the oldest first."""
    return list(db.session.scalars(select(School).order_by(School.id)))


def school_named(name: str) -> School | None:
    """Find a school by its name or its short name."""
    return db.session.scalar(
        select(School).where((School.name == name) | (School.short_name == name)).order_by(School.id)
    )


def staff_of(school: School) -> list[StaffMember]:
    """List who works at `school`, by name."""
    return list(
        db.session.scalars(
            select(StaffMember).where(StaffMember.school_id == school.id).order_by(StaffMember.name)
        )
    )


def demo_staff() -> list[StaffMember]:
    """List who can sign in at a demo school, in the order in which they were made."""
    return list(
        db.session.scalars(
            select(StaffMember)
            .join(StaffMember.school)
            .where(School.is_demo, StaffMember.active)
            .order_by(StaffMember.id)
        )
    )


def has_ended(session_key: str) -> bool:
    """Say whether somebody signed out of this session."""
    return db.session.get(EndedSession, ended_key(session_key)) is not None


def ended_key(session_key: str) -> str:
    # The table alone must not be enough to make a session.
    return hashlib.sha256(session_key.encode()).hexdigest()


def done_at(school_id: int) -> Select[tuple[AuditEntry, str]]:
    """Ask what was done at a school, the latest first, and by whom: None for a command."""
    return (
        select(AuditEntry, StaffMember.name)
        .outerjoin(StaffMember, StaffMember.id == AuditEntry.staff_id)
        .where(AuditEntry.school_id == school_id)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
    )
