"""The part of the review that says when an announcement goes, if not at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from flask_babel import lazy_gettext, ngettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateInput, TimeInput

from webapp.announcements.models import Announcement
from webapp.staff.models import School

FURTHEST = timedelta(days=366)
# Before the moment an announcement is about.
HOURS_BEFORE = (1, 2, 3, 6, 12, 24, 48, 72)


def _hours(value: object) -> int:
    """Hours that can be chosen; whatever else is sent is none of them."""
    return next((hours for hours in HOURS_BEFORE if str(hours) == str(value)), 0)


class LaterForm(FlaskForm):
    """A day and an hour, and until when it goes again on every school day."""

    day = StringField(lazy_gettext("Day"), widget=DateInput())
    hour = StringField(lazy_gettext("Hour"), widget=TimeInput())
    repeats = BooleanField(lazy_gettext("Again on every school day"))
    until = StringField(lazy_gettext("Until"), widget=DateInput())

    before = SelectField(
        lazy_gettext("Before what it is about"), coerce=_hours, validate_choice=False, default=0
    )

    def offer_before(self, draft: Announcement, now: datetime) -> None:
        """Offer the hours before the moment it is about that are still to come."""
        self.before.choices = [
            SelectChoice(hours, ngettext("%(num)s hour before", "%(num)s hours before", hours))
            for hours in HOURS_BEFORE
            if draft.moment and draft.moment - timedelta(hours=hours) > now
        ]
        if draft.goes_before and not self.is_submitted():
            self.before.data = draft.goes_before

    def recall(self, draft: Announcement, school: School, now: datetime) -> None:
        """Show when a draft goes; for one that does not yet, tomorrow morning."""
        local = draft.goes_at.astimezone(school.zone) if draft.goes_at else None
        if local is None:
            local = (now.astimezone(school.zone) + timedelta(days=1)).replace(hour=9, minute=0)
        self.day.data, self.hour.data = f"{local:%Y-%m-%d}", f"{local:%H:%M}"
        self.repeats.data = draft.repeats_until is not None
        self.until.data = draft.repeats_until.isoformat() if draft.repeats_until else ""

    def goes_at(self, school: School) -> datetime | None:
        try:
            local = datetime.fromisoformat(f"{self.day.data}T{self.hour.data}")
            return local.replace(tzinfo=school.zone).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    @property
    def repeats_until(self) -> date | None:
        try:
            return date.fromisoformat(self.until.data or "") if self.repeats.data else None
        except ValueError:
            return None

    def holds(self, draft: Announcement, school: School, now: datetime) -> bool:
        """Say whether it makes sense; every field that is at fault says why."""
        self.validate()
        moment = self.goes_at(school)
        if moment is None:
            self._blame("hour" if self.day.data else "day", lazy_gettext("Choose the day and the hour."))
        elif moment <= now:
            self._blame("day", lazy_gettext("This hour is over. Choose one that is still to come."))
        elif moment > now + FURTHEST:
            self._blame("day", lazy_gettext("Choose a day within a year."))
        elif draft.answer_by and moment >= draft.answer_by:
            self._blame("day", lazy_gettext("By then the hour to be in touch is over. Choose one before it."))
        elif draft.due_at and moment >= draft.due_at:
            self._blame("day", lazy_gettext("By then what it is about is over. Choose a moment before it."))
        if self.repeats.data and moment:
            last, local = self.repeats_until, moment.astimezone(school.zone)
            if last is None:
                self._blame("until", lazy_gettext("Choose the last day."))
            elif last <= local.date():
                self._blame("until", lazy_gettext("Choose a last day after the first one."))
            elif last > (now + FURTHEST).date():
                self._blame("until", lazy_gettext("Choose a day within a year."))
            elif draft.due_at and datetime.combine(last, local.timetz()) >= draft.due_at:
                self._blame("until", lazy_gettext("On that day what it is about is over. Choose one before."))
        return not self.errors

    def _blame(self, name: str, sentence: object) -> None:
        self[name].errors = [*self[name].errors, sentence]
