"""Words of the area that its templates use by name: `means_names`, `about`, and two filters."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint
from flask_babel import LazyString, format_datetime, get_locale, gettext
from flask_login import current_user

from webapp.families.device_names import FACT_NAMES
from webapp.families.devices import Fact
from webapp.reach.words import MEANS, OUTCOMES, about, how_reached
from webapp.times import DAY_PATTERNS


def due_day(moment: datetime) -> str:
    """Write the day on which something is due: "24 November"."""
    local = moment.astimezone(current_user.school.zone)
    return str(format_datetime(local, DAY_PATTERNS[str(get_locale())], rebase=False))


def spaced(number: str) -> str:
    """Write a number as people say it: 0555 000 101."""
    if number.startswith("+996") and len(number) == 13:
        return f"0{number[4:7]} {number[7:10]} {number[10:]}"
    return number


def in_words(fact: Fact) -> LazyString:
    """Name what a family has at home, or has not."""
    return FACT_NAMES[fact]


def speak(blueprint: Blueprint) -> None:
    """Teach the templates these words, by one of the area's blueprints."""
    blueprint.add_app_template_filter(due_day)
    blueprint.add_app_template_filter(spaced)
    blueprint.add_app_template_filter(in_words)

    @blueprint.app_context_processor
    def words() -> dict[str, object]:
        return {
            "means_names": MEANS,
            "outcome_names": OUTCOMES,
            "about": about,
            "reached_by": how_reached,
            "nobody": gettext("nobody yet"),
        }
