"""Where a member of staff is told, and the names of associations."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, SelectField, StringField, TelField
from wtforms.validators import DataRequired, Length, ValidationError

from webapp.families import cells
from webapp.families.cells import BadCell
from webapp.families.names import clean
from webapp.families.problems import Problem
from webapp.staff.models import StaffMember
from webapp.staffroom.models import Association, Membership


class ContactForm(FlaskForm):
    """One mobile number and one e-mail address, or neither."""

    phone = TelField(lazy_gettext("Mobile phone"))
    email = EmailField(lazy_gettext("E-mail"))

    def show(self, person: StaffMember) -> None:
        self.phone.data, self.email.data = person.phone, person.email

    def validate_phone(self, field: TelField) -> None:
        try:
            found = cells.numbers(field.data or "")
        except BadCell as bad:
            raise ValidationError(
                Problem(None, "phone", "bad_phone", bad.value, bad.reason).message
            ) from None
        if found.landlines:
            raise ValidationError(Problem(None, "phone", "bad_phone", found.landlines[0], "landline").message)
        if len(found.good) > 1:
            raise ValidationError(gettext("Write one number: the one you have with you."))
        self.number = found.good[0] if found.good else ""

    def validate_email(self, field: EmailField) -> None:
        try:
            found = cells.emails(field.data or "")
        except BadCell as bad:
            raise ValidationError(Problem(None, "email", "bad_email", bad.value).message) from None
        if len(found) > 1:
            raise ValidationError(gettext("Write one e-mail address."))
        self.address = found[0] if found else ""

    def write_into(self, person: StaffMember) -> list[str]:
        """Write what was typed, and name the fields that changed."""
        wanted = {"phone": self.number, "email": self.address}
        changed = [name for name, value in wanted.items() if getattr(person, name) != value]
        for name in changed:
            setattr(person, name, wanted[name])
        return changed


class ColleagueForm(ContactForm):
    """The same of a colleague, and their association."""

    association = SelectField(lazy_gettext("Methodical association"), coerce=int)
    leads = BooleanField(lazy_gettext("Leads the association"))

    def offer(self, associations: Sequence[Association]) -> None:
        self.association.choices = [(0, "—"), *((each.id, each.name) for each in associations)]

    def show_place(self, membership: Membership | None) -> None:
        self.association.data = membership.association_id if membership else 0
        self.leads.data = bool(membership and membership.leads)


class AssociationForm(FlaskForm):
    name = StringField(
        lazy_gettext("Name of the association"),
        [
            DataRequired(lazy_gettext("Write the name of the association.")),
            Length(max=120, message=lazy_gettext("This is too long: at most 120 characters.")),
        ],
        filters=[lambda text: clean(text or "")],
    )
