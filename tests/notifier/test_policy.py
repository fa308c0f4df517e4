"""When to send, to try again, to ask and to give up."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from notifier import policy

BISHKEK = ZoneInfo("Asia/Bishkek")
NIGHT = policy.Quiet(BISHKEK)


def bishkek(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=BISHKEK).astimezone(UTC)


@pytest.mark.parametrize(
    ("written", "rings"),
    [
        (bishkek(24, 8), bishkek(24, 8)),
        (bishkek(24, 14, 5), bishkek(24, 14, 5)),
        (bishkek(24, 19, 59), bishkek(24, 19, 59)),
        (bishkek(24, 20), bishkek(25, 8)),
        (bishkek(24, 23, 59), bishkek(25, 8)),
        (bishkek(25, 0), bishkek(25, 8)),
        (bishkek(25, 7, 59), bishkek(25, 8)),
    ],
)
def test_a_routine_message_of_the_night_rings_in_the_morning(written: datetime, rings: datetime) -> None:
    assert policy.not_before(written, urgent=False, quiet=NIGHT) == rings
    assert policy.not_before(written, urgent=False, quiet=NIGHT).tzinfo is UTC


@pytest.mark.parametrize("hour", [0, 3, 8, 12, 20, 23])
def test_an_urgent_message_rings_at_any_hour(hour: int) -> None:
    assert policy.not_before(bishkek(24, hour), urgent=True, quiet=NIGHT) == bishkek(24, hour)


@pytest.mark.parametrize(
    ("written", "rings"),
    [
        (bishkek(24, 12, 59), bishkek(24, 12, 59)),
        (bishkek(24, 13), bishkek(24, 15)),
        (bishkek(24, 14, 59), bishkek(24, 15)),
        (bishkek(24, 15), bishkek(24, 15)),
        (bishkek(24, 23), bishkek(24, 23)),
    ],
)
def test_quiet_hours_may_lie_within_a_day(written: datetime, rings: datetime) -> None:
    assert policy.not_before(written, False, policy.Quiet(BISHKEK, time(13), time(15))) == rings


@pytest.mark.parametrize(
    ("moment", "quiet", "begins", "ends"),
    [
        (bishkek(24, 12), NIGHT, bishkek(24, 20), bishkek(25, 8)),
        (bishkek(24, 7), NIGHT, bishkek(24, 20), bishkek(25, 8)),  # a digest that may ring before eight
        (bishkek(24, 20), NIGHT, bishkek(25, 20), bishkek(26, 8)),
        (bishkek(24, 14), policy.Quiet(BISHKEK, time(13), time(15)), bishkek(25, 13), bishkek(25, 15)),
        (bishkek(24, 9), policy.Quiet(BISHKEK, time(0), time(8)), bishkek(25, 0), bishkek(25, 8)),
    ],
)
def test_the_next_quiet_hours_are_those_that_begin_after_a_moment(
    moment: datetime, quiet: policy.Quiet, begins: datetime, ends: datetime
) -> None:
    assert quiet.following(moment) == (begins, ends)


@pytest.mark.parametrize("hour", [0, 8, 13, 20])
def test_a_school_may_have_no_quiet_hours(hour: int) -> None:
    never = policy.Quiet(BISHKEK, time(8), time(8))
    assert policy.not_before(bishkek(24, hour), False, never) == bishkek(24, hour)
    assert never.following(bishkek(24, hour)) is None


def test_each_refusal_waits_longer_than_the_one_before_up_to_half_an_hour() -> None:
    waits = [policy.backoff(n, chance=0.5) for n in range(1, 10)]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=4)
    assert waits[-1] == timedelta(minutes=30)


@pytest.mark.parametrize("attempts", range(9))
def test_chance_spreads_the_crowd_by_a_fifth(attempts: int) -> None:
    middle = policy.backoff(attempts, chance=0.5)
    assert policy.backoff(attempts, chance=0) == middle * 0.8
    assert policy.backoff(attempts, chance=1) == middle * 1.2


def test_a_provider_that_names_a_wait_is_obeyed_within_reason() -> None:
    assert policy.backoff(1, chance=0.5, retry_after=90) == timedelta(seconds=90)
    assert policy.backoff(1, chance=0.5, retry_after=0.1) == timedelta(seconds=4)
    assert policy.backoff(1, chance=0.5, retry_after=-5) == timedelta(seconds=4)
    assert policy.backoff(1, chance=0.5, retry_after=1e9) == timedelta(hours=1)


def test_a_silent_provider_is_asked_three_times(now: datetime) -> None:
    asked = [policy.next_poll(now, n, policy.POLL_LADDER) for n in range(4)]
    assert asked == [
        now + timedelta(minutes=15),
        now + timedelta(hours=2),
        now + timedelta(hours=11),
        None,
    ]


def test_looks_for_an_uncertain_message_come_often_at_first_and_then_when_absence_counts(
    now: datetime,
) -> None:
    looks = []
    absent_for = timedelta(0)
    while not policy.absence_counts(absent_for):
        absent_for += policy.next_look(absent_for)
        looks.append(absent_for.total_seconds())
    assert looks == [3, 6, 12, 24, 48, 96, 192, 384, 601]
    assert policy.next_look(absent_for) > timedelta(seconds=60)
    assert not policy.absence_counts(timedelta(minutes=10))  # its clock is told in whole seconds


def test_a_clock_that_was_set_back_is_no_reason_to_look_all_the_time() -> None:
    assert policy.next_look(timedelta(hours=-3)) == policy.LOOK_AGAIN
