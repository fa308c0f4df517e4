"""A card of the board: one family, how long nobody reached it, why, and what is to be done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import LazyString
from flask_login import current_user

from webapp.announcements.reasons import NO_ADDRESS, reason
from webapp.announcements.recipients import NoAddress
from webapp.families.device_queries import device_classes
from webapp.families.devices import HAVINGS, SEES_DEVICES, Devices, Fact, facts_of
from webapp.families.models import Family, Pupil
from webapp.reach.contacts.forms import phones_of
from webapp.reach.models import FamilyStanding, FollowUp


@dataclass(frozen=True, slots=True)
class ToDo:
    """Tasks of one kind, which a card says in one line; `due_at` is when the first is due."""

    means: str
    late: bool
    due_at: datetime
    tasks: int


@dataclass(frozen=True, slots=True)
class Card:
    """What a card shows; `days` since nobody reached the family, None when it is reached."""

    family: Family
    children: list[Pupil]
    days: int | None
    standing: FamilyStanding | None
    why: LazyString | None
    to_do: Sequence[ToDo]
    phone: str | None
    has: list[Fact]  # what is known to be at home …
    lacks: list[Fact]  # … and what is known not to be


def children_of(family: Family) -> list[Pupil]:
    """Return the children at school; of a family without any, those who left."""
    return [pupil for pupil in family.pupils if pupil.left_at is None] or list(family.pupils)


def card_of(
    family: Family, standing: FamilyStanding | None, tasks: Sequence[FollowUp], now: datetime
) -> Card:
    """Make the card of one family."""
    return _card(family, standing, tasks, _devices([family]).get(family.id, Devices()), now)


def cards_of(
    rows: Iterable[tuple[Family, FamilyStanding | None]], tasks: dict[int, list[FollowUp]], now: datetime
) -> list[Card]:
    """Make the cards of a page, in its order."""
    rows = list(rows)
    devices = _devices([family for family, _ in rows])
    return [
        _card(family, standing, tasks.get(family.id, []), devices.get(family.id, Devices()), now)
        for family, standing in rows
    ]


def _card(
    family: Family,
    standing: FamilyStanding | None,
    tasks: Sequence[FollowUp],
    devices: Devices,
    now: datetime,
) -> Card:
    since = standing.unreached_since if standing else None
    zone = current_user.school.zone
    phones = phones_of(family)
    return Card(
        family,
        children_of(family),
        (now.astimezone(zone).date() - since.astimezone(zone).date()).days if since else None,
        standing,
        _why(standing) if since else None,
        _to_do(tasks, now),
        phones[0][1] if phones else None,
        [fact for fact in HAVINGS if devices.has(fact)],
        [fact for fact in HAVINGS if devices.has(fact) is False],
    )


def _to_do(tasks: Sequence[FollowUp], now: datetime) -> list[ToDo]:
    """Put tasks of one kind together, the most pressing kind first: those that are late, and the others."""
    kinds: dict[tuple[str, bool], list[datetime]] = {}
    for task in tasks:
        kinds.setdefault((task.means, task.due_at < now), []).append(task.due_at)
    return [ToDo(means, late, min(due), len(due)) for (means, late), due in kinds.items()]


def _devices(families: Sequence[Family]) -> dict[int, Devices]:
    """Say what these families have at home, as far as this person may know (clause 1.5)."""
    if not current_user.may(SEES_DEVICES):
        return {}
    own = {each.id for each in device_classes(current_user)}
    return facts_of(
        family.id
        for family in families
        if any(pupil.class_id in own for pupil in family.pupils if pupil.left_at is None)
    )


def _why(standing: FamilyStanding | None) -> LazyString | None:
    """Say in words why the newest message did not come."""
    copy = standing.missed_copy if standing else None
    if copy is None:
        return None
    if copy.delivery is None:
        return NO_ADDRESS[NoAddress(copy.no_address or NoAddress.NONE)].what
    return reason(copy.delivery)
