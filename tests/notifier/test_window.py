"""How many requests are in flight: one more after a round of successes, fewer after refusals."""

from __future__ import annotations

from notifier.window import AWAY_AFTER, LONGEST_REST, VOLLEY, Window


def refuse(window: Window, times: int, since: float = 100.0) -> None:
    for i in range(times):
        assert window.narrow(since + i * VOLLEY)


def test_it_begins_as_wide_as_the_channel_allows_and_stays_within() -> None:
    window = Window(64)
    for _ in range(200):
        window.widen()
    assert window.width == 64


def test_a_volley_of_refusals_is_one_lesson() -> None:
    window = Window(100)
    assert window.narrow(100.0)
    assert not window.narrow(100.0 + VOLLEY / 2)
    assert window.width == 60
    assert window.narrow(100.0 + VOLLEY)
    assert window.width == 36


def test_it_never_closes() -> None:
    window = Window(8)
    refuse(window, 50)
    assert window.width == 1


def test_a_round_of_successes_widens_it_by_one() -> None:
    window = Window(100)
    refuse(window, 1)
    for _ in range(61):
        window.widen()
    assert window.width == 61


def test_who_refuses_again_and_again_is_let_be_ever_longer_until_it_answers() -> None:
    window = Window(100)
    refuse(window, AWAY_AFTER - 1)
    assert window.rest == 0
    rests = []
    for i in range(8):
        refuse(window, 1, since=200.0 + i)
        rests.append(window.rest)
    assert rests == [1, 2, 4, 8, 16, LONGEST_REST, LONGEST_REST, LONGEST_REST]
    window.widen()
    assert window.rest == 0
