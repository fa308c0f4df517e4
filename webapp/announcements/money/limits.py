"""Whether messages may still go within the month's limits, in sentences for whoever writes them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from flask_babel import gettext

from webapp.announcements.money.budget import Messages, Purse, are_lifted, parts_by_class, price_of, purses
from webapp.families.models import SchoolClass
from webapp.staff.models import School
from webapp.staff.money import som

# Of more classes than these one sentence speaks.
MOST_SENTENCES = 3


def refusals(school: School, classes: Iterable[SchoolClass], messages: Messages, now: datetime) -> list[str]:
    """Say why these messages may not go unless they are urgent: a sentence for each limit they break."""
    if are_lifted(school, now):
        return []
    burdened = _burdened(school, classes, messages, now)
    broken = [(purse, cost) for purse, cost in burdened if cost and purse.spent + cost > purse.limit]
    names = _many([purse for purse, _ in broken])
    found = [_refusal(purse, cost) for purse, cost in broken if not (names and purse.class_name)]
    if names:
        found.append(
            gettext(
                "Of the limits of these classes for this month too little is left: %(names)s. "
                "Make it shorter, mark it as urgent if it cannot wait, or ask the director to lift "
                "the limits.",
                names=names,
            )
        )
    return found


def warnings(
    school: School, classes: Iterable[SchoolClass], now: datetime, messages: Messages = ()
) -> list[str]:
    """Say which limits are nearly reached, or would be after these messages."""
    burdened = [purse.with_more(cost) for purse, cost in _burdened(school, classes, messages, now)]
    low = [purse for purse in burdened if purse.is_low]
    names = _many(low)
    found = [_warning(purse) for purse in low if not (names and purse.class_name)]
    if names:
        found.append(
            gettext(
                "These classes have used up their limits for SMS this month, or nearly so: %(names)s",
                names=names,
            )
        )
    if found and are_lifted(school, now):
        found.append(gettext("The director has lifted the limits for this month: every announcement goes."))
    return found


def _burdened(
    school: School, classes: Iterable[SchoolClass], messages: Messages, now: datetime
) -> list[tuple[Purse, Decimal]]:
    found = purses(school, classes, now)
    if not found:
        return []
    total, parts = sum(message.segments for _, message in messages), parts_by_class(messages)
    return [
        (purse, price_of(school, total if key is None else parts.get(key, 0)) or Decimal(0))
        for key, purse in found.items()
    ]


def _many(about: list[Purse]) -> str:
    """The names of the classes when there are so many that one sentence must do for them; else nothing."""
    names = [purse.class_name for purse in about if purse.class_name]
    return ", ".join(names) if len(names) > MOST_SENTENCES else ""


def _refusal(purse: Purse, cost: Decimal) -> str:
    said = {"cost": som(cost), "left": som(purse.left), "limit": som(purse.limit), "name": purse.class_name}
    sentence: str
    if purse.class_name:
        sentence = gettext(
            "This costs class %(name)s %(cost)s, and of its %(limit)s for this month %(left)s are left. "
            "Make it shorter, mark it as urgent if it cannot wait, or ask the director to lift the limit.",
            **said,
        )
    else:
        sentence = gettext(
            "This costs %(cost)s, and of the school's %(limit)s for this month %(left)s are left. "
            "Make it shorter, mark it as urgent if it cannot wait, or ask the director to lift the limit.",
            **said,
        )
    return sentence


def _warning(purse: Purse) -> str:
    said = {"percent": purse.percent, "limit": som(purse.limit), "name": purse.class_name}
    sentence: str
    if purse.class_name:
        sentence = gettext(
            "Class %(name)s: %(percent)s%% of its %(limit)s for SMS this month are used.", **said
        )
    else:
        sentence = gettext("%(percent)s%% of the school's %(limit)s for SMS this month are used.", **said)
    return sentence
