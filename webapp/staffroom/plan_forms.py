"""By when each class's plan is told, as the deputy sets it."""

from __future__ import annotations

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, ValidationError

from webapp.clock import BadTime, read_span, written
from webapp.staffroom.models import Before, PlanDeadline
from webapp.times import WEEKDAYS

NEVER = "never"
BEFORE_NAMES = {
    Before.MORNING: lazy_gettext("On the morning of the day"),
    Before.HOURS: lazy_gettext("Three hours before"),
    Before.DAY: lazy_gettext("A day before"),
    Before.NO: lazy_gettext("Not before, only when it is late"),
}


class DeadlineForm(FlaskForm):
    """The day and the hour, and how teachers are reminded."""

    day = SelectField(lazy_gettext("Day"))
    hour = StringField(
        lazy_gettext("Hour"), [DataRequired(lazy_gettext("Write the hour, for example 18:00."))]
    )
    before = RadioField(
        lazy_gettext("Remind the class teacher"),
        choices=[SelectChoice(choice.value, name) for choice, name in BEFORE_NAMES.items()],
        default=Before.MORNING.value,
    )
    by_sms = BooleanField(lazy_gettext("By SMS or e-mail, too"))

    def offer(self) -> None:
        """Offer the days of the week before, and the Monday of the week itself."""
        self.day.choices = [
            SelectChoice(NEVER, lazy_gettext("No day: nobody is reminded")),
            *(
                SelectChoice(str(day), lazy_gettext("%(day)s of the week before", day=WEEKDAYS[day % 7]))
                for day in range(-7, 0)
            ),
            SelectChoice("0", lazy_gettext("%(day)s of the week itself", day=WEEKDAYS[0])),
        ]

    def show(self, deadline: PlanDeadline | None) -> None:
        self.day.data = str(deadline.day) if deadline else "-3"
        self.hour.data = written(deadline.minute if deadline else 18 * 60)
        if deadline:
            self.before.data, self.by_sms.data = deadline.before, deadline.by_sms

    @property
    def is_off(self) -> bool:
        return bool(self.day.data == NEVER)

    def validate_hour(self, field: StringField) -> None:
        try:
            span = read_span(field.data or "")
        except BadTime:
            span = None
        if span is None or span.end is not None or span.start >= 24 * 60:
            raise ValidationError(lazy_gettext("Write one hour, for example 18:00."))
        self.minute = span.start

    def write_into(self, deadline: PlanDeadline) -> None:
        deadline.day, deadline.minute = int(self.day.data), self.minute
        deadline.before, deadline.by_sms = Before(self.before.data), bool(self.by_sms.data)
