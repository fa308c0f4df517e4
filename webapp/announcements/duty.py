"""Whom a family can call about an urgent notice: the phone of who is on duty, at the notice's foot.

A phone without a name: those of the staff are not ours to spread. In an SMS only where it costs no further
part. Not in the catalogues: the line is part of an SMS, so its words are few and bound to its language.
"""

from __future__ import annotations

from datetime import datetime

from notifier.text import is_latin, measure, to_latin
from webapp.roster.queries import whom_to_call
from webapp.staff.models import School

LINES = {"ky": "Нөөмөтчү: {phone}", "ru": "Дежурный: {phone}"}


def phone_on_duty(school: School, now: datetime) -> str:
    """The phone of who is on duty at this moment; "" when nobody is, or has none."""
    name, phone = whom_to_call(school, now)
    return phone if name else ""


def line_of_duty(school: School, language: str, phone: str, *, latin: bool = False) -> str:
    line = LINES.get(language, LINES["ky"]).format(phone=phone)
    return to_latin(line, language, ascii=school.ascii_only) if latin else line


def at_foot(school: School, texts: dict[str, str], phone: str) -> dict[str, str]:
    """Put the line under each text of a letter; what is empty stays empty."""
    return {
        language: f"{text}\n{line_of_duty(school, language, phone)}" if text else ""
        for language, text in texts.items()
    }


def if_it_fits(school: School, body: str, language: str, phone: str) -> str:
    """Put the line under an SMS, unless that would cost another part."""
    longer = f"{body}\n{line_of_duty(school, language, phone, latin=is_latin(body))}"
    return longer if measure(longer).segments == measure(body).segments else body
