"""The timetable as people look at it: by day, by week, on paper, in a calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user

from notifier.database import db
from webapp.extensions import limiter
from webapp.families.models import SchoolClass
from webapp.lessons.ical import write_calendar
from webapp.lessons.models import TvLesson
from webapp.lessons.names import LANGUAGE_NAMES
from webapp.lessons.queries import (
    Wanted,
    any_class_of,
    class_led_by,
    classes_that_watch,
    for_class,
    lessons_on,
    next_on_each_channel,
)
from webapp.lessons.rules import CHANNEL_KEEPERS, TIMETABLE_KEEPERS, Rules, clock_at, rules_of
from webapp.lessons.xmltv import write_xmltv
from webapp.paging import Page
from webapp.staff.access import public
from webapp.staff.models import School
from webapp.times import day_asked, monday_of

blueprint = Blueprint("lessons", __name__, url_prefix="/tv")

PER_PAGE = 80
WEEK = 7
# What a calendar subscribes to: enough behind to see what was missed, and all that is known ahead.
CALENDAR_DAYS_BACK, CALENDAR_DAYS = 28, 28 + 120
CALENDAR_MOST = 1000


def _wanted(rules: Rules) -> Wanted:
    """The choice in the address; what makes no sense there counts as no choice."""
    grade = request.args.get("grade", "")
    language = request.args.get("language", "")
    channel = request.args.get("channel", "")
    return Wanted(
        int(grade) if grade.isdecimal() and len(grade) < 3 else None,
        language if language in LANGUAGE_NAMES else None,
        next((c.id for c in rules.channels if str(c.id) == channel), None),
    )


def _choice(wanted: Wanted, **more: Any) -> dict[str, Any]:
    """The choice as parts of an address; what is not chosen is left out."""
    return {"grade": wanted.grade, "language": wanted.language, "channel": wanted.channel_id, **more}


def _frame(rules: Rules, wanted: Wanted, monday: date, endpoint: str, today: date) -> dict[str, Any]:
    """What day and week view share: the filter, the way to other weeks, who may change things."""
    return {
        "rules": rules,
        "wanted": wanted,
        "language_names": LANGUAGE_NAMES,
        "monday": monday,
        "sunday": monday + timedelta(days=6),
        "today": today,
        "choice": _choice(wanted),
        "earlier": url_for(endpoint, **_choice(wanted, day=monday - timedelta(days=WEEK))),
        "later": url_for(endpoint, **_choice(wanted, day=monday + timedelta(days=WEEK))),
        "may_change": current_user.may(TIMETABLE_KEEPERS),
        "may_set": current_user.may(CHANNEL_KEEPERS),
    }


@blueprint.get("/")
def day() -> str:
    now = datetime.now(UTC)
    rules = rules_of(current_user.school)
    today = now.astimezone(rules.zone).date()
    asked, wanted = day_asked(request.args.get("day"), today), _wanted(rules)
    page = Page.of(
        lessons_on(current_user.school_id, asked, 1, rules.zone, wanted),
        request.args.get("page"),
        PER_PAGE,
        lambda number: url_for(".day", **_choice(wanted, day=asked, page=number)),
    )
    monday = monday_of(asked)
    # Sunday has a tab only when something is on.
    sunday = monday + timedelta(days=6)
    on_sunday = lessons_on(current_user.school_id, sunday, 1, rules.zone, wanted)
    has_sunday = sunday in {asked, today} or db.session.scalar(on_sunday.limit(1)) is not None
    return render_template(
        "lessons/day.html",
        **_frame(rules, wanted, monday, ".day", today),
        asked=asked,
        day_off=rules.day_off(asked),
        page=page,
        lessons=db.session.scalars(page.rows).all(),
        tabs=[
            (d, url_for(".day", **_choice(wanted, day=d)))
            for d in (monday + timedelta(days=n) for n in range(7 if has_sunday else 6))
        ],
        **_marks(now, rules),
    )


@blueprint.get("/week")
def week() -> str:
    now = datetime.now(UTC)
    rules = rules_of(current_user.school)
    today = now.astimezone(rules.zone).date()
    wanted, monday = _wanted(rules), monday_of(day_asked(request.args.get("day"), today))
    if wanted.is_everything:
        # A whole week of all grades fits no phone: begin with one's own class, else the lowest grade.
        mine = class_led_by(current_user)
        wanted = for_class(mine) if mine else Wanted(rules.first_grade)
    page = Page.of(
        lessons_on(current_user.school_id, monday, WEEK, rules.zone, wanted),
        request.args.get("page"),
        PER_PAGE,
        lambda number: url_for(".week", **_choice(wanted, day=monday, page=number)),
    )
    by_day: dict[date, list[TvLesson]] = {}
    for lesson in db.session.scalars(page.rows):
        by_day.setdefault(lesson.starts_at.astimezone(rules.zone).date(), []).append(lesson)
    return render_template(
        "lessons/week.html",
        **_frame(rules, wanted, monday, ".week", today),
        page=page,
        by_day=by_day,
        classes=classes_that_watch(current_user.school_id, wanted)[:PER_PAGE],
        **_marks(now, rules),
    )


def _marks(now: datetime, rules: Rules) -> dict[str, Any]:
    """What is on now, and what each channel shows next before the day ends."""
    tomorrow = now.astimezone(rules.zone).date() + timedelta(days=1)
    upcoming = next_on_each_channel(rules.school_id, now, clock_at(tomorrow, 0, rules.zone))
    return {"now": now, "upcoming": upcoming}


@blueprint.get("/print/<int:number>")
def sheet(number: int) -> str:
    """The week of one class on a sheet of A4."""
    school_class = any_class_of(current_user, number)
    rules = rules_of(current_user.school)
    today = datetime.now(UTC).astimezone(rules.zone).date()
    monday = monday_of(day_asked(request.args.get("day"), today))
    query = lessons_on(school_class.school_id, monday, WEEK, rules.zone, for_class(school_class))
    by_day: dict[date, list[TvLesson]] = {}
    for lesson in db.session.scalars(query.where(TvLesson.cancelled_at.is_(None)).limit(PER_PAGE)):
        by_day.setdefault(lesson.starts_at.astimezone(rules.zone).date(), []).append(lesson)
    return render_template(
        "lessons/sheet.html",
        school_class=school_class,
        monday=monday,
        sunday=monday + timedelta(days=6),
        by_day=by_day,
        rules=rules,
    )


# A calendar program cannot sign in, and what channels show is no secret: nothing here names a person.
@blueprint.get("/classes/<int:number>.ics")
@public
@limiter.limit("600/hour")
def calendar(number: int) -> Response:
    now = datetime.now(UTC)
    school_class = db.session.get(SchoolClass, number) or abort(404)
    school = db.session.get_one(School, school_class.school_id)
    rules = rules_of(school)
    first = now.astimezone(school.zone).date() - timedelta(days=CALENDAR_DAYS_BACK)
    query = lessons_on(school.id, first, CALENDAR_DAYS, school.zone, for_class(school_class))
    name = gettext("TV lessons, class %(name)s", name=school_class.name)
    # Not the days off, as in the evening messages: the channels may show lessons, and no pupil has to watch.
    lessons = [
        lesson
        for lesson in db.session.scalars(query.limit(CALENDAR_MOST))
        if not rules.day_off(lesson.starts_at.astimezone(rules.zone).date())
    ]
    content = write_calendar(lessons, f"{name}, {school.short_name}")
    return Response(
        content,
        mimetype="text/calendar",
        headers={"Content-Disposition": f'inline; filename="tv-{school_class.grade}-{number}.ics"'},
    )


@blueprint.get("/guide.xml")
def guide() -> Response:
    """The lessons of a week as XMLTV."""
    now = datetime.now(UTC)
    rules = rules_of(current_user.school)
    today = now.astimezone(rules.zone).date()
    monday = monday_of(day_asked(request.args.get("day"), today))
    query = lessons_on(current_user.school_id, monday, WEEK, rules.zone, _wanted(rules))
    lessons = db.session.scalars(query.where(TvLesson.cancelled_at.is_(None))).all()
    content = write_xmltv(lessons, rules.channels, rules.zone, now, current_user.school.name)
    return Response(
        content,
        mimetype="application/xml",
        headers={"Content-Disposition": f'attachment; filename="tv-lessons-{monday}.xml"'},
    )
