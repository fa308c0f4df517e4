"""The kinds of announcement and what each asks for; `kyrgyz` and `russian` write it, `checks` looks at it."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import LazyString, lazy_gettext

from webapp.announcements import kinds
from webapp.announcements.desk.asked import Ask, How
from webapp.announcements.kinds import CALLED, PRIVATE, Called
from webapp.families.modes import MODE_NAMES
from webapp.staff.models import BROADCASTERS, KEEPERS, Role

LONGEST_NOTE = 600


@dataclass(frozen=True, slots=True)
class Kind:
    code: str
    tells: LazyString  # on its card: what it is for
    asks: tuple[Ask, ...] = ()
    who: frozenset[Role] = field(default=BROADCASTERS)
    due: tuple[str, str] | None = None  # the fields of day and hour it is about
    takes_answers: bool = False  # the family may be asked to get in touch by an hour

    @property
    def called(self) -> Called:
        return CALLED[self.code]

    @property
    def of_one_child(self) -> bool:
        return self.code in PRIVATE


def _subject(needed: bool = True) -> Ask:
    return Ask(
        "subject",
        lazy_gettext("Subject"),
        needed=lazy_gettext("Write the subject.") if needed else None,
        most=60,
    )


def _link(hint: LazyString | None = None, folded: bool = False) -> Ask:
    return Ask("link", lazy_gettext("Link"), How.LINK, hint=hint, most=300, folded=folded)


def _note(label: LazyString, needed: LazyString | None = None, hint: LazyString | None = None) -> Ask:
    return Ask("note", label, How.TEXT, needed=needed, hint=hint, most=LONGEST_NOTE)


CALL = Ask("call", lazy_gettext("Add the school's phone number for questions"), How.TICK)

KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind(kinds.GENERAL, lazy_gettext("Anything, in your own words"), takes_answers=True),
        Kind(
            kinds.ASSIGNMENT,
            lazy_gettext("What to do, and until when to hand it in"),
            (
                _subject(),
                Ask(
                    "what",
                    lazy_gettext("What is to be done"),
                    How.TEXT,
                    lazy_gettext("Write what to do."),
                    most=500,
                ),
                Ask(
                    "page", lazy_gettext("Pages of the textbook"), hint=lazy_gettext("45, or 45–47"), most=40
                ),
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
        ),
        Kind(
            kinds.ONLINE_LESSON,
            lazy_gettext("When, on which platform, and how to join"),
            (
                _subject(),
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
                _link(lazy_gettext("Paste it as it is; it begins with https://")),
                Ask("code", lazy_gettext("Code or password"), most=60),
                Ask(
                    "dial_in",
                    lazy_gettext("Number to call in, for those with only a phone"),
                    How.PHONE,
                    most=40,
                ),
            ),
            due=("lesson_day", "lesson_hour"),
        ),
        Kind(
            kinds.RESULT,
            lazy_gettext("A good mark, or a comment without one, to one child's family"),
            (
                _subject(),
                Ask("work", lazy_gettext("For which work"), most=120),
                Ask(
                    "mark",
                    lazy_gettext("Mark"),
                    sometimes=True,
                    hint=lazy_gettext("Only a positive one; leave it empty to write a comment alone."),
                    most=40,
                ),
                Ask("journal", lazy_gettext("Entered in the journal"), How.TICK),
                Ask("comment", lazy_gettext("Comment"), How.TEXT, most=LONGEST_NOTE, sometimes=True),
                Ask(
                    "comment_form",
                    lazy_gettext("Form of the comment"),
                    How.CHOICE,
                    choices={
                        "": lazy_gettext("In this text"),
                        "audio": lazy_gettext("Audio"),
                        "oral": lazy_gettext("Oral online consultation"),
                    },
                    chosen="",
                    folded=True,
                ),
                Ask("where", lazy_gettext("Where to hear it, or when"), most=160, folded=True),
            ),
        ),
        Kind(
            kinds.PARTICIPATION,
            lazy_gettext("Whether a child takes part, to its family alone"),
            (
                Ask(
                    "takes_part",
                    lazy_gettext("How it takes part"),
                    How.CHOICE,
                    needed=lazy_gettext("Choose how the child takes part."),
                    choices={
                        "": lazy_gettext("Choose"),
                        "active": lazy_gettext("Actively"),
                        "partly": lazy_gettext("With interruptions"),
                        "absent": lazy_gettext("Is not at lessons"),
                        "silent": lazy_gettext("Is not in touch with the teacher"),
                    },
                    chosen="",
                ),
                Ask("since", lazy_gettext("Since which day"), How.DAY),
                _note(lazy_gettext("What you ask of the family, or thank it for")),
                Ask("tells_mode", lazy_gettext("Add how the class is taught at present"), How.TICK),
                CALL,
            ),
            takes_answers=True,
        ),
        Kind(
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
                _note(
                    lazy_gettext("What families should know besides"),
                    hint=lazy_gettext("Nothing about anybody's health."),
                ),
            ),
            who=KEEPERS,
        ),
        Kind(
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
                _note(lazy_gettext("What else to say")),
                Ask("meet_day", lazy_gettext("Day of a meeting"), How.DAY, folded=True),
                Ask("meet_hour", lazy_gettext("Hour of a meeting"), How.HOUR, folded=True),
                Ask("place", lazy_gettext("Place"), most=120, folded=True),
                CALL,
            ),
            due=("meet_day", "meet_hour"),
            takes_answers=True,
        ),
        Kind(
            kinds.EVENT,
            lazy_gettext("Knowledge Day, a meeting, a competition: day, hour, place"),
            (
                Ask(
                    "title", lazy_gettext("What takes place"), needed=lazy_gettext("Write what takes place.")
                ),
                Ask("event_day", lazy_gettext("Day"), How.DAY, lazy_gettext("Choose the day.")),
                Ask("event_hour", lazy_gettext("Hour"), How.HOUR),
                Ask(
                    "place",
                    lazy_gettext("Place"),
                    hint=lazy_gettext("A room, a TV channel, or “at a distance”."),
                ),
                _note(lazy_gettext("What else to say")),
                _link(folded=True),
            ),
            due=("event_day", "event_hour"),
        ),
        Kind(
            kinds.PLATFORMS,
            lazy_gettext("Which platforms the school uses, and who helps"),
            (
                Ask(
                    "platforms",
                    lazy_gettext("Platforms"),
                    How.MANY,
                    needed=lazy_gettext("Choose at least one platform."),
                ),
                _link(lazy_gettext("Where to begin, if there is such a page")),
                Ask("help", lazy_gettext("Who helps, and where"), most=160),
                _note(lazy_gettext("What else to say")),
            ),
        ),
        Kind(
            kinds.RECOMMENDATION,
            lazy_gettext("Advice to pupils and parents"),
            (
                Ask("topic", lazy_gettext("Topic"), most=80),
                _note(lazy_gettext("What you recommend"), lazy_gettext("Write what you recommend.")),
            ),
        ),
        Kind(
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
                _note(lazy_gettext("What else to say")),
            ),
        ),
    )
}
