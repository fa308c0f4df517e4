"""How a digest may be worded, from the fullest way to the shortest, and how it calls children (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import combinations

from webapp.announcements.names import short_names
from webapp.lessons.digest.guide import Airing, Clash, Group, Guide


class Subject(Enum):
    """How much of a subject is said."""

    TOPIC = auto()
    FULL = auto()
    SHORT = auto()
    INITIALS = auto()
    NONE = auto()


class Told(Enum):
    """How much of a clash is said."""

    WHO = auto()  # "Бир убакта Асан, Нурай: 9:00 (Нурай кайра 14:00 ЭЛТР)"
    REPEAT = auto()  # "Бир убакта: 9:00 (Нурай кайра 14:00 ЭЛТР)"
    WHEN = auto()  # "Бир убакта: 9:00"
    NOT = auto()


@dataclass(frozen=True, slots=True)
class Style:
    subject: Subject
    clashes: Told
    classes: bool = False  # beside the children's names


LADDER = (
    Style(Subject.TOPIC, Told.WHO, classes=True),
    Style(Subject.FULL, Told.WHO, classes=True),
    Style(Subject.SHORT, Told.WHO, classes=True),
    Style(Subject.SHORT, Told.WHO),
    Style(Subject.INITIALS, Told.REPEAT),
    Style(Subject.INITIALS, Told.WHEN),
    Style(Subject.NONE, Told.REPEAT),
    Style(Subject.NONE, Told.WHEN),
    Style(Subject.INITIALS, Told.NOT),
    Style(Subject.NONE, Told.NOT),
)
# Where nothing clashes, these say the same as others.
WITHOUT_CLASHES = (*LADDER[:5], LADDER[-1])


@dataclass(frozen=True, slots=True)
class Viewer:
    """A child behind a phone; `household` tells whose television set it is."""

    name: str
    class_name: str
    grade: int
    language: str
    household: int

    @property
    def group(self) -> Group:
        return self.grade, self.language


def together(viewers: Iterable[Viewer]) -> dict[Group, list[Viewer]]:
    """Put the children who watch the same together, in the order of class lists."""
    found: dict[Group, list[Viewer]] = {}
    for viewer in viewers:
        found.setdefault(viewer.group, []).append(viewer)
    return found


def clashes_among(guide: Guide, viewers: Sequence[Viewer]) -> list[tuple[Viewer, Viewer, tuple[Clash, ...]]]:
    """Find the clashes under each roof, once for children who watch the same."""
    found = []
    seen: set[tuple[int, Group, Group]] = set()
    for one, other in combinations(viewers, 2):
        key = (one.household, one.group, other.group)
        if one.household != other.household or one.group == other.group or key in seen:
            continue
        seen.add(key)
        if clashes := guide.clashes(one.group, other.group):
            found.append((one, other, clashes))
    return found


def called(viewers: Sequence[Viewer]) -> list[str]:
    """Call each child by a name that no other child behind the phone has."""
    return short_names([viewer.name for viewer in viewers]) if len(viewers) > 1 else [viewers[0].name]


def name_of(airing: Airing, subject: Subject) -> str:
    """Say the subject of a lesson at some length."""
    if subject is Subject.TOPIC and airing.topic:
        return f"{airing.subject} ({airing.topic})".lstrip()
    if subject in {Subject.TOPIC, Subject.FULL}:
        return airing.subject
    if subject is Subject.SHORT:
        return airing.short
    return initials(airing.subject) if subject is Subject.INITIALS else ""


def initials(subject: str) -> str:
    """Cut a subject to what a child still knows it by: Мат for Математика, КТ for Кыргыз тили."""
    words = subject.split()
    return subject[:3] if len(words) < 2 else "".join(word[0].upper() for word in words[:4])
