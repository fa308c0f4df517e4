"""The forms of what took place with a family, and of what is to be done."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from webapp.families.models import Family
from webapp.form_token import form_token
from webapp.reach.contacts.note import LONGEST_NOTE
from webapp.reach.models import Means
from webapp.reach.words import MEANS
from webapp.staff.models import StaffMember

# What is told later than this is a slip of the finger.
OLDEST = timedelta(days=366)
FURTHEST = timedelta(days=366)
# A task of a day is due when the school's working day ends.
DUE_HOUR = time(18)
TOO_LONG = Length(max=LONGEST_NOTE, message=lazy_gettext("The note is too long: at most 1000 characters."))
NO_DATE = lazy_gettext("Write the date as day, month and year.")


def new_token() -> str:
    """Make what tells one form from another: the same one sent twice counts once."""
    return secrets.token_urlsafe(12)


class ContactForm(FlaskForm):
    """What came of a call or a visit; the outcome is the button that was pressed."""

    token = HiddenField(validators=[Length(min=8, max=32)])
    seen = HiddenField(validators=[Length(max=500)])
    day = DateField(lazy_gettext("Day of the visit"), [InputRequired(NO_DATE)])
    note = TextAreaField(lazy_gettext("Note"), [TOO_LONG], filters=[lambda text: (text or "").strip()])
    number = RadioField(lazy_gettext("Which number"), coerce=int, validate_choice=False)
    everything = BooleanField(lazy_gettext("All that has not reached them"))

    def __init__(self, today: date, family: Family) -> None:
        super().__init__(day=today, token=new_token(), everything=True)
        self.token.data = form_token(self.token.data)
        self.today = today
        phones = phones_of(family)
        self.number.choices = [SelectChoice(number, address) for number, address in phones]
        if not self.is_submitted() and phones:
            self.number.data = phones[0][0]
        if not phones:
            del self.number

    def validate_number(self, field: RadioField) -> None:
        if field.data is not None and field.data not in {choice.value for choice in field.choices}:
            raise ValidationError(gettext("Choose one of the family's numbers."))

    def validate_day(self, field: DateField) -> None:
        if field.data is None:
            return
        if field.data > self.today:
            raise ValidationError(gettext("This day is still to come. Plan the visit instead."))
        if field.data < self.today - OLDEST:
            raise ValidationError(gettext("This is more than a year ago."))


class TaskForm(FlaskForm):
    """What somebody is to do for a family, by when, and who."""

    token = HiddenField(validators=[Length(min=8, max=32)])
    means = SelectField(
        lazy_gettext("What is to be done"),
        choices=[
            SelectChoice(means.value, MEANS[means]) for means in (Means.CALL, Means.VISIT, Means.LESSON)
        ],
    )
    due = DateField(lazy_gettext("By which day"), [InputRequired(NO_DATE)])
    assignee = SelectField(lazy_gettext("Who does it"), coerce=int, default=0)
    urgent = BooleanField(lazy_gettext("It is urgent"))
    note = TextAreaField(
        lazy_gettext("What it is about"), [TOO_LONG], filters=[lambda text: (text or "").strip()]
    )

    def __init__(self, today: date, people: list[StaffMember], **data: object) -> None:
        super().__init__(token=new_token(), **({"due": today + timedelta(days=1)} | data))
        self.token.data = form_token(self.token.data)
        self.today = today
        self.assignee.choices = [
            SelectChoice(0, gettext("Whoever does this usually")),
            *(SelectChoice(person.id, person.name) for person in people),
        ]

    def validate_due(self, field: DateField) -> None:
        check_due(field.data, self.today)


class ChangeForm(FlaskForm):
    """Who does a task, and by when."""

    due = DateField(lazy_gettext("By which day"), [InputRequired(NO_DATE)])
    assignee = SelectField(lazy_gettext("Who does it"), coerce=int)

    def __init__(self, today: date, people: list[StaffMember], **data: object) -> None:
        super().__init__(**data)
        self.today = today
        self.was: object = data.get("due")
        self.assignee.choices = [
            SelectChoice(0, gettext("Nobody yet")),
            *(SelectChoice(person.id, person.name) for person in people),
        ]

    def validate_due(self, field: DateField) -> None:
        if field.data != self.was:
            check_due(field.data, self.today)


class CancelForm(FlaskForm):
    """Why a task need not be done."""

    reason = TextAreaField(
        lazy_gettext("Why it need not be done"),
        [DataRequired(lazy_gettext("Write in a few words why.")), TOO_LONG],
        filters=[lambda text: (text or "").strip()],
    )


def check_due(day: date | None, today: date) -> None:
    if day is None:
        return
    if day < today:
        raise ValidationError(gettext("This day is over."))
    if day > today + FURTHEST:
        raise ValidationError(gettext("This is more than a year ahead."))


def due_moment(day: date, person: StaffMember) -> datetime:
    return datetime.combine(day, DUE_HOUR, person.school.zone)


def phones_of(family: Family) -> list[tuple[int, str]]:
    """List a family's numbers, (contact point, address), those that work first, each once."""
    points = [
        link.contact_point
        for guardian in family.guardians
        for link in guardian.contacts
        if link.contact_point.channel == "sms"
    ]
    points.sort(key=lambda point: point.status == "bad")
    return list({point.id: point.address for point in points}.items())
