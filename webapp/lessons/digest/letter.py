"""Write a digest as a letter: the full table, because an e-mail costs nothing (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from webapp.lessons.digest.amend import Changes, told
from webapp.lessons.digest.compose import Frame
from webapp.lessons.digest.guide import Airing, Guide
from webapp.lessons.digest.style import Subject, Viewer, called, clashes_among, together
from webapp.lessons.digest.words import Words, short_day, words_in


def write_letter(
    guide: Guide,
    frame: Frame,
    viewers: Sequence[Viewer],
    language: str,
    signature: str,
    calendars: Mapping[str, str] | None = None,
) -> tuple[str, str]:
    """Return subject and body of the e-mail for the children of one address.

    `calendars` are addresses by the name of a class; a phone that follows one shows every lesson to come.
    """
    words = words_in(language)
    blocks = [_table(guide, viewer, words) for viewer in viewers]
    if clashes := _clashes(guide, viewers, words):
        blocks.append(clashes)
    if calendars:
        blocks.append("\n".join(words.calendar.format(name=n, address=a) for n, a in calendars.items()))
    day = words.long_day(guide.days[0])
    if frame.is_week and len(guide.days) > 1:
        day = f"{day} – {words.long_day(guide.days[-1])}"
    return words.letter.format(school=frame.school, day=day), "\n\n".join([*blocks, signature]) + "\n"


def write_amended(
    guide: Guide, frame: Frame, viewers: Sequence[Viewer], changes: Changes, language: str, signature: str
) -> tuple[str, str]:
    """Return the e-mail that corrects an earlier one: what changed, then the table as it is now."""
    words = words_in(language)
    groups = [group for group in together(viewers) if changes.get(group)]
    news = [
        f"{short_day(day)}: {text}"
        for group in groups
        for day, text in told(guide, group, changes[group], words, Subject.FULL, dated=False)
    ]
    blocks = ["\n".join(dict.fromkeys(news))]
    blocks += [_table(guide, viewer, words) for viewer in viewers if guide.watched_by(viewer.group)]
    first = min(change.first_day for group in groups for change in changes[group])
    subject = words.letter_changed.format(school=frame.school, day=words.long_day(first))
    return subject, "\n\n".join([*blocks, signature]) + "\n"


def _table(guide: Guide, viewer: Viewer, words: Words) -> str:
    lines, day = [f"{viewer.name}, {viewer.class_name}"], None
    for airing in guide.watched_by(viewer.group):
        if airing.day != day:
            day = airing.day
            lines.append(f"{words.weekdays[day.weekday()]}, {words.long_day(day)}")
        lines.append(_row(airing, words))
    return "\n".join(lines)


def _row(airing: Airing, words: Words) -> str:
    minutes = int((airing.ends_at - airing.starts_at).total_seconds()) // 60
    hour, minute = map(int, airing.clock.split(":"))
    end = hour * 60 + minute + minutes
    again = f" ({words.again})" if airing.repeat_of else ""
    topic = f": {airing.topic}" if airing.topic else ""
    return (
        f"  {airing.clock}–{end // 60 % 24}:{end % 60:02}  {airing.channel}  {airing.subject}{topic}{again}"
    )


def _clashes(guide: Guide, viewers: Sequence[Viewer], words: Words) -> str:
    names = dict(zip(map(id, viewers), called(viewers), strict=True))
    lines = []
    for one, other, clashes in clashes_among(guide, viewers):
        for clash in clashes:
            text = f"{short_day(clash.first.day)} {clash.first.clock}"
            if again := clash.again:
                who = names[id(other if clash.again_is_second else one)]
                text += f" ({who} {words.again} {short_day(again.day)} {again.clock} {again.channel})"
            lines.append(f"{words.same_time} {names[id(one)]}, {names[id(other)]}: {text}")
    return "\n".join(lines)
