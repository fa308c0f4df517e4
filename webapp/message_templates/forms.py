"""The forms on which templates are written, and spreadsheets chosen."""

from __future__ import annotations

import secrets

from flask_babel import LazyString, gettext, lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from notifier.text import tidy
from webapp.announcements.render import MAX_PARTS
from webapp.message_templates.fields import LONGEST_NAME, MOST_FIELDS, BadTemplate, asked_by, line, parse
from webapp.message_templates.models import LONGEST_TEXT, LONGEST_TITLE
from webapp.message_templates.preview import Phone, phones_of
from webapp.staff.models import School

FAULTS: dict[str, LazyString] = {
    "open": lazy_gettext("A field that begins here is never closed with )): %(where)s"),
    "no_name": lazy_gettext("Between (( and )) stands no name. Write what is to be filled in: ((date))"),
    "long_name": lazy_gettext(
        "The name of a field is too long: at most %(most)s letters. It begins: %(where)s"
    ),
    "deep": lazy_gettext(
        "The part of “%(where)s” stands inside another part of a part. Write it after them."
    ),
}


def fault_of(bad: BadTemplate) -> str:
    """Say what is wrong with a text, and what to do."""
    return str(FAULTS[bad.reason] % {"where": bad.where, "most": LONGEST_NAME})


def _tidy(text: str | None) -> str:
    return tidy(text or "")


class TemplateForm(FlaskForm):
    """A name and a text in one language or both; `token` makes the same form sent twice one template."""

    token = HiddenField()
    seen = HiddenField()  # the version that was changed
    name = StringField(
        lazy_gettext("Name of the template"),
        [
            InputRequired(lazy_gettext("Give the template a name, so that it is found again.")),
            Length(max=LONGEST_TITLE, message=lazy_gettext("The name is too long: at most 80 characters.")),
        ],
        filters=[lambda text: line(text or "")],
    )
    text_ky = TextAreaField(lazy_gettext("Text in Kyrgyz"), filters=[_tidy])
    text_ru = TextAreaField(lazy_gettext("Text in Russian"), filters=[_tidy])

    def begin(self) -> None:
        """Make the form's token unless it has one."""
        if not self.token.data or len(self.token.data) > 32 or ":" in self.token.data:
            self.token.data = secrets.token_urlsafe(16)

    @property
    def texts(self) -> dict[str, str]:
        return {"ky": self.text_ky.data or "", "ru": self.text_ru.data or ""}

    def phones(self, school: School) -> list[Phone]:
        """What phones will show; a text that cannot be read yet is left out."""
        found = {}
        for language, text in self.texts.items():
            try:
                found[language] = parse(text[:LONGEST_TEXT])
            except BadTemplate:
                continue
        return phones_of(school, found)

    def holds(self, school: School) -> bool:
        """Say whether this can be kept; every field that is at fault says why."""
        if not self.validate_on_submit():
            return False
        if not any(self.texts.values()):
            self.text_ky.errors = [gettext("Write the text, in Kyrgyz or in Russian.")]
            return False
        asked = asked_by(parse(text) for text in self.texts.values())
        if len(asked) > MOST_FIELDS:
            self.text_ky.errors = [
                gettext("A template has at most %(most)s fields. Take some out.", most=MOST_FIELDS)
            ]
        for phone in self.phones(school):
            if phone.segments > MAX_PARTS:
                self[f"text_{phone.language}"].errors = [
                    gettext(
                        "The text is too long for an SMS of %(parts)s parts. Shorten it.", parts=MAX_PARTS
                    )
                ]
        return not self.errors

    def validate_text_ky(self, field: TextAreaField) -> None:
        _look_at(field)

    def validate_text_ru(self, field: TextAreaField) -> None:
        _look_at(field)


def _look_at(field: TextAreaField) -> None:
    if len(field.data) > LONGEST_TEXT:
        raise ValidationError(gettext("This is too long: at most %(most)s characters.", most=LONGEST_TEXT))
    try:
        parse(field.data)
    except BadTemplate as bad:
        raise ValidationError(fault_of(bad)) from None


class SheetForm(FlaskForm):
    """A spreadsheet to send from."""

    file = FileField(lazy_gettext("Your spreadsheet"), [FileRequired(lazy_gettext("Choose the file first."))])
    urgent = BooleanField(lazy_gettext("Urgent"))
    asks_acknowledgement = BooleanField(lazy_gettext("Ask families to answer that they know"))
