"""Take a timetable back that was brought in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from notifier.database import db
from webapp.lessons.importing import CHANGED
from webapp.lessons.models import LessonImport, TvLesson
from webapp.lessons.rules import lock_timetable
from webapp.staff.audit import record
from webapp.staff.models import School, StaffMember


@dataclass(frozen=True)
class Undone:
    restored: int
    kept: int  # changed by somebody since, so left alone


def take_back(done: LessonImport, school: School, now: datetime, person: StaffMember | None) -> Undone:
    """Undo what an import changed, except what was changed again since. The caller commits.

    Lessons it created are cancelled, not deleted: parents may already have been told of them.
    """
    lock_timetable(school)
    entries = [(*entry, None) for entry in done.changes.get("created", [])]
    for kind in ("updated", "cancelled"):
        entries += [tuple(entry) for entry in done.changes.get(kind, [])]
    lessons = _lessons_with({entry[0] for entry in entries}, school.id)
    restored = 0
    for lesson_id, revision, before in entries:
        lesson = lessons.get(lesson_id)
        if not lesson or lesson.revision != revision:
            continue
        restored += 1
        lesson.revision, lesson.changed_at = lesson.revision + 1, now
        if before is None:
            lesson.cancelled_at, lesson.withdrawn = now, True
            continue
        for name in CHANGED:
            setattr(lesson, name, before[name])
        cancelled = before["cancelled_at"]
        lesson.cancelled_at = datetime.fromisoformat(cancelled) if cancelled else None
        lesson.withdrawn = before["withdrawn"]
    done.undone_at = now
    undone = Undone(restored, len(entries) - restored)
    record(
        "lessons.import_undone",
        done.source,
        {"restored": undone.restored, "kept": undone.kept},
        person,
        now,
        school=school,
    )
    return undone


def _lessons_with(ids: Iterable[int], school_id: int) -> dict[int, TvLesson]:
    wanted, found = sorted(ids), {}
    for start in range(0, len(wanted), 500):  # databases limit the values of one statement
        query = select(TvLesson).where(
            TvLesson.school_id == school_id, TvLesson.id.in_(wanted[start : start + 500])
        )
        found.update({lesson.id: lesson for lesson in db.session.scalars(query)})
    return found
