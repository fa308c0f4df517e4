"""What the office types about turns; hours in any way of writing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, StringField, TelField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from webapp.clock import BadTime, read_span, written
from webapp.families.names import clean
from webapp.roster.models import ROSTER_NAMES, DutySwap, DutyTurn, Roster
from webapp.staff.forms import can_be_called
from webapp.staff.models import StaffMember
from webapp.times import WEEKDAYS

_too_long = lazy_gettext("This is too long: at most 120 characters.")


def _phone_field() -> TelField:
    return TelField(
        lazy_gettext("Phone"),
        [Length(max=32, message=lazy_gettext("This is too long: at most 32 characters.")), can_be_called],
        filters=[lambda text: " ".join((text or "").split())],
    )


def _offer_accounts(field: SelectField, people: Sequence[StaffMember]) -> None:
    field.choices = [(0, "—"), *((person.id, person.name) for person in people)]


def _account(field: SelectField) -> int | None:
    """The account that was chosen, if it was offered."""
    known = {choice[0] for choice in field.choices or ()}
    return field.data if field.data and field.data in known else None


class TurnForm(FlaskForm):
    """One turn of the week."""

    roster = RadioField(
        lazy_gettext("Roster"),
        choices=[SelectChoice(roster.value, name) for roster, name in ROSTER_NAMES.items()],
        default=Roster.ADMINISTRATION.value,
    )
    weekday = SelectField(lazy_gettext("Weekday"), coerce=int)
    hours = StringField(
        lazy_gettext("Hours"), [DataRequired(lazy_gettext("Write the hours, for example 8:00–17:00."))]
    )
    name = StringField(
        lazy_gettext("Who"),
        [DataRequired(lazy_gettext("Write who is on duty.")), Length(max=120, message=_too_long)],
        filters=[lambda text: clean(text or "")],
    )
    staff = SelectField(lazy_gettext("Their account"), coerce=int, validate_choice=False)
    phone = _phone_field()

    def offer(self, people: Sequence[StaffMember]) -> None:
        self.weekday.choices = [(number, str(name)) for number, name in enumerate(WEEKDAYS)]
        _offer_accounts(self.staff, people)

    def show(self, turn: DutyTurn) -> None:
        self.roster.data, self.weekday.data = turn.roster, turn.weekday
        self.hours.data = f"{written(turn.starts)}–{written(turn.ends)}"
        self.name.data, self.phone.data, self.staff.data = turn.name, turn.phone, turn.staff_id or 0

    def validate_hours(self, field: StringField) -> None:
        try:
            span = read_span(field.data or "")
        except BadTime:
            span = None
        if span is None or span.end is None or span.start >= span.end:
            raise ValidationError(
                lazy_gettext("Write from when to when, the earlier hour first: 8:00–17:00.")
            )
        self.starts, self.ends = span.start, span.end

    def write_into(self, turn: DutyTurn) -> None:
        turn.roster, turn.weekday = Roster(self.roster.data), self.weekday.data
        turn.starts, turn.ends = self.starts, self.ends
        turn.name, turn.phone = self.name.data or "", self.phone.data or ""
        turn.staff_id = _account(self.staff)


class SwapForm(FlaskForm):
    """Who stands in on one day; an empty name means that nobody does."""

    day = DateField(lazy_gettext("Day"), [DataRequired(lazy_gettext("Choose the day."))])
    name = StringField(
        lazy_gettext("Who stands in"),
        [Length(max=120, message=_too_long)],
        filters=[lambda text: clean(text or "")],
    )
    staff = SelectField(lazy_gettext("Their account"), coerce=int, validate_choice=False)
    phone = _phone_field()

    def offer(self, people: Sequence[StaffMember]) -> None:
        _offer_accounts(self.staff, people)

    def write_into(self, swap: DutySwap) -> None:
        swap.name, swap.phone = self.name.data or "", self.phone.data or ""
        swap.staff_id = _account(self.staff) if swap.name else None

    def holds(self, turn: DutyTurn, today: date) -> bool:
        """Say whether the swap can be kept: the day is to come, and a day of this turn."""
        if not self.validate_on_submit() or self.day.data is None:
            return False
        if self.day.data < today:
            self.day.errors = [lazy_gettext("This day is over.")]
        elif self.day.data.weekday() != turn.weekday:
            self.day.errors = [
                lazy_gettext("This turn is on another weekday: %(day)s.", day=WEEKDAYS[turn.weekday])
            ]
        return not self.errors
