"""What the pages of the inbox say of a message."""

from __future__ import annotations

from flask_babel import LazyString, lazy_gettext

from webapp.announcements.kinds import ANSWER, NUMBER_CHECK

SURVEY = "SURVEY"
# In place of an answer that says what a family has at home: few may know.
KEPT_BACK = "…"
FREE_TEXT: tuple[str, LazyString] = ("none", lazy_gettext("Free text"))
# By what was understood: kind and words of a pill.
MEANINGS: dict[str, tuple[str, LazyString]] = {
    "YES": ("acknowledged", lazy_gettext("Acknowledged")),
    "NO": ("problem", lazy_gettext("Answered no")),
    "STOP": ("problem", lazy_gettext("Asked for no more messages")),
    "START": ("sent", lazy_gettext("Wants messages again")),
    "HELP": ("problem", lazy_gettext("Asks for help")),
    "TV": ("waiting", lazy_gettext("Asks for TV lessons")),
    "WRONG": ("problem", lazy_gettext("Says it is the wrong number")),
    "REPEAT": ("waiting", lazy_gettext("Asks for the last message again")),
    "LANG_KY": ("sent", lazy_gettext("Wants to read Kyrgyz")),
    "LANG_RU": ("sent", lazy_gettext("Wants to read Russian")),
    "MACHINE": ("none", lazy_gettext("Written by a machine")),
    SURVEY: ("acknowledged", lazy_gettext("Answered a survey")),
    "ATSCHOOL": ("acknowledged", lazy_gettext("Answered the invitation")),
}
# What we sent, where it is no notice of a colleague.
KINDS: dict[str, LazyString] = {
    ANSWER: lazy_gettext("Answered by itself"),
    NUMBER_CHECK: lazy_gettext("Asked whose number it is"),
    "digest": lazy_gettext("TV lessons"),
    "correction": lazy_gettext("Changed TV lessons"),
}


def meaning(intent: str | None) -> tuple[str, LazyString]:
    """Say in words what a message meant, with the kind of its pill."""
    return MEANINGS.get(intent or "", FREE_TEXT)
