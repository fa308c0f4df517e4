"""Where the bars of a drawing stand: numbers for SVG attributes, so that pages only write them down.

What goes sideways is in percent of the drawing's width, so that letters keep their size on every screen; what
goes up is in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Of a drawing of columns: the words above and below, and the ground between.
HEAD, GROUND, FOOT = 22, 120, 24
# Of a row of a drawing of bars: its words, its bar, and what parts it from the next.
WORDS, BAR, GAP = 22, 16, 14


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `percent` of its ground is filled; None: there was nothing to count."""

    label: str
    percent: int | None
    x: float
    width: float
    middle: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, lying: its words above it, `said` at the end of their line."""

    label: str
    said: str
    percent: int
    words_y: int
    y: int


def percent_of(part: int, whole: int) -> int | None:
    """Say how many percent it is, 100 only if all and 0 only if none; None of nothing."""
    if not whole:
        return None
    rounded = (100 * part + whole // 2) // whole
    if 0 < part < whole:
        return min(max(rounded, 1), 99)
    return rounded


def columns(values: Sequence[tuple[str, int | None]]) -> list[Column]:
    """Set columns side by side, each (its label, its percent)."""
    step = 100 / max(len(values), 1)
    found = []
    for number, (label, percent) in enumerate(values):
        height = GROUND * (percent or 0) / 100
        found.append(
            Column(
                label,
                percent,
                x=round(number * step + step * 0.12, 2),
                width=round(step * 0.76, 2),
                middle=round(number * step + step / 2, 2),
                y=round(HEAD + GROUND - height, 1),
                height=round(height, 1),
            )
        )
    return found


def bars(values: Sequence[tuple[str, str, int]]) -> list[Bar]:
    """Lay bars below each other, each (its label, what is said of it, its percent)."""
    step = WORDS + BAR + GAP
    return [
        Bar(label, said, min(percent, 100), number * step + WORDS - 6, number * step + WORDS)
        for number, (label, said, percent) in enumerate(values)
    ]
