"""What is ticked about households becomes facts; what nobody touched stays as it was learned."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from werkzeug.datastructures import MultiDict

from webapp.families.devices import (
    CHOICES,
    HAVINGS,
    NO,
    UNKNOWN,
    YES,
    Devices,
    Fact,
    as_channels,
    note_device,
)
from webapp.families.models import Family
from webapp.staff.models import StaffMember

# What a form says for "nobody knows any more": an empty choice is one that was not made.
FORGET = "unknown"
# Ticked, it says that the household has none of what is not ticked.
REST = "rest"
MOST_CHANNELS = 20
# Never more than this of a channel's name.
LONGEST_CHANNEL = 60


def fresh(devices: Devices, now: datetime) -> dict[Fact, str]:
    """The values a form shows as chosen: what is stale is asked again."""
    return {fact: known.value for fact, known in devices.known.items() if not known.is_stale(now)}


def note_answers(
    family: Family, devices: Devices, form: MultiDict[str, str], by: StaffMember, now: datetime
) -> int:
    """Write down what the form of one household says; return how many facts are new, or known anew."""
    shown, noted = fresh(devices, now), 0
    for fact in CHOICES:
        said = form.get(fact, "")
        value = said if said in CHOICES[fact] else UNKNOWN if said == FORGET and devices[fact] else None
        if value is not None and shown.get(fact) != value:
            note_device(family, fact, value, now, by)
            noted += 1
    if "channels_asked" in form:
        named = [*form.getlist("channels"), *form.get("other_channels", "").split(",")]
        value = as_channels([name[:LONGEST_CHANNEL] for name in named[:MOST_CHANNELS]])
        if value != shown.get(Fact.CHANNELS, UNKNOWN):
            note_device(family, Fact.CHANNELS, value, now, by)
            noted += 1
    return noted


def ticked(devices: Devices, now: datetime) -> set[str]:
    """The ticks of a household's line in the grid of its class."""
    shown = fresh(devices, now)
    ticks = {having.value for having in HAVINGS if shown.get(having) == YES}
    others = [having for having in HAVINGS if having.value not in ticks]
    if others and all(shown.get(having) == NO for having in others):
        ticks.add(REST)
    return ticks


def note_line(
    family: Family,
    devices: Devices,
    was: Iterable[str],
    now_ticked: Iterable[str],
    by: StaffMember,
    now: datetime,
) -> int:
    """Write down how a household's line was changed; return how many facts are new.

    `was` are the ticks the page showed, so that a line nobody touched overwrites nothing that was learned
    meanwhile.
    """
    before, after = set(was), set(now_ticked)
    if before == after:
        return 0
    shown, noted = fresh(devices, now), 0
    for having in HAVINGS:
        value = None
        if having in after:
            value = YES
        elif REST in after or having in before:
            value = NO
        elif REST in before and shown.get(having) == NO:
            value = UNKNOWN
        if value is not None and shown.get(having) != value:
            note_device(family, having, value, now, by)
            noted += 1
    return noted
