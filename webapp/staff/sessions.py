"""A person's session in one browser: how it begins, how it ends, and which ones count."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from flask import current_app, session
from flask_login import login_user, logout_user
from sqlalchemy import delete

from notifier.database import db
from webapp.settings import current_settings
from webapp.staff.models import EndedSession, StaffMember
from webapp.staff.queries import ended_key, has_ended

KEY = "key"


def may_enter(person: StaffMember) -> bool:
    """Say whether this account opens the door: a closed one never, a demo one only in practice mode."""
    return person.active and (not person.school.is_demo or current_settings().sandbox)


def begin(person: StaffMember, remember: bool, now: datetime) -> None:
    """Sign `person` in, in a session that has nothing of the one before but its language."""
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language
    session[KEY] = secrets.token_urlsafe(16)
    session.permanent = remember
    login_user(person)
    person.last_login_at = now


def end(now: datetime) -> None:
    """Sign the person out, so that a copy of the cookie opens nothing either."""
    if KEY in session:
        db.session.merge(EndedSession(key=ended_key(session[KEY]), ended_at=now))
    lifetime: timedelta = current_app.permanent_session_lifetime
    db.session.execute(delete(EndedSession).where(EndedSession.ended_at < now - lifetime - timedelta(days=1)))
    language = session.get("language")
    logout_user()
    session.clear()
    if language:
        session["language"] = language


def load_staff_member(key: str) -> StaffMember | None:
    """Find the person of a session; one that was ended, or is from before a password change, finds nobody."""
    number, _, version = key.partition(".")
    person = db.session.get(StaffMember, int(number)) if number.isdecimal() else None
    if person is None or str(person.session_version) != version or not may_enter(person):
        return None
    if KEY in session and has_ended(session[KEY]):
        return None
    return person
