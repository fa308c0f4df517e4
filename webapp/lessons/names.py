"""How the languages of lessons are called on the screen."""

from __future__ import annotations

from flask_babel import lazy_gettext

LANGUAGE_NAMES = {
    "ky": lazy_gettext("Kyrgyz"),
    "ru": lazy_gettext("Russian"),
    "uz": lazy_gettext("Uzbek"),
    "tg": lazy_gettext("Tajik"),
}
