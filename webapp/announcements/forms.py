"""The form on which an announcement is written."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateInput, TimeInput

from notifier.text import tidy
from webapp.announcements.asks import Asks
from webapp.announcements.audience import audience_of
from webapp.announcements.flaws import flaws
from webapp.announcements.models import Announcement, AnswerReminder
from webapp.families.models import SchoolClass
from webapp.staff.models import School

TOKEN_LENGTH = 32
FURTHEST = timedelta(days=366)
ANSWER_REMINDERS = {
    AnswerReminder.NO: lazy_gettext("Do not remind"),
    AnswerReminder.HOURS: lazy_gettext("Two hours before"),
    AnswerReminder.EVENING: lazy_gettext("On the evening before"),
}


def _tidy(text: str | None) -> str:
    return tidy(text or "")


class ComposeForm(FlaskForm):
    """Who is told, what, and how urgently; `token` makes the same form sent twice the same draft."""

    token = HiddenField()
    # The choices are checked below, for a sentence that says what to do.
    classes = SelectMultipleField(lazy_gettext("To the families of"), coerce=str, validate_choice=False)
    text_ky = TextAreaField(lazy_gettext("Text in Kyrgyz"), filters=[_tidy])
    text_ru = TextAreaField(lazy_gettext("Text in Russian"), filters=[_tidy])
    urgent = BooleanField(lazy_gettext("Urgent"))
    asks_acknowledgement = BooleanField(lazy_gettext("Ask families to answer that they know"))
    # Read below: the browser's own words for a day and an hour, or what somebody typed instead.
    answer_day = StringField(lazy_gettext("Day"), widget=DateInput())
    answer_hour = StringField(lazy_gettext("Hour"), widget=TimeInput())
    answer_reminder = RadioField(
        lazy_gettext("Remind those who have not been in touch"),
        choices=[SelectChoice(choice.value, name) for choice, name in ANSWER_REMINDERS.items()],
        default=AnswerReminder.NO.value,
        validate_choice=False,
    )

    def offer(self, classes: Sequence[SchoolClass]) -> None:
        """Offer these classes; the only one is chosen already."""
        self.offered = {str(school_class.id): school_class for school_class in classes}
        self.classes.choices = [(key, school_class.name) for key, school_class in self.offered.items()]
        if not self.is_submitted() and not self.classes.data and len(self.offered) == 1:
            self.classes.data = list(self.offered)
        if not self.token.data or len(self.token.data) > TOKEN_LENGTH:
            self.token.data = secrets.token_urlsafe(16)

    def recall(self, draft: Announcement, school: School) -> None:
        """Show what a draft asks for by day and hour, on the school's clock."""
        if draft.answer_by:
            local = draft.answer_by.astimezone(school.zone)
            self.answer_day.data, self.answer_hour.data = f"{local:%Y-%m-%d}", f"{local:%H:%M}"

    def answer_by(self, school: School) -> datetime | None:
        """The moment by which the child is to get in touch; None while none is named that makes sense."""
        try:
            local = datetime.fromisoformat(f"{self.answer_day.data}T{self.answer_hour.data}")
            return local.replace(tzinfo=school.zone).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    def asks(self, school: School) -> Asks:
        """What is asked beside being read."""
        return Asks(bool(self.asks_acknowledgement.data), self.answer_by(school))

    def write_asks(self, draft: Announcement, school: School) -> None:
        asks = self.asks(school)
        draft.asks_acknowledgement, draft.answer_by = asks.acknowledgement, asks.answer_by
        wished = self.answer_reminder.data if asks.answer_by else None
        known = wished in set(AnswerReminder)
        draft.answer_reminder = wished if known and wished else AnswerReminder.NO.value

    @property
    def chosen(self) -> list[SchoolClass]:
        """The chosen classes, without those that were not offered."""
        return [each for key, each in self.offered.items() if key in (self.classes.data or ())]

    def holds(self, school: School) -> bool:
        """Say whether this can be sent; every field that is at fault says why."""
        if not self.validate_on_submit():
            return False
        chosen = self.classes.data or []
        if not chosen:
            self._blame("classes", lazy_gettext("Choose at least one class."))
        elif not self.offered.keys() >= set(chosen):
            self._blame(
                "classes", lazy_gettext("You can only write to your own classes. Choose among these.")
            )
        audience = audience_of(school, [each.id for each in self.chosen])
        texts = {"ky": self.text_ky.data, "ru": self.text_ru.data}
        self._check_hour(school, datetime.now(UTC))
        for flaw in flaws(school, texts, audience, self.asks(school)):
            # One fault a field: who chose nothing need not hear that nobody is there.
            if not self[flaw.field].errors:
                self._blame(flaw.field, flaw.text)
        return not self.errors

    def _check_hour(self, school: School, now: datetime) -> None:
        if not (self.answer_day.data or self.answer_hour.data):
            return
        moment = self.answer_by(school)
        if moment is None:
            field = "answer_day" if not self.answer_day.data else "answer_hour"
            self._blame(field, lazy_gettext("Choose the day and the hour, or leave both empty."))
        elif moment <= now:
            self._blame("answer_day", lazy_gettext("This hour is over. Choose one that is still to come."))
        elif moment > now + FURTHEST:
            self._blame("answer_day", lazy_gettext("Choose a day within a year."))

    def _blame(self, field: str, sentence: object) -> None:
        self[field].errors = [*self[field].errors, sentence]
