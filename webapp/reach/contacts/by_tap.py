"""One tap on an announcement's page: "I spoke to them", and taking back a slip of the finger."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, or_, select

from notifier.database import db
from webapp.announcements.recipients import Recipient
from webapp.reach.board.standings import stand_anew
from webapp.reach.contacts.note import note_contact
from webapp.reach.models import ContactLog, Means, Outcome
from webapp.staff.models import StaffMember


def spoke(recipient: Recipient, by: StaffMember, now: datetime) -> bool:
    """Note a talk about this announcement, in the caller's transaction; False when one is noted already.

    Nor is one noted about a copy that was taken back. The tap does not ask how they spoke; usually it was a
    call.
    """
    if recipient.spoken_at is not None or recipient.taken_back_at is not None:
        return False
    log = note_contact(
        recipient.family,
        Means.CALL,
        Outcome.SPOKE,
        now,
        by,
        _token(recipient),
        now,
        announcement_id=recipient.announcement_id,
    )
    if log is None:
        return False
    stand_anew([recipient.family_id], now)
    return True


def take_back(recipient: Recipient, now: datetime) -> bool:
    """Undo a tap, in the caller's transaction; False when there was none, or the talk was noted elsewhere.

    Of a talk that never was nothing stays but the audit; its follow-ups stay done, and the ladder goes on.
    """
    if recipient.spoken_at is None:
        return False
    tapped = db.session.execute(
        delete(ContactLog)
        .where(ContactLog.school_id == recipient.family.school_id, ContactLog.token == _token(recipient))
        .returning(ContactLog.id)
    ).first()
    if tapped is None and _noted_elsewhere(recipient):
        return False
    recipient.spoken_at, recipient.climb_at = None, now
    db.session.flush()
    stand_anew([recipient.family_id], now)
    return True


def _noted_elsewhere(recipient: Recipient) -> bool:
    """Say whether a form, a round or a lesson told of this talk."""
    return bool(
        db.session.scalar(
            select(
                exists().where(
                    ContactLog.family_id == recipient.family_id,
                    ContactLog.outcome == Outcome.SPOKE,
                    ContactLog.at == recipient.spoken_at,
                    or_(
                        ContactLog.announcement_id == recipient.announcement_id,
                        ContactLog.announcement_id.is_(None),
                    ),
                )
            )
        )
    )


def _token(recipient: Recipient) -> str:
    return f"tap:{recipient.id}"
