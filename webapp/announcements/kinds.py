"""What an announcement is: what staff choose to write, and what the house writes by itself."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext

from webapp.announcements.own_texts import SHEET

# What the house writes between the school and single families.
ANSWER = "answer"  # given by itself to whoever asked by SMS
REPLY = "reply"  # a member of staff to one family
NUMBER_CHECK = "number_check"  # "is this still the family of …?"
INVITATION = "invitation"  # to lessons at school: whom clause 1.5 concerns is not for every eye
STAFF = "staff"  # to the staff and no family: an area of its own writes and shows it

# What staff choose; the clauses are the regulation's.
GENERAL = "general"
ASSIGNMENT = "assignment"  # 4.4, 4.5, 1.9, 1.10
ONLINE_LESSON = "online_lesson"  # 1.5, 1.8, 4.5
RESULT = "result"  # 4.2, 4.3, 4.5: of one child, and only what is positive
PARTICIPATION = "participation"  # 4.4: of one child
ORDER = "order"  # 3.2
TALK = "talk"  # 3.1.8
EVENT = "event"  # 3.1.1
PLATFORMS = "platforms"  # 1.6
RECOMMENDATION = "recommendation"  # 3.3.2
AT_HOME = "at_home"  # 4.7

# Between the school and single families: no list of announcements shows them, no ladder climbs after them.
PERSONAL = frozenset({ANSWER, REPLY, NUMBER_CHECK, INVITATION, STAFF})
# About one child: who sees its class finds them in the lists, which say no more than whom they are about.
PRIVATE = frozenset({RESULT, PARTICIPATION})
# Nobody goes after a family that has not read of a good mark; that its child is not in touch it must hear.
NEVER_CLIMB = PERSONAL | {RESULT}


@dataclass(frozen=True, slots=True)
class Called:
    """A kind as lists show it."""

    name: LazyString
    icon: str  # of static/icons.svg


CALLED: dict[str, Called] = {
    GENERAL: Called(lazy_gettext("Announcement"), "megaphone"),
    ASSIGNMENT: Called(lazy_gettext("Assignment"), "book"),
    ONLINE_LESSON: Called(lazy_gettext("Online lesson"), "screen"),
    RESULT: Called(lazy_gettext("Result or comment"), "star"),
    PARTICIPATION: Called(lazy_gettext("How a child takes part"), "person"),
    ORDER: Called(lazy_gettext("Order, quarantine"), "paper"),
    TALK: Called(lazy_gettext("Explanation for parents"), "spoken"),
    EVENT: Called(lazy_gettext("Event"), "calendar"),
    PLATFORMS: Called(lazy_gettext("What we work with online"), "link"),
    RECOMMENDATION: Called(lazy_gettext("Recommendation"), "bulb"),
    AT_HOME: Called(lazy_gettext("Learning at home"), "home"),
    SHEET: Called(lazy_gettext("From a spreadsheet"), "paper"),
}
