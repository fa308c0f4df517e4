"""When to send, when to try again, when to ask and when to give up: pure, time and chance are parameters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

# How long a worker may hold a delivery. A request may leave in the first half of it and lasts 18 s at most
# (3 to connect, 15 to read), so none is under way when the lease lapses.
LEASE = timedelta(seconds=60)
# For a letter with files, from its departure: it too leaves within half a LEASE, and lasts 75 s at most. Less
# than two LEASEs, because a longer one is taken for a clock that jumped.
HEAVY_LEASE = timedelta(seconds=110)
# What nobody gave an end to is news for three days.
SHELF_LIFE = timedelta(days=3)

# Waits after the first, second, … refusal that certainly did not send; the last one repeats until expiry.
LADDER = tuple(timedelta(seconds=s) for s in (4, 15, 60, 180, 600, 1800))
JITTER = 0.2

# After these times without a receipt it is worth asking the provider; after the last one it reads "unknown".
POLL_LADDER = (timedelta(minutes=15), timedelta(hours=2), timedelta(hours=11))

# Looks for an uncertain message in the provider's list. It may lag, so absence counts only late and twice.
FIRST_LOOK = timedelta(seconds=3)
LOOK_AGAIN = timedelta(seconds=61)
# Ten minutes and one second, because providers tell their clock in whole seconds.
ABSENCE_COUNTS_AFTER = timedelta(minutes=10, seconds=1)
ABSENT_LOOKS = 2
# Our clock and the provider's may differ, and ours may have jumped; body and address are compared exactly.
LOOK_BACK = timedelta(hours=4)

# A queue or cap that was full has room again after a while.
CAPACITY_REST = timedelta(minutes=5)

DAY_BEGINS = time(8)
NIGHT_BEGINS = time(20)


@dataclass(frozen=True, slots=True)
class Quiet:
    """The hours in which no phone shall ring, through midnight or within a day; none where they are equal."""

    zone: tzinfo
    begins: time = NIGHT_BEGINS
    ends: time = DAY_BEGINS

    def holds(self, clock: time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends

    def following(self, moment: datetime) -> tuple[datetime, datetime] | None:
        """The next quiet hours after a moment, from when until when; None where there are none."""
        if self.begins == self.ends:
            return None
        local = moment.astimezone(self.zone)
        first = local.date() if local.time() < self.begins else local.date() + timedelta(days=1)
        last = first if self.begins < self.ends else first + timedelta(days=1)
        begins = datetime.combine(first, self.begins, tzinfo=self.zone)
        ends = datetime.combine(last, self.ends, tzinfo=self.zone)
        return begins.astimezone(moment.tzinfo), ends.astimezone(moment.tzinfo)


def not_before(now: datetime, urgent: bool, quiet: Quiet) -> datetime:
    """The earliest moment at which a message may ring: now, or for routine ones when it is not quiet."""
    local = now.astimezone(quiet.zone)
    if urgent or not quiet.holds(local.time()):
        return now
    day = local.date() if local.time() < quiet.ends else local.date() + timedelta(days=1)
    return datetime.combine(day, quiet.ends, tzinfo=quiet.zone).astimezone(now.tzinfo)


def quiet_at(now: datetime, begins: datetime | None, ends: datetime | None) -> datetime | None:
    """Until when a message must not ring, which has these quiet hours every day; None when it may."""
    if begins is None or ends is None or now < begins:
        return None
    ends += (now - begins) // timedelta(days=1) * timedelta(days=1)
    return ends if now < ends else None


def backoff(attempts: int, chance: float, retry_after: float | None = None) -> timedelta:
    """The wait after `attempts` tries that were not processed; `chance` from 0 to 1 spreads the crowd."""
    step = LADDER[min(max(attempts, 1), len(LADDER)) - 1]
    wait = step * (1 + JITTER * (2 * chance - 1))
    # A provider that names a wait is obeyed, but not for days.
    asked = timedelta(seconds=min(max(retry_after or 0.0, 0.0), 3600.0))
    return max(wait, asked)


def next_poll(accepted_at: datetime, checks: int, ladder: Sequence[timedelta]) -> datetime | None:
    """When to ask for the `checks`-th time (from 0) what became of an accepted message; None: no more."""
    return accepted_at + ladder[checks] if checks < len(ladder) else None


def absence_counts(absent_for: timedelta) -> bool:
    """Whether a message would have been on the provider's list, had it come; the time is by its clock."""
    return absent_for >= ABSENCE_COUNTS_AFTER


def next_look(absent_for: timedelta) -> timedelta:
    """How long to wait before the next look for a message that the provider's list has lacked for so long."""
    # Less than nothing: a clock was set back, and there is no hurry.
    if absent_for < timedelta(0) or absence_counts(absent_for):
        return LOOK_AGAIN
    # Each wait as long as everything before it: 3 s, 3 s, 6 s, 12 s, … up to when the absence counts.
    return min(max(absent_for, FIRST_LOOK), ABSENCE_COUNTS_AFTER - absent_for)
