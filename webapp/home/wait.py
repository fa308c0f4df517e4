"""One thing that waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

LONGEST = 90


class Weight(IntEnum):
    """How much a thing presses; what presses most is the one thing to do next."""

    NOW = 0
    TODAY = 1
    SOON = 2
    WHEN_THERE_IS_TIME = 3


@dataclass(frozen=True, slots=True)
class Wait:
    """What waits in a sentence, what one does about it, and where; `more` is a line that says which."""

    sentence: str
    act: str  # what the button says
    url: str
    weight: Weight
    kind: str = "waiting"  # its shape and colour: problem, waiting, none
    more: str = ""


@dataclass(frozen=True, slots=True)
class Ahead:
    """Something that comes by itself, in a sentence, and where one sees it."""

    sentence: str
    url: str
    icon: str


def short(text: str) -> str:
    """As much of a text as the line below a sentence has room for."""
    return text if len(text) <= LONGEST else text[:LONGEST].rstrip() + "…"
