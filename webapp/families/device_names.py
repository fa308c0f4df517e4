"""What pages call the facts about a household, and their values."""

from __future__ import annotations

from flask_babel import LazyString, lazy_gettext

from webapp.families.devices import HAVINGS, NO, UNKNOWN, YES, Fact

FACT_NAMES: dict[Fact, LazyString] = {
    Fact.SMARTPHONE: lazy_gettext("Smartphone"),
    Fact.BUTTON_PHONE: lazy_gettext("Button phone"),
    Fact.COMPUTER: lazy_gettext("Computer or tablet"),
    Fact.INTERNET: lazy_gettext("Internet"),
    Fact.TV: lazy_gettext("Television"),
    Fact.CHANNELS: lazy_gettext("TV channels it gets"),
    Fact.PHONE_BY_DAY: lazy_gettext("Who holds the phone by day"),
    Fact.READS: lazy_gettext("What is read at home"),
}
VALUE_NAMES: dict[Fact, dict[str, LazyString]] = {
    having: {YES: lazy_gettext("Yes"), NO: lazy_gettext("No")} for having in HAVINGS
} | {
    Fact.PHONE_BY_DAY: {
        "adult": lazy_gettext("An adult at home"),
        "child": lazy_gettext("The child"),
        "away": lazy_gettext("Goes to work with the parents"),
        "nobody": lazy_gettext("Nobody"),
    },
    Fact.READS: {
        "ky": lazy_gettext("Kyrgyz"),
        "ru": lazy_gettext("Russian"),
        "both": lazy_gettext("Kyrgyz and Russian"),
        "none": lazy_gettext("Nobody reads"),
    },
}


def said(fact: str, value: str) -> str:
    """Write a value as a person reads it."""
    if value == UNKNOWN:
        return str(lazy_gettext("It is not known"))
    if fact == Fact.CHANNELS:
        return ", ".join(value.splitlines())
    return str(VALUE_NAMES[Fact(fact)][value])
