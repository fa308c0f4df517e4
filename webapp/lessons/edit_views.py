"""Add, change and cancel single lessons."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from notifier.database import db
from webapp.lessons.check import check
from webapp.lessons.drafts import Draft
from webapp.lessons.forms import LessonForm
from webapp.lessons.importing import first_airing_of, lessons_around
from webapp.lessons.models import TvLesson
from webapp.lessons.problems import Problem
from webapp.lessons.queries import class_led_by, lesson_of
from webapp.lessons.rules import TIMETABLE_KEEPERS, Rules, rules_of
from webapp.staff.access import only
from webapp.times import day_asked

blueprint = Blueprint("lessons_edit", __name__, url_prefix="/tv/lessons")


@blueprint.route("/new", methods=["GET", "POST"])
@only(TIMETABLE_KEEPERS)
def add() -> ResponseReturnValue:
    rules = rules_of(current_user.school)
    form = LessonForm()
    form.offer(rules.channels)
    if request.method != "POST":
        _begin(form, rules)
    return _written(form, rules, None)


@blueprint.route("/<int:number>", methods=["GET", "POST"])
@only(TIMETABLE_KEEPERS)
def edit(number: int) -> ResponseReturnValue:
    lesson = lesson_of(current_user, number)
    rules = rules_of(current_user.school)
    form = LessonForm()
    form.offer(rules.channels)
    if request.method != "POST":
        form.show(lesson, rules.zone)
    return _written(form, rules, lesson)


def _begin(form: LessonForm, rules: Rules) -> None:
    """Offer what is likely: the day that was looked at, one's own class, the longest lesson it may watch."""
    today = datetime.now(UTC).astimezone(rules.zone).date()
    day = day_asked(request.args.get("day"), today + timedelta(days=1))
    mine = class_led_by(current_user)
    grade = mine.grade if mine else rules.first_grade
    form.date.data = f"{day:%d.%m.%Y}"
    form.grade.data = str(grade)
    form.language.data = mine.language if mine else rules.language
    form.minutes.data = str(rules.cap(grade, grade) or 30)
    form.channel.data = next((c.name for c in rules.channels if c.carries(grade, grade)), None)


def _written(form: LessonForm, rules: Rules, lesson: TvLesson | None) -> ResponseReturnValue:
    now = datetime.now(UTC)
    warnings: Sequence[Problem] = ()
    if form.validate_on_submit():
        draft, warnings = _judge(form, rules, lesson, now.astimezone(rules.zone).date())
        # Warnings stop a person once: they may know better.
        if draft and (form.agreed.data or "") == _fingerprint(warnings):
            _store(draft, lesson, now)
            db.session.commit()
            flash(gettext("The lesson is saved."), "success")
            day = draft.starts_at.astimezone(rules.zone).date()
            return redirect(url_for("lessons.day", day=day))
        form.agreed.data = _fingerprint(warnings)
    page = render_template(
        "lessons/lesson.html", form=form, lesson=lesson, warnings=warnings, zone=rules.zone
    )
    return page, 422 if form.errors or warnings else 200


def _judge(
    form: LessonForm, rules: Rules, lesson: TvLesson | None, today: date
) -> tuple[Draft | None, Sequence[Problem]]:
    """Hold what was typed to the checks of a timetable, with one row."""
    reading = check([form.row], rules, today)
    others = [other for other in lessons_around(reading.drafts, rules.school_id) if other is not lesson]
    reading.add_overlaps(others, rules.zone)
    form.blame(reading.errors)
    return (reading.drafts[0] if reading.drafts else None), reading.warnings


def _fingerprint(warnings: Sequence[Problem]) -> str:
    said = "\n".join(f"{warning.reason} {sorted(warning.about.items())}" for warning in warnings)
    return hashlib.sha256(said.encode()).hexdigest()[:16] if warnings else ""


def _store(draft: Draft, lesson: TvLesson | None, now: datetime) -> None:
    values = {
        "channel_id": draft.channel.id,
        "starts_at": draft.starts_at,
        "minutes": draft.minutes,
        "first_grade": draft.first_grade,
        "last_grade": draft.last_grade,
        "language": draft.language,
        "subject": draft.subject,
        "topic": draft.topic,
    }
    if lesson is None:
        lesson = TvLesson(school_id=current_user.school_id, revision=1, changed_at=now, **values)
        db.session.add(lesson)
        db.session.flush()
    elif any(getattr(lesson, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(lesson, name, value)
        lesson.revision, lesson.changed_at = lesson.revision + 1, now
        db.session.flush()
    lesson.repeat_of_id = first_airing_of(lesson) if draft.is_repeat else None


@blueprint.post("/<int:number>/cancel")
@only(TIMETABLE_KEEPERS)
def cancel(number: int) -> ResponseReturnValue:
    """Cancel a lesson: it stays in the timetable, struck through, so that everybody sees it."""
    lesson, now = lesson_of(current_user, number), datetime.now(UTC)
    if not lesson.cancelled_at:
        lesson.cancelled_at, lesson.changed_at, lesson.revision = now, now, lesson.revision + 1
        db.session.commit()
    flash(gettext("The lesson is cancelled."), "success")
    return _back_to(lesson)


@blueprint.post("/<int:number>/restore")
@only(TIMETABLE_KEEPERS)
def restore(number: int) -> ResponseReturnValue:
    lesson = lesson_of(current_user, number)
    if lesson.cancelled_at:
        lesson.cancelled_at, lesson.revision = None, lesson.revision + 1
        lesson.changed_at = datetime.now(UTC)
        db.session.commit()
    flash(gettext("The lesson is on again."), "success")
    return _back_to(lesson)


def _back_to(lesson: TvLesson) -> ResponseReturnValue:
    day = lesson.starts_at.astimezone(current_user.school.zone).date()
    return redirect(url_for("lessons.day", day=day))
