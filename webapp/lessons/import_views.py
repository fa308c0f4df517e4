"""A timetable comes in by steps: file or paste → problems row by row, mended in place → apply → take back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_login import current_user
from sqlalchemy import delete

from notifier.database import db
from webapp.families.sheets import BadSheet
from webapp.lessons.days import BadDate, date_of, read_day
from webapp.lessons.forms import CopyForm, ImportForm, shifted
from webapp.lessons.headings import FIELDS
from webapp.lessons.importing import Plan, bring_in, make_plan
from webapp.lessons.mending import absent_fields, mended, problems_by_row, standing, unknown_channels
from webapp.lessons.models import LessonImport, TvLesson
from webapp.lessons.names import LANGUAGE_NAMES
from webapp.lessons.problems import FIELD_LABELS, file_problem
from webapp.lessons.queries import Wanted, import_of, lessons_on, recent_imports
from webapp.lessons.roads import context_of, read_file, read_pasted
from webapp.lessons.rows import MAX_ROWS, RawRow
from webapp.lessons.rules import TIMETABLE_KEEPERS, rules_of
from webapp.lessons.undoing import take_back
from webapp.paging import Cut
from webapp.staff.access import only
from webapp.times import day_asked, monday_of

blueprint = Blueprint("lessons_import", __name__, url_prefix="/tv/import")

ROWS_PER_PAGE, MOST_MISSING = 25, 20


@blueprint.route("/", methods=["GET", "POST"])
@only(TIMETABLE_KEEPERS)
def upload() -> ResponseReturnValue:
    form = ImportForm()
    if form.validate_on_submit():
        now, rules = datetime.now(UTC), rules_of(current_user.school)
        context = context_of(rules, now)
        try:
            context = replace(context, week=_week(form.week.data or "", context.today))
            source, rows = "", []
            content = form.file.data.read() if form.file.data else b""
            # Reading is slow; nobody should wait for the database meanwhile.
            db.session.rollback()
            if content:
                source, rows = (form.file.data.filename or "")[-120:], read_file(content, context)
            else:
                rows = read_pasted(form.text.data or "", context)
        except BadDate:
            form.week.errors = [gettext("This is no day. Write it like 07.09.2020, or leave it empty.")]
        except BadSheet as error:
            form.blame(file_problem(error).message)
        else:
            return _keep(rows, source, now)
    page = render_template(
        "lessons/import_file.html", form=form, recent=recent_imports(current_user.school_id)
    )
    return page, 422 if form.errors else 200


def _week(text: str, today: date) -> date | None:
    """The week that was asked for; raise BadDate."""
    if not text.strip():
        # Tomorrow's timetable is usually pasted today, and next week's on Friday.
        return monday_of(today + timedelta(days=3))
    day = read_day(text)
    if day is None:
        raise BadDate
    return date_of(day, today)


def _keep(rows: Sequence[RawRow], source: str, now: datetime) -> ResponseReturnValue:
    """Keep the rows until they are mended and applied; an older draft of the same person goes."""
    db.session.execute(
        delete(LessonImport).where(
            LessonImport.staff_id == current_user.id, LessonImport.applied_at.is_(None)
        )
    )
    kept = LessonImport(
        school_id=current_user.school_id,
        staff_id=current_user.id,
        source=source,
        rows=[row.as_json() for row in rows],
        changes={},
        created_at=now,
    )
    db.session.add(kept)
    db.session.commit()
    return redirect(url_for(".preview", number=kept.id))


@blueprint.get("/<int:number>")
@only(TIMETABLE_KEEPERS)
def preview(number: int) -> ResponseReturnValue:
    kept, now = import_of(current_user, number), datetime.now(UTC)
    if kept.applied_at:
        return _done(kept)
    rules = rules_of(current_user.school)
    rows = standing(kept.rows)
    plan = make_plan([row for _place, row in rows], rules, now)
    problems = problems_by_row(plan.reading.errors, plan.reading.warnings)
    page = Cut.of(
        list(problems),
        request.args.get("page"),
        ROWS_PER_PAGE,
        lambda n: url_for(".preview", number=number, page=n),
    )
    return render_template(
        "lessons/import_preview.html",
        kept=kept,
        plan=plan,
        rows=[(*rows[index], problems[index]) for index in page.rows],
        bad_rows=len({error.index for error in plan.reading.errors}),
        page=page,
        absent=absent_fields(plan.reading.errors),
        unknown=unknown_channels(plan.reading.errors),
        labels=FIELD_LABELS,
        fields=FIELDS,
        choices={
            "channel": [(channel.name, channel.name) for channel in rules.channels],
            "language": list(LANGUAGE_NAMES.items()),
        },
        days=_days(plan),
        missing=plan.missing[:MOST_MISSING],
    )


def _done(kept: LessonImport) -> ResponseReturnValue:
    """What was brought in, and the way to take it back."""
    touched = [entry[0] for entries in kept.changes.values() for entry in entries]
    first = db.session.get(TvLesson, touched[0]) if touched else None
    return render_template(
        "lessons/import_done.html",
        kept=kept,
        changes={kind: len(kept.changes.get(kind, ())) for kind in ("created", "updated", "cancelled")},
        first_day=first.starts_at.astimezone(current_user.school.zone).date() if first else None,
    )


def _days(plan: Plan) -> list[tuple[date, dict[str, int]]]:
    """How many lessons each channel shows on each day, at most a hundred days."""
    zone = current_user.school.zone
    counted = Counter(
        (draft.starts_at.astimezone(zone).date(), draft.channel.name) for draft in plan.reading.drafts
    )
    days: dict[date, dict[str, int]] = {}
    for (day, channel), count in sorted(counted.items()):
        days.setdefault(day, {})[channel] = count
    return list(days.items())[:100]


@blueprint.post("/<int:number>/mend")
@only(TIMETABLE_KEEPERS)
def mend(number: int) -> ResponseReturnValue:
    """Take over what was corrected in the rows of one page, and leave out those that were ticked."""
    kept = import_of(current_user, number)
    if kept.applied_at:
        return redirect(url_for(".preview", number=number))
    kept.rows = mended(kept.rows, request.form)
    db.session.commit()
    return redirect(url_for(".preview", number=number))


@blueprint.post("/<int:number>/apply")
@only(TIMETABLE_KEEPERS)
def apply(number: int) -> ResponseReturnValue:
    kept, now = import_of(current_user, number), datetime.now(UTC)
    if kept.applied_at:
        return redirect(url_for(".preview", number=number))
    rows = [row for _place, row in standing(kept.rows)]
    person = current_user._get_current_object()
    plan = bring_in(
        rows, person.school, kept.source, now, person=person, into=kept, replace="replace" in request.form
    )
    if plan.reading.errors or not rows:
        db.session.rollback()
        return redirect(url_for(".preview", number=number))
    db.session.commit()
    if changed := len(plan.created) + len(plan.updated):
        sentence = ngettext("%(num)s lesson is brought in.", "%(num)s lessons are brought in.", changed)
        flash(sentence, "success")
    if gone := len(kept.changes["cancelled"]):
        flash(ngettext("%(num)s lesson is cancelled.", "%(num)s lessons are cancelled.", gone), "success")
    return redirect(url_for(".preview", number=number))


@blueprint.post("/<int:number>/undo")
@only(TIMETABLE_KEEPERS)
def undo(number: int) -> ResponseReturnValue:
    kept = import_of(current_user, number)
    if kept.applied_at and not kept.undone_at:
        person = current_user._get_current_object()
        undone = take_back(kept, person.school, datetime.now(UTC), person)
        db.session.commit()
        if undone.kept:
            sentence = ngettext(
                "The timetable is taken back, except %(num)s lesson that was changed since.",
                "The timetable is taken back, except %(num)s lessons that were changed since.",
                undone.kept,
            )
            flash(sentence, "warning")
        else:
            flash(gettext("The timetable is taken back."), "success")
    return redirect(url_for(".preview", number=number))


@blueprint.post("/copy")
@only(TIMETABLE_KEEPERS)
def copy() -> ResponseReturnValue:
    """Make a timetable of the week before; it goes through the same preview."""
    form = CopyForm()
    zone, now = current_user.school.zone, datetime.now(UTC)
    monday = monday_of(day_asked(form.week.data, now.astimezone(zone).date()))
    before = lessons_on(current_user.school_id, monday - timedelta(days=7), 7, zone, Wanted())
    lessons = db.session.scalars(before.where(TvLesson.cancelled_at.is_(None)).limit(MAX_ROWS)).all()
    if not form.validate_on_submit() or not lessons:
        flash(gettext("There are no lessons in the week before."), "warning")
        return redirect(url_for("lessons.day", day=monday))
    rows = [shifted(lesson, 7, zone, topics=form.topics.data) for lesson in lessons]
    numbered = [replace(row, number=number) for number, row in enumerate(rows, start=1)]
    return _keep(numbered, gettext("The week before"), now)
