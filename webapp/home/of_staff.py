"""What waits among the staff: notices to read, and plans that families have still to be told."""

from __future__ import annotations

from collections.abc import Sequence

from flask import url_for
from flask_babel import gettext, ngettext
from sqlalchemy import func, select

from notifier.database import db
from webapp.announcements.render import text_for
from webapp.families.models import SchoolClass
from webapp.home.desk import Desk
from webapp.home.wait import Wait, Weight
from webapp.staffroom.plans import PlanState, deadline_of, plans_of, reminds_at, week_to_show
from webapp.staffroom.queries import unread_of
from webapp.times import when

HEADLINE = 90
MOST_NAMES = 6


def notices(desk: Desk) -> Wait | None:
    """Notices for this person that they have not said they have read; the newest is named."""
    unread = unread_of(desk.person)
    count = db.session.scalar(select(func.count()).select_from(unread.order_by(None).subquery())) or 0
    if not count:
        return None
    newest = db.session.scalars(unread.limit(1)).one().announcement
    headline = text_for(desk.person.language or "ky", newest.texts)[1].partition("\n")[0]
    return Wait(
        ngettext("A notice for you to read", "%(num)s notices for you to read", count),
        gettext("Read it") if count == 1 else gettext("Read them"),
        url_for("staff_notices.show", number=newest.id) if count == 1 else url_for("staff_notices.inbox"),
        Weight.TODAY,
        more=headline if len(headline) <= HEADLINE else headline[:HEADLINE].rstrip() + "…",
    )


def own_plan(desk: Desk) -> Wait | None:
    """A teacher's classes whose plan of the week is to be told by now, or was."""
    classes = [each for each in desk.classes if each.teacher_id == desk.person.id]
    return _plans(desk, classes, {PlanState.DUE, PlanState.OVERDUE})


def late_plans(desk: Desk) -> Wait | None:
    """The classes that were not told in time, for who answers for it."""
    return _plans(desk, desk.classes, {PlanState.OVERDUE})


def _plans(desk: Desk, classes: Sequence[SchoolClass], wanted: set[PlanState]) -> Wait | None:
    school = desk.person.school
    deadline = deadline_of(school.id) if classes else None
    if deadline is None:
        return None
    monday = week_to_show(deadline, school, desk.now)
    plans = plans_of(school, classes, deadline, monday, desk.now)
    starts = reminds_at(deadline, plans.due, school) or plans.due
    left = [row for row in plans.classes if row.state in wanted]
    if not left or desk.now < starts:
        return None
    names = [row.school_class.name for row in left]
    late = any(row.state is PlanState.OVERDUE for row in left)
    return Wait(
        ngettext(
            "%(num)s class was not told the plan for the week in time",
            "%(num)s classes were not told the plan for the week in time",
            len(left),
        )
        if late
        else gettext("Tell families the plan for the week by %(when)s", when=when(plans.due, desk.now)),
        gettext("See which, and whose") if len(left) > 1 else gettext("To the plan"),
        url_for("plans.week", week=monday),
        Weight.TODAY,
        "problem" if late else "waiting",
        more=", ".join(names[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else ""),
    )
