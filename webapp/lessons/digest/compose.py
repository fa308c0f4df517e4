"""Write the digest of one phone within the parts its school allows (pure).

What is given up when it gets too long, one after the other:

1. topics · 2. subjects in full, for their abbreviations · 3. classes beside names · 4. abbreviations, for
initials, and who clashes, for when · 5. subjects, and the repeats of clashing lessons: times and channels are
left · 6. clashes · 7. all but each child's first lesson, with the number of further ones and the request to
ask the school · 8. all but the grades that have lessons.

The last step fits into one part of 70 characters, whoever reads it: so no digest exceeds its parts, and none
loses a child.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from notifier.text import measure
from webapp.lessons.digest.guide import Airing, Clash, Group, Guide
from webapp.lessons.digest.style import (
    LADDER,
    WITHOUT_CLASHES,
    Style,
    Subject,
    Told,
    Viewer,
    called,
    clashes_among,
    name_of,
    together,
)
from webapp.lessons.digest.words import short_day, words_in


@dataclass(frozen=True, slots=True)
class Composed:
    """A finished SMS, and the lessons whose time and channel it tells."""

    body: str
    segments: int
    said: tuple[Airing, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """What all digests of one evening have in common."""

    school: str  # its short name
    phone: str
    parts: int
    sent_on: date  # the day on which it leaves: who reads "tomorrow" must be right
    is_week: bool = False


class Edition:
    """The digests in one language and script; what phones have in common is written once."""

    def __init__(self, guide: Guide, frame: Frame, language: str, write: Callable[[str], str]) -> None:
        self.guide, self.frame = guide, frame
        self.words, self.write = words_in(language), write
        self._lines: dict[tuple[Group, Subject, bool], str] = {}
        self._heads: dict[tuple[str, str | None, bool], str] = {}
        self._alone: dict[tuple[str, Group], Composed] = {}

    def compose(self, viewers: Sequence[Viewer]) -> Composed:
        """Write the SMS for the children behind one phone, each of whom has a lesson to watch."""
        if len(viewers) > 1:
            return self._fit(viewers)
        key = (viewers[0].class_name, viewers[0].group)
        if key not in self._alone:
            self._alone[key] = self._fit(viewers)
        return self._alone[key]

    def _fit(self, viewers: Sequence[Viewer]) -> Composed:
        groups = together(viewers)
        names = dict(zip(map(id, viewers), map(self.write, called(viewers)), strict=True))
        clashes = clashes_among(self.guide, viewers)
        said = tuple({a.lesson_id: a for group in groups for a in self.guide.watched_by(group)}.values())
        agains = tuple(clash.again for _, _, found in clashes for clash in found if clash.again)
        for style in LADDER if clashes else WITHOUT_CLASHES:
            body = self._write(style, groups, names, clashes)
            segments = measure(body).segments
            if segments <= self.frame.parts:
                return Composed(
                    body, segments, said + agains if style.clashes in {Told.WHO, Told.REPEAT} else said
                )
        firsts = tuple({a.lesson_id: a for a in (self.guide.watched_by(g)[0] for g in groups)}.values())
        shortest = self._grades(groups, "")
        call = f". {self.words.call}"
        for body, told in (
            (self._firsts(groups, names, f"{call} {self.frame.phone}".rstrip()), firsts),
            (self._firsts(groups, names, call), firsts),
            (self._firsts(groups, names, ""), firsts),
            (self._grades(groups, call), ()),
        ):
            segments = measure(body).segments
            if segments <= self.frame.parts:
                return Composed(body, segments, told)
        return Composed(shortest, measure(shortest).segments, ())

    def _write(
        self,
        style: Style,
        groups: dict[Group, list[Viewer]],
        names: dict[int, str],
        clashes: list[tuple[Viewer, Viewer, tuple[Clash, ...]]],
    ) -> str:
        viewers = [viewer for members in groups.values() for viewer in members]
        alone = len(viewers) == 1
        channel = None if alone else self._only_channel(groups)
        head = self._head(viewers, channel, brief=not style.classes)
        lines = [] if alone else [head]
        for group, members in groups.items():
            line = self._line(group, style.subject, with_channel=channel is None)
            if alone:
                lines.append(f"{head} {line}")
            else:
                lines.append(f"{self._label(members, names, style.classes)}: {line}")
        if style.clashes is not Told.NOT:
            lines += [self._told(style.clashes, *clash, names) for clash in clashes]
        return "\n".join(lines)

    def _only_channel(self, groups: Iterable[Group]) -> str | None:
        """Return the channel that shows all of it, to be named once for all children."""
        channels = {airing.channel for group in groups for airing in self.guide.watched_by(group)}
        return channels.pop() if len(channels) == 1 else None

    def _head(self, viewers: Sequence[Viewer], channel: str | None, *, brief: bool) -> str:
        who = f", {viewers[0].class_name}" if len(viewers) == 1 else ""
        key = (who, channel, brief)
        if key not in self._heads:
            lessons = self.words.tv if brief else self.words.lessons
            on = f", {channel}" if channel else ""
            self._heads[key] = self.write(f"{self.frame.school}{who}: {self.when} {lessons}{on}.")
        return self._heads[key]

    @property
    def when(self) -> str:
        days = self.guide.days
        if self.frame.is_week and len(days) > 1:
            return f"{short_day(days[0])}-{short_day(days[-1])}"
        return self.words.when(days[0], self.frame.sent_on)

    def _label(self, members: Iterable[Viewer], names: dict[int, str], classes: bool) -> str:
        """Call the children who watch the same: "Асан, Үсөн 5-А", "Асан 5-А, Үсөн 5-В", "Асан, Үсөн"."""
        if not classes:
            return ", ".join(names[id(viewer)] for viewer in members)
        of_class: dict[str, list[str]] = {}
        for viewer in members:
            of_class.setdefault(viewer.class_name, []).append(names[id(viewer)])
        return ", ".join(f"{', '.join(called)} {self.write(name)}" for name, called in of_class.items())

    def _line(self, group: Group, subject: Subject, *, with_channel: bool) -> str:
        """List what a group watches; a channel is named once for a run of lessons on it, and so is a day."""
        key = (group, subject, with_channel)
        if key not in self._lines:
            said, day, channel = "", None, None
            for airing in self.guide.watched_by(group):
                named = [self.words.weekdays[airing.day.weekday()]] if self.frame.is_week else []
                named = named if airing.day != day else []
                turn = with_channel and airing.channel != channel
                named += [airing.channel] if turn else []
                said += ("; " if named else ", ") if said else ""
                said += " ".join([*named, self._lesson(airing, subject)])
                day, channel = airing.day, airing.channel
            self._lines[key] = self.write(said)
        return self._lines[key]

    def _lesson(self, airing: Airing, subject: Subject) -> str:
        again = f" ({self.words.again})" if airing.repeat_of and subject is not Subject.NONE else ""
        return " ".join(filter(None, [airing.clock, name_of(airing, subject)])) + again

    def _told(
        self, how: Told, one: Viewer, other: Viewer, found: Iterable[Clash], names: dict[int, str]
    ) -> str:
        """Tell what two children cannot both watch."""
        first, second = names[id(one)], names[id(other)]
        told = []
        for clash in found:
            text = "/".join(dict.fromkeys((clash.first.clock, clash.second.clock)))
            if self.frame.is_week:
                text = f"{self.words.weekdays[clash.first.day.weekday()]} {text}"
            if (again := clash.again) and how is not Told.WHEN:
                day = "" if again.day == clash.first.day else f"{short_day(again.day)} "
                who = second if clash.again_is_second else first
                text += f" ({who} {self.words.again} {day}{again.clock} {again.channel})"
            told.append(text)
        who = f" {first}, {second}" if how is Told.WHO else ""
        return self.write(f"{self.words.same_time}{who}: {', '.join(told)}")

    def _firsts(self, groups: dict[Group, list[Viewer]], names: dict[int, str], call: str) -> str:
        """Name each child's first lesson and the number of the others."""
        lines = []
        for group, members in groups.items():
            first, *others = self.guide.watched_by(group)
            day = f"{self.words.weekdays[first.day.weekday()]} " if self.frame.is_week else ""
            more = f" +{len(others)}" if others else ""
            who = self._label(members, names, classes=False)
            lines.append(f"{who} {day}{first.clock} {first.channel}{more}")
        return self.write(f"{self.frame.school}, {self.when} {self.words.tv}: {'; '.join(lines)}{call}")

    def _grades(self, groups: dict[Group, list[Viewer]], call: str) -> str:
        """Say which grades have lessons: what is left when nothing else fits."""
        grades = ",".join(map(str, sorted({grade for grade, _ in groups})))
        day = short_day(self.guide.days[0])
        return self.write(f"{self.frame.school}, {day} {self.words.tv}: {grades}-{self.words.grade}{call}")
