"""The form of the school's settings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import LazyString, gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, StringField, TelField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, ValidationError

from webapp.clock import BadTime, read_span, written
from webapp.families.forms import FAMILY_LANGUAGES
from webapp.families.models import SchoolClass
from webapp.families.names import clean
from webapp.languages import LANGUAGES
from webapp.staff.forms import can_be_called
from webapp.staff.models import SCRIPT_NAMES, School
from webapp.staff.money import number

# What is thinkable; more is a slip of the finger.
HIGHEST_PRICE, HIGHEST_LIMIT = Decimal(100), Decimal(1_000_000)


class SomField(StringField):
    """An amount of som, typed with a comma or a point; empty is None."""

    def __init__(self, label: LazyString | str, highest: Decimal, places: int, **options: Any) -> None:
        super().__init__(label, **options)
        self.highest, self.places = highest, places

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else number(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = "".join(valuelist[0].split()).replace(",", ".") if valuelist else ""
        self.data = None
        if not typed:
            return
        if not re.fullmatch(rf"\d{{1,7}}(\.\d{{1,{self.places}}})?", typed):
            raise ValueError(lazy_gettext("This is no amount of som. Write it like 1.5, or leave it empty."))
        if not 0 < Decimal(typed) <= self.highest:
            raise ValueError(
                lazy_gettext(
                    "Write an amount above 0 and up to %(highest)s som, or leave it empty.",
                    highest=number(self.highest),
                )
            )
        self.data = Decimal(typed)


class HourField(StringField):
    """An hour of the day as one writes it; its data are minutes."""

    data: int | None

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return "" if self.data is None else written(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            span = read_span(valuelist[0] if valuelist else "")
        except BadTime:
            span = None
        if span is None or span.end is not None:
            raise ValueError(lazy_gettext("This is no hour. Write it like 20:00."))
        self.data = span.start


class SchoolForm(FlaskForm):
    short_name = StringField(
        lazy_gettext("Name in SMS"),
        [
            DataRequired(lazy_gettext("Write the name with which every SMS begins.")),
            Length(max=20, message=lazy_gettext("This is too long: at most 20 characters.")),
        ],
        filters=[lambda text: clean(text or "")],
    )
    phone = TelField(
        lazy_gettext("Phone of the school"),
        [Length(max=32, message=lazy_gettext("This is too long: at most 32 characters.")), can_be_called],
        filters=[lambda text: " ".join((text or "").split())],
    )
    support_phone = TelField(
        lazy_gettext("Phone of the psychologist and the social pedagogue"),
        [Length(max=32, message=lazy_gettext("This is too long: at most 32 characters.")), can_be_called],
        filters=[lambda text: " ".join((text or "").split())],
    )
    language = RadioField(
        lazy_gettext("Language of the school"),
        choices=[SelectChoice(code, LANGUAGES[code]) for code in FAMILY_LANGUAGES],
    )
    script = RadioField(
        lazy_gettext("Letters of the SMS"),
        choices=[SelectChoice(script.value, name) for script, name in SCRIPT_NAMES.items()],
    )
    ascii_only = BooleanField(lazy_gettext("Latin letters without dots and tildes"))
    quiet_from = HourField(lazy_gettext("Quiet from"))
    quiet_until = HourField(lazy_gettext("Quiet until"))
    sms_price = SomField(lazy_gettext("Price of one SMS part, in som"), HIGHEST_PRICE, places=3)
    monthly_limit = SomField(lazy_gettext("Limit of the school for a month, in som"), HIGHEST_LIMIT, places=2)
    class_limit = SomField(lazy_gettext("Limit of each class for a month, in som"), HIGHEST_LIMIT, places=2)

    def validate_sms_price(self, field: SomField) -> None:
        if field.data is None and not field.errors and (self.monthly_limit.data or self.class_limit.data):
            raise ValidationError(lazy_gettext("A limit needs the price of an SMS part."))

    def write_into(self, school: School) -> list[str]:
        """Change the school to what the form says; name what is different now."""
        changed = []
        for field in self:
            if field.name != "csrf_token" and getattr(school, field.name) != field.data:
                setattr(school, field.name, field.data)
                changed.append(field.name)
        return changed


def limits_form(classes: Sequence[SchoolClass], school: School) -> FlaskForm:
    """Make a form with a field for each class's own limit; empty: the school's limit of each class."""

    class LimitsForm(FlaskForm):
        def validate(self, extra_validators: Any = None) -> bool:
            sound: bool = super().validate(extra_validators)
            if sound and school.sms_price is None:
                for field in self:
                    if field.name != "csrf_token" and field.data is not None:
                        field.errors = [gettext("A limit needs the price of an SMS part.")]
                        sound = False
            return sound

    for each in classes:
        label = gettext("Class %(name)s", name=each.name)
        setattr(LimitsForm, f"limit_{each.id}", SomField(label, HIGHEST_LIMIT, places=2))
    return LimitsForm(data={f"limit_{each.id}": each.monthly_limit for each in classes})
