"""What is done about each kind of message: one row an intent."""

from __future__ import annotations

from collections.abc import Callable

from webapp.inbox.answering.again import say_again
from webapp.inbox.answering.asked import Asked, Done
from webapp.inbox.answering.language import change_language
from webapp.inbox.answering.lessons import tell_lessons
from webapp.inbox.answering.number import take_no, take_wrong, take_yes
from webapp.inbox.answering.rescue import send_help
from webapp.inbox.answering.send import give
from webapp.inbox.answering.silence import confirm_messages, confirm_silence
from webapp.inbox.keywords import Intent

HANDLERS: dict[Intent, Callable[[Asked], Done]] = {
    "YES": take_yes,
    "NO": take_no,
    "TV": tell_lessons,
    "STOP": confirm_silence,
    "START": confirm_messages,
    "HELP": send_help,
    "LANG_KY": change_language,
    "LANG_RU": change_language,
    "WRONG": take_wrong,
    "REPEAT": say_again,
}


def respond(asked: Asked) -> bool:
    """Do what was asked, in the caller's transaction; False when a person has to read the message."""
    done = HANDLERS[asked.keyword.intent](asked)
    if done.answer is None:
        return done.settled
    return give(asked, done.answer) and done.settled
