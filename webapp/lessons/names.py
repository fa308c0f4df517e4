"""How the timetable's days and languages are called on the screen."""

from __future__ import annotations

from datetime import date, timedelta

from flask import Flask
from flask_babel import format_date, get_locale, lazy_gettext

LANGUAGE_NAMES = {
    "ky": lazy_gettext("Kyrgyz"),
    "ru": lazy_gettext("Russian"),
    "uz": lazy_gettext("Uzbek"),
    "tg": lazy_gettext("Tajik"),
}
# Babel's own Kyrgyz patterns are odd.
_LONG = {"ky": "EEEE, d-MMMM", "ru": "EEEE, d MMMM", "en": "EEEE, d MMMM"}
_DAY = {"ky": "d-MMMM", "ru": "d MMMM", "en": "d MMMM"}
_FULL = {"ky": "y-'ж'., d-MMMM", "ru": "d MMMM y", "en": "d MMMM y"}


def day_name(day: date) -> str:
    """Write a day with its weekday: "Дүйшөмбү, 7-сентябрь"."""
    text = str(format_date(day, _LONG[str(get_locale())]))
    return text[:1].upper() + text[1:]


def day_and_month(day: date) -> str:
    return str(format_date(day, _DAY[str(get_locale())]))


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


def init_app(app: Flask) -> None:
    for filter_ in (day_name, day_and_month, full_day, short_weekday, week_name):
        app.add_template_filter(filter_)
