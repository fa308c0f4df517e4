"""Which announcements tell the same order: however often it is told, it changes things once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from notifier.database import db
from webapp.announcements.audience.selection import Selection
from webapp.announcements.desk.said import Said
from webapp.announcements.kinds import ORDER
from webapp.announcements.models import Announcement
from webapp.families.queries import visible_classes

# Beside the answers: what the order changed, so that taking it back takes that back, too.
MADE = "_made"

Target = int | None  # a class; None: the whole school


def answers_to(announcement: Announcement) -> Said:
    """What was answered about an order, without what it did."""
    kept = Said.read(announcement.fields).answers
    return Said({name: answer for name, answer in kept.items() if name != MADE})


def done_by(announcement: Announcement) -> Announcement | None:
    """Find the announcement that did what this order says: itself, or one that was told before it."""
    if MADE in Said.read(announcement.fields).answers:
        return announcement
    return next((each for each in told_too(announcement) if MADE in Said.read(each.fields).answers), None)


def told_too(announcement: Announcement) -> Iterator[Announcement]:
    """Find what else was told of the same order: it says the same of the same classes. The newest first."""
    if announcement.kind != ORDER:
        return
    does, targets = _does(announcement), sorted(targets_of(announcement), key=str)
    for each in db.session.scalars(
        select(Announcement)
        .where(
            Announcement.school_id == announcement.school_id,
            Announcement.kind == ORDER,
            Announcement.published_at.is_not(None),
            Announcement.id != announcement.id,
        )
        .order_by(Announcement.published_at.desc())
    ).all():
        if _does(each) == does and sorted(targets_of(each), key=str) == targets:
            yield each


def _does(announcement: Announcement) -> dict[str, Any]:
    """All that an order answers but the note, which is for reading."""
    return {name: each for name, each in answers_to(announcement).answers.items() if name != "note"}


def targets_of(announcement: Announcement) -> list[Target]:
    """For which classes an order holds; [None]: for the whole school."""
    if announcement.corrects and announcement.corrects.kind == ORDER:
        # Told to the children who were told the wrong one; it holds for the same classes.
        return targets_of(announcement.corrects)
    selection = Selection.of(announcement)
    if selection.school and not selection.languages:
        return [None]
    if not announcement.audience or not announcement.author:
        return [school_class.id for school_class in announcement.classes]
    return [each.id for each in selection.classes_among(visible_classes(announcement.author))]
