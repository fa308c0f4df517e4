"""How the latest try of a family's copy stands, and when the next one is due: pure, time is a parameter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from notifier.message import Fault
from notifier.models import Delivery, State
from webapp.announcements.levels import RECEIPT_EXPECTED_FOR
from webapp.announcements.models import Announcement
from webapp.announcements.own_texts import SHEET

# After so long it is looked again whether a message left.
SOON = timedelta(minutes=1)
# What certainly did not arrive; a message the network lost track of may have, so that it is waited for.
FAILED = (State.FAILED, State.UNDELIVERED, State.SUPPRESSED, State.EXPIRED, State.CANCELLED)
UNDER_WAY = (State.PENDING, State.SENDING, State.UNCERTAIN)
# TV lessons: a text for each phone, and of no use once the first lesson has begun.
LESSONS = frozenset({"digest", "correction"})
CLIMBING = frozenset({"general", "document", SHEET}) | LESSONS


class Stands(Enum):
    UNDER_WAY = 1  # nobody knows yet, and nothing else is tried until somebody does
    GONE = 2  # taken, without a receipt
    FAILED = 3
    IN_DOUBT = 4  # only a person can say
    NOWHERE = 5  # there was no address


@dataclass(frozen=True, slots=True)
class Try:
    """How a try stands, and since when."""

    stands: Stands
    since: datetime


def latest_try(delivery: Delivery | None, now: datetime) -> Try:
    """Say how a message stands that has not reached its family."""
    if delivery is None:
        return Try(Stands.NOWHERE, now)
    if delivery.state in UNDER_WAY:
        return Try(Stands.UNDER_WAY, max(now, delivery.not_before))
    if delivery.state is State.NEEDS_HUMAN:
        return Try(Stands.IN_DOUBT, now)
    if delivery.state in FAILED and delivery.fault is not Fault.MAY_HAVE_ARRIVED:
        return Try(Stands.FAILED, delivery.settled_at or now)
    return Try(Stands.GONE, delivery.accepted_at or delivery.settled_at or delivery.created_at)


def no_longer_expected(tried: Try, now: datetime) -> datetime | None:
    """When to look at a message for the last time; None: it is settled, as far as it ever will be."""
    if tried.stands is Stands.UNDER_WAY:
        return tried.since + SOON
    over = tried.since + RECEIPT_EXPECTED_FOR
    return over if tried.stands is Stands.GONE and over > now else None


def climbs(announcement: Announcement) -> bool:
    """Say whether an announcement is one that goes after families: no reminder, no answer to one family."""
    return announcement.kind in CLIMBING and getattr(announcement, "reminds_of_id", None) is None
