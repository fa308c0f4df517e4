"""The forms on which class lists come in and families are corrected."""

from __future__ import annotations

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, EmailField, SelectField, StringField, TelField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, ValidationError

from webapp.families import cells
from webapp.families.cells import BadCell
from webapp.families.contacts import Address, addresses
from webapp.families.models import DigestWish, Guardian
from webapp.families.names import clean
from webapp.families.problems import Problem
from webapp.languages import LANGUAGES
from webapp.staff.models import SCRIPT_NAMES, School, Script

FAMILY_LANGUAGES = ("ky", "ru")
DIGEST_WISHES = {
    DigestWish.DAILY: lazy_gettext("Every evening, for the next day"),
    DigestWish.WEEKLY: lazy_gettext("On Sundays, for the whole week"),
    DigestWish.NONE: lazy_gettext("No messages about TV lessons"),
}


class UploadForm(FlaskForm):
    file = FileField(
        lazy_gettext("File with the class list"), [FileRequired(lazy_gettext("Choose the file first."))]
    )

    def blame(self, sentence: str) -> None:
        """Say what is wrong with the file."""
        self.file.errors = [*self.file.errors, sentence]


class GuardianForm(FlaskForm):
    """Who is told, where and in which language."""

    name = StringField(
        lazy_gettext("Name"),
        [Length(max=120, message=lazy_gettext("The name is too long: at most 120 characters."))],
        filters=[lambda text: clean(text or "")],
    )
    relation = StringField(
        lazy_gettext("Relation to the child"),
        [Length(max=40, message=lazy_gettext("This is too long: at most 40 characters."))],
        filters=[lambda text: clean(text or "")],
    )
    phones = TelField(lazy_gettext("Mobile phone"))
    email = EmailField(lazy_gettext("E-mail"))
    language = SelectField(
        lazy_gettext("Language of the messages"),
        choices=[SelectChoice(code, LANGUAGES[code]) for code in FAMILY_LANGUAGES],
    )
    script = SelectField(lazy_gettext("Letters of the SMS"), default="")
    digest = SelectField(
        lazy_gettext("Messages about TV lessons"),
        choices=[SelectChoice(wish.value, name) for wish, name in DIGEST_WISHES.items()],
        default=DigestWish.DAILY.value,
    )
    first = BooleanField(lazy_gettext("Tell this guardian first"))

    def offer(self, school: School) -> None:
        """Offer the scripts; who has chosen none gets the school's."""
        usual = gettext("As the school writes: %(script)s", script=SCRIPT_NAMES[Script(school.script)])
        self.script.choices = [
            SelectChoice("", usual),
            *(SelectChoice(script.value, str(name)) for script, name in SCRIPT_NAMES.items()),
        ]

    def show(self, guardian: Guardian) -> None:
        """Fill the form with what is known."""
        self.name.data, self.relation.data, self.language.data = (
            guardian.name,
            guardian.relation,
            guardian.language,
        )
        self.script.data = guardian.script or ""
        self.digest.data = guardian.digest
        self.phones.data = ", ".join(address for _, address in addresses(guardian, "sms"))
        self.email.data = ", ".join(address for _, address in addresses(guardian, "email"))

    @property
    def contacts(self) -> list[Address]:
        """The addresses of a form that is in order."""
        numbers, emails = cells.numbers(self.phones.data or ""), cells.emails(self.email.data or "")
        return [("sms", number) for number in numbers.good] + [("email", email) for email in emails]

    def validate_phones(self, field: TelField) -> None:
        try:
            landlines = cells.numbers(field.data or "").landlines
        except BadCell as bad:
            raise ValidationError(
                Problem(None, "phone", "bad_phone", bad.value, bad.reason).message
            ) from None
        if landlines:
            raise ValidationError(Problem(None, "phone", "bad_phone", landlines[0], "landline").message)

    def validate_email(self, field: EmailField) -> None:
        try:
            cells.emails(field.data or "")
        except BadCell as bad:
            raise ValidationError(Problem(None, "email", "bad_email", bad.value).message) from None

    def validate_name(self, field: StringField) -> None:
        if not field.data and not (self.phones.data or self.email.data):
            raise ValidationError(gettext("Write the guardian's name, a phone or an e-mail address."))
