"""The part of the form that says who is told: the school, grades, classes, streams, and conditions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, SelectMultipleField

from webapp.announcements.audience.conditions import may_use
from webapp.announcements.audience.find import audience_of, chosen, classes_of
from webapp.announcements.audience.households import Audience
from webapp.announcements.audience.selection import MOST_CONDITIONS, OF_DEVICES, Condition, Selection, Such
from webapp.announcements.models import Announcement
from webapp.families.models import SchoolClass
from webapp.staff.models import School, StaffMember

ABOUT_ONE = [such for such in Such if such not in OF_DEVICES]


class AudiencePart(FlaskForm):
    """Choices are checked below, for a sentence that says what to do."""

    classes = SelectMultipleField(lazy_gettext("To the families of"), coerce=str, validate_choice=False)
    school = BooleanField(lazy_gettext("Whole school"))
    grades = SelectMultipleField(lazy_gettext("Grades"), coerce=str, validate_choice=False)
    streams = SelectMultipleField(lazy_gettext("Language of lessons"), coerce=str, validate_choice=False)
    conditions = SelectMultipleField(lazy_gettext("Only families"), coerce=str, validate_choice=False)

    offered: dict[str, SchoolClass]
    person: StaffMember
    kept = Selection()  # of the draft: names and who is struck out, which are not on this form

    def offer_audience(self, person: StaffMember, classes: Sequence[SchoolClass]) -> None:
        """Offer these classes; the only one is chosen already."""
        self.person = person
        self.offered = {str(school_class.id): school_class for school_class in classes}
        self.classes.choices = [(key, school_class.name) for key, school_class in self.offered.items()]
        if not self.is_submitted() and self.selection.chooses_nothing and len(self.offered) == 1:
            self.classes.data = list(self.offered)

    def begin_audience(self, args: MultiDict[str, str]) -> None:
        """Choose what a link asked for: ?class=3, ?school=1, ?not_reached=12 and other conditions."""
        self.classes.data = args.getlist("class")
        self.school.data = "school" in args
        self.conditions.data = [f"{such}-{args[such]}" for such in ABOUT_ONE if such in args]

    def recall_audience(self, draft: Announcement) -> None:
        """Show whom a draft is for."""
        self.kept = Selection.of(draft)
        if self.is_submitted():
            return
        self.school.data = self.kept.school
        self.classes.data = [str(each) for each in self.kept.classes]
        self.grades.data = [str(each) for each in self.kept.grades]
        self.streams.data = list(self.kept.languages)
        self.conditions.data = [each.key for each in self.kept.conditions]

    @property
    def chosen_conditions(self) -> list[Condition]:
        """The chosen conditions, without those this person may not choose by."""
        read = [Condition.read(key) for key in dict.fromkeys(self.conditions.data or [])]
        return [each for each in read[:MOST_CONDITIONS] if each and may_use(self.person, each)]

    @property
    def about(self) -> str:
        """What a new text is about, so that a browser does not mix it with another it keeps."""
        return "".join(f"-{each.key}" for each in self.chosen_conditions if each.announcement)

    @property
    def selection(self) -> Selection:
        """What is chosen, without what was not offered; names and who is struck out stay as they were."""
        grades = {str(each.grade): each.grade for each in self.offered.values()}
        streams = {each.language for each in self.offered.values()}
        return replace(
            self.kept,
            school=bool(self.school.data),
            classes=tuple(each.id for key, each in self.offered.items() if key in (self.classes.data or ())),
            grades=tuple(grade for key, grade in grades.items() if key in (self.grades.data or ())),
            languages=tuple(sorted(streams & set(self.streams.data or ()))),
            conditions=tuple(self.chosen_conditions),
        )

    @property
    def chosen(self) -> list[SchoolClass]:
        """The classes that are meant."""
        return self.selection.classes_among(list(self.offered.values()))

    def audience(self, school: School, now: datetime) -> Audience:
        """Find whom the form means, as things stand now."""
        selection = self.selection
        if not selection.written():
            return audience_of(school, selection.classes)
        return chosen(school, selection, list(self.offered.values()), self.person, now)

    def check_audience(self, school: School, now: datetime) -> None:
        """Blame what was not offered, and that nothing was chosen."""
        if self.names_strangers:
            self.blame("classes", gettext("You can only write to your own classes. Choose among these."))
        elif len(self.chosen_conditions) < len(set(self.conditions.data or ())):
            self.blame("conditions", gettext("You cannot choose families by this. Choose among these."))
        elif self.selection.chooses_nothing:
            self.blame("classes", gettext("Choose at least one class."))
        elif self.selection.languages and not self.chosen and not self.selection.families:
            self.blame("classes", gettext("None of the chosen classes has its lessons in this language."))

    @property
    def names_strangers(self) -> bool:
        """Whether it names classes, grades or streams that were not offered."""
        classes = self.offered.values()
        return not (
            self.offered.keys() >= set(self.classes.data or ())
            and {str(each.grade) for each in classes} >= set(self.grades.data or ())
            and {each.language for each in classes} >= set(self.streams.data or ())
        )

    def write_audience(self, draft: Announcement, school: School, now: datetime) -> None:
        """Keep with a draft whom it is for, and the classes of those it would tell now."""
        # A form that came twice knows nothing of the names that were chosen in between.
        self.kept = Selection.of(draft) if draft.audience else self.kept
        draft.audience = self.selection.written()
        told = classes_of(self.audience(school, now)) if self.selection.narrows else []
        draft.classes = told or self.chosen

    def blame(self, name: str, sentence: object) -> None:
        self[name].errors = [*self[name].errors, sentence]
