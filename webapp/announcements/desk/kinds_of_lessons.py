"""Assignments and online lessons: what they ask for."""

from __future__ import annotations

from flask_babel import lazy_gettext

from webapp.announcements import kinds
from webapp.announcements.desk.asked import Ask, How
from webapp.announcements.desk.kind import SUBJECT, Kind, link

ASSIGNMENT = Kind(
    kinds.ASSIGNMENT,
    lazy_gettext("What to do, and until when to hand it in"),
    (
        SUBJECT,
        Ask(
            "what",
            lazy_gettext("What is to be done"),
            How.TEXT,
            lazy_gettext("Write what to do."),
            most=500,
        ),
        Ask("page", lazy_gettext("Pages of the textbook"), hint=lazy_gettext("45, or 45–47"), most=40),
        Ask("until_day", lazy_gettext("Hand in until: day"), How.DAY),
        Ask("until_hour", lazy_gettext("Hand in until: hour"), How.HOUR),
        Ask(
            "hand_in",
            lazy_gettext("Where and how to hand it in"),
            hint=lazy_gettext("For example: WhatsApp of the class, or on paper to the guard."),
            most=160,
        ),
        Ask(
            "activity",
            lazy_gettext("Form of work"),
            How.CHOICE,
            choices={
                "": lazy_gettext("Other"),
                "own": lazy_gettext("Own work"),
                "control": lazy_gettext("Control work, dictation, test"),
                "practical": lazy_gettext("Practical work"),
                "laboratory": lazy_gettext("Laboratory work"),
                "lecture": lazy_gettext("Lecture"),
                "consultation": lazy_gettext("Consultation"),
                "seminar": lazy_gettext("Seminar"),
            },
            chosen="",
            folded=True,
        ),
        Ask(
            "feedback",
            lazy_gettext("How the teacher answers"),
            How.CHOICE,
            choices={
                "": lazy_gettext("Say nothing about it"),
                "phone": lazy_gettext("Reply by SMS or call, for button phones"),
                "test": lazy_gettext("Online test"),
                "consultation": lazy_gettext("Online consultation"),
                "support": lazy_gettext("Online support"),
            },
            chosen="",
            folded=True,
        ),
    ),
    due=("until_day", "until_hour"),
)

ONLINE_LESSON = Kind(
    kinds.ONLINE_LESSON,
    lazy_gettext("When, on which platform, and how to join"),
    (
        SUBJECT,
        Ask("topic", lazy_gettext("Topic"), most=160, folded=True),
        Ask("lesson_day", lazy_gettext("Day"), How.DAY, lazy_gettext("Choose the day.")),
        Ask("lesson_hour", lazy_gettext("Begins at"), How.HOUR, lazy_gettext("Choose the hour.")),
        Ask(
            "minutes",
            lazy_gettext("Minutes"),
            How.NUMBER,
            lazy_gettext("Write how many minutes it lasts."),
            most=3,
        ),
        Ask("platform", lazy_gettext("Platform"), How.CHOICE),
        link(lazy_gettext("Paste it as it is; it begins with https://")),
        Ask("code", lazy_gettext("Code or password"), most=60),
        Ask(
            "dial_in",
            lazy_gettext("Number to call in, for those with only a phone"),
            How.PHONE,
            most=40,
        ),
    ),
    due=("lesson_day", "lesson_hour"),
)
