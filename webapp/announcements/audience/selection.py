"""Whom somebody chose to tell, as `Announcement.audience` keeps it: grades and streams, conditions, names.

Empty text is the plain case: all families of the announcement's classes. Else what is written counts alone:

    {"school": true, "grades": [5], "classes": [3], "languages": ["ru"],
     "conditions": [{"is": "no_smartphone"}, {"is": "not_reached", "announcement": 12}],
     "families": [7], "pupils": [9], "struck": [4]}

Classes, grades and the school are chosen together; languages and conditions narrow them, and by themselves
narrow everything the author sees. Families and pupils are added by name; who is struck out is not told.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from webapp.announcements.models import Announcement
from webapp.families.models import SchoolClass

# Every child of a large school, of whom a correction names each; more would only be hostile.
MOST_NAMES = 10_000
MOST_CONDITIONS = 8
# What every database takes for an id.
LARGEST = 2**31 - 1


class Such(StrEnum):
    """What is true of a family, or what it did not do."""

    NO_SMARTPHONE = "no_smartphone"
    NO_TV = "no_tv"
    NOT_REACHED = "not_reached"  # by an announcement
    DID_NOT_ANSWER = "did_not_answer"  # to an announcement that asked for it
    NOT_HANDED_IN = "not_handed_in"  # the work of an assignment


OF_DEVICES = frozenset({Such.NO_SMARTPHONE, Such.NO_TV})


@dataclass(frozen=True, slots=True)
class Condition:
    such: Such
    announcement: int | None = None  # of those that are about one

    @classmethod
    def read(cls, key: str) -> Condition | None:
        """Read a form's "no_tv" or "not_reached-12"; None for what is no condition."""
        such, _, number = key.partition("-")
        if such not in set(Such):
            return None
        if Such(such) in OF_DEVICES:
            return cls(Such(such)) if not number else None
        found = _number(number) if number.isascii() and number.isdecimal() and len(number) < 11 else None
        return cls(Such(such), found) if found else None

    @property
    def key(self) -> str:
        return self.such.value if self.announcement is None else f"{self.such}-{self.announcement}"


@dataclass(frozen=True, slots=True)
class Selection:
    classes: tuple[int, ...] = ()
    school: bool = False
    grades: tuple[int, ...] = ()
    languages: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    families: tuple[int, ...] = ()
    pupils: tuple[int, ...] = ()
    struck: frozenset[int] = frozenset()

    @classmethod
    def of(cls, announcement: Announcement) -> Selection:
        """What is kept with an announcement."""
        if announcement.audience:
            return cls.read(announcement.audience)
        return cls(classes=tuple(school_class.id for school_class in announcement.classes))

    @classmethod
    def read(cls, text: str) -> Selection:
        """Read what `written` wrote; of anything else, what makes sense of it."""
        try:
            kept = json.loads(text)
        except ValueError:
            return cls()
        return cls.from_dict(kept) if isinstance(kept, dict) else cls()

    @classmethod
    def from_dict(cls, kept: dict[str, Any]) -> Selection:
        return cls(
            classes=_numbers(kept.get("classes")),
            school=kept.get("school") is True,
            grades=_numbers(kept.get("grades")),
            languages=tuple(each for each in _list(kept.get("languages")) if isinstance(each, str)),
            conditions=tuple(_conditions(kept.get("conditions"))),
            families=_numbers(kept.get("families")),
            pupils=_numbers(kept.get("pupils")),
            struck=frozenset(_numbers(kept.get("struck"))),
        )

    def written(self) -> str:
        """Write it so that equal ones are equal texts; "" where an announcement's classes say it all."""
        if self == Selection(classes=self.classes):
            return ""
        said: dict[str, Any] = {
            "classes": sorted(self.classes),
            "school": self.school,
            "grades": sorted(self.grades),
            "languages": sorted(self.languages),
            "conditions": [_condition(each) for each in sorted(self.conditions, key=lambda each: each.key)],
            "families": sorted(self.families),
            "pupils": sorted(self.pupils),
            "struck": sorted(self.struck),
        }
        # The classes stand even when there are none: then nobody's whole class is told.
        return json.dumps({name: value for name, value in said.items() if value or name == "classes"})

    @property
    def narrows(self) -> bool:
        """Whether it is not simply all families of the chosen classes."""
        return bool(self.conditions or self.struck or self.families or self.pupils)

    @property
    def chooses_nothing(self) -> bool:
        return replace(self, struck=frozenset()) == Selection()

    def without(self, family_ids: Iterable[int]) -> Selection:
        """Strike these families out."""
        return replace(self, struck=frozenset([*self.struck, *family_ids][:MOST_NAMES]))

    def with_back(self, family_ids: Iterable[int]) -> Selection:
        """Take these families in again."""
        return replace(self, struck=self.struck - set(family_ids))

    def with_families(self, family_ids: Iterable[int]) -> Selection:
        """Add families by name; one that was struck out is not any more."""
        added = list(dict.fromkeys([*self.families, *family_ids]))[:MOST_NAMES]
        return replace(self, families=tuple(added), struck=self.struck - set(added))

    def classes_among(self, seen: Sequence[SchoolClass]) -> list[SchoolClass]:
        """Choose the classes it means among those the author sees."""
        anywhere = not (self.classes or self.grades) and bool(self.languages or self.conditions)
        return [
            each
            for each in seen
            if (self.school or anywhere or each.id in self.classes or each.grade in self.grades)
            and (not self.languages or each.language in self.languages)
        ]


def only_pupils(pupil_ids: Iterable[int]) -> str:
    """What to keep in `Announcement.audience` for what concerns these children alone."""
    return Selection(pupils=tuple(pupil_ids)).written()


def _list(kept: object) -> list[Any]:
    return kept[:MOST_NAMES] if isinstance(kept, list) else []


def _number(kept: object) -> int | None:
    try:
        found = int(kept) if isinstance(kept, int | str) else 0
    except ValueError:
        return None
    return found if 0 < found <= LARGEST else None


def _numbers(kept: object) -> tuple[int, ...]:
    return tuple(dict.fromkeys(found for each in _list(kept) if (found := _number(each))))


def _condition(condition: Condition) -> dict[str, object]:
    said: dict[str, object] = {"is": condition.such.value}
    return said if condition.announcement is None else said | {"announcement": condition.announcement}


def _conditions(kept: object) -> Iterable[Condition]:
    for each in _list(kept)[:MOST_CONDITIONS]:
        if isinstance(each, dict):
            number = each.get("announcement")
            found = Condition.read(f"{each.get('is')}-{number}" if number else f"{each.get('is')}")
            if found:
                yield found
