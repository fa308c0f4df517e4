"""What the pages call the ways of telling a family, and what came of them."""

from __future__ import annotations

from flask_babel import LazyString, lazy_gettext

from webapp.announcements.levels import Level
from webapp.languages import headline
from webapp.reach.models import FollowUp, Means, Outcome

LEVEL_NAMES: dict[Level, LazyString] = {
    Level.NOT_TRIED: lazy_gettext("Not tried"),
    Level.SENT: lazy_gettext("Sent"),
    Level.RELAYED: lazy_gettext("Through a neighbour"),
    Level.DELIVERED: lazy_gettext("Delivered"),
    Level.ACKNOWLEDGED: lazy_gettext("Acknowledged"),
    Level.SPOKEN_TO: lazy_gettext("Spoken to"),
}
MEANS = {
    Means.NEXT_NUMBER: lazy_gettext("SMS to another number"),
    Means.EMAIL: lazy_gettext("E-mail"),
    Means.CALL: lazy_gettext("Call"),
    Means.RELAY: lazy_gettext("Through somebody near"),
    Means.VISIT: lazy_gettext("Visit"),
    Means.LESSON: lazy_gettext("Lesson at school"),
}
OUTCOMES = {
    Outcome.SPOKE: lazy_gettext("Spoke to the family"),
    Outcome.RELAYED: lazy_gettext("Somebody passes it on"),
    Outcome.NO_ANSWER: lazy_gettext("No answer"),
    Outcome.SWITCHED_OFF: lazy_gettext("Switched off"),
    Outcome.NOBODY_HOME: lazy_gettext("Nobody at home"),
    Outcome.LEFT_NOTE: lazy_gettext("Left a note"),
    Outcome.WRONG_NUMBER: lazy_gettext("Wrong number"),
    Outcome.MOVED_AWAY: lazy_gettext("Moved away"),
    Outcome.REFUSED: lazy_gettext("Refused to talk"),
}
# Colour and shape of an outcome's pill.
OUTCOME_KINDS = {Outcome.SPOKE: "spoken", Outcome.RELAYED: "acknowledged", Outcome.LEFT_NOTE: "sent"}
# What the buttons offer, the usual first.
OFFERED = {
    Means.CALL: (
        Outcome.SPOKE,
        Outcome.NO_ANSWER,
        Outcome.SWITCHED_OFF,
        Outcome.WRONG_NUMBER,
        Outcome.RELAYED,
        Outcome.REFUSED,
    ),
    Means.VISIT: (
        Outcome.SPOKE,
        Outcome.NOBODY_HOME,
        Outcome.LEFT_NOTE,
        Outcome.RELAYED,
        Outcome.MOVED_AWAY,
        Outcome.REFUSED,
    ),
    Means.LESSON: (Outcome.SPOKE, Outcome.REFUSED),
}
RULES = {
    "ladder": lazy_gettext("An announcement did not reach the family"),
    "wrong_number": lazy_gettext("A number is not the family's"),
    "no_tv": lazy_gettext("There is no television for the lessons"),
    "no_device": lazy_gettext("There is no device to learn with"),
    "asked_help": lazy_gettext("The family asked for help"),
    "no_address": lazy_gettext("There is no number and no address to write to"),
    "undecided": lazy_gettext("Nobody can tell whether the message went out."),
    "feedback": lazy_gettext("The child was not in touch by the hour"),
    "handed": lazy_gettext("A colleague handed their message on"),
    "by_hand": lazy_gettext("Somebody of the staff asks for it"),
}
BECAUSE = {
    "spoke": lazy_gettext("spoke to the family"),
    "relayed": lazy_gettext("somebody passes it on"),
    "delivered": lazy_gettext("the message arrived"),
    "acknowledged": lazy_gettext("the family answered"),
    "wrong_number": lazy_gettext("the number was wrong"),
    "left": lazy_gettext("the family moved away"),
    "refused": lazy_gettext("the family refused to talk"),
    "address": lazy_gettext("there is an address now"),
    "cancelled": lazy_gettext("cancelled"),
    "climbed": lazy_gettext("another way is tried"),
    "taken_back": lazy_gettext("the announcement was taken back"),
    "set_right": lazy_gettext("a correction was sent"),
}
REACHED_BY = {
    "sms": lazy_gettext("SMS"),
    "email": lazy_gettext("E-mail"),
    "reply": lazy_gettext("Their answer"),
    "acknowledged": lazy_gettext("Their answer"),
    "call": lazy_gettext("Call"),
    "visit": lazy_gettext("Visit"),
    "lesson": lazy_gettext("Lesson at school"),
    "relay": lazy_gettext("Through somebody near"),
    "spoken": lazy_gettext("A talk"),
    "spoke": lazy_gettext("A talk"),
    "paper": lazy_gettext("A slip of paper"),
    "phone": lazy_gettext("Call"),
}


def about(follow_up: FollowUp) -> LazyString | str:
    """Say what a follow-up is about: the announcement, the note, or why it was opened."""
    if follow_up.announcement is not None:
        return headline(follow_up.announcement)
    return follow_up.note or RULES.get(follow_up.rule, RULES["by_hand"])


def how_reached(way: str) -> LazyString | str:
    return REACHED_BY.get(way, way)
