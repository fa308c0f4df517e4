"""Short codes that a finger may slip on: three digits and one that checks them (pure).

Digits, because they are the same on a Kyrgyz, a Russian and a Latin keyboard.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

LENGTH = 4
# Damm's table: one wrong digit, or two neighbours that changed places, never end in 0.
_TABLE = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)


def _check(digits: str) -> int:
    state = 0
    for digit in digits:
        state = _TABLE[state][int(digit)]
    return state


def code_of(number: int) -> str:
    """Return the code of a number below 1000."""
    digits = f"{number:03}"
    return f"{digits}{_check(digits)}"


def is_code(text: str) -> bool:
    """Say whether this can be a code: a slip of the finger makes none."""
    return len(text) == LENGTH and text.isascii() and text.isdigit() and _check(text) == 0


def codes(amount: int, seed: str) -> Iterator[str]:
    """Give `amount` codes, all different; drawn by the seed, so that another list's rarely occur in this one.

    Raises ValueError for more than there are.
    """
    numbers = random.Random(seed).sample(range(1000), amount)  # noqa: S311 (no secret: it stands on paper)
    return (code_of(number) for number in numbers)
