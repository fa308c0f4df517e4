"""What waits among the staff: notices to read, and plans that families have still to be told."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext, ngettext
from sqlalchemy import func, select

from notifier.database import db
from webapp.families.models import SchoolClass
from webapp.home.desk import Desk
from webapp.home.wait import Wait, Weight, short
from webapp.languages import headline
from webapp.staffroom.doubts import how_many_undecided
from webapp.staffroom.plans import (
    ClassPlan,
    Plans,
    PlanState,
    deadline_of,
    plans_of,
    reminds_at,
    week_to_show,
)
from webapp.staffroom.queries import unread_of
from webapp.times import when

MOST_NAMES = 6


def notices(desk: Desk) -> Wait | None:
    """Notices for this person that they have not said they have read; the newest is named."""
    unread = unread_of(desk.person)
    count = db.session.scalar(select(func.count()).select_from(unread.order_by(None).subquery())) or 0
    if not count:
        return None
    newest = db.session.scalars(unread.limit(1)).one().announcement
    return Wait(
        ngettext("A notice for you to read", "%(num)s notices for you to read", count),
        gettext("Read it") if count == 1 else gettext("Read them"),
        url_for("staff_notices.show", number=newest.id) if count == 1 else url_for("staff_notices.inbox"),
        Weight.TODAY,
        more=short(headline(newest)),
    )


def in_doubt(desk: Desk) -> Wait | None:
    """Messages to colleagues of which only a person can say whether they arrived."""
    messages = how_many_undecided(desk.person)
    if not messages:
        return None
    return Wait(
        ngettext(
            "%(num)s message to colleagues may or may not have arrived.",
            "%(num)s messages to colleagues may or may not have arrived.",
            messages,
        ),
        gettext("Decide what to do"),
        url_for("staff_notices.to_decide"),
        Weight.SOON,
        "problem",
    )


def own_plan(desk: Desk) -> Wait | None:
    """A teacher's classes whose plan of the week is to be told by now, or was."""
    classes = [each for each in desk.classes if each.teacher_id == desk.person.id]
    plans = _plans(desk, classes)
    if plans is None:
        return None
    left = plans.with_state(PlanState.DUE, PlanState.OVERDUE)
    starts = reminds_at(plans.deadline, plans.due, desk.person.school) or plans.due
    if not left or desk.now < starts:
        return None
    if plans.with_state(PlanState.OVERDUE):
        return _not_told(plans, left)
    return Wait(
        gettext("Tell families the plan for the week by %(when)s", when=when(plans.due, desk.now)),
        gettext("See which, and whose") if len(left) > 1 else gettext("To the plan"),
        url_for("plans.week", week=plans.monday),
        Weight.TODAY,
        more=_names(left),
    )


def late_plans(desk: Desk) -> Wait | None:
    """The classes that were not told in time, for who answers for it: not at all yet, or after the hour."""
    plans = _plans(desk, desk.classes)
    if plans is None:
        return None
    overdue, late = plans.with_state(PlanState.OVERDUE), plans.with_state(PlanState.LATE)
    if overdue:
        return _not_told(plans, overdue, late)
    if not late:
        return None
    return Wait(
        ngettext(
            "%(num)s class was told the plan for the week late",
            "%(num)s classes were told the plan for the week late",
            len(late),
        ),
        gettext("See which, and whose"),
        url_for("plans.week", week=plans.monday),
        Weight.WHEN_THERE_IS_TIME,
        more=_names(late),
    )


def _not_told(plans: Plans, left: Sequence[ClassPlan], late: Sequence[ClassPlan] = ()) -> Wait:
    names = _names(left)
    return Wait(
        ngettext(
            "%(num)s class was not told the plan for the week in time",
            "%(num)s classes were not told the plan for the week in time",
            len(left),
        ),
        gettext("See which, and whose") if len(left) > 1 else gettext("To the plan"),
        url_for("plans.week", week=plans.monday),
        Weight.TODAY,
        "problem",
        more=gettext("%(names)s. Told late: %(late)s", names=names, late=_names(late)) if late else names,
    )


def _plans(desk: Desk, classes: Sequence[SchoolClass]) -> Plans | None:
    """How these classes stand with the week a person looks at; None where no hour is set."""
    school = desk.person.school
    deadline = deadline_of(school.id) if classes else None
    if deadline is None:
        return None
    return plans_of(school, classes, deadline, week_to_show(deadline, school, desk.now), desk.now)


def _names(rows: Sequence[ClassPlan]) -> str:
    names = [row.school_class.name for row in rows]
    return ", ".join(names[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else "")
