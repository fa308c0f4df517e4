"""What is wrong with one answer: a sentence that says what to do, or nothing."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from flask_babel import gettext

from webapp.announcements.desk.asked import Ask, How
from webapp.announcements.desk.markup import tag_in
from webapp.announcements.desk.said import read_day, read_hour

_phone = re.compile(r"[+\d][\d\s()\-,;*#]{2,}")
FEWEST_DIGITS, MOST_DIGITS = 3, 24


def fault(ask: Ask, answer: object) -> str:
    """Say what is wrong; "" for what is right, or empty where it may be."""
    if not answer:
        return str(ask.needed) if ask.needed else ""
    if ask.how is How.TICK:
        return ""
    if ask.how is How.MANY:
        known = isinstance(answer, list) and set(answer) <= set(ask.choices)
        return "" if known else gettext("Choose among these.")
    text = str(answer)
    if ask.how is How.CHOICE:
        return "" if text in ask.choices else gettext("Choose among these.")
    if ask.how is How.DAY:
        return "" if read_day(text) else gettext("Write the day like 1.12.2026.")
    if ask.how is How.NUMBER:
        right = text.isascii() and text.isdecimal() and len(text) <= ask.most and int(text) > 0
        return "" if right else gettext("Write a number.")
    if ask.how is How.HOUR:
        return "" if read_hour(text) else gettext("Write the hour like 18:00.")
    return _of_words(ask, text)


def _of_words(ask: Ask, text: str) -> str:
    if len(text) > ask.most:
        return str(
            gettext(
                "This is too long: at most %(most)s characters, and these are %(here)s.",
                most=ask.most,
                here=len(text),
            )
        )
    if ask.how is How.LINK:
        return "" if is_link(text) else gettext("This is no link. Copy it whole: it begins with https://")
    if ask.how is How.PHONE:
        digits = sum(each.isdigit() for each in text)
        right = _phone.fullmatch(text) and FEWEST_DIGITS <= digits <= MOST_DIGITS
        return "" if right else gettext("This is no phone number. Write it like +996 312 000 095.")
    return markup_fault(text)


def markup_fault(text: str) -> str:
    """Say that a text has HTML in it: whoever pasted it sees no tags, the phone shows them all."""
    tag = tag_in(text)
    if not tag:
        return ""
    return str(
        gettext("There is HTML in this text: %(tag)s. A phone shows it as it stands; take it out.", tag=tag)
    )


def is_link(text: str) -> bool:
    """Whether a browser would go somewhere by it: http or https, and a host with a name."""
    if any(each.isspace() or not each.isprintable() for each in text) or '"' in text or "<" in text:
        return False
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "." in host.strip(".") and not parts.username
