"""An announcement as a parent will read it, finished: what was shown is what is sent. No database here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial

from flask_babel import force_locale, gettext, ngettext

from notifier.text import is_latin, measure, overflow, split, to_latin
from webapp.announcements.asks import NOTHING, Asks, asking
from webapp.announcements.audience.households import Child, Envelope
from webapp.announcements.duty import at_foot, if_it_fits
from webapp.announcements.names import short_names
from webapp.staff.models import School, Script

# Twilio takes 1600 characters at most; ten parts are also as much as anybody reads on a button phone.
MAX_PARTS = 10


@dataclass(frozen=True)
class Finished:
    """A message to the letter; equal ones are one rendering."""

    channel: str
    language: str
    subject: str
    body: str
    script: Script = Script.CYRILLIC  # of an SMS; letters are as they were written

    @property
    def parts(self) -> list[str]:
        """The SMS as the phone receives it."""
        return split(self.body) if self.channel == "sms" else []

    @cached_property
    def segments(self) -> int:
        """How many SMS parts it is billed as; an e-mail is none."""
        return measure(self.body).segments if self.channel == "sms" else 0


def all_finished(
    school: School, texts: dict[str, str], envelopes: Iterable[Envelope], asks: Asks = NOTHING, call: str = ""
) -> list[tuple[Envelope, Finished]]:
    """Write every message, what it asks, and whom to `call`; those whose words will be the same once."""
    texts_of = {channel: asking(school, texts, asks, channel) for channel in ("sms", "email")}
    if call:
        texts_of["email"] = at_foot(school, texts_of["email"], call)
    written: dict[tuple[object, ...], Finished] = {}
    messages = []
    for envelope in envelopes:
        alike = _what_decides(envelope)
        message = written.get(alike)
        if message is None:
            message = finished(school, texts_of[envelope.to.channel], envelope)
            if call and message.channel == "sms":
                message = with_call(school, message, call)
            written[alike] = message
        messages.append((envelope, message))
    return messages


def with_call(school: School, message: Finished, phone: str) -> Finished:
    """Put at the foot of an SMS whom to call, where that costs no further part."""
    return replace(message, body=if_it_fits(school, message.body, message.language, phone))


def _what_decides(envelope: Envelope) -> tuple[object, ...]:
    """All of an envelope that its message's words depend on; an SMS does not name an only child."""
    children = envelope.children
    if envelope.to.channel == "sms" and len(children) == 1:
        return "sms", envelope.language, envelope.script, children[0].class_name
    named = [(child.name, child.class_name) for child in children]
    return envelope.to.channel, envelope.language, envelope.script, *named


def finished(school: School, texts: dict[str, str], envelope: Envelope) -> Finished:
    """Write the message for one envelope, in the language read there if the text exists in it."""
    language, text = text_for(envelope.language, texts)
    if envelope.to.channel == "sms":
        return sms(school, text, envelope.children, language, envelope.script)
    # The frame of a letter speaks its text's language, so that one letter speaks one.
    return Finished("email", language, *_letter(school, text, envelope.children, language))


def sms(school: School, text: str, children: Iterable[Child], language: str, script: Script) -> Finished:
    """Write the SMS that tells `text` about these children, in one script."""
    start = opening(school, children)
    # A text typed in Latin letters is told in them to everybody: № or А before it would double its price.
    if script is Script.CYRILLIC and is_latin(text):
        return Finished("sms", language, "", in_script(school, start, language, Script.LATIN) + text, script)
    return Finished("sms", language, "", in_script(school, start + text, language, script), script)


def in_script(school: School, text: str, language: str, script: Script) -> str:
    """Write `text` for a guardian who reads this script (`guardian.script_at(school)`).

    `language` is the text's own. What Latin cannot say stays as it is: `notifier.text.unsayable` names it.
    """
    return to_latin(text, language, ascii=school.ascii_only) if script is Script.LATIN else text


def text_for(language: str, texts: dict[str, str]) -> tuple[str, str]:
    """Choose the text for a reader of `language`, and say which language it is in."""
    for candidate in (language, *texts):
        if texts.get(candidate):
            return candidate, texts[candidate]
    return language, ""


def opening(school: School, children: Iterable[Child]) -> str:
    """Say who writes and whom it concerns: "№95, 5-А: " or, for several, "№95, Нурлан 5-А, Нурай 5-Б: "."""
    return ", ".join([school.short_name, *_concerned(list(children))]) + ": "


def _concerned(children: list[Child]) -> list[str]:
    if len(children) == 1:
        return [children[0].class_name]
    called = short_names([child.name for child in children])
    return [f"{name} {child.class_name}" for name, child in zip(called, children, strict=True)]


def _letter(school: School, text: str, children: list[Child], language: str) -> tuple[str, str]:
    """Write subject and body of an e-mail, in `language`."""
    names = "; ".join(f"{child.name}, {child.class_name}" for child in children)
    with force_locale(language):
        subject = gettext(
            "%(school)s, %(classes)s: a message from the school",
            school=school.short_name,
            classes=", ".join(_concerned(children)),
        )
        pupils = ngettext("Pupil: %(names)s", "Pupils: %(names)s", len(children), names=names)
        return subject, f"{text}\n\n{pupils}\n{signature(school)}\n"


def signature(school: School) -> str:
    """Close a letter: who wrote it, and how to answer."""
    if school.phone:
        answer = gettext("To answer, call the school: %(phone)s", phone=school.phone)
    else:
        answer = gettext("To answer, speak to the class teacher.")
    return f"{school.name}\n{answer}"


def too_long_by(
    school: School, text: str, language: str, frames: Iterable[tuple[Script, tuple[Child, ...]]]
) -> int:
    """Say how many characters to take out of `text` so that it fits MAX_PARTS for all of these.

    A frame is whom a message concerns and the script it is written in; of each script the longest decides.
    """
    longest: dict[Script, tuple[int, tuple[Child, ...]]] = {}
    for script, children in frames:
        units = measure(in_script(school, opening(school, children), language, script)).units
        longest[script] = max(longest.get(script, (0, ())), (units, children), key=lambda frame: frame[0])
    return max(
        overflow(
            text, MAX_PARTS, partial(_body, school=school, children=kids, language=language, script=script)
        )
        for script, (_, kids) in longest.items()
    )


def _body(text: str, school: School, children: tuple[Child, ...], language: str, script: Script) -> str:
    return sms(school, text, children, language, script).body
