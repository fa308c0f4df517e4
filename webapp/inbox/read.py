"""Understand what parents wrote, do what they ask, and file it where a person finds it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from notifier import jobs, outbox
from notifier.database import db
from notifier.models import Inbound, Suppression
from webapp.announcements.audience.behind import audience_behind
from webapp.announcements.audience.households import Audience
from webapp.families.models import ContactPoint
from webapp.inbox.answering.asked import Asked
from webapp.inbox.answering.table import respond
from webapp.inbox.conversations import family_ids_behind, file
from webapp.inbox.models import Reply
from webapp.inbox.understanding import BLOCKED, Meaning, understand
from webapp.reach.answers.feedback import note_reply
from webapp.staff.models import School

log = logging.getLogger(__name__)

READ = "webapp.inbox.read.read_replies"
BATCH = 100
# Who writes a word of their own, or answers, was in touch; who asks for the timetable was not.
IN_TOUCH = (None, "YES", "NO")


def read_replies() -> None:
    """Read what waits: the job that RQ runs."""
    read_waiting(datetime.now(UTC))


def read_waiting(now: datetime) -> int:
    """Read every message nobody has read yet, oldest first; return how many there were.

    Harmless when two processes do it at once: the loser finds the row taken and passes over it. A message,
    what it changes and what it is answered are one transaction: who dies in between has done nothing.
    """
    done = 0
    while waiting := db.session.scalars(
        select(Inbound.id).where(Inbound.handled_at.is_(None)).order_by(Inbound.id).limit(BATCH)
    ).all():
        for number in waiting:
            done += _read_one(number, now)
            db.session.commit()
    if done:
        # Answers wait to leave, maybe.
        jobs.nudge()
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
    silence = db.session.scalar(
        select(Suppression.reason).where(
            Suppression.channel == inbound.channel, Suppression.address == inbound.sender
        )
    )
    meaning = understand(inbound, now)
    if meaning.intent in IN_TOUCH:
        note_reply(inbound.channel, inbound.sender, inbound.id, inbound.received_at)
    if meaning.intent == "STOP":
        outbox.suppress(inbound.channel, inbound.sender, "opted_out", now)
    elif meaning.intent == "START":
        outbox.unsuppress(inbound.channel, inbound.sender, unless=BLOCKED)
    for rank, (school_id, point) in enumerate(_schools_of(inbound)):
        _file_for(inbound, school_id, point, meaning, rank == 0, silence, now)
    inbound.handled_at = now
    return True


def _file_for(
    inbound: Inbound,
    school_id: int,
    point: ContactPoint | None,
    meaning: Meaning,
    is_first: bool,
    silence: str | None,
    now: datetime,
) -> None:
    """Do what one school has to do about a message, and file it there."""
    reply = Reply(
        school_id=school_id,
        inbound_id=inbound.id,
        contact_point_id=point.id if point else None,
        intent=meaning.intent,
        families_acknowledged=meaning.acknowledged,
        received_at=inbound.received_at,
    )
    db.session.add(reply)
    db.session.flush()
    blocked = silence == BLOCKED and point is None
    settled = meaning.settled or blocked
    if meaning.keyword and not blocked:
        school = db.session.get_one(School, school_id)
        behind = audience_behind(school, [point.id]) if point else Audience((), school.language)
        asked = Asked(
            inbound, reply, school, point, meaning.keyword, behind, is_first, silence is not None, now
        )
        settled = _responded(asked)
    file(reply, inbound.sender, family_ids_behind(point), unread=not settled)


def _responded(asked: Asked) -> bool:
    """Do what was asked; what fails is left to a person, and holds up nobody else's message."""
    try:
        with db.session.begin_nested():
            return respond(asked)
    except OperationalError:
        raise  # the database is busy or away: the message is read again
    except Exception:
        log.exception("a message could not be answered")
        return False


def _schools_of(inbound: Inbound) -> list[tuple[int, ContactPoint | None]]:
    """List the schools that know the sender; a stranger's message goes to the only school there is, if so."""
    known = db.session.scalars(
        select(ContactPoint)
        .where(ContactPoint.channel == inbound.channel, ContactPoint.address == inbound.sender)
        .order_by(ContactPoint.school_id)
    ).all()
    if known:
        return [(point.school_id, point) for point in known]
    schools = db.session.scalars(select(School.id).limit(2)).all()
    return [(schools[0], None)] if len(schools) == 1 else []
