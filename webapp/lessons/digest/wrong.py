"""What a phone must hear after the timetable changed: found by comparing what it holds with what is true."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from webapp.announcements.audience.households import Envelope
from webapp.announcements.plan import Terms
from webapp.announcements.render import Finished
from webapp.lessons.digest import told
from webapp.lessons.digest.amend import Change, amend, differ
from webapp.lessons.digest.evening import Editor, groups_of, key_of, rings_at, terms_of, viewers_of
from webapp.lessons.digest.guide import Airing, Group, Guide
from webapp.lessons.digest.holders import told_envelopes
from webapp.lessons.digest.letter import write_amended
from webapp.lessons.digest.models import Digest, Span
from webapp.lessons.digest.style import Viewer
from webapp.lessons.digest.timetable import airing_of, guide_of, is_off
from webapp.lessons.digest.told import Phone
from webapp.lessons.models import LessonRules, TvLesson
from webapp.lessons.rules import channels_of, stored_rules
from webapp.lessons.subjects import Subjects
from webapp.lessons.wording import channel_key
from webapp.staff.models import School

SETTLES_AFTER = timedelta(minutes=3)
TIME_PRESSES = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Message:
    """A finished message, for whom, and the lines it tells."""

    envelope: Envelope
    finished: Finished
    terms: Terms
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Situation:
    """A digest and the timetable as they are now."""

    digest: Digest
    school: School
    rules: LessonRules
    now: datetime
    guide: Guide
    current: dict[int, Airing]  # every lesson that takes place, also one that was moved to another day
    groups: dict[int, Group]  # by class
    phones: dict[int, Phone]
    envelopes: dict[int, Envelope]
    editor: Editor
    channels: dict[str, str]  # what each is called now, by every name it goes by
    may_speak: bool  # the timetable has settled, or there is no time to wait until it has

    @classmethod
    def of(cls, digest: Digest, school: School, now: datetime, changed: Sequence[TvLesson]) -> Situation:
        rules, span = stored_rules(school), Span(digest.span)
        subjects = Subjects(rules.abbreviations)
        guide = guide_of(school, rules, span, digest.first_day, after=now if span is Span.WEEK else None)
        current = {airing.lesson_id: airing for airing in guide.airings}
        for lesson in changed:
            moved_away = not digest.starts_at <= lesson.starts_at < digest.ends_at
            if moved_away and not lesson.cancelled_at:
                airing = airing_of(lesson, school, subjects)
                if not is_off(rules.days_off, airing.day):
                    current[lesson.id] = airing
        envelopes = told_envelopes(school, digest.announcement_id) if digest.announcement_id else {}
        soonest = min((lesson.starts_at for lesson in changed if lesson.starts_at > now), default=now)
        settled = max(lesson.changed_at for lesson in changed) <= now - SETTLES_AFTER
        sent_on = rings_at(now, max(soonest, now), school).astimezone(school.zone).date()
        return cls(
            digest,
            school,
            rules,
            now,
            guide,
            current,
            groups_of(school.id),
            told.phones_told(digest, school, subjects),
            envelopes,
            Editor(school, rules, guide, span, sent_on),
            {channel_key(name): each.name for each in channels_of(school.id) for name in each.names},
            may_speak=settled or soonest - now < TIME_PRESSES,
        )

    def known_phones(self) -> Iterable[tuple[Phone, Envelope]]:
        """Go through the phones whose families are still at the school."""
        return (
            (phone, self.envelopes[point]) for point, phone in self.phones.items() if point in self.envelopes
        )

    def digest_for(self, phone: Phone, envelope: Envelope) -> Message | None:
        """Write a digest anew that nobody has read yet."""
        envelope = _only(envelope, self._classes_with(lambda group: bool(self.guide.watched_by(group))))
        viewers = viewers_of(envelope, self.groups)
        if not viewers:
            return None
        starts = min(self.guide.watched_by(viewer.group)[0].starts_at for viewer in viewers)
        if starts <= self.now:
            return None
        message, said = self.editor.write(envelope, viewers)
        lines = [told.line_of(airing) for airing in said]
        return Message(envelope, message, self._terms(phone, starts, starts), lines)

    def correction_for(self, phone: Phone, envelope: Envelope) -> Message | None:
        """Write what a phone must hear; None when it holds nothing wrong."""
        changes = {
            group: found
            for group in {self.groups[child.class_id] for child in envelope.children}
            if (found := self._changes(phone, group))
        }
        if not changes:
            return None
        envelope = _only(envelope, self._classes_with(changes.__contains__))
        viewers = viewers_of(envelope, self.groups)
        until = [change.matters_until for found in changes.values() for change in found]
        terms = self._terms(phone, min(until), max(until))
        if terms.not_before >= max(until):
            return None
        lines = [
            told.line_of(change.new) if change.new else told.line_gone(change.about.lesson_id)
            for found in changes.values()
            for change in found
        ]
        finished = self._amended(envelope, viewers, changes)
        return Message(envelope, finished, terms, list(dict.fromkeys(lines)))

    def _amended(
        self, envelope: Envelope, viewers: list[Viewer], changes: Mapping[Group, list[Change]]
    ) -> Finished:
        frame, language, script = self.editor.frame, envelope.language, envelope.script
        if envelope.to.channel == "email":
            closing = self.editor.signature(language)
            letter = write_amended(self.guide, frame, viewers, changes, language, closing)
            return Finished("email", language, *letter)
        write = self.editor.writer(language, script)
        return Finished(
            "sms", language, "", amend(self.guide, viewers, changes, frame, language, write).body, script
        )

    def _changes(self, phone: Phone, group: Group) -> list[Change]:
        """List what a phone holds wrongly for these children, and what came new beside it."""
        found = []
        for number, held in phone.holds.items():
            if not held.is_for(group):
                continue
            # Under another of its names it is still the channel that the family knows.
            old = replace(held, channel=self.channels.get(channel_key(held.channel), held.channel))
            new = self.current.get(number)
            if new and not new.is_for(group):
                new = None
            if new is None or differ(old, new):
                found.append(Change(old, new))
        back = (self.current[number] for number in phone.gone if number in self.current)
        found += [Change(None, new) for new in back if new.is_for(group)]
        if not any(change.matters_until > self.now for change in found):
            return []
        known = {int(key.partition(".")[0]) for key in self.digest.lessons}
        found += [Change(None, new) for new in self.guide.watched_by(group) if new.lesson_id not in known]
        found = [change for change in found if change.matters_until > self.now]
        return sorted(found, key=lambda change: change.about.starts_at)

    def _terms(self, phone: Phone, first: datetime, until: datetime) -> Terms:
        key = key_of(self.school.id, Span(self.digest.span), self.digest.first_day, phone.contact_point_id)
        return terms_of(f"{key}:{phone.messages + 1}", self.now, first, until, self.school)

    def _classes_with(self, watches: Callable[[Group], bool]) -> set[int]:
        return {number for number, group in self.groups.items() if watches(group)}


def _only(envelope: Envelope, class_ids: set[int]) -> Envelope:
    """Keep the children of these classes."""
    households = (
        replace(household, children=tuple(c for c in household.children if c.class_id in class_ids))
        for household in envelope.households
    )
    return replace(envelope, households=tuple(household for household in households if household.children))
