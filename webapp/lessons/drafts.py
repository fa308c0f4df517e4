"""A lesson as a row says it, and which of them share a channel and a minute (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from webapp.lessons.models import TvChannel, TvLesson
from webapp.lessons.problems import Problem


@dataclass(frozen=True)
class Draft:
    """A lesson as a row says it, ready to be stored."""

    channel: TvChannel
    starts_at: datetime
    minutes: int
    first_grade: int
    last_grade: int
    language: str
    subject: str
    topic: str
    is_repeat: bool
    row: int
    sheet: str
    index: int = 0  # of its row among the rows that were read

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def key(self) -> tuple[Any, ...]:
        """What makes it this lesson and not another: a changed topic is still the same lesson."""
        return (self.channel.id, self.starts_at, self.first_grade, self.last_grade, self.language)

    @property
    def content(self) -> tuple[Any, ...]:
        return (self.minutes, self.subject, self.topic)


def key_of(lesson: TvLesson) -> tuple[Any, ...]:
    """What `Draft.key` is for a stored lesson."""
    return (lesson.channel_id, lesson.starts_at, lesson.first_grade, lesson.last_grade, lesson.language)


def overlaps(drafts: Sequence[Draft], stored: Iterable[TvLesson], zone: ZoneInfo) -> list[Problem]:
    """One warning for the later of two lessons that share a channel and a minute."""
    replaced = {draft.key for draft in drafts}
    lessons: list[tuple[int, datetime, datetime, int, Draft | TvLesson]] = [
        (d.channel.id, d.starts_at, d.ends_at, 1, d) for d in drafts
    ]
    lessons += [
        (lesson.channel_id, lesson.starts_at, lesson.ends_at, 0, lesson)
        for lesson in stored
        if not lesson.cancelled_at and key_of(lesson) not in replaced
    ]
    lessons.sort(key=lambda item: (item[0], item[1], item[3]))
    problems = []
    longest: tuple[int, datetime, datetime, int, Draft | TvLesson] | None = None
    for item in lessons:
        if longest and item[0] == longest[0] and item[1] < longest[2]:
            late, early = (item, longest) if item[3] else (longest, item)
            if late[3]:
                problems.append(_overlap(late[4], early[4], zone))
        if not longest or item[0] != longest[0] or item[2] > longest[2]:
            longest = item
    return problems


def _overlap(late: Draft | TvLesson, early: Draft | TvLesson, zone: ZoneInfo) -> Problem:
    start, end = (moment.astimezone(zone) for moment in (early.starts_at, early.ends_at))
    about = {"channel": late.channel.name, "other": f"{start:%H:%M}–{end:%H:%M} {early.subject}"}
    if isinstance(late, Draft):
        return Problem(late.row, "start", "overlap", about, late.sheet, late.index)
    return Problem(0, "start", "overlap", about)
