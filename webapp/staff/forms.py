"""What staff type at the doors."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length, ValidationError

from webapp.staff.passwords import MAX_LENGTH, MIN_LENGTH


def can_be_called(_form: FlaskForm, field: StringField) -> None:
    """Let a field hold nothing, or a phone number as people write one."""
    if field.data and not re.fullmatch(r"[+\d][\d\s()/,-]{4,}", field.data):
        raise ValidationError(_("Write a phone number parents can call, for example 0312 000 095."))


class LoginForm(FlaskForm):
    login = StringField(
        _("Login"),
        [InputRequired(_("Write your login.")), Length(max=80, message=_("This login is too long."))],
    )
    password = PasswordField(
        _("Password"),
        [
            InputRequired(_("Write your password.")),
            Length(max=MAX_LENGTH, message=_("This password is too long.")),
        ],
    )
    remember = BooleanField(_("Keep me signed in for 30 days"))


class PasswordForm(FlaskForm):
    current = PasswordField(
        _("Your password now"),
        [
            InputRequired(_("Write the password you have now.")),
            Length(max=MAX_LENGTH, message=_("This password is too long.")),
        ],
    )
    new = PasswordField(
        _("New password"),
        [
            InputRequired(_("Write a new password.")),
            Length(
                MIN_LENGTH,
                MAX_LENGTH,
                _("The new password must have at least 10 characters. Three or four words make a good one."),
            ),
        ],
    )
    again = PasswordField(
        _("New password once more"),
        [
            InputRequired(_("Write the new password once more.")),
            EqualTo("new", _("The two new passwords are not the same. Write them again.")),
        ],
    )
