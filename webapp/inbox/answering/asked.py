"""A parent's message as one school has to answer it, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from notifier.models import Inbound
from webapp.announcements.audience.households import Address, Audience, Envelope
from webapp.announcements.render import in_script
from webapp.families.models import ContactPoint
from webapp.inbox.answering.words import Words, words_in
from webapp.inbox.keywords import Keyword
from webapp.inbox.models import Reply
from webapp.staff.models import School, Script


@dataclass(frozen=True)
class Asked:
    """What was written, by whom, and who of the school's families stands behind the number."""

    inbound: Inbound
    reply: Reply
    school: School
    point: ContactPoint | None  # None: a number nobody knows
    keyword: Keyword
    audience: Audience  # empty behind an unknown number, and behind one whose children have left
    is_first: bool  # of the schools that know the number: what concerns the number itself is said once
    was_silent: bool  # nothing was written to this number even before
    now: datetime

    @cached_property
    def envelope(self) -> Envelope:
        """Where the answer goes, and to whom."""
        for envelope in self.audience.envelopes():
            return envelope
        point = self.point.id if self.point else 0
        return Envelope(Address(point, self.inbound.channel, self.inbound.sender), (), self.school.language)

    @property
    def words(self) -> Words:
        return words_in(self.envelope.language)

    @property
    def script(self) -> Script:
        return self.envelope.script if self.envelope.households else Script(self.school.script)

    def say(self, text: str, language: str | None = None) -> str:
        """Write a text as the SMS that answers: the school's name before it, in the reader's letters."""
        return in_script(
            self.school, f"{self.school.short_name}: {text}", language or self.envelope.language, self.script
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """An SMS to be given back; `body` is finished."""

    body: str
    key: str = ""  # of the delivery, instead of the usual one
    token: str = ""  # of the announcement: an answer with this token is given once
    expires_at: datetime | None = None
    urgent: bool = False  # goes though the month's money is spent
    though_silent: bool = False  # confirms the wish for silence itself


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a message; unless it is `settled`, a person has to read it."""

    settled: bool = False
    answer: Answer | None = None
