"""A kind of announcement: what it tells, and the questions that several kinds ask."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import LazyString, lazy_gettext

from webapp.announcements.desk.asked import Ask, How
from webapp.announcements.kinds import CALLED, PRIVATE, Called
from webapp.staff.models import BROADCASTERS, Role

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


SUBJECT = Ask("subject", lazy_gettext("Subject"), needed=lazy_gettext("Write the subject."), most=60)
CALL = Ask("call", lazy_gettext("Add the school's phone number for questions"), How.TICK)
SUPPORT = Ask("support", lazy_gettext("Add the phone of the psychologist and the social pedagogue"), How.TICK)


def link(hint: LazyString | None = None, folded: bool = False) -> Ask:
    return Ask("link", lazy_gettext("Link"), How.LINK, hint=hint, most=300, folded=folded)


def note(label: LazyString, needed: LazyString | None = None, hint: LazyString | None = None) -> Ask:
    return Ask("note", label, How.TEXT, needed=needed, hint=hint, most=LONGEST_NOTE)
