"""The form on which an announcement is written."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache

from flask_babel import lazy_gettext
from wtforms import BooleanField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateInput, TimeInput

from notifier.text import tidy
from webapp.announcements.asks import Asks
from webapp.announcements.audience.form import AudiencePart
from webapp.announcements.desk.asked import field_of
from webapp.announcements.desk.one_child import OneChild
from webapp.announcements.desk.part import KindPart
from webapp.announcements.desk.table import KINDS
from webapp.announcements.flaws import flaws
from webapp.announcements.kinds import GENERAL
from webapp.announcements.models import Announcement, AnswerReminder
from webapp.families.models import SchoolClass
from webapp.form_token import form_token
from webapp.staff.models import School, StaffMember

TOKEN_LENGTH = 32
# What is longer is no announcement.
LONGEST_DRAFT = 5000
FURTHEST = timedelta(days=366)
ANSWER_REMINDERS = {
    AnswerReminder.NO: lazy_gettext("Do not remind"),
    AnswerReminder.HOURS: lazy_gettext("Two hours before"),
    AnswerReminder.EVENING: lazy_gettext("On the evening before"),
}


def _tidy(text: str | None) -> str:
    return tidy(text or "")


class ComposeForm(AudiencePart, KindPart):
    """Who is told, what, and how urgently; `token` makes the same form sent twice the same draft.

    `form_for` makes the form of a kind, with the fields that kind asks for.
    """

    token = HiddenField()
    # Which window this is, and which one had saved the draft when it was opened.
    window, saw = HiddenField(), HiddenField()
    text_ky = TextAreaField(lazy_gettext("Text in Kyrgyz"), filters=[_tidy])
    text_ru = TextAreaField(lazy_gettext("Text in Russian"), filters=[_tidy])
    urgent = BooleanField(lazy_gettext("Urgent"))
    without_duty = BooleanField(lazy_gettext("Without the phone of who is on duty"))
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

    def offer(self, person: StaffMember, classes: Sequence[SchoolClass]) -> None:
        """Offer this person their classes, and make the form's token."""
        self.offer_audience(person, classes)
        self.offer_kind(person.school)
        self.token.data = form_token(self.token.data)
        if not self.window.data or len(self.window.data) > TOKEN_LENGTH:
            self.window.data = secrets.token_urlsafe(16)

    def recall(self, draft: Announcement, school: School) -> None:
        """Show what a draft answers, and what it asks for by day and hour, on the school's clock."""
        self.recall_kind(draft)
        self.saw.data = draft.saved_by
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

    def holds(self, school: School) -> bool:
        """Say whether this can be sent; every field that is at fault says why."""
        if not self.validate_on_submit():
            return False
        now = datetime.now(UTC)
        self.follow(school, now)
        self.check_audience(school, now)
        self.check_kind(school, now)
        audience = self.audience(school, now)
        texts = {"ky": self.text_ky.data, "ru": self.text_ru.data}
        self._check_hour(school, now)
        for flaw in flaws(school, texts, audience, self.asks(school)):
            # A text that follows the answers is mended by them.
            follows = flaw.field.startswith("text_") and any(self[ask.name].errors for ask in self.kind.asks)
            # One fault a field: who chose nothing need not hear that nobody is there.
            if not self[flaw.field].errors and not follows:
                self.blame(flaw.field, flaw.text)
        return not self.errors

    @property
    def is_whole_school(self) -> bool:
        return bool(self.school.data) and not self.streams.data

    def says_else(self, sent: Announcement) -> bool:
        """Say whether families were told another text than stands here."""
        return {"ky": self.text_ky.data, "ru": self.text_ru.data} != sent.texts

    def overwrites(self, draft: Announcement) -> bool:
        """Say whether another window has saved the draft since this one was opened."""
        return draft.saved_by not in {"", self.saw.data, self.window.data}

    @property
    def is_unfinished(self) -> bool:
        """Whether all that is wrong is what is still to come: the text, or somebody to tell."""
        texts = [self.text_ky.data or "", self.text_ru.data or ""]
        return (
            self.is_submitted()
            and self.errors.keys() <= {"text_ky", "text_ru", "classes"}
            and not self.names_strangers
            and max(map(len, texts)) <= LONGEST_DRAFT
        )

    def _check_hour(self, school: School, now: datetime) -> None:
        if not (self.answer_day.data or self.answer_hour.data):
            return
        moment = self.answer_by(school)
        if moment is None:
            field = "answer_day" if not self.answer_day.data else "answer_hour"
            self.blame(field, lazy_gettext("Choose the day and the hour, or leave both empty."))
        elif moment <= now:
            self.blame("answer_day", lazy_gettext("This hour is over. Choose one that is still to come."))
        elif moment > now + FURTHEST:
            self.blame("answer_day", lazy_gettext("Choose a day within a year."))


@cache
def form_for(code: str) -> type[ComposeForm]:
    """Return the form of a kind: with its fields, and a child instead of classes where it is about one."""
    kind = KINDS[code]
    if code == GENERAL:
        return ComposeForm
    bases = (OneChild, ComposeForm) if kind.of_one_child else (ComposeForm,)
    fields = {ask.name: field_of(ask) for ask in kind.asks}
    return type(f"{code.title().replace('_', '')}Form", bases, {"kind": kind, **fields})
