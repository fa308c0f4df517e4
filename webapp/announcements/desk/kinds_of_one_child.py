"""What is told to one child's family alone, and what it asks for."""

from __future__ import annotations

from flask_babel import lazy_gettext

from webapp.announcements import kinds
from webapp.announcements.desk.asked import Ask, How
from webapp.announcements.desk.kind import CALL, LONGEST_NOTE, SUBJECT, Kind, note

RESULT = Kind(
    kinds.RESULT,
    lazy_gettext("A good mark, or a comment without one, to one child's family"),
    (
        SUBJECT,
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
)

PARTICIPATION = Kind(
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
        note(lazy_gettext("What you ask of the family, or thank it for")),
        Ask("tells_mode", lazy_gettext("Add how the class is taught at present"), How.TICK),
        CALL,
    ),
    takes_answers=True,
)
