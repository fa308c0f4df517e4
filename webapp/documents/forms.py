"""The form of a document, and that of signatures on paper."""

from __future__ import annotations

import secrets
from datetime import date

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import DateField, HiddenField, RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from notifier.text import tidy
from webapp.documents.files import MOST_BYTES, is_pdf
from webapp.documents.models import KIND_NAMES, DocumentKind
from webapp.families.names import clean
from webapp.staff.models import ROLE_NAMES, Role

TOKEN_LENGTH, LONGEST_TEXT = 32, 4000
_long_title = lazy_gettext("The title is too long: at most 200 characters.")
_long_text = lazy_gettext("The text is too long: at most 4,000 characters.")


def _title(label: str) -> StringField:
    return StringField(
        label, [Length(max=200, message=_long_title)], filters=[lambda text: clean(text or "")]
    )


def _text(label: str) -> TextAreaField:
    return TextAreaField(
        label, [Length(max=LONGEST_TEXT, message=_long_text)], filters=[lambda text: tidy(text or "")]
    )


class DocumentForm(FlaskForm):
    """What it is called, what it says, and who of the staff is to know it."""

    token = HiddenField()
    kind = RadioField(
        lazy_gettext("What it is"),
        choices=[SelectChoice(kind.value, name) for kind, name in KIND_NAMES.items()],
        default=DocumentKind.ORDER.value,
    )
    number = StringField(
        lazy_gettext("Number"),
        [Length(max=40, message=lazy_gettext("This is too long: at most 40 characters."))],
        filters=[lambda text: clean(text or "")],
    )
    signed_on = DateField(lazy_gettext("Date"), [Optional()])
    title_ky = _title(lazy_gettext("Title in Kyrgyz"))
    title_ru = _title(lazy_gettext("Title in Russian"))
    text_ky = _text(lazy_gettext("In short, in Kyrgyz"))
    text_ru = _text(lazy_gettext("In short, in Russian"))
    file = FileField(lazy_gettext("The document as PDF"))
    roles = SelectMultipleField(
        lazy_gettext("Who of the staff is to know it"),
        choices=[SelectChoice(role.value, name) for role, name in ROLE_NAMES.items()],
        coerce=str,
    )

    def begin(self) -> None:
        """Make a new form's token; the whole staff is ticked."""
        if not self.is_submitted():
            self.roles.data = [role.value for role in Role]
        if not self.token.data or len(self.token.data) > TOKEN_LENGTH:
            self.token.data = secrets.token_urlsafe(16)

    def holds(self) -> bool:
        """Say whether this can be kept; every field at fault says why."""
        if not self.validate_on_submit():
            return False
        if not self.title_ky.data and not self.title_ru.data:
            self.title_ky.errors = [lazy_gettext("Write what the document is called.")]
        self.content = self.file.data.read(MOST_BYTES + 1) if self.file.data else b""
        if len(self.content) > MOST_BYTES:
            self.file.errors = [lazy_gettext("The file is too big: at most 5 MB.")]
        elif self.content and not is_pdf(self.content):
            self.file.errors = [lazy_gettext("This file is no PDF, whatever it is called. Save it as PDF.")]
        return not self.errors


class SignedForm(FlaskForm):
    """The day on which people signed."""

    day = DateField(lazy_gettext("Signed on"), [DataRequired(lazy_gettext("Choose the day."))])

    def holds(self, today: date) -> bool:
        if not self.validate_on_submit() or self.day.data is None:
            return False
        if self.day.data > today:
            self.day.errors = [lazy_gettext("This day is still to come.")]
        return not self.errors
