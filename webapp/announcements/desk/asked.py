"""One thing that a kind of announcement asks for, and the field of the form on which it is answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flask_babel import LazyString
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateInput, TimeInput

from notifier.text import tidy

NO_CHOICES: Mapping[str, str | LazyString] = {}


class How(StrEnum):
    """How it is answered."""

    LINE = "line"
    TEXT = "text"
    DAY = "day"
    HOUR = "hour"
    NUMBER = "number"
    LINK = "link"
    PHONE = "phone"
    CHOICE = "choice"
    MANY = "many"
    TICK = "tick"


@dataclass(frozen=True, slots=True)
class Ask:
    """A field; without `needed`, the sentence for whoever left it empty, it may stay empty."""

    name: str
    label: LazyString
    how: How = How.LINE
    needed: LazyString | None = None
    hint: LazyString | None = None
    most: int = 120  # characters
    choices: Mapping[str, str | LazyString] = field(default_factory=lambda: NO_CHOICES)
    chosen: Any = None  # at first
    sometimes: bool = False  # other answers decide whether it is needed
    folded: bool = False  # behind "More", for what is rarely said

    @property
    def width(self) -> str | None:
        return "short" if self.how in {How.DAY, How.HOUR, How.NUMBER} else None


def one_line(text: str | None) -> str:
    """Clean what was typed or pasted into one line."""
    return " ".join(tidy(text or "").split())


def _lines(text: str | None) -> str:
    return tidy(text or "")


def field_of(ask: Ask) -> Any:
    """Make the field of the form; what is wrong with its answer is said by `faults`, in our own sentences."""
    if ask.how is How.TEXT:
        return TextAreaField(ask.label, filters=[_lines])
    if ask.how is How.TICK:
        return BooleanField(ask.label, default=ask.chosen)
    if ask.how in {How.CHOICE, How.MANY}:
        kind = SelectField if ask.how is How.CHOICE else SelectMultipleField
        return kind(
            ask.label,
            coerce=str,
            choices=[SelectChoice(value, name) for value, name in ask.choices.items()],
            default=ask.chosen,
            validate_choice=False,
        )
    widget = {How.DAY: DateInput(), How.HOUR: TimeInput()}.get(ask.how)
    # Days and hours are read by us: the browser's own words for them, or what somebody typed instead.
    return StringField(ask.label, filters=[one_line], widget=widget)
