"""What there is to choose on the form of an announcement, as chips, each with its families of today."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext
from sqlalchemy import func, select

from notifier.database import db
from webapp.announcements.audience.conditions import name_of, offered_to, pupils_such
from webapp.announcements.audience.selection import Condition, Selection
from webapp.families.models import Pupil, SchoolClass
from webapp.languages import LANGUAGES
from webapp.staff.models import StaffMember

# Of more classes the single ones are folded away.
FEW_CLASSES = 8


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing to choose, and how many families it means by itself."""

    name: str
    value: str
    label: str
    families: int | None
    on: bool


@dataclass(frozen=True, slots=True)
class Chips:
    wide: list[Chip]  # the school; grades, where there are many classes
    classes: list[list[Chip]]  # a row for each grade, which begins with all of it where they are few
    streams: list[Chip]
    conditions: list[Chip]
    are_few: bool  # so that the single classes need not be folded away

    @property
    def first(self) -> Chip | None:
        """The one a fault's link leads to."""
        return next((chip for row in (self.wide, *self.classes) for chip in row), None)

    @property
    def single_on(self) -> bool:
        """Whether a single class is chosen."""
        return any(chip.on for row in self.classes for chip in row)


def chips_for(
    person: StaffMember, classes: Sequence[SchoolClass], selection: Selection, now: datetime
) -> Chips:
    """Lay out these classes and what may narrow them; what a selection has is on."""
    families = _families(classes)

    def count(some: Sequence[SchoolClass]) -> int:
        return len(set[int]().union(*(families[each.id] for each in some)))

    grades: dict[int, list[SchoolClass]] = defaultdict(list)
    for each in classes:
        grades[each.grade].append(each)
    streams = sorted({each.language for each in classes})
    conditions = dict.fromkeys([*offered_to(person), *selection.conditions])
    whole = gettext("Whole school") if person.sees_whole_school else gettext("All my classes")
    school = [Chip("school", "y", whole, count(classes), selection.school)] if len(classes) > 1 else []
    whole_grades = {
        g: [Chip("grades", str(g), gettext("Grade %(grade)s", grade=g), count(some), g in selection.grades)]
        for g, some in grades.items()
        if 1 < len(some) < len(classes)
    }
    single = {
        g: [
            Chip("classes", str(each.id), each.name, count([each]), each.id in selection.classes)
            for each in some
        ]
        for g, some in grades.items()
    }
    are_few = len(classes) <= FEW_CLASSES
    return Chips(
        wide=school if are_few else sum(whole_grades.values(), school),
        classes=[(whole_grades.get(g, []) if are_few else []) + some for g, some in single.items()],
        are_few=are_few,
        streams=[
            Chip("streams", each, _taught_in(each), None, each in selection.languages)
            for each in streams
            if len(streams) > 1
        ],
        conditions=[
            Chip(
                "conditions",
                each.key,
                name_of(person, each),
                _families_such(each, person, families, now),
                each in selection.conditions,
            )
            for each in conditions
        ],
    )


def _families(classes: Sequence[SchoolClass]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {each.id: set() for each in classes}
    for class_id, family_id in db.session.execute(
        select(Pupil.class_id, Pupil.family_id).where(Pupil.class_id.in_(found), Pupil.left_at.is_(None))
    ):
        found[class_id].add(family_id)
    return found


def _families_such(
    condition: Condition, person: StaffMember, class_ids: Collection[int], now: datetime
) -> int:
    query = select(func.count(Pupil.family_id.distinct())).where(
        Pupil.class_id.in_(class_ids),
        Pupil.left_at.is_(None),
        pupils_such(condition, person.school_id, person, now),
    )
    return db.session.scalar(query) or 0


def _taught_in(language: str) -> str:
    """Call a stream; one sentence each, because languages are inflected."""
    called: str
    if language == "ky":
        called = gettext("Only classes taught in Kyrgyz")
    elif language == "ru":
        called = gettext("Only classes taught in Russian")
    else:
        called = LANGUAGES.get(language, language)
    return called
