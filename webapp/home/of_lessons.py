"""What waits with lessons: classes nobody told their timetable, meetings at school, the evening ahead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext
from sqlalchemy import ColumnElement, and_, func, or_, select

from notifier.database import db
from webapp.atschool.models import Attendance, Group, Member
from webapp.atschool.times import clock
from webapp.families.models import SchoolClass
from webapp.home.desk import TEACHERS, Desk
from webapp.home.wait import Ahead, Wait, Weight
from webapp.lessons.digest.hours import next_evening
from webapp.lessons.models import TvLesson
from webapp.lessons.queries import Wanted, lessons_on
from webapp.lessons.rules import DayOff, stored_rules
from webapp.reach.overview.timetable import ClassTold, Told, week_told

MOST_NAMES = 6


def own_class_not_told(desk: Desk) -> Wait | None:
    """A teacher's classes whose lessons began this week, and nobody had told them."""
    own = [each for each in desk.classes if each.teacher_id == desk.person.id]
    left = _not_told(desk, own)
    if not left:
        return None
    chosen: dict[str, Any] = {"class": [each.school_class.id for each in left]}
    return Wait(
        gettext("%(names)s: the TV lessons of this week were not told", names=_names(left)),
        gettext("Write to the class"),
        url_for("announcements.compose", **chosen),
        Weight.SOON,
    )


def classes_not_told(desk: Desk) -> Wait | None:
    """The same of the whole school, for who answers for it."""
    left = _not_told(desk, desk.classes)
    if not left:
        return None
    return Wait(
        ngettext(
            "%(num)s class was not told the TV lessons of this week",
            "%(num)s classes were not told the TV lessons of this week",
            len(left),
        ),
        gettext("See which, and whose"),
        url_for("reach_overview.timetable"),
        Weight.SOON,
        more=_names(left),
    )


def meeting_today(desk: Desk) -> Wait | None:
    """A lesson at school of this day whose attendance its responsible person has not written down."""
    noted = (
        select(Attendance.member_id)
        .join(Member, Member.id == Attendance.member_id)
        .where(Member.group_id == Group.id, Attendance.day == desk.today)
    )
    groups = db.session.scalars(
        select(Group)
        .where(
            Group.responsible_id == desk.person.id,
            Group.first_day <= desk.today,
            Group.last_day >= desk.today,
            ~noted.exists(),
        )
        .order_by(Group.name, Group.id)
    )
    for group in groups:
        starts = [each["starts"] for each in group.meetings if each["weekday"] == desk.today.weekday()]
        if starts:
            return Wait(
                gettext("Lesson at school today at %(time)s", time=clock(min(starts))),
                gettext("Write down who came"),
                url_for("atschool.attendance", number=group.id),
                Weight.TODAY,
                more=f"{group.name}, {group.place}",
            )
    return None


def evening_is_off(desk: Desk) -> Wait | None:
    """Lessons are on tomorrow, and no message tells families of them."""
    rules = stored_rules(desk.person.school)
    if rules.digest_at is not None or not _lessons(desk, desk.tomorrow):
        return None
    return Wait(
        gettext("Nobody is told tomorrow’s TV lessons: the evening messages are switched off"),
        gettext("Switch them on"),
        url_for("lessons_digest.settings"),
        Weight.WHEN_THERE_IS_TIME,
    )


def ahead(desk: Desk) -> list[Ahead]:
    """Say what of the timetable comes by itself."""
    rules, school = stored_rules(desk.person.school), desk.person.school
    found = []
    if today := _lessons(desk, desk.today):
        found.append(
            Ahead(
                ngettext("%(num)s TV lesson today", "%(num)s TV lessons today", today),
                url_for("lessons.day", day=desk.today),
                "tv",
            )
        )
    if rules.digest_at is not None:
        day = next_evening(desk.now, rules.digest_at, school.zone)
        if _lessons(desk, day) and not any(DayOff(**off).covers(day) for off in rules.days_off):
            at = clock(rules.digest_at)
            tonight = day == desk.tomorrow
            found.append(
                Ahead(
                    gettext("Tomorrow’s TV lessons go out at %(time)s", time=at)
                    if tonight
                    else gettext("The TV lessons of the day after go out tomorrow at %(time)s", time=at),
                    url_for("lessons_digest.overview") if desk.classes else url_for("lessons.day", day=day),
                    "tv",
                )
            )
    return found


def _lessons(desk: Desk, day: date) -> int:
    """Count the lessons of a day; for a class teacher, those their classes watch."""
    query = lessons_on(desk.person.school_id, day, 1, desk.person.school.zone, Wanted()).where(
        TvLesson.cancelled_at.is_(None)
    )
    if not desk.person.sees_whole_school and desk.person.may(TEACHERS) and desk.classes:
        query = query.where(_watched(desk))
    return db.session.scalar(query.order_by(None).with_only_columns(func.count())) or 0


def _watched(desk: Desk) -> ColumnElement[bool]:
    return or_(
        *(
            and_(TvLesson.first_grade <= grade, TvLesson.last_grade >= grade, TvLesson.language == language)
            for grade, language in {(each.grade, each.language) for each in desk.classes}
        )
    )


def _not_told(desk: Desk, classes: Sequence[SchoolClass]) -> list[ClassTold]:
    """Those of these classes whose lessons of this week began before anybody told them.

    A class whose teacher wrote something this week is not among them: it may have been that.
    """
    if not classes:
        return []
    return week_told(desk.person.school, classes, desk.monday, desk.now).with_status(Told.NOBODY, Told.PARTLY)


def _names(rows: Sequence[ClassTold]) -> str:
    names = [row.school_class.name for row in rows]
    return ", ".join(names[:MOST_NAMES]) + (" …" if len(names) > MOST_NAMES else "")
