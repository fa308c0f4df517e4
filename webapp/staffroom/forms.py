"""The form on which a notice for the staff is written."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from flask_babel import gettext, lazy_gettext, ngettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateInput, TimeInput

from notifier.text import tidy
from webapp.announcements.models import Announcement
from webapp.announcements.render import MAX_PARTS, too_long_by
from webapp.families.names import clean
from webapp.form_token import form_token
from webapp.staff.models import ROLE_NAMES, School, Script, StaffMember
from webapp.staffroom.audience import Offer, meant_by
from webapp.staffroom.handing import nobody
from webapp.staffroom.models import Kind, StaffNotice
from webapp.staffroom.wording import write_text

TOKEN_LENGTH = 32
# What is longer is no notice.
LONGEST_DRAFT = 5000
FURTHEST = timedelta(days=366)


def _tidy(text: str | None) -> str:
    return tidy(text or "")


def _line(text: str | None) -> str:
    return clean(text or "")


class NoticeForm(FlaskForm):
    """Who reads it, what it says, and for a webinar when and where; the same form sent twice is one draft."""

    token = HiddenField()
    # Which window this is, and which one had saved the draft when it was opened.
    window, saw = HiddenField(), HiddenField()
    everybody = BooleanField(lazy_gettext("All of the staff"))
    # What is not offered, or no longer, counts as not chosen.
    roles = SelectMultipleField(lazy_gettext("By role"), validate_choice=False)
    associations = SelectMultipleField(lazy_gettext("By methodical association"), validate_choice=False)
    text_ky = TextAreaField(lazy_gettext("Text in Kyrgyz"), filters=[_tidy])
    text_ru = TextAreaField(lazy_gettext("Text in Russian"), filters=[_tidy])
    # Read below: the browser's own words for a day and an hour, or what somebody typed instead.
    day = StringField(lazy_gettext("Day"), widget=DateInput())
    hour = StringField(lazy_gettext("Hour"), widget=TimeInput())
    platform = StringField(lazy_gettext("Platform"), filters=[_line])
    link = StringField(lazy_gettext("Link"), filters=[_line])
    code = StringField(lazy_gettext("Code or password"), filters=[_line])
    sends = BooleanField(lazy_gettext("Send it by SMS or e-mail, too"), default=True)
    urgent = BooleanField(lazy_gettext("Urgent"))

    def offer(self, offer: Offer) -> None:
        """Offer whom this person may write to, and make the form's token."""
        self.roles.choices = [SelectChoice(role.value, ROLE_NAMES[role]) for role in offer.roles]
        self.associations.choices = [
            SelectChoice(str(association.id), association.name) for association, _ in offer.associations
        ]
        self.is_for_all = offer.everybody is not None
        self.token.data = form_token(self.token.data)
        if not self.is_submitted():
            self.window.data = secrets.token_urlsafe(16)
        self.window.data = (self.window.data or "")[:TOKEN_LENGTH]

    def overwrites(self, announcement: Announcement) -> bool:
        """Say whether another window has saved the draft since this one was opened."""
        return bool(self.window.data) and announcement.saved_by not in {"", self.saw.data, self.window.data}

    def recall(self, notice: StaffNotice, school: School) -> None:
        """Show what a draft says."""
        announcement = notice.announcement
        self.token.data, self.saw.data = announcement.token, announcement.saved_by
        self.everybody.data, self.roles.data = notice.everybody, list(notice.roles)
        self.associations.data = [str(number) for number in notice.associations]
        self.sends.data = notice.sends
        self.text_ky.data, self.text_ru.data = notice.words_ky, notice.words_ru
        self.urgent.data = announcement.urgent
        self.platform.data, self.link.data, self.code.data = notice.platform, notice.link, notice.code
        if notice.starts_at:
            local = notice.starts_at.astimezone(school.zone)
            self.day.data, self.hour.data = f"{local:%Y-%m-%d}", f"{local:%H:%M}"

    def starts_at(self, school: School) -> datetime | None:
        """The moment of the webinar; None while none is named that makes sense."""
        try:
            local = datetime.fromisoformat(f"{self.day.data}T{self.hour.data}")
            return local.replace(tzinfo=school.zone).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    @property
    def is_for_everybody(self) -> bool:
        return bool(self.everybody.data) and self.is_for_all

    def _chosen(self, name: str) -> list[str]:
        offered = [choice.value for choice in self[name].choices]
        return [value for value in offered if value in (self[name].data or [])]

    def holds(self, author: StaffMember, kind: str, now: datetime) -> bool:
        """Say whether this can be sent; every field that is at fault says why."""
        if not self.validate_on_submit():
            return False
        school = author.school
        if not (self.is_for_everybody or self._chosen("roles") or self._chosen("associations")):
            self._blame("everybody", gettext("Choose who is to read it."))
        if kind == Kind.WEBINAR:
            self._check_webinar(school, now)
        if not (self.text_ky.data or self.text_ru.data):
            webinar = gettext("Write what the webinar is about.")
            self._blame(
                "text_ky",
                webinar if kind == Kind.WEBINAR else gettext("Write the text, in Kyrgyz or in Russian."),
            )
        if not self.errors:
            self._check_whole(author, kind)
        return not self.errors

    def _check_webinar(self, school: School, now: datetime) -> None:
        moment = self.starts_at(school)
        if moment is None:
            self._blame("day" if not self.day.data else "hour", gettext("Choose the day and the hour."))
        elif moment <= now:
            self._blame("day", gettext("This hour is over. Choose one that is still to come."))
        elif moment > now + FURTHEST:
            self._blame("day", gettext("Choose a day within a year."))
        for name, most in (("platform", 60), ("code", 60), ("link", 500)):
            if len(self[name].data) > most:
                self._blame(name, gettext("This is too long: at most %(most)s characters.", most=most))
        if self.link.data and not _is_link(self.link.data):
            self._blame("link", gettext("This is no link. Copy the whole of it, from https:// on."))

    def _check_whole(self, author: StaffMember, kind: str) -> None:
        """Look at the notice as it would be: whom it finds, and how long its SMS are."""
        draft = Announcement(school_id=author.school_id, author_id=author.id)
        notice = StaffNotice(announcement=draft)
        self.write(notice, draft, author.school, kind)
        if not meant_by(notice):
            self._blame("everybody", nobody())
        for language, text in draft.texts.items():
            if len(text) > LONGEST_DRAFT:
                excess = len(text) - LONGEST_DRAFT
            else:
                excess = too_long_by(author.school, text, language, [(Script(author.school.script), ())])
            if excess:
                self._blame(
                    f"text_{language}" if self[f"text_{language}"].data else "text_ky", _too_long(excess)
                )

    def write(self, notice: StaffNotice, announcement: Announcement, school: School, kind: str) -> None:
        """Write the form into a draft."""
        notice.kind = kind
        notice.everybody = self.is_for_everybody
        notice.roles = [] if notice.everybody else self._chosen("roles")
        notice.associations = [] if notice.everybody else [int(each) for each in self._chosen("associations")]
        notice.words_ky, notice.words_ru = self.text_ky.data or "", self.text_ru.data or ""
        notice.sends = bool(self.sends.data)
        if kind == Kind.WEBINAR:
            notice.starts_at = self.starts_at(school)
            notice.platform, notice.link = self.platform.data or "", self.link.data or ""
            notice.code = self.code.data or ""
        announcement.urgent = bool(self.urgent.data)
        write_text(notice, announcement, school)

    def _blame(self, name: str, sentence: str) -> None:
        if not self[name].errors:
            self[name].errors = [sentence]


def _is_link(text: str) -> bool:
    """Whether a text is an address a browser opens, and nothing that runs."""
    try:
        parts = urlsplit(text)
        return parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and " " not in text
    except ValueError:
        return False


def _too_long(excess: int) -> str:
    sentence: str = ngettext(
        "The text is too long for an SMS of %(parts)s parts. Take out %(num)s character.",
        "The text is too long for an SMS of %(parts)s parts. Take out %(num)s characters.",
        excess,
        parts=MAX_PARTS,
    )
    return sentence
