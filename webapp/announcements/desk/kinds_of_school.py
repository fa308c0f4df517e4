"""What the school tells of itself, and advises: what it asks for."""

from __future__ import annotations

from flask_babel import lazy_gettext

from webapp.announcements import kinds
from webapp.announcements.desk.asked import Ask, How
from webapp.announcements.desk.kind import CALL, SUPPORT, Kind, link, note
from webapp.families.modes import MODE_NAMES
from webapp.staff.models import KEEPERS, WRITERS

ORDER = Kind(
    kinds.ORDER,
    lazy_gettext("An order changes how classes are taught; sending it begins, extends or ends that"),
    (
        Ask(
            "order_number",
            lazy_gettext("Number of the order"),
            needed=lazy_gettext("Write the number of the order."),
            most=40,
        ),
        Ask(
            "order_day",
            lazy_gettext("Date of the order"),
            How.DAY,
            lazy_gettext("Choose the date of the order."),
        ),
        Ask(
            "act",
            lazy_gettext("What it does"),
            How.CHOICE,
            choices={
                "start": lazy_gettext("It begins: from day to day"),
                "extend": lazy_gettext("It is extended: a later last day"),
                "end": lazy_gettext("It ends: back to school"),
            },
            chosen="start",
        ),
        Ask(
            "mode",
            lazy_gettext("How they are taught"),
            How.CHOICE,
            choices={mode.value: name for mode, name in MODE_NAMES.items()},
            chosen="distance",
        ),
        Ask("quarantine", lazy_gettext("Because of a quarantine"), How.TICK),
        Ask(
            "first_day",
            lazy_gettext("First day"),
            How.DAY,
            hint=lazy_gettext("When it ends: the first day back at school."),
            sometimes=True,
        ),
        Ask("last_day", lazy_gettext("Last day"), How.DAY, sometimes=True),
        note(
            lazy_gettext("What families should know besides"),
            hint=lazy_gettext("Nothing about anybody's health."),
        ),
    ),
    who=KEEPERS,
)

TALK = Kind(
    kinds.TALK,
    lazy_gettext("Why and how we learn so, and when parents can ask"),
    (
        Ask(
            "topic",
            lazy_gettext("Topic"),
            How.CHOICE,
            choices={
                "distance": lazy_gettext("How learning at a distance goes"),
                "tv": lazy_gettext("TV lessons"),
                "touch": lazy_gettext("Being in touch with the teacher"),
                "marks": lazy_gettext("How marks are given"),
                "": lazy_gettext("In my own words"),
            },
            chosen="distance",
        ),
        note(lazy_gettext("What else to say")),
        Ask("meet_day", lazy_gettext("Day of a meeting"), How.DAY, folded=True),
        Ask("meet_hour", lazy_gettext("Hour of a meeting"), How.HOUR, folded=True),
        Ask("place", lazy_gettext("Place"), most=120, folded=True),
        CALL,
        SUPPORT,
    ),
    who=WRITERS,
    due=("meet_day", "meet_hour"),
    takes_answers=True,
)

EVENT = Kind(
    kinds.EVENT,
    lazy_gettext("Knowledge Day, a meeting, a competition: day, hour, place"),
    (
        Ask("title", lazy_gettext("What takes place"), needed=lazy_gettext("Write what takes place.")),
        Ask("event_day", lazy_gettext("Day"), How.DAY, lazy_gettext("Choose the day.")),
        Ask("event_hour", lazy_gettext("Hour"), How.HOUR),
        Ask(
            "place",
            lazy_gettext("Place"),
            hint=lazy_gettext("A room, a TV channel, or “at a distance”."),
        ),
        note(lazy_gettext("What else to say")),
        link(folded=True),
    ),
    due=("event_day", "event_hour"),
)

PLATFORMS = Kind(
    kinds.PLATFORMS,
    lazy_gettext("Which platforms the school uses, and who helps"),
    (
        Ask(
            "platforms",
            lazy_gettext("Platforms"),
            How.MANY,
            needed=lazy_gettext("Choose at least one platform."),
        ),
        link(lazy_gettext("Where to begin, if there is such a page")),
        Ask("help", lazy_gettext("Who helps, and where"), most=160),
        note(lazy_gettext("What else to say")),
    ),
)

RECOMMENDATION = Kind(
    kinds.RECOMMENDATION,
    lazy_gettext("Advice to pupils and parents"),
    (
        Ask("topic", lazy_gettext("Topic"), most=80),
        note(lazy_gettext("What you recommend"), lazy_gettext("Write what you recommend.")),
        SUPPORT,
    ),
    who=WRITERS,
)

AT_HOME = Kind(
    kinds.AT_HOME,
    lazy_gettext("Reminds parents of what a child needs for learning at home"),
    (
        Ask(
            "conditions_at_home",
            lazy_gettext("What the child needs"),
            How.MANY,
            choices={
                "place": lazy_gettext("A quiet place"),
                "tv": lazy_gettext("Watching the TV lessons"),
                "touch": lazy_gettext("Being in touch at the hour"),
                "day": lazy_gettext("Order of the day"),
                "work": lazy_gettext("Assignments in time"),
            },
            chosen=["place", "tv", "touch"],
        ),
        note(lazy_gettext("What else to say")),
        SUPPORT,
    ),
    who=WRITERS,
)
