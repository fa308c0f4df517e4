"""What a spreadsheet would send: one message a phone, each with its own children's texts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from flask_babel import gettext, ngettext

from notifier.text import is_latin
from webapp.announcements.asks import NOTHING, Asks, asking
from webapp.announcements.audience.find import audience_of
from webapp.announcements.audience.households import Audience, Child, Envelope, Household
from webapp.announcements.duty import at_foot, phone_on_duty
from webapp.announcements.names import short_names
from webapp.announcements.plan import Plan
from webapp.announcements.render import MAX_PARTS, Finished, finished, in_script, text_for, with_call
from webapp.message_templates.fields import CLASS, GUARDIAN, PUPIL, Piece, fill
from webapp.message_templates.models import MessageSheet
from webapp.message_templates.sheets.matching import load_children, match
from webapp.message_templates.sheets.pins import pinned
from webapp.message_templates.sheets.problems import Problem
from webapp.message_templates.sheets.rows import Kept, Line, read_lines
from webapp.staff.models import School, Script

Texts = dict[str, str]


@dataclass
class SheetPlan:
    """What a spreadsheet means today: a plan as publishing knows it, and all that stands against it."""

    kept: Kept
    plan: Plan
    line_of: dict[int, Line]  # by pupil
    problems: list[Problem]
    looks: list[Problem] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)  # pupils whose rows are not sent any more
    in_person: dict[int, str] = field(default_factory=dict)  # by pupil, of families without an address

    @property
    def bad_rows(self) -> int:
        rows = {problem.row for problem in self.problems}
        return len(self.kept.rows) if None in rows else len(rows)

    @property
    def fingerprint(self) -> str:
        """A short sum of every message, to see whether any changed since they were shown."""
        said = [
            [envelope.to.contact_point_id, message.subject, message.body]
            for envelope, message in self.plan.messages
        ]
        families = [household.family_id for household in self.plan.audience.households]
        return hashlib.sha256(json.dumps([said, families]).encode()).hexdigest()[:16]

    def lines_of(self, envelope: Envelope) -> list[Line]:
        """The rows that make up a message, in the order of its children."""
        return list(
            {
                id(row): row for child in envelope.children if (row := self.line_of.get(child.pupil_id))
            }.values()
        )


def plan_of(sheet: MessageSheet, school: School, class_ids: Collection[int], now: datetime) -> SheetPlan:
    """Read the rows and write every message, as things stand now, for children of these classes.

    Of a spreadsheet that goes later, whom a row is about is settled already.
    """
    kept = Kept.read(sheet.content or {})
    version = sheet.version
    lines, problems = read_lines(kept, version.asked)
    children = load_children(class_ids)
    if sheet.announcement_id is None:
        matched = match(lines, kept, children)
    else:
        matched = pinned(lines, sheet.announcement_id, children)
    audience = _audience(school, class_ids, matched.line_of)
    call = phone_on_duty(school, now) if sheet.urgent and not sheet.without_duty else ""
    asks = Asks(acknowledgement=sheet.asks_acknowledgement)
    writer = _Writer(school, version.pieces, matched.line_of, call, asks)
    messages = [(envelope, writer.message(envelope)) for envelope in audience.envelopes()]
    found = SheetPlan(
        kept, Plan(school, audience, messages), matched.line_of, [], matched.looks, matched.gone
    )
    found.in_person = {
        child.pupil_id: writer.in_person(child, household)
        for household in audience.without_address
        for child in household.children
    }
    for envelope, message in messages:
        if message.segments > MAX_PARTS:
            problems.append(_too_long(found.lines_of(envelope), message))
    found.problems = sorted(problems + matched.problems, key=lambda problem: problem.row or 0)
    return found


def _audience(school: School, class_ids: Collection[int], line_of: Mapping[int, Line]) -> Audience:
    """The families of these children, naming no other child of theirs."""
    everybody = audience_of(school, class_ids)
    households = []
    for household in everybody.households:
        named = tuple(child for child in household.children if child.pupil_id in line_of)
        if named:
            households.append(replace(household, children=named))
    return replace(everybody, households=tuple(households), narrows=True)


def _too_long(lines: Sequence[Line], message: Finished) -> Problem:
    rows = ", ".join(str(row.number) for row in lines)
    sentence: str = ngettext(
        "This message would have %(parts)s SMS parts; at most %(most)s can be sent. "
        "Shorten what row %(rows)s says.",
        "Rows %(rows)s go to one phone, and together they would have %(parts)s SMS parts; at most %(most)s "
        "can be sent. Shorten them.",
        len(lines),
        parts=message.segments,
        most=MAX_PARTS,
        rows=rows,
    )
    return Problem(lines[0].number, None, sentence)


@dataclass(frozen=True)
class _Writer:
    school: School
    pieces: Mapping[str, tuple[Piece, ...]]
    line_of: Mapping[int, Line]
    call: str
    asks: Asks = NOTHING

    def message(self, envelope: Envelope) -> Finished:
        """Write the one message of a phone or mailbox: once what its children share, else child by child."""
        told = [
            (child, self._texts(child, household))
            for household in envelope.households
            for child in household.children
        ]
        shared = all(texts == told[0][1] for _, texts in told)
        if envelope.to.channel == "email":
            texts = asking(self.school, told[0][1] if shared else _by_child(told), self.asks, "email")
            return finished(
                self.school, at_foot(self.school, texts, self.call) if self.call else texts, envelope
            )
        if shared:
            message = finished(self.school, asking(self.school, told[0][1], self.asks), envelope)
        else:
            message = self._sms(envelope, told)
        return with_call(self.school, message, self.call) if self.call else message

    def in_person(self, child: Child, household: Household) -> str:
        """What somebody says to a family that cannot be written to."""
        return text_for(household.language, self._texts(child, household))[1]

    def _texts(self, child: Child, household: Household) -> Texts:
        own = {PUPIL: child.name, CLASS: child.class_name, GUARDIAN: household.guardian or child.name}
        values = self.line_of[child.pupil_id].values | own
        return {language: fill(pieces, values) for language, pieces in self.pieces.items()}

    def _sms(self, envelope: Envelope, told: Sequence[tuple[Child, Texts]]) -> Finished:
        """Name every child before its text unless that does, each on a line of its own."""
        language, _ = text_for(envelope.language, told[0][1])
        called = short_names([child.name for child, _ in told])
        latin = all(is_latin(texts[language]) for _, texts in told)
        said = []
        for name, (child, texts) in zip(called, told, strict=True):
            named = child.name in texts[language]
            label = f"{child.class_name}: " if named else f"{name} {child.class_name}: "
            if latin:
                label = in_script(self.school, label, language, Script.LATIN)
            said.append(label + texts[language])
        start = f"{self.school.short_name}. "
        if latin:
            start = in_script(self.school, start, language, Script.LATIN)
        body = asking(self.school, {language: start + "\n".join(said)}, self.asks)[language]
        return Finished(
            "sms", language, "", in_script(self.school, body, language, envelope.script), envelope.script
        )


def _by_child(told: Sequence[tuple[Child, Texts]]) -> Texts:
    """A letter's text in each language, with a paragraph for each child."""
    return {
        language: "\n\n".join(
            f"{child.name}, {child.class_name}:\n{texts[language]}" for child, texts in told
        )
        for language in told[0][1]
    }


def nothing_to_send(found: SheetPlan) -> str:
    """Say why nobody would be told though no row is at fault; "" when somebody is."""
    if found.plan.audience.told:
        return ""
    return str(gettext("None of these families has a phone number or e-mail address. Add one first."))
