"""Moments and days as people of the school read them; Babel's own short Kyrgyz dates are odd."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from flask_babel import format_date, format_datetime, get_locale, gettext, lazy_gettext

from webapp.clock import written

ZONE = ZoneInfo("Asia/Bishkek")
# Babel's own Kyrgyz patterns are odd.
DAY_PATTERNS = {"ky": "d-MMMM", "ru": "d MMMM", "en": "d MMMM"}
_LONG = {"ky": "EEEE, d-MMMM", "ru": "EEEE, d MMMM", "en": "EEEE, d MMMM"}
_FULL = {"ky": "y-'ж'., d-MMMM", "ru": "d MMMM y", "en": "d MMMM y"}
WEEKDAYS = (  # from Monday on, as date.weekday() counts
    lazy_gettext("Monday"),
    lazy_gettext("Tuesday"),
    lazy_gettext("Wednesday"),
    lazy_gettext("Thursday"),
    lazy_gettext("Friday"),
    lazy_gettext("Saturday"),
    lazy_gettext("Sunday"),
)


def day_name(day: date) -> str:
    """Write a day with its weekday: "Дүйшөмбү, 7-сентябрь"."""
    text = str(format_date(day, _LONG[str(get_locale())]))
    return text[:1].upper() + text[1:]


def day_and_month(day: date) -> str:
    return str(format_date(day, DAY_PATTERNS[str(get_locale())]))


def full_day(day: date) -> str:
    """Write a day with its year."""
    return str(format_date(day, _FULL[str(get_locale())]))


def week_name(monday: date) -> str:
    """Write a week by its first and last day: "7–13-сентябрь"."""
    sunday = monday + timedelta(days=6)
    if monday.month == sunday.month:
        return f"{monday.day}–{day_and_month(sunday)}"
    return f"{day_and_month(monday)} – {day_and_month(sunday)}"


def short_weekday(day: date) -> str:
    """Write a weekday as a tab has room for it: "Дш"."""
    if str(get_locale()) == "ky":
        # Schools write them so; Babel's are "дүй.", "шейш.", "шарш.".
        return ("Дш", "Шш", "Шр", "Бш", "Жм", "Иш", "Жк")[day.weekday()]
    return str(format_date(day, "EEE")).strip(".").capitalize()


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def day_asked(text: str | None, otherwise: date) -> date:
    """Return the day of an address such as ?day=2020-09-07; `otherwise` when it makes no sense."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return otherwise
    return day if 2000 <= day.year <= 2099 else otherwise


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
    for filter_ in (when, day_name, day_and_month, full_day, short_weekday, week_name):
        app.add_template_filter(filter_)
    app.add_template_filter(written, "clock")
