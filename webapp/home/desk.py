"""What every question about a person's day begins with, asked once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, true
from sqlalchemy.orm import InstrumentedAttribute

from webapp.announcements.models import Announcement
from webapp.announcements.queries import drafts_of
from webapp.families.models import SchoolClass
from webapp.families.queries import families_seen_by, visible_classes
from webapp.roster.queries import Watch, on_duty
from webapp.staff.models import BROADCASTERS, Role, StaffMember
from webapp.times import monday_of

TEACHERS = frozenset({Role.CLASS_TEACHER})
# Whose task it is that the school as a whole is told.
LEADERS = frozenset({Role.DIRECTOR, Role.DEPUTY_DIRECTOR})
# Who goes after families that nobody reached.
PEDAGOGUES = frozenset({Role.SOCIAL_PEDAGOGUE, Role.PSYCHOLOGIST})
OFFICE = frozenset({Role.OFFICE})
EVERYBODY = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Desk:
    """A person, the moment, and the classes they see: all of the school's, or those they lead."""

    person: StaffMember
    now: datetime
    classes: Sequence[SchoolClass]
    present: Sequence[Watch] = ()  # who is on duty
    drafts: Sequence[Announcement] = ()  # of theirs, what goes by itself first

    @classmethod
    def of(cls, person: StaffMember, now: datetime) -> Desk:
        drafts = drafts_of(person) if person.may(BROADCASTERS) else ()
        return cls(person, now, visible_classes(person), on_duty(person.school, now), drafts)

    @property
    def answers_parents(self) -> bool:
        """Whether it is this person's turn to read what parents of the whole school write."""
        return self.person.sees_whole_school and any(
            watch.staff_id == self.person.id for watch in self.present
        )

    @property
    def today(self) -> date:
        return self.now.astimezone(self.person.school.zone).date()

    @property
    def monday(self) -> date:
        return monday_of(self.today)

    @property
    def tomorrow(self) -> date:
        return self.today + timedelta(days=1)

    @property
    def only_class(self) -> SchoolClass | None:
        """The class of who sees one alone; sentences then name it."""
        return self.classes[0] if len(self.classes) == 1 else None

    def sees(self, family_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        """That a family is one this person sees."""
        if self.person.sees_whole_school:
            return true()
        return family_id.in_(families_seen_by(self.person))
