"""Whom each row of a spreadsheet is about, among the children the person sees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from flask_babel import gettext
from sqlalchemy import select

from notifier.database import db
from webapp.families.cells import BadCell, class_name, numbers
from webapp.families.models import ContactPoint, Guardian, GuardianContact, Pupil, SchoolClass
from webapp.families.names import skeleton
from webapp.families.problems import PHONE_SENTENCES, SENTENCES
from webapp.message_templates.sheets.problems import Problem
from webapp.message_templates.sheets.rows import Kept, Line

BAD_CLASS, NOT_A_NUMBER = SENTENCES["bad_class"], "not_a_number"


@dataclass(frozen=True, slots=True)
class Known:
    """A child of today."""

    pupil_id: int
    name: str
    family_id: int
    school_class: str


@dataclass
class Children:
    """The children one person sees, found by name and by their families' phones."""

    by_name: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    by_words: dict[frozenset[str], list[Known]] = field(default_factory=lambda: defaultdict(list))
    by_word: dict[str, list[Known]] = field(default_factory=lambda: defaultdict(list))
    by_family: dict[int, list[Known]] = field(default_factory=lambda: defaultdict(list))
    families: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))  # by a phone

    def add(self, child: Known) -> None:
        words = frozenset(skeleton(child.name).split())
        self.by_name[skeleton(child.name)].append(child)
        self.by_words[words].append(child)
        for word in words:
            self.by_word[word].append(child)
        self.by_family[child.family_id].append(child)

    def called(self, name: str) -> list[Known]:
        """Who is called so: letter by letter, in another order, or without the father's name."""
        key = skeleton(name)
        words = frozenset(key.split())
        if found := self.by_name.get(key) or self.by_words.get(words):
            return found
        if len(words) < 2:
            return []
        near = {child for word in words for child in self.by_word.get(word, ())}
        return [
            child
            for child in near
            if len(own := frozenset(skeleton(child.name).split())) > 1 and (own <= words or words <= own)
        ]


def load_children(class_ids: Collection[int]) -> Children:
    """Load the children of these classes, and the phones of their families, in two queries."""
    found = Children()
    here = [Pupil.class_id.in_(class_ids), Pupil.left_at.is_(None)]
    for pupil_id, name, family_id, school_class in db.session.execute(
        select(Pupil.id, Pupil.name, Pupil.family_id, SchoolClass)
        .join(Pupil.school_class)
        .where(*here)
        .order_by(SchoolClass.grade, SchoolClass.letter, Pupil.name, Pupil.id)
    ):
        found.add(Known(pupil_id, name, family_id, school_class.name))
    for address, family_id in db.session.execute(
        select(ContactPoint.address, Guardian.family_id)
        .join(GuardianContact, GuardianContact.contact_point_id == ContactPoint.id)
        .join(Guardian, Guardian.id == GuardianContact.guardian_id)
        .where(ContactPoint.channel == "sms", Guardian.family_id.in_(select(Pupil.family_id).where(*here)))
    ):
        found.families[address].add(family_id)
    return found


@dataclass
class Matched:
    """The row of each child; what is wrong, and what deserves a look."""

    line_of: dict[int, Line] = field(default_factory=dict)  # by pupil
    problems: list[Problem] = field(default_factory=list)
    looks: list[Problem] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)  # pupils who were meant, and are not here any more


def match(lines: list[Line], kept: Kept, children: Children) -> Matched:
    """Find each row's children; a child that two rows speak of is named."""
    matched = Matched()
    for row in lines:
        for child in _whom(row, kept, children, matched):
            first = matched.line_of.setdefault(child.pupil_id, row)
            if first is not row:
                sentence = gettext(
                    "%(name)s stands in row %(other)s already. Keep one of the two rows.",
                    name=child.name,
                    other=first.number,
                )
                matched.problems.append(Problem(row.number, kept.header_of("pupil", "phone"), sentence))
                break
    return matched


def _whom(row: Line, kept: Kept, children: Children, matched: Matched) -> list[Known]:
    """The children of a row: one by name, all of a family by phone alone; what stands against it is noted."""

    def blame(sentence: str, *finders: str) -> list[Known]:
        matched.problems.append(Problem(row.number, kept.header_of(*finders) or None, sentence))
        return []

    phones, bad_phone = _phones(row)
    families = {family for phone in phones for family in children.families.get(phone, ())}
    if not row.pupil:
        if not row.phone:
            return blame(
                gettext(
                    "The row does not say whom it is about. Write the pupil's name and class, or the phone."
                ),
                "pupil",
                "phone",
            )
        if bad_phone:
            return blame(bad_phone, "phone")
        if not families:
            return blame(
                gettext("No family of your classes has this number. Correct it, or write the name."), "phone"
            )
        if len(families) > 1:
            return blame(
                gettext("Several families have this number. Write the pupil's name and class beside it."),
                "phone",
            )
        return children.by_family[families.pop()]
    wanted = ""
    if row.school_class:
        try:
            wanted = str(class_name(row.school_class))
        except BadCell:
            return blame(gettext(BAD_CLASS, value=row.school_class[:40]), "class")
    called = [child for child in children.called(row.pupil) if not wanted or child.school_class == wanted]
    if len(called) > 1 and families:
        called = [child for child in called if child.family_id in families] or called
    if not called:
        return blame(_not_found(row, wanted), "pupil")
    if len(called) > 1:
        return blame(
            gettext(
                "%(count)s children are called “%(name)s”. Write the class, or the family's phone.",
                count=len(called),
                name=row.pupil[:60],
            ),
            "pupil",
        )
    _look_at_phone(row, kept, called[0], families, bad_phone, matched)
    return called


def _not_found(row: Line, wanted: str) -> str:
    """A child of a class one does not see is not found either: whether it exists is not said."""
    sentence: str
    if wanted:
        sentence = gettext(
            "No “%(name)s” was found in %(class_name)s among the classes you write to. "
            "Correct the name or the class.",
            name=row.pupil[:60],
            class_name=wanted,
        )
    else:
        sentence = gettext(
            "No “%(name)s” was found among the classes you write to. Correct the name.", name=row.pupil[:60]
        )
    return sentence


def _phones(row: Line) -> tuple[list[str], str]:
    """The numbers of a row, and what is wrong with them."""
    try:
        return numbers(row.phone).good, ""
    except BadCell as bad:
        sentence = PHONE_SENTENCES.get(bad.reason) or PHONE_SENTENCES[NOT_A_NUMBER]
        return [], str(gettext(sentence, value=bad.value[:40]))


def _look_at_phone(
    row: Line, kept: Kept, child: Known, families: set[int], bad_phone: str, matched: Matched
) -> None:
    """The name decides; a number that is not the family's may mean that somebody else is meant."""
    if bad_phone:
        matched.looks.append(Problem(row.number, kept.header_of("phone"), bad_phone))
    elif row.phone and child.family_id not in families:
        sentence = gettext(
            "The family of %(name)s has another number here. "
            "The message goes to the number that is kept here.",
            name=child.name,
        )
        matched.looks.append(Problem(row.number, kept.header_of("phone"), sentence))
