"""The lessons of a class as an iCalendar that phones and computers can subscribe to."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext

from webapp.lessons.models import TvLesson


def write_calendar(lessons: Iterable[TvLesson], name: str) -> bytes:
    """Return the lessons as events whose UIDs stay theirs when day, time or topic change.

    A cancelled lesson stays in the calendar as cancelled, so that it disappears where it was.
    """
    # Slow to load, and needed by this page alone.
    from icalendar import Calendar, Event

    calendar = Calendar()
    calendar.add("prodid", "-//Kabarchy//TV lessons//")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for lesson in lessons:
        event = Event()
        event.add("uid", f"{lesson.uid}@kabarchy")
        event.add("dtstamp", lesson.changed_at)
        event.add("last-modified", lesson.changed_at)
        event.add("sequence", lesson.revision - 1)
        event.add("dtstart", lesson.starts_at)
        event.add("dtend", lesson.ends_at)
        event.add("summary", summary(lesson))
        event.add("location", lesson.channel.name)
        if lesson.topic:
            event.add("description", lesson.topic)
        event.add("status", "CANCELLED" if lesson.cancelled_at else "CONFIRMED")
        event.add("transp", "TRANSPARENT")
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def summary(lesson: TvLesson) -> str:
    """How a calendar calls a lesson: subject and channel."""
    subject = lesson.subject or gettext("TV lesson")
    return f"{subject} · {lesson.channel.name}"
