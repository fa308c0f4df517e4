"""Why families were not reached, in few words and numbers: of one announcement, and of a period by class."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from flask_babel import LazyString, lazy_gettext
from sqlalchemy import func, select

from notifier.database import db
from notifier.message import Fault
from notifier.models import Delivery, State
from webapp.announcements.levels import Level, Standing
from webapp.announcements.models import Announcement
from webapp.announcements.progress import copies
from webapp.announcements.reasons import FAULTY, Stopped, why_stopped
from webapp.announcements.recipients import NoAddress, Recipient, RecipientPupil
from webapp.families.models import Pupil
from webapp.reach.furthest import AT_ONCE, Furthest, batched
from webapp.reach.queries import Scope, published
from webapp.reach.tasks.going import NOT_YET
from webapp.staff.models import StaffMember


class Cause(StrEnum):
    """What stands between the school and a family; in the order of what somebody can do about it."""

    PHONE_OFF = "phone_off"
    NO_NUMBER = "no_number"
    WRONG_NUMBER = "wrong_number"
    SILENT = "silent"  # the family asked for no messages
    NETWORK = "network"  # the provider or the network did not bring it
    UNCONFIRMED = "unconfirmed"  # sent, and nobody says whether it arrived
    NEIGHBOUR = "neighbour"
    WAITING = "waiting"
    STOPPED = "stopped"  # not sent: too late, or a person stopped it
    NOT_TOLD = "not_told"


CAUSE_NAMES: dict[Cause, LazyString] = {
    Cause.PHONE_OFF: lazy_gettext("Phone off"),
    Cause.NO_NUMBER: lazy_gettext("No number"),
    Cause.WRONG_NUMBER: lazy_gettext("Wrong number"),
    Cause.SILENT: lazy_gettext("Wants no messages"),
    Cause.NETWORK: lazy_gettext("Network failed"),
    Cause.UNCONFIRMED: lazy_gettext("Sent, not confirmed"),
    Cause.NEIGHBOUR: lazy_gettext("Through a neighbour"),
    Cause.WAITING: lazy_gettext("On its way"),
    Cause.STOPPED: lazy_gettext("Was not sent"),
    Cause.NOT_TOLD: lazy_gettext("Nothing was sent to them"),
}
# The colour and shape of each on a page.
CAUSE_KINDS: dict[Cause, str] = {
    Cause.UNCONFIRMED: "sent",
    Cause.NEIGHBOUR: "relayed",
    Cause.WAITING: "waiting",
    Cause.STOPPED: "none",
    Cause.NOT_TOLD: "none",
}
NO_ADDRESS = {
    NoAddress.NONE: Cause.NO_NUMBER,
    NoAddress.BAD: Cause.WRONG_NUMBER,
    NoAddress.OPTED_OUT: Cause.SILENT,
}
FAULTS = {
    Fault.HANDSET_OFF: Cause.PHONE_OFF,
    Fault.BAD_ADDRESS: Cause.WRONG_NUMBER,
    Fault.OPTED_OUT: Cause.SILENT,
    Fault.MAY_HAVE_ARRIVED: Cause.UNCONFIRMED,
}
STATES = {
    State.PENDING: Cause.WAITING,
    State.SENDING: Cause.WAITING,
    State.UNCERTAIN: Cause.WAITING,
    State.ACCEPTED: Cause.UNCONFIRMED,
    State.DELIVERED: Cause.UNCONFIRMED,  # to a mailbox
    State.SUPPRESSED: Cause.SILENT,
    State.EXPIRED: Cause.STOPPED,
    State.CANCELLED: Cause.STOPPED,
    State.NEEDS_HUMAN: Cause.UNCONFIRMED,
}
STOPPED: dict[str, Cause] = {
    Stopped.LEFT: Cause.UNCONFIRMED,
    Stopped.WRONG_NUMBER: Cause.WRONG_NUMBER,
}


def cause(
    relayed: bool,
    state: State | None,
    fault: Fault | None,
    no_address: str | None,
    stopped: str | None = None,
) -> Cause:
    """Say why a copy that did not come did not; `state` is None when there was no address to try.

    `stopped` is why a message was cancelled, as `why_stopped` says.
    """
    if relayed:
        return Cause.NEIGHBOUR
    if state is None:
        return NO_ADDRESS[NoAddress(no_address or NoAddress.NONE)]
    if fault and state in FAULTY:
        return FAULTS.get(fault, Cause.NETWORK)
    if stopped:
        return STOPPED[stopped]
    return STATES.get(state, Cause.NETWORK)


def in_order(found: Counter[Cause]) -> list[tuple[Cause, int]]:
    """The causes there are, the most frequent first."""
    return sorted(
        ((each, found[each]) for each in Cause if found[each]), key=lambda pair: pair[1], reverse=True
    )


def causes_of(person: StaffMember, announcement: Announcement, now: datetime) -> Counter[Cause]:
    """Count why the families this person sees do not know of an announcement."""
    rows = copies(person, announcement.id, NOT_YET, now).subquery()
    # The copies themselves are what the page below shows; here their causes only, each with its number.
    each = (
        select(
            rows.c.standing,
            Delivery.state,
            Delivery.fault,
            Recipient.no_address,
            why_stopped().label("stopped"),
        )
        .select_from(rows)
        .join(Recipient, Recipient.id == rows.c.id)
        .outerjoin(Delivery, Delivery.id == Recipient.delivery_id)
        .subquery()
    )
    found: Counter[Cause] = Counter()
    for standing, *how, families in db.session.execute(select(*each.c, func.count()).group_by(*each.c)):
        found[cause(standing == Standing.RELAYED, *how)] += families
    return found


def causes_by_class(scope: Scope, furthest: Furthest) -> dict[int | None, Counter[Cause]]:
    """Count by class why families were not reached, by the newest that did not come; None: each family once.

    A family that one class has reached counts with the other class, and not among all; one that none has, by
    the newest of all its classes.
    """
    found: dict[int | None, Counter[Cause]] = defaultdict(Counter)
    once: dict[int, tuple[int, Cause]] = {}
    whole = furthest.whole
    left = {pair: level for pair, level in furthest.levels.items() if level < Level.DELIVERED}
    copies = _newest(scope, sorted({family_id for _, family_id in left}))
    for pair, level in left.items():
        class_id, family_id = pair
        if pair in copies:
            number, state, fault, no_address, stopped = copies[pair]
            why = cause(level == Level.RELAYED, state, fault, no_address, stopped)
        else:
            number = 0
            why = Cause.NOT_TOLD if family_id in furthest.with_address else Cause.NO_NUMBER
        found[class_id][why] += 1
        if whole[family_id] < Level.DELIVERED and (family_id not in once or number > once[family_id][0]):
            once[family_id] = number, why
    found[None].update(why for _, why in once.values())
    return found


def _newest(
    scope: Scope, family_ids: Sequence[int]
) -> dict[tuple[int, int], tuple[int, State | None, Fault | None, str | None, str | None]]:
    """Say by class and family which copy is the newest there, and what became of it."""
    found = {}
    for some in batched(family_ids, AT_ONCE):
        newest = (
            select(Pupil.class_id, Recipient.family_id, func.max(Recipient.id).label("id"))
            .join(Announcement, Announcement.id == Recipient.announcement_id)
            .join(RecipientPupil, RecipientPupil.recipient_id == Recipient.id)
            .join(Pupil, Pupil.id == RecipientPupil.pupil_id)
            .where(
                Recipient.family_id.in_(some),
                Pupil.class_id.in_(scope.class_ids),
                Recipient.taken_back_at.is_(None),
                *published(scope),
            )
            .group_by(Pupil.class_id, Recipient.family_id)
            .subquery("newest")
        )
        rows = db.session.execute(
            select(newest, Delivery.state, Delivery.fault, Recipient.no_address, why_stopped())
            .join(Recipient, Recipient.id == newest.c.id)
            .outerjoin(Delivery, Delivery.id == Recipient.delivery_id)
        )
        for class_id, family_id, *copy in rows:
            found[class_id, family_id] = tuple(copy)
    return found
