"""Who exactly a draft would tell: family by family, some struck out, some added by name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from notifier.database import db
from webapp.announcements.audience.conditions import certainly_not_reached
from webapp.announcements.audience.find import chosen, classes_of, has_usable_address
from webapp.announcements.audience.households import Audience, Child, Household
from webapp.announcements.audience.selection import Selection
from webapp.announcements.models import Announcement
from webapp.announcements.progress import seen_copies
from webapp.announcements.recipients import Recipient
from webapp.families.models import Pupil, SchoolClass
from webapp.families.queries import families_seen_by, visible_classes
from webapp.families.search import matching_families
from webapp.staff.models import School, StaffMember

# Of those found by name and not among the families yet; who looks for more writes more of the name.
MOST_FOUND = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A family on the page."""

    household: Household
    struck: bool
    by_name: bool  # the author added it

    @property
    def first(self) -> Child:
        """The child in whose class the family stands on the list."""
        return self.household.children[0]


def lines_of(person: StaffMember, draft: Announcement, now: datetime) -> list[Line]:
    """List the families of a draft in the order of class lists, with those that are struck out."""
    selection = Selection.of(draft)
    return [
        Line(
            household,
            struck=household.family_id in selection.struck,
            by_name=household.family_id in selection.families,
        )
        for household in _meant(person, selection, now, with_struck=True).households
    ]


def classes_on(lines: Sequence[Line]) -> dict[int, tuple[str, int]]:
    """Name the classes of a list, each with how many of its families stand there."""
    found: dict[int, tuple[str, int]] = {}
    for line in lines:
        name, families = found.get(line.first.class_id, (line.first.class_name, 0))
        found[line.first.class_id] = name, families + 1
    return found


def found_elsewhere(
    person: StaffMember, wanted: str, among: Collection[int], now: datetime
) -> Sequence[Household]:
    """Find families by name that a draft does not mean yet, with the address each would be told at."""
    found = db.session.scalars(
        select(Pupil.family_id)
        .where(Pupil.family_id.in_(matching_families(person, wanted)), Pupil.left_at.is_(None))
        .order_by(Pupil.name, Pupil.id)
    )
    new = [family_id for family_id in dict.fromkeys(found) if family_id not in among][:MOST_FOUND]
    return _meant(person, Selection(families=tuple(new)), now).households if new else ()


def keep(person: StaffMember, draft: Announcement, selection: Selection, now: datetime) -> Audience:
    """Keep a selection with a draft, and the classes of those it would tell now; say whom it would."""
    audience = _meant(person, selection, now)
    draft.audience = selection.written()
    # Where nobody is left to tell, the draft is still called by the classes it was for.
    draft.classes = classes_of(audience) or draft.classes
    return audience


def may_add(person: StaffMember, family_id: int) -> bool:
    """Say whether this person may add the family: one with a child here today whom they see."""
    return bool(
        db.session.scalar(
            select(Pupil.id)
            .where(
                Pupil.family_id == family_id,
                Pupil.left_at.is_(None),
                Pupil.family_id.in_(families_seen_by(person)),
            )
            .limit(1)
        )
    )


def left_out_of(person: StaffMember, announcement: Announcement) -> list[list[Child]]:
    """Name the children of the families its author left out, those this person sees; a list a family."""
    struck = Selection.of(announcement).struck if announcement.audience else ()
    if not struck:
        return []
    found: dict[int, list[Child]] = {}
    for pupil_id, name, family_id, school_class in db.session.execute(
        select(Pupil.id, Pupil.name, Pupil.family_id, SchoolClass)
        .join(Pupil.school_class)
        .where(
            Pupil.school_id == announcement.school_id,
            Pupil.family_id.in_(struck),
            Pupil.class_id.in_([each.id for each in visible_classes(person)]),
            Pupil.left_at.is_(None),
        )
        .order_by(SchoolClass.grade, SchoolClass.letter, Pupil.name, Pupil.id)
    ).tuples():
        found.setdefault(family_id, []).append(Child(pupil_id, name, school_class.id, school_class.name))
    return list(found.values())


def still_to_tell(person: StaffMember, announcement: Announcement, now: datetime) -> int:
    """Count the families this person sees that it did not reach, and that can be written to."""
    query = (
        select(func.count(Recipient.id))
        .outerjoin(Recipient.delivery)
        .where(
            Recipient.announcement_id == announcement.id,
            certainly_not_reached(now),
            has_usable_address(Recipient.family_id),
        )
    )
    if (seen := seen_copies(person)) is not None:
        query = query.where(seen)
    return db.session.scalar(query) or 0


def _meant(
    person: StaffMember, selection: Selection, now: datetime, *, with_struck: bool = False
) -> Audience:
    school = db.session.get_one(School, person.school_id)
    return chosen(school, selection, visible_classes(person), person, now, with_struck=with_struck)
