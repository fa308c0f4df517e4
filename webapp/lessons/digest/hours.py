"""When digests leave (pure): in the evening, and what becomes of one that is late."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, tzinfo

from notifier import policy
from webapp.lessons.digest.models import Span

SUNDAY = 6
# A digest held by the night goes when it is over. Where the first lesson is too early for that, it goes an
# hour before it, but nobody's phone rings before seven; what even then would come too late is not sent.
EARLIEST = time(7)
TIME_TO_READ = timedelta(minutes=30)
AHEAD = timedelta(hours=1)


def leaves_at(now: datetime, first_lesson: datetime, quiet: policy.Quiet) -> datetime:
    """Say when a digest that is finished now may ring, so that it is there before its first lesson."""
    morning = policy.not_before(now, False, quiet)
    if morning == now or morning + TIME_TO_READ <= first_lesson:
        return morning
    local = morning.astimezone(quiet.zone)
    seven = datetime.combine(local.date(), EARLIEST, tzinfo=quiet.zone).astimezone(now.tzinfo)
    return max(now, seven, min(morning, first_lesson - AHEAD))


def quiet_hours(
    leaves: datetime, first_lesson: datetime, quiet: policy.Quiet
) -> tuple[datetime, datetime] | None:
    """Say in which hours what has not left by then waits: a night that ends in time for the lesson."""
    if (night := quiet.following(leaves)) is None:
        return None
    begins, _ = night
    return begins, leaves_at(begins, first_lesson, quiet)


def spans_due(now: datetime, minute: int, zone: tzinfo) -> list[tuple[Span, date]]:
    """List what should have been told by now, with its first day; what was told already is among it.

    Every evening at `minute` the next day, on Sundays also the next week; and whatever of today and of this
    week is still to come, in case nobody was there to tell it in time.
    """
    local = now.astimezone(zone)
    today = local.date()
    is_evening = local.hour * 60 + local.minute >= minute
    monday = today - timedelta(days=today.weekday())
    due = [(Span.DAY, today), (Span.WEEK, monday)]
    if is_evening:
        due.append((Span.DAY, today + timedelta(days=1)))
        if today.weekday() == SUNDAY:
            due.append((Span.WEEK, monday + timedelta(days=7)))
    return due


def next_evening(now: datetime, minute: int, zone: tzinfo) -> date:
    """Return the day that the next evening's digest is about."""
    local = now.astimezone(zone)
    passed = local.hour * 60 + local.minute >= minute
    return local.date() + timedelta(days=2 if passed else 1)
