"""Write the correction for a phone that was told something that no longer holds (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from notifier.text import measure
from webapp.lessons.digest.compose import Composed, Frame
from webapp.lessons.digest.guide import Airing, Group, Guide
from webapp.lessons.digest.style import Subject, Viewer, called, name_of, together
from webapp.lessons.digest.words import Words, short_day, words_in


@dataclass(frozen=True, slots=True)
class Change:
    """A line a phone holds, and what it should say; None is nothing: a new lesson, a cancelled one."""

    old: Airing | None
    new: Airing | None

    @property
    def about(self) -> Airing:
        """The lesson as it is now, or as it was."""
        found = self.new or self.old
        if found is None:
            raise ValueError("a change is of something")
        return found

    @property
    def first_day(self) -> date:
        return min(airing.day for airing in (self.old, self.new) if airing)

    @property
    def matters_until(self) -> datetime:
        """Until when it helps to know: the later of the two starts; of a cancelled lesson, its own."""
        return max(airing.starts_at for airing in (self.old, self.new) if airing)


Changes = Mapping[Group, Sequence[Change]]


def differ(old: Airing, new: Airing) -> bool:
    """Say whether a child who holds the old line misses the lesson or waits for another."""
    return (old.starts_at, old.channel, old.subject) != (new.starts_at, new.channel, new.subject)


def told(
    guide: Guide, group: Group, changes: Sequence[Change], words: Words, subject: Subject, *, dated: bool
) -> list[tuple[date, str]]:
    """Tell the changes of a group, each with its day; a day that is left without lessons is told at once."""
    days = {airing.day for airing in guide.watched_by(group)}
    off = {change.about.day for change in changes} - days
    off = {day for day in off if sum(change.about.day == day for change in changes) > 1}
    off -= {change.about.day for change in changes if change.new}
    pieces: dict[tuple[date, str], None] = {}
    for change in changes:
        day = change.about.day
        if day in off:
            text = f"{short_day(day)} {words.nothing}" if dated else words.nothing
        else:
            text = line(change, words, subject, dated=dated)
        pieces[day, text] = None
    return list(pieces)


def amend(
    guide: Guide,
    viewers: Sequence[Viewer],
    changes: Changes,
    frame: Frame,
    language: str,
    write: Callable[[str], str],
) -> Composed:
    """Write the SMS that corrects what these children's phone holds, within its parts."""
    words = words_in(language)
    groups = {group: members for group, members in together(viewers).items() if changes.get(group)}
    seen = [viewer for members in groups.values() for viewer in members]
    names = dict(zip(map(id, seen), called(seen), strict=True))
    days = {change.about.day for group in groups for change in changes[group]}
    said = tuple(c.new for group in groups for c in changes[group] if c.new)
    for subject in (Subject.FULL, Subject.SHORT, Subject.INITIALS, Subject.NONE):
        lines = []
        for group, members in groups.items():
            pieces = told(guide, group, changes[group], words, subject, dated=len(days) > 1)
            text = "; ".join(text for _, text in pieces)
            who = ", ".join(names[id(viewer)] for viewer in members)
            lines.append(text if len(seen) == 1 else f"{who}: {text}")
        body = write("\n".join([_head(seen, changes, frame, words), *lines]))
        segments = measure(body).segments
        if segments <= frame.parts:
            return Composed(body, segments, said)
    grades = ",".join(map(str, sorted({grade for grade, _ in groups})))
    for rest in (f", {grades}-{words.grade}. {words.call}", f", {grades}-{words.grade}", ""):
        body = write(f"{frame.school}: {words.changed}{rest}")
        segments = measure(body).segments
        if segments <= frame.parts:
            break
    return Composed(body, segments, said)


def _head(viewers: Sequence[Viewer], changes: Changes, frame: Frame, words: Words) -> str:
    who = f", {viewers[0].class_name}" if len(viewers) == 1 else ""
    first = min(change.first_day for viewer in viewers for change in changes[viewer.group])
    return f"{frame.school}{who}: {short_day(first)} {words.changed}."


def line(change: Change, words: Words, subject: Subject, *, dated: bool) -> str:
    """Tell one change: "9:00 Математика болбойт", "10:00 ЭЛТР Математика (9:00 ордуна)"."""
    old, new = change.old, change.new
    if new is None:
        return f"{words.cancelled}: {_told(old, subject, dated)}" if old else ""
    told = _told(new, subject, dated or bool(old and old.day != new.day), channel=True)
    if old is None:
        return f"{words.added}: {told}"
    was = [
        text
        for text, same in (
            (short_day(old.day), old.day == new.day),
            (old.clock, old.starts_at == new.starts_at),
            (old.channel, old.channel == new.channel),
            (name_of(old, subject), old.subject == new.subject or subject is Subject.NONE),
        )
        if not same
    ]
    return f"{told} ({words.instead.format(old=' '.join(was))})" if was else told


def _told(airing: Airing, subject: Subject, dated: bool, *, channel: bool = False) -> str:
    pieces = [short_day(airing.day)] if dated else []
    pieces += [airing.clock, airing.channel if channel else "", name_of(airing, subject)]
    return " ".join(filter(None, pieces))
