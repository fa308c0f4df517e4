"""Questions about single messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from flask import current_app
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from notifier import at_work
from notifier.database import db
from notifier.models import Attempt, Delivery, ProviderPause, State
from notifier.outbox import being
from webapp.announcements.models import Announcement
from webapp.announcements.progress import seen_copies
from webapp.announcements.recipients import Climb, Recipient
from webapp.families.models import Pupil
from webapp.families.search import matching_families
from webapp.staff.models import WRITERS, AuditEntry, StaffMember


def copies_in(person: StaffMember, delivery_ids: Sequence[int]) -> dict[int, list[Recipient]]:
    """Find for each message the families' copies in it that this person may see.

    A copy that climbed went in several messages.
    """
    wanted = set(delivery_ids)
    climbs = db.session.execute(
        select(Climb.recipient_id, Climb.delivery_id).where(Climb.delivery_id.in_(wanted))
    ).tuples()
    carried: dict[int, set[int]] = {}
    for recipient_id, delivery_id in climbs:
        carried.setdefault(recipient_id, set()).add(delivery_id or 0)
    query = (
        select(Recipient)
        .join(Recipient.announcement)
        .where(
            Announcement.school_id == person.school_id,
            or_(Recipient.delivery_id.in_(wanted), Recipient.id.in_(carried)),
        )
        .options(
            joinedload(Recipient.announcement),
            joinedload(Recipient.guardian),
            selectinload(Recipient.pupils).joinedload(Pupil.school_class),
        )
        .order_by(Recipient.id)
    )
    if (seen := seen_copies(person)) is not None:
        query = query.where(seen)
    found: dict[int, list[Recipient]] = {}
    for copy in db.session.scalars(query):
        for delivery_id in sorted(({copy.delivery_id or 0} | carried.get(copy.id, set())) & wanted):
            found.setdefault(delivery_id, []).append(copy)
    return found


def message_with_ref(person: StaffMember, ref: str) -> tuple[Delivery, list[Recipient]] | None:
    """Find a message by its public name, with the copies this person may see; None without any."""
    delivery = db.session.scalar(select(Delivery).where(Delivery.ref == ref))
    if delivery is None:
        return None
    copies = copies_in(person, [delivery.id]).get(delivery.id)
    return (delivery, copies) if copies else None


def attempts_of(delivery: Delivery, limit: int) -> list[Attempt]:
    """List the latest lines of a message's log, oldest first; at most `limit`."""
    latest = db.session.scalars(
        select(Attempt).where(Attempt.delivery_id == delivery.id).order_by(Attempt.id.desc()).limit(limit)
    ).all()
    return list(reversed(latest))


def deciders_of(delivery: Delivery) -> dict[datetime, str]:
    """Name who decided about a message in doubt, by the moment of each decision."""
    rows = db.session.execute(
        select(AuditEntry.at, StaffMember.name)
        .join(StaffMember, StaffMember.id == AuditEntry.staff_id)
        .where(AuditEntry.action == "message.decided", AuditEntry.subject == f"message {delivery.id}")
    )
    return dict(rows.tuples().all())


def undecided(person: StaffMember, wanted: str = "", decided: str = "") -> Select[tuple[Delivery]]:
    """Select the messages of which only a person can say whether they arrived, oldest first.

    `wanted` narrows them down to those about a child of that name. `decided` is the public name of one that
    was just decided about: it keeps its place.
    """
    # Asked of each of the few messages in doubt: every page counts them, and the copies are hundreds of times
    # as many.
    copies = (
        select(Recipient.id)
        .join(Recipient.announcement)
        .where(Announcement.school_id == person.school_id, Recipient.delivery_id == Delivery.id)
    )
    if (seen := seen_copies(person)) is not None:
        copies = copies.where(seen)
    if wanted:
        copies = copies.where(Recipient.family_id.in_(matching_families(person, wanted)))
    return (
        select(Delivery)
        .where(in_doubt_or(decided), copies.exists())
        .order_by(Delivery.created_at, Delivery.id)
    )


def in_doubt_or(decided: str) -> ColumnElement[bool]:
    """That a Delivery waits for a person, or is the one of this public name that a person decided about."""
    if not decided:
        return being(State.NEEDS_HUMAN)
    by_a_person = exists().where(Attempt.delivery_id == Delivery.id, Attempt.event == "person")
    return or_(being(State.NEEDS_HUMAN), and_(Delivery.ref == decided, by_a_person.correlate(Delivery)))


def decision_about(delivery: Delivery) -> State | None:
    """Find what a person decided last about a message."""
    return db.session.scalar(
        select(Attempt.state)
        .where(Attempt.delivery_id == delivery.id, Attempt.event == "person")
        .order_by(Attempt.id.desc())
        .limit(1)
    )


def how_many_undecided(person: StaffMember) -> int:
    """Count the messages that wait for this person's decision."""
    return db.session.scalar(select(func.count()).select_from(undecided(person).subquery())) or 0


def pauses() -> list[ProviderPause]:
    """List the providers that rest until somebody mends our account with them."""
    return list(db.session.scalars(select(ProviderPause).order_by(ProviderPause.since)))


def nobody_sends(person: StaffMember) -> bool:
    """Tell those who write whether messages wait because the program that sends them does not run."""
    if not person.may(WRITERS):
        return False
    return at_work.nobody_sends(current_app.config["REDIS_URL"], datetime.now(UTC))
