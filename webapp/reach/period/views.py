"""The report of a period: looked at first, then taken along as a spreadsheet or on paper."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, date, datetime

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, get_locale
from flask_login import current_user

from webapp.families.queries import visible_classes
from webapp.languages import LANGUAGES
from webapp.reach.causes import CAUSE_KINDS, CAUSE_NAMES, in_order
from webapp.reach.overview.charts import percent_of
from webapp.reach.period.days import BadDays, Days, presets, read
from webapp.reach.period.figures import PeriodReport, Row, period_report
from webapp.reach.period.files import FORMATS, WRITERS, file_name
from webapp.reach.period.words import FAULTS, PRESET_NAMES, days_in_words, headings, kind_name, notes
from webapp.staff.money import number

blueprint = Blueprint("reach_period", __name__, url_prefix="/reach/period")

PER_PAGE = 50


@blueprint.get("/")
def page() -> ResponseReturnValue:
    today = _today()
    ready = presets(today)
    try:
        days, fault = _asked(ready), None
    except BadDays as bad:
        days, fault = ready["month"], FAULTS[bad.reason]
    found = _report(days)
    shown = _shown(found)
    return render_template(
        "reach/period.html",
        report=found,
        days=days,
        in_words=days_in_words(days),
        fault=fault,
        typed=(request.args.get("first") or days.first, request.args.get("last") or days.last),
        chosen=next((name for name, each in ready.items() if each == days), None),
        presets=[(name, PRESET_NAMES[name], each) for name, each in ready.items()],
        total=[(heading.name, _written(heading.of(found.total))) for heading in headings()],
        staff_cost=_written(found.staff and found.staff.cost),
        cost=_written(found.cost),
        kinds=[(kind_name(kind), count) for kind, count in sorted(found.total.kinds.items())],
        classes=[(row, percent_of(row.reach.reached, row.reach.families)) for row in shown.rows],
        causes=in_order(found.total.causes),
        why=[(row, in_order(row.causes)) for row in shown.rows if row.not_reached],
        cause_names=CAUSE_NAMES,
        cause_kinds=CAUSE_KINDS,
        page=shown,
        notes=notes(found),
        speaks=str(get_locale())[:2],
    ), 400 if fault else 200


@blueprint.get("/file")
def file() -> ResponseReturnValue:
    """Hand the report over as a file; days that make no sense lead back to the page, which says so."""
    form, language = request.args.get("format", ""), request.args.get("language", "")
    if form not in FORMATS:
        abort(404)
    first, last = request.args.get("first", ""), request.args.get("last", "")
    try:
        days = read(first, last)
    except BadDays:
        return redirect(url_for(".page", first=first, last=last))
    found = _report(days)
    with force_locale(language if language in LANGUAGES else str(get_locale())):
        content = WRITERS[form](found)
    answer: Response = send_file(
        io.BytesIO(content),
        mimetype=FORMATS[form],
        as_attachment=True,
        download_name=file_name(found, form),
    )
    return answer


def _today() -> date:
    today: date = datetime.now(UTC).astimezone(current_user.school.zone).date()
    return today


def _asked(ready: dict[str, Days]) -> Days:
    """The days in the address; without any, the month's."""
    if "first" in request.args or "last" in request.args:
        return read(request.args.get("first", ""), request.args.get("last", ""))
    return ready.get(request.args.get("days", ""), ready["month"])


def _report(days: Days) -> PeriodReport:
    return period_report(
        current_user.school,
        visible_classes(current_user),
        days,
        datetime.now(UTC),
        whole_school=current_user.sees_whole_school,
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """The classes on one page of the preview, as `pager` asks for them."""

    rows: list[Row]
    number: int
    pages: int
    days: Days

    def url_for(self, number: int) -> str:
        return url_for(".page", first=self.days.first, last=self.days.last, page=number)


def _shown(found: PeriodReport) -> Shown:
    pages = max(1, -(-len(found.classes) // PER_PAGE))
    asked = request.args.get("page", "")
    number = min(max(int(asked) if asked.isdecimal() and len(asked) < 5 else 1, 1), pages)
    return Shown(found.classes[(number - 1) * PER_PAGE : number * PER_PAGE], number, pages, found.days)


def _written(value: object) -> str:
    return "–" if value is None else number(value)  # type: ignore[arg-type]
