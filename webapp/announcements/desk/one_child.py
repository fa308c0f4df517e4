"""Announcements about one child: who it is, and that its family alone is told."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import contains_eager
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField

from notifier.database import db
from webapp.announcements.audience.form import AudiencePart
from webapp.announcements.audience.selection import LARGEST, Selection
from webapp.announcements.desk.part import KindPart
from webapp.announcements.desk.said import About, Said
from webapp.announcements.models import Announcement
from webapp.announcements.names import given_name
from webapp.families.models import Pupil, SchoolClass
from webapp.families.modes import mode_of
from webapp.families.queries import seen_by
from webapp.settings import current_settings
from webapp.staff.models import School, StaffMember


def children_seen_by(person: StaffMember) -> Select[tuple[Pupil]]:
    """Select today's pupils of the classes this person sees, each with its class."""
    return (
        select(Pupil)
        .join(Pupil.school_class)
        .where(seen_by(person), Pupil.left_at.is_(None))
        .options(contains_eager(Pupil.school_class))
        .order_by(SchoolClass.grade, SchoolClass.letter, Pupil.name, Pupil.id)
    )


def child_of(person: StaffMember, number: str | None) -> Pupil | None:
    """Find a child by what an address or a form says, if this person sees its class."""
    if not number or not number.isascii() or not number.isdecimal() or int(number[:20]) > LARGEST:
        return None
    return db.session.scalar(children_seen_by(person).where(Pupil.id == int(number[:20])))


class OneChild(AudiencePart, KindPart):
    """Instead of classes, one child."""

    pupil = HiddenField()

    def begin_audience(self, args: MultiDict[str, str]) -> None:
        self.pupil.data = args.get("pupil", "")

    def recall_audience(self, draft: Announcement) -> None:
        super().recall_audience(draft)
        if not self.is_submitted():
            self.pupil.data = str(next(iter(self.kept.pupils), ""))

    @property
    def child(self) -> Pupil | None:
        return child_of(self.person, self.pupil.data)

    @property
    def apart(self) -> str:
        return f"-{self.kind.code}-{self.pupil.data}"

    @property
    def selection(self) -> Selection:
        child = self.child
        return Selection(pupils=(child.id,)) if child else Selection()

    @property
    def chosen(self) -> list[SchoolClass]:
        child = self.child
        return [child.school_class] if child else []

    def check_audience(self, school: School, now: datetime) -> None:
        if self.child is None:
            self.blame("classes", gettext("Choose the child again: it is not in one of your classes."))

    def about_it(self, school: School, now: datetime) -> About:
        child = self.child
        if child is None:
            return About(school.phone, current_settings().answers_come)
        today = now.astimezone(school.zone).date()
        return About(
            school.phone,
            current_settings().answers_come,
            given_name(child.name),
            child.school_class.name,
            mode_of(child.school_class, today),
        )

    def write_kind(self, draft: Announcement, school: School) -> None:
        super().write_kind(draft, school)
        if child := self.child:
            # Lists say whom it is about, and nothing more.
            draft.fields = Said({**self.said.answers, "child": given_name(child.name)}).written()
