"""What is written for the public page; nobody of the school's families may be named in it."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField
from wtforms.validators import DataRequired, Length, ValidationError

from notifier.text import tidy
from webapp.families.names import clean
from webapp.public.queries import names_an_address_of_a_family, people_named

LONGEST_TITLE, LONGEST_TEXT = 160, 20_000
_long_title = lazy_gettext("The heading is too long: at most 160 characters.")
_long_text = lazy_gettext("The text is too long for the page: at most 20,000 characters.")


def _title(label: str) -> StringField:
    return StringField(
        label, [Length(max=LONGEST_TITLE, message=_long_title)], filters=[lambda text: clean(text or "")]
    )


def _text(label: str) -> TextAreaField:
    return TextAreaField(
        label, [Length(max=LONGEST_TEXT, message=_long_text)], filters=[lambda text: tidy(text or "")]
    )


class NoticeForm(FlaskForm):
    """A heading and a text in each language; one language is enough."""

    title_ky = _title(lazy_gettext("Heading in Kyrgyz"))
    text_ky = _text(lazy_gettext("Text in Kyrgyz"))
    title_ru = _title(lazy_gettext("Heading in Russian"))
    text_ru = _text(lazy_gettext("Text in Russian"))

    def holds(self, school_id: int) -> bool:
        """Say whether everybody may read this; every field at fault says why."""
        if not self.validate_on_submit():
            return False
        if not self.text_ky.data and not self.text_ru.data:
            self.text_ky.errors = [lazy_gettext("Write the text.")]
        for title, text in ((self.title_ky, self.text_ky), (self.title_ru, self.text_ru)):
            if text.data and not title.data:
                title.errors = [lazy_gettext("Write a heading.")]
            for each in (title, text):
                self._keep_private(each, school_id)
        return not self.errors

    def _keep_private(self, field: StringField, school_id: int) -> None:
        said = field.data or ""
        if named := people_named(school_id, said):
            field.errors = [
                lazy_gettext(
                    "Everybody can read the page: take out the name %(name)s.", name=", ".join(named[:3])
                )
            ]
        elif names_an_address_of_a_family(school_id, said):
            field.errors = [
                lazy_gettext(
                    "Everybody can read the page: take out the phone number or e-mail address of a family."
                )
            ]


class PageForm(FlaskForm):
    """The last part of the page's address."""

    slug = StringField(
        lazy_gettext("Address of the page"),
        [DataRequired(lazy_gettext("Write the address, for example mektep-95."))],
        filters=[lambda text: (text or "").strip().lower()],
    )

    def validate_slug(self, field: StringField) -> None:
        if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", field.data or ""):
            raise ValidationError(lazy_gettext("Only Latin letters, digits and hyphens, at most 40 of them."))


class PostingForm(FlaskForm):
    """Where a notice was posted by hand."""

    place = StringField(
        lazy_gettext("Where it was posted"),
        [
            DataRequired(lazy_gettext("Write where, for example: the class's WhatsApp group.")),
            Length(max=120, message=lazy_gettext("This is too long: at most 120 characters.")),
        ],
        filters=[lambda text: clean(text or "")],
    )
