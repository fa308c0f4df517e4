"""ТВ 5: the lessons that are still to come today, or tomorrow's, in one SMS."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from notifier.database import db
from webapp.inbox.answering.asked import Answer, Asked, Done
from webapp.lessons.digest.evening import Editor, groups_of, viewers_of
from webapp.lessons.digest.guide import Guide
from webapp.lessons.digest.models import Span
from webapp.lessons.digest.style import Viewer
from webapp.lessons.digest.timetable import guide_of
from webapp.lessons.digest.words import words_in as lesson_words_in
from webapp.lessons.models import TvLesson
from webapp.lessons.rules import stored_rules


def tell_lessons(asked: Asked) -> Done:
    """Answer with the lessons of the grade asked about, or of the family's own children."""
    grade = asked.keyword.grade
    if grade is not None:
        # Two schools that know the number would say the same.
        return Done(settled=True, answer=_of_grade(asked, grade) if asked.is_first else None)
    if asked.audience.households:
        return Done(settled=True, answer=_of_children(asked))
    return Done(settled=True, answer=Answer(asked.say(asked.words.which_grade)) if asked.is_first else None)


def _of_children(asked: Asked) -> Answer:
    groups = groups_of(asked.school.id)
    for guide in _guides(asked):
        watching = {key: group for key, group in groups.items() if guide.watched_by(group)}
        viewers = [
            viewer for viewer in viewers_of(asked.envelope, groups) if viewer.group in watching.values()
        ]
        if viewers:
            return _written(asked, guide, viewers)
    return Answer(asked.say(asked.words.no_lessons))


def _of_grade(asked: Asked, grade: int) -> Answer:
    called = f"{grade}-{lesson_words_in(asked.envelope.language).grade}"
    languages = _languages(asked, grade)
    for guide in _guides(asked):
        for language in languages:
            if guide.watched_by((grade, language)):
                return _written(asked, guide, [Viewer("", called, grade, language, 0)])
    return Answer(asked.say(asked.words.no_lessons_of.format(grade=grade)))


def _languages(asked: Asked, grade: int) -> list[str]:
    """The languages of instruction to look for, the likeliest first: that of the child in that grade."""
    groups = groups_of(asked.school.id)
    own = [groups[child.class_id] for child in asked.envelope.children]
    taught = db.session.scalars(
        select(TvLesson.language).where(TvLesson.school_id == asked.school.id).distinct()
    )
    likely = [language for number, language in own if number == grade]
    likely += [asked.envelope.language, asked.school.language, *sorted(taught)]
    return list(dict.fromkeys(likely))


def _guides(asked: Asked) -> Iterator[Guide]:
    """The lessons still to come today, then tomorrow's."""
    school, today = asked.school, asked.now.astimezone(asked.school.zone).date()
    rules = stored_rules(school)
    for days in (0, 1):
        yield guide_of(school, rules, Span.DAY, today + timedelta(days=days), after=asked.now)


def _written(asked: Asked, guide: Guide, viewers: list[Viewer]) -> Answer:
    """Write it as the evening's message is written, within the parts the school allows."""
    school = asked.school
    today = asked.now.astimezone(school.zone).date()
    editor = Editor(school, stored_rules(school), guide, Span.DAY, today)
    message, _said = editor.write(asked.envelope, viewers)
    watched = [airing for viewer in viewers for airing in guide.watched_by(viewer.group)]
    return Answer(message.body, expires_at=max(airing.starts_at for airing in watched))
