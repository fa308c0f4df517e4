"""What the worker does every minute so that nobody is left out.

1. Copies that reached their families stop climbing, and tasks about them close.
2. The others climb, one announcement after the other, each in its own transaction.
3. The rules look for whom a person must see, and the board is told how families stand.

Harmless whenever, wherever and however often: a rung, a message and a task are taken once.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from datetime import UTC, datetime

from sqlalchemy import and_, or_, select, update

from notifier import jobs
from notifier.database import db
from notifier.message import Fault
from notifier.models import Delivery, State
from webapp.announcements.levels import reached
from webapp.announcements.recipients import Climb, Recipient
from webapp.reach.board.standings import stale, stand_anew
from webapp.reach.ladder.climbing import climb_for
from webapp.reach.ladder.tries import FAILED
from webapp.reach.tasks.followups import close_if_reached
from webapp.reach.tasks.rules import run_rules

log = logging.getLogger(__name__)

CLIMB = "webapp.reach.jobs.climb"
# A district takes minutes: the job makes way for deliveries in between.
TURN = 40.0
# Copies of one announcement in one transaction: SQLite's other writers wait no longer than that takes.
BATCH = 50


def climb() -> None:
    """Do all that is due: the job that RQ runs."""
    if not climb_what_is_due(datetime.now(UTC), TURN):
        jobs.nudge(CLIMB)


def climb_what_is_due(now: datetime, turn: float | None = None) -> bool:
    """Do all that is due by now; False when the turn ended before that."""
    until = time.monotonic() + turn if turn else None
    stop_reached(now)
    done, posted = _climb_all(now, until)
    if posted:
        jobs.nudge()
    if not done:
        return False
    run_rules(now)
    return _write_standings(now, until)


def stop_reached(now: datetime) -> int:
    """Let copies whose families know climb no further, and close the tasks about them; commits."""
    arrived = (
        select(Recipient.id)
        .outerjoin(Delivery, Delivery.id == Recipient.delivery_id)
        .where(Recipient.climb_at.is_not(None), reached())
    )
    stopped = db.session.execute(
        update(Recipient)
        .where(Recipient.id.in_(arrived))
        .values(climb_at=None)
        .returning(Recipient.id, Recipient.family_id, Recipient.rung)
        .execution_options(synchronize_session=False)
    ).all()
    for number, _, rung in stopped:
        if rung:
            _point_at_what_arrived(number)
    close_if_reached(None, now)
    stand_anew([family_id for _, family_id, _ in stopped], now)
    db.session.commit()
    return len(stopped)


def _point_at_what_arrived(recipient_id: int) -> None:
    """Let a copy show the number at which it arrived, where that was not the last one tried."""
    climb = db.session.scalar(
        select(Climb)
        .join(Delivery, Delivery.id == Climb.delivery_id)
        .where(
            Climb.recipient_id == recipient_id,
            Delivery.state == State.DELIVERED,
            Delivery.channel != "email",
            Climb.by_relay.is_(False),
        )
        .order_by(Climb.position)
        .limit(1)
    )
    if climb is not None:
        recipient = db.session.get_one(Recipient, recipient_id, populate_existing=True)
        recipient.delivery_id, recipient.by_relay = climb.delivery_id, False
        recipient.guardian_id, recipient.contact_point_id = climb.guardian_id, climb.contact_point_id


def due(now: datetime) -> list[tuple[int, int]]:
    """List (announcement, copy) of what is to be looked at: its time has come, or its message failed."""
    in_time = (
        select(Recipient.announcement_id, Recipient.id)
        .where(Recipient.climb_at <= now)
        .order_by(Recipient.climb_at, Recipient.id)
    )
    # While a person's task is open, the message that failed before it is old news.
    failed = (
        select(Recipient.announcement_id, Recipient.id)
        .join(Delivery, Delivery.id == Recipient.delivery_id)
        .outerjoin(Climb, and_(Climb.recipient_id == Recipient.id, Climb.position == Recipient.rung))
        .where(
            Recipient.climb_at > now,
            Delivery.state.in_([*FAILED, State.NEEDS_HUMAN]),
            or_(Delivery.fault.is_(None), Delivery.fault != Fault.MAY_HAVE_ARRIVED),
            Climb.follow_up_id.is_(None),
        )
        .order_by(Recipient.id)
    )
    found = [tuple(row) for row in db.session.execute(in_time)]
    return list(dict.fromkeys(found + [tuple(row) for row in db.session.execute(failed)]))


def _climb_all(now: datetime, until: float | None) -> tuple[bool, int]:
    """Climb for every announcement; say whether that was all, and how many messages it took."""
    copies: defaultdict[int, list[int]] = defaultdict(list)
    for announcement_id, recipient_id in due(now):
        copies[announcement_id].append(recipient_id)
    db.session.rollback()
    posted = 0
    for announcement_id, all_of_it in copies.items():
        for start in range(0, len(all_of_it), BATCH):
            if until and time.monotonic() > until:
                return False, posted
            try:
                posted += _climb_batch(announcement_id, all_of_it[start : start + BATCH], now)
            except Exception:
                # The families of one announcement must not go without because of another's.
                db.session.rollback()
                log.exception("copies of announcement %d could not climb", announcement_id)
                break
    return True, posted


def _climb_batch(announcement_id: int, recipient_ids: list[int], now: datetime) -> int:
    climber = climb_for(announcement_id, recipient_ids, now)
    if climber is not None:
        families = select(Recipient.family_id).where(Recipient.id.in_(recipient_ids))
        stand_anew(db.session.scalars(families).all(), now)
    db.session.commit()
    return climber.posted if climber else 0


def _write_standings(now: datetime, until: float | None) -> bool:
    while ids := stale(now):
        stand_anew(ids, now)
        db.session.commit()
        if until and time.monotonic() > until:
            return False
    db.session.rollback()
    return True
