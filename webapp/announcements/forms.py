"""The form on which an announcement is written."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, SelectMultipleField, TextAreaField

from notifier.text import tidy
from webapp.announcements.audience import audience_of
from webapp.announcements.flaws import flaws
from webapp.families.models import SchoolClass
from webapp.staff.models import School

TOKEN_LENGTH = 32


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

    def offer(self, classes: Sequence[SchoolClass]) -> None:
        """Offer these classes; the only one is chosen already."""
        self.offered = {str(school_class.id): school_class for school_class in classes}
        self.classes.choices = [(key, school_class.name) for key, school_class in self.offered.items()]
        if not self.is_submitted() and not self.classes.data and len(self.offered) == 1:
            self.classes.data = list(self.offered)
        if not self.token.data or len(self.token.data) > TOKEN_LENGTH:
            self.token.data = secrets.token_urlsafe(16)

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
        for flaw in flaws(school, texts, audience):
            # One fault a field: who chose nothing need not hear that nobody is there.
            if not self[flaw.field].errors:
                self._blame(flaw.field, flaw.text)
        return not self.errors

    def _blame(self, field: str, sentence: object) -> None:
        self[field].errors = [*self[field].errors, sentence]
