"""When the school does not answer by itself: machines, strangers from far away, who asks too often."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from notifier.database import db
from notifier.models import Delivery, Inbound
from notifier.phones import BadPhone, normalise
from webapp.families.models import ContactStatus
from webapp.inbox.answering.asked import Asked

ANSWERS_A_DAY = 5
DAY = timedelta(hours=24)
# Who writes the very same again and again within an hour is a machine, or has got the answer.
SAME_AGAIN, WITHIN = 3, timedelta(hours=1)
# Our own text counts as come back for this long.
ECHO_WITHIN = timedelta(days=7)
# Keys of deliveries that answered by themselves begin so.
KEYS = ("answer:", "repeat:")

_phone = re.compile(r"\+?\d{7,15}").fullmatch
_machine = re.compile(
    r"auto[- ]?(?:reply|response|matic reply)|out of office|away from (?:my )?phone|do not reply|"
    r"авто[- ]?ответ|автоматическ\w+ (?:ответ|сообщение)|не отвечайте на это|абонент\w* (?:вам|сизге) |"
    r"автожооп|вы получили это сообщение|delivery (?:failed|report)|отчет о доставке",
    re.IGNORECASE,
)


def can_be_answered(sender: str) -> bool:
    """Say whether a sender is a phone: short codes (under 7 digits) and names are services."""
    return _phone(sender) is not None


def is_machine(inbound: Inbound) -> bool:
    """Say whether a message was written by a machine: an automatic reply, or our own text come back."""
    if not can_be_answered(inbound.sender) or _machine.search(inbound.body):
        return True
    own = " ".join(inbound.body.split())
    if len(own) < 20:  # our messages are longer
        return False
    sent = db.session.scalars(
        select(Delivery.body).where(
            Delivery.channel == inbound.channel,
            Delivery.address == inbound.sender,
            Delivery.created_at > inbound.received_at - ECHO_WITHIN,
        )
    )
    return any(own == " ".join(body.split()) for body in sent)


def reason_for_silence(asked: Asked, *, though_silent: bool = False) -> str | None:
    """Say in a word why this message gets no answer; None when it may have one."""
    sender = asked.inbound.sender
    if not can_be_answered(sender):
        return "no phone"
    if asked.was_silent and not though_silent:
        return "opted out"
    if asked.point is None and not _is_at_home(sender):
        return "abroad"
    if asked.point is not None and asked.point.status == ContactStatus.BAD:
        return "wrong number"
    if _wrote_the_same(asked.inbound) >= SAME_AGAIN:
        return "the same again"
    if answers_given(asked.inbound.channel, sender, asked.now) >= ANSWERS_A_DAY:
        return "enough for a day"
    return None


def answers_given(channel: str, address: str, now: datetime) -> int:
    """Count the automatic answers of the last 24 hours to an address."""
    return (
        db.session.scalar(
            select(func.count()).where(
                Delivery.channel == channel,
                Delivery.address == address,
                Delivery.created_at > now - DAY,
                or_(*(Delivery.dedupe_key.startswith(key) for key in KEYS)),
            )
        )
        or 0
    )


def _wrote_the_same(inbound: Inbound) -> int:
    """Count the messages of the last hour from this sender that say the very same, this one too."""
    said = " ".join(inbound.body.casefold().split())
    bodies = db.session.scalars(
        select(Inbound.body).where(
            Inbound.sender == inbound.sender,
            Inbound.channel == inbound.channel,
            Inbound.received_at > inbound.received_at - WITHIN,
            Inbound.id <= inbound.id,
        )
    )
    return sum(" ".join(body.casefold().split()) == said for body in bodies)


def _is_at_home(sender: str) -> bool:
    try:
        return normalise(sender) == sender
    except BadPhone:
        return False
