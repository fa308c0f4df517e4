"""A template as a phone will show it, before anybody has filled it in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from webapp.announcements.audience.households import Child
from webapp.announcements.render import sms
from webapp.message_templates.fields import Piece, sample
from webapp.staff.models import School, Script

# The SMS begins with the school and a class; this one stands for all.
EXAMPLE = Child(0, "", 0, "5-А")


@dataclass(frozen=True, slots=True)
class Phone:
    """One language's SMS in the school's letters."""

    language: str
    parts: list[str]
    segments: int


def phones_of(
    school: School, pieces: Mapping[str, Iterable[Piece]], values: Mapping[str, str] | None = None
) -> list[Phone]:
    """Show each language's text: fields without a value by their names, all parts unless a value says no."""
    shown = []
    for language, text in pieces.items():
        if said := sample(text, values):
            message = sms(school, said, [EXAMPLE], language, Script(school.script))
            shown.append(Phone(language, message.parts, message.segments))
    return shown
