"""How an announcement came so far with a family: each level with its time, and what shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload

from notifier.database import db
from notifier.models import Delivery, Inbound, State
from webapp.announcements.levels import Level
from webapp.announcements.recipients import Climb, Recipient
from webapp.reach.models import ContactLog, Means, Outcome
from webapp.reach.words import MEANS
from webapp.staff.models import AuditEntry, StaffMember


@dataclass(frozen=True, slots=True)
class Step:
    """A level, when the family came there, and by what, in words."""

    level: Level
    at: datetime
    by: str


def masked(address: str) -> str:
    """Show so much of a number or address that who knows it knows which one it is."""
    if "@" in address:
        name, _, domain = address.partition("@")
        return f"{name[:1]}…@{domain}"
    return f"{address[:7]}…{address[-2:]}" if len(address) > 9 else "…"


def evidence(recipient: Recipient) -> list[Step]:
    """List what shows how far a family's copy came, from the beginning."""
    found = [*_messages(recipient), *_answer(recipient), *_talks(recipient)]
    return sorted(found, key=lambda step: (step.at, step.level))


def _messages(recipient: Recipient) -> list[Step]:
    climbs = db.session.scalars(
        select(Climb)
        .where(Climb.recipient_id == recipient.id, Climb.delivery_id.is_not(None))
        .options(joinedload(Climb.delivery))
        .order_by(Climb.position)
    ).all()
    tried = [(climb.delivery, climb.by_relay) for climb in climbs if climb.delivery]
    if not tried and recipient.delivery:
        tried = [(recipient.delivery, recipient.by_relay)]
    return [step for delivery, by_relay in tried for step in _message(delivery, by_relay)]


def _message(delivery: Delivery, by_relay: bool) -> list[Step]:
    steps, to = [], masked(delivery.address)
    if delivery.accepted_at:
        kind = (
            gettext("E-mail to %(to)s", to=to)
            if delivery.channel == "email"
            else gettext("SMS to %(to)s", to=to)
        )
        steps.append(Step(Level.SENT, delivery.accepted_at, kind))
    if delivery.state is State.DELIVERED and delivery.channel != "email" and delivery.settled_at:
        if by_relay:
            said = gettext("The neighbour's phone %(to)s confirmed it", to=to)
            steps.append(Step(Level.RELAYED, delivery.settled_at, said))
        else:
            said = gettext("The phone %(to)s confirmed it", to=to)
            steps.append(Step(Level.DELIVERED, delivery.settled_at, said))
    return steps


def _answer(recipient: Recipient) -> list[Step]:
    at = recipient.acknowledged_at
    if at is None:
        return []
    if recipient.acknowledged_inbound_id:
        inbound = db.session.get(Inbound, recipient.acknowledged_inbound_id)
        said = gettext("Their SMS from %(to)s", to=masked(inbound.sender) if inbound else "…")
    else:
        who = db.session.get(StaffMember, recipient.acknowledged_by_id or 0)
        on_paper = recipient.acknowledged_how == "paper"
        said = gettext("A slip of paper") if on_paper else gettext("Told by phone")
        if who:
            said = f"{said}, {who.name}"
    return [Step(Level.ACKNOWLEDGED, at, said)]


def _talks(recipient: Recipient) -> list[Step]:
    levels = {Outcome.SPOKE: Level.SPOKEN_TO, Outcome.RELAYED: Level.RELAYED}
    marked = {Outcome.SPOKE: recipient.spoken_at, Outcome.RELAYED: recipient.relayed_at}
    steps = []
    for outcome, at in marked.items():
        if at is None:
            continue
        log = db.session.scalar(
            select(ContactLog)
            .where(
                ContactLog.family_id == recipient.family_id,
                ContactLog.outcome == outcome,
                ContactLog.at == at,
                or_(
                    ContactLog.announcement_id == recipient.announcement_id,
                    ContactLog.announcement_id.is_(None),
                ),
            )
            .options(joinedload(ContactLog.staff))
            .limit(1)
        )
        means = str(MEANS[Means(log.means)]) if log else gettext("A talk")
        who = log.staff.name if log and log.staff else "" if log else _noted_by(recipient)
        steps.append(Step(levels[outcome], at, ", ".join(filter(None, [means, who]))))
    return steps


def _noted_by(recipient: Recipient) -> str:
    """Who pressed "I spoke to them" on the announcement's own page: the audit knows."""
    subject = f"announcement {recipient.announcement_id}, family {recipient.family_id}"
    name = db.session.scalar(
        select(StaffMember.name)
        .join(AuditEntry, AuditEntry.staff_id == StaffMember.id)
        .where(AuditEntry.action == "announcement.spoken", AuditEntry.subject == subject)
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )
    return name or ""
