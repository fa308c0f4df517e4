"""Moments as people of the school read them; Babel's own short Kyrgyz dates are odd."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import format_datetime, get_locale, gettext, lazy_gettext

from webapp.clock import written

ZONE = ZoneInfo("Asia/Bishkek")
DAY_PATTERNS = {"ky": "d-MMMM", "ru": "d MMMM", "en": "d MMMM"}

WEEKDAYS = (  # from Monday on, as date.weekday() counts
    lazy_gettext("Monday"),
    lazy_gettext("Tuesday"),
    lazy_gettext("Wednesday"),
    lazy_gettext("Thursday"),
    lazy_gettext("Friday"),
    lazy_gettext("Saturday"),
    lazy_gettext("Sunday"),
)


def when(moment: datetime | None, now: datetime | None = None) -> str:
    """Write a moment as one says it: "today, 14:05", "24 November, 14:05"; another year is named."""
    if moment is None:
        return "—"
    local, today = moment.astimezone(ZONE), (now or datetime.now(UTC)).astimezone(ZONE)
    time = f"{local:%H:%M}"
    days = (today.date() - local.date()).days
    if days == 0:
        return str(gettext("today, %(time)s", time=time))
    if days == 1:
        return str(gettext("yesterday, %(time)s", time=time))
    pattern = DAY_PATTERNS[str(get_locale())]
    if local.year != today.year:
        pattern += " y"
    return f"{format_datetime(local, pattern, rebase=False)}, {time}"


def init_app(app: Flask) -> None:
    app.add_template_filter(when)
    app.add_template_filter(written, "clock")
