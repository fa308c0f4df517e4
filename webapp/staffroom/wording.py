"""What a notice for the staff says: of a webinar it is written from its day, hour and link."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import LazyString, force_locale, gettext, lazy_gettext

from notifier.message import Fault
from notifier.models import Delivery, State
from webapp.announcements.models import Announcement
from webapp.announcements.reasons import reason
from webapp.staff.models import School
from webapp.staffroom.models import Kind, StaffNotice
from webapp.times import day_and_month, week_name

LANGUAGES = ("ky", "ru")


def write_text(notice: StaffNotice, announcement: Announcement, school: School) -> None:
    """Write the announcement's texts from what the author typed."""
    if notice.kind == Kind.WEBINAR and notice.starts_at:
        words = {"ky": notice.words_ky, "ru": notice.words_ru}
        texts = {
            language: _webinar(notice, notice.starts_at.astimezone(school.zone), own or other, language)
            for language, own, other in (
                ("ky", words["ky"], words["ru"]),
                ("ru", words["ru"], words["ky"]),
            )
        }
    else:
        texts = {"ky": notice.words_ky, "ru": notice.words_ru}
    announcement.text_ky, announcement.text_ru = texts["ky"], texts["ru"]


def why_not(delivery: Delivery) -> LazyString | None:
    """Say in a sentence why a colleague's message has not arrived, as far as anybody knows."""
    if delivery.state == State.SUPPRESSED or delivery.fault == Fault.OPTED_OUT:
        return lazy_gettext("has asked for no messages")
    return reason(delivery)


def _webinar(notice: StaffNotice, local: datetime, words: str, language: str) -> str:
    """Say when and where, what about, and how to come in; at a phone with buttons the code is typed."""
    with force_locale(language):
        said = [
            gettext("Webinar on %(day)s at %(time)s", day=day_and_month(local.date()), time=f"{local:%H:%M}")
            + (f", {notice.platform}" if notice.platform else "")
            + f": {words}",
            notice.link,
            gettext("Code: %(code)s", code=notice.code) if notice.code else "",
        ]
    return "\n".join(filter(None, said))


def reminder(classes: str, monday: date, due: datetime, language: str, *, late: bool) -> str:
    """Tell a class teacher that the plan of a week is due, or overdue; `due` is on the school's clock."""
    with force_locale(language):
        said = {
            "classes": classes,
            "week": week_name(monday),
            "day": day_and_month(due.date()),
            "time": f"{due:%H:%M}",
        }
        sentence: str
        if late:
            sentence = gettext(
                "%(classes)s: the plan for %(week)s was to be told to families by %(day)s, %(time)s. "
                "It has not been told yet: please do it now.",
                **said,
            )
        else:
            sentence = gettext(
                "%(classes)s: please tell families the plan for %(week)s by %(day)s, %(time)s.", **said
            )
    return sentence
