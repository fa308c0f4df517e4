"""The overview for those who decide: what each role looks at first stands first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import current_user
from markupsafe import Markup

from webapp.announcements.money import budget
from webapp.families.models import SchoolClass
from webapp.families.queries import visible_classes
from webapp.paging import MOST_ROWS
from webapp.reach.overview.charts import Bar, Column, bars, columns, percent_of
from webapp.reach.overview.figures import DAYS, Overview, overview
from webapp.reach.overview.timetable import Told, week_told
from webapp.staff.models import KEEPERS, Role
from webapp.times import day_asked, monday_of

blueprint = Blueprint("reach_overview", __name__, url_prefix="/reach")

# A drawing of more classes is no longer read.
MOST_CLASSES = 20
MOST_PURSES = 6
# What the director, the deputy and the office see, who answer for the whole; whose task is to go after
# families; who leads a class.
PARTS = {
    "whole": ("reach", "weeks", "timetable", "classes", "tasks", "money"),
    "pedagogue": ("tasks", "reach", "classes", "weeks", "timetable"),
    "teacher": ("timetable", "reach", "weeks", "classes", "tasks", "money"),
}
AGE_NAMES = {
    0: lazy_gettext("Less than a day"),
    1: lazy_gettext("1 or 2 days"),
    3: lazy_gettext("3 to 6 days"),
    7: lazy_gettext("A week or longer"),
}
PEDAGOGUES = frozenset({Role.SOCIAL_PEDAGOGUE, Role.PSYCHOLOGIST})


@dataclass(frozen=True, slots=True)
class Money:
    """What was spent this month, by the school or by the classes a person leads, and the limits on it."""

    spent: Decimal
    purses: list[budget.Purse]
    lifted: bool


@blueprint.get("/overview")
def page() -> str:
    now = datetime.now(UTC)
    classes = visible_classes(current_user)
    parts = PARTS[_post()]
    found = overview(current_user, classes, now)
    shown = _week_columns(found)
    return render_template(
        "reach/overview.html",
        parts=parts if len(classes) > 1 else [part for part in parts if part != "classes"],
        classes=classes,
        days=DAYS,
        overview=found,
        percent=percent_of(found.found.total.reached, found.found.total.families),
        week_columns=shown,
        week_rows=[
            [column.label, week.told, week.reached, "–" if column.percent is None else column.percent]
            for column, week in zip(shown, found.weeks, strict=True)
        ],
        class_bars=_class_bars(found),
        class_rows=_class_rows(found),
        task_rows=[[AGE_NAMES[days], tasks] for days, tasks in found.tasks.by_age.items()],
        told=week_told(current_user.school, classes, _this_monday(now), now),
        Told=Told,
        money=_money(classes, now) if "money" in parts else None,
    )


@blueprint.get("/timetable")
def timetable() -> str:
    now = datetime.now(UTC)
    this = _this_monday(now)
    monday = monday_of(day_asked(request.args.get("week"), this))
    classes = visible_classes(current_user)
    told = week_told(current_user.school, classes, monday, now)
    return render_template(
        "reach/timetable.html",
        told=told,
        # Those to look at come first, so that what a page has no room for is what is in order.
        rows=told.classes[:MOST_ROWS],
        Told=Told,
        this=this,
        earlier=url_for(".timetable", week=monday - timedelta(weeks=1)),
        later=url_for(".timetable", week=monday + timedelta(weeks=1)),
    )


def _post() -> str:
    if current_user.may(KEEPERS):
        return "whole"
    return "pedagogue" if current_user.may(PEDAGOGUES) else "teacher"


def _this_monday(now: datetime) -> date:
    return monday_of(now.astimezone(current_user.school.zone).date())


def _week_columns(found: Overview) -> list[Column]:
    zone = current_user.school.zone
    return columns(
        [
            (f"{week.since.astimezone(zone):%d.%m}", percent_of(week.reached, week.told))
            for week in found.weeks
        ]
    )


def _class_bars(found: Overview) -> list[Bar]:
    rows = []
    for school_class, reach in found.lowest(MOST_CLASSES):
        percent = percent_of(reach.reached, reach.families) or 0
        said = gettext("%(part)s of %(whole)s", part=reach.reached, whole=reach.families)
        rows.append((school_class.name, f"{percent}% · {said}", percent))
    return bars(rows)


def _class_rows(found: Overview) -> list[list[Any]]:
    """The same in numbers, each class with the way to its families."""
    return [
        [
            Markup('<a class="tap" href="{}">{}</a>').format(
                url_for("reach.not_reached", class_id=school_class.id), school_class.name
            ),
            reach.families,
            reach.reached,
            reach.families - reach.reached,
        ]
        for school_class, reach in found.lowest(MOST_CLASSES)
    ]


def _money(classes: Sequence[SchoolClass], now: datetime) -> Money | None:
    """What a person who answers for it may know of the month's money; None while a part has no price."""
    school, whole = current_user.school, current_user.may(KEEPERS)
    if school.sms_price is None:
        return None
    found = budget.purses(school, classes, now)
    purses = [purse for key, purse in found.items() if key is not None]
    purses.sort(key=lambda purse: -purse.percent)
    if whole and None in found:
        purses.insert(0, found[None])
    if whole:
        spent = budget.spent(school, now)
    else:
        by_class = budget.spent_by_class(school, now, [each.id for each in classes])
        spent = sum(by_class.values(), Decimal(0))
    return Money(spent, purses[:MOST_PURSES], budget.are_lifted(school, now))
