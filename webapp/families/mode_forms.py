"""The form by which classes change to distance learning, or back."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, RadioField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from webapp.families.models import SchoolClass
from webapp.families.modes import MODE_NAMES, Mode, bare_number
from webapp.families.names import clean

WHOLE_SCHOOL = "0"


class ModeForm(FlaskForm):
    """Which classes, how, from when to when, and by which order of the director."""

    classes = SelectMultipleField(lazy_gettext("Classes"), coerce=str, validate_choice=False)
    mode = RadioField(
        lazy_gettext("How they are taught"),
        choices=[SelectChoice(mode.value, name) for mode, name in MODE_NAMES.items()],
        default=Mode.DISTANCE.value,
    )
    starts = DateField(lazy_gettext("First day"), [DataRequired(lazy_gettext("Choose the first day."))])
    ends = DateField(lazy_gettext("Last day"), [DataRequired(lazy_gettext("Choose the last day."))])
    quarantine = BooleanField(lazy_gettext("Because of a quarantine"))
    order_number = StringField(
        lazy_gettext("Number of the order"),
        [Length(max=40, message=lazy_gettext("This is too long: at most 40 characters."))],
        filters=[lambda text: bare_number(clean(text or ""))],
    )
    order_date = DateField(lazy_gettext("Date of the order"), [Optional()])

    def offer(self, classes: Sequence[SchoolClass]) -> None:
        self.offered = {str(each.id): each for each in classes}
        self.classes.choices = [
            (WHOLE_SCHOOL, str(lazy_gettext("The whole school"))),
            *((key, each.name) for key, each in self.offered.items()),
        ]

    @property
    def chosen(self) -> list[int | None]:
        """The ids of the chosen classes; the whole school is one None."""
        chosen = self.classes.data or []
        return [None] if WHOLE_SCHOOL in chosen else [int(key) for key in self.offered if key in chosen]

    def holds(self) -> bool:
        """Say whether this can be kept; every field at fault says why."""
        if not self.validate_on_submit():
            return False
        if not self.chosen:
            self.classes.errors = [lazy_gettext("Choose classes, or the whole school.")]
        if self.starts.data and self.ends.data:
            days = (self.ends.data - self.starts.data).days
            if days < 0:
                self.ends.errors = [lazy_gettext("The last day is before the first one.")]
            elif days > 366:
                self.ends.errors = [lazy_gettext("This is longer than a year. Look at the days again.")]
        return not self.errors


class EndForm(FlaskForm):
    """A later or an earlier last day."""

    ends = DateField(lazy_gettext("Last day"), [DataRequired(lazy_gettext("Choose the last day."))])
