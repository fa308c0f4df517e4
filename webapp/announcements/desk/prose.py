"""Putting sentences together, whatever their language."""

from __future__ import annotations

from datetime import date

_ENDS = (".", "!", "?", "…", ":")


def sentences(*parts: str) -> str:
    """Join what is there, each part a sentence of its own; a link keeps its end free of a full stop."""
    said = [part.strip() for part in parts if part.strip()]
    return " ".join(part if part.endswith(_ENDS) or _ends_in_a_link(part) else f"{part}." for part in said)


def _ends_in_a_link(part: str) -> bool:
    return "://" in part.rsplit(maxsplit=1)[-1]


def after(head: str, tail: str, mark: str = ": ") -> str:
    """Put a tail behind a head; either alone where the other is missing."""
    return f"{head}{mark}{tail}" if head and tail else head or tail


def upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """Begin in lower case inside a sentence; ЖРТ and IT stay as they are."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def number_of(order: str) -> str:
    """The number of an order without the sign that somebody typed before it."""
    return order.lstrip("№#N ").strip() or order


def spoken_day(day: date | None, pattern: str, months: tuple[str, ...]) -> str:
    """Name a day by a pattern with {day} and {month}; "" for none."""
    return pattern.format(day=day.day, month=months[day.month - 1]) if day else ""
