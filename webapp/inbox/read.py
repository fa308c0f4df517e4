"""Understand what parents wrote: an acknowledgement, a wish for silence, a wish to hear again."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from notifier import outbox
from notifier.database import db
from notifier.models import Inbound
from webapp.families.models import ContactPoint
from webapp.inbox.keywords import read as read_keyword
from webapp.inbox.models import Reply
from webapp.reach.acknowledge import acknowledge_latest
from webapp.staff.models import School

READ = "webapp.inbox.read.read_replies"
BATCH = 100


def read_replies() -> None:
    """Read what waits: the job that RQ runs."""
    read_waiting(datetime.now(UTC))


def read_waiting(now: datetime) -> int:
    """Read every message nobody has read yet, oldest first; return how many there were.

    Harmless when two processes do it at once: the loser finds the row taken and passes over it.
    """
    done = 0
    while waiting := db.session.scalars(
        select(Inbound.id).where(Inbound.handled_at.is_(None)).order_by(Inbound.id).limit(BATCH)
    ).all():
        for number in waiting:
            done += _read_one(number, now)
            db.session.commit()
    return done


def _read_one(number: int, now: datetime) -> bool:
    """Read one message in the caller's transaction; False when somebody else was faster."""
    inbound = db.session.scalar(
        select(Inbound)
        .where(Inbound.id == number, Inbound.handled_at.is_(None))
        .with_for_update(skip_locked=True)
    )
    if inbound is None:
        return False
    keyword = read_keyword(inbound.body)
    intent = keyword.intent if keyword else None
    acknowledged = 0
    if intent == "YES":
        acknowledged = acknowledge_latest(inbound.channel, inbound.sender, now)
    elif intent == "STOP":
        outbox.suppress(inbound.channel, inbound.sender, "opted_out", now)
    elif intent == "START":
        outbox.unsuppress(inbound.channel, inbound.sender)
    for school_id, contact_point_id in _schools_of(inbound):
        db.session.add(
            Reply(
                school_id=school_id,
                inbound_id=inbound.id,
                contact_point_id=contact_point_id,
                intent=intent,
                families_acknowledged=acknowledged,
                received_at=inbound.received_at,
            )
        )
    inbound.handled_at = now
    return True


def _schools_of(inbound: Inbound) -> list[tuple[int, int | None]]:
    """List the schools that know the sender; a stranger's message goes to the only school there is, if so."""
    known = db.session.execute(
        select(ContactPoint.school_id, ContactPoint.id).where(
            ContactPoint.channel == inbound.channel, ContactPoint.address == inbound.sender
        )
    ).all()
    if known:
        return [(school_id, point_id) for school_id, point_id in known]
    schools = db.session.scalars(select(School.id).limit(2)).all()
    return [(schools[0], None)] if len(schools) == 1 else []
