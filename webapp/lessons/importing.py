"""Bring a timetable in: compare it with what is stored, and apply it in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from notifier.database import db
from webapp.lessons.check import Reading, check
from webapp.lessons.drafts import Draft, key_of
from webapp.lessons.models import LessonImport, TvLesson
from webapp.lessons.rows import RawRow
from webapp.lessons.rules import Rules, lock_timetable, rules_of
from webapp.staff.audit import record
from webapp.staff.models import School, StaffMember

REPEATS_WITHIN = timedelta(days=14)
CHANGED = ("minutes", "subject", "topic")


@dataclass
class Plan:
    """What a timetable would change."""

    reading: Reading
    created: list[Draft] = field(default_factory=list)
    updated: list[tuple[Draft, TvLesson]] = field(default_factory=list)
    unchanged: int = 0
    # Lessons of the same days, channels and languages that the timetable does not have (any more).
    missing: list[TvLesson] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return {
            "rows": self.reading.rows,
            "created": len(self.created),
            "updated": len(self.updated),
            "unchanged": self.unchanged,
        }


def make_plan(rows: Sequence[RawRow], rules: Rules, now: datetime) -> Plan:
    """Hold the rows to the rules and compare them with the school's lessons on the same days."""
    today = now.astimezone(rules.zone).date()
    plan = Plan(check(rows, rules, today))
    stored = lessons_around(plan.reading.drafts, rules.school_id)
    plan.reading.add_overlaps(stored, rules.zone)
    by_key: dict[Any, list[TvLesson]] = {}
    # Those that still stand come first: a cancelled one is brought back only when there is no other.
    for lesson in sorted(stored, key=lambda lesson: (lesson.cancelled_at is not None, lesson.id)):
        by_key.setdefault(key_of(lesson), []).append(lesson)
    rest, matched = [], set()
    for draft in plan.reading.drafts:
        same = next((lesson for lesson in by_key.get(draft.key, ()) if _is_as(lesson, draft)), None)
        if same:
            by_key[draft.key].remove(same)
            matched.add(same.id)
            plan.unchanged += 1
        else:
            rest.append(draft)
    for draft in rest:
        if candidates := by_key.get(draft.key):
            lesson = candidates.pop(0)
            matched.add(lesson.id)
            plan.updated.append((draft, lesson))
        else:
            plan.created.append(draft)
    covered = {_place(draft.channel.id, draft, rules.zone) for draft in plan.reading.drafts}
    plan.missing = [
        lesson
        for lesson in sorted(stored, key=lambda lesson: (lesson.starts_at, lesson.id))
        if not lesson.cancelled_at
        and lesson.id not in matched
        and _place(lesson.channel_id, lesson, rules.zone) in covered
    ]
    return plan


def _place(channel_id: int, lesson: Draft | TvLesson, zone: ZoneInfo) -> tuple[int, date, str]:
    """What of the week a timetable speaks of: a channel's day in one language."""
    return channel_id, lesson.starts_at.astimezone(zone).date(), lesson.language


def lessons_around(drafts: Sequence[Draft], school_id: int) -> list[TvLesson]:
    """Return every lesson of the school, cancelled ones too, from the first day of the drafts to the last."""
    if not drafts:
        return []
    first, last = min(d.starts_at for d in drafts), max(d.starts_at for d in drafts)
    return list(
        db.session.scalars(
            select(TvLesson).where(
                TvLesson.school_id == school_id,
                TvLesson.starts_at.between(first - timedelta(days=1), last + timedelta(days=1)),
            )
        )
    )


def _is_as(lesson: TvLesson, draft: Draft) -> bool:
    return lesson.cancelled_at is None and (lesson.minutes, lesson.subject, lesson.topic) == draft.content


def bring_in(
    rows: Sequence[RawRow],
    school: School,
    source: str,
    now: datetime,
    *,
    person: StaffMember | None = None,
    into: LessonImport | None = None,
    replace: bool = False,
) -> Plan:
    """Apply a timetable and note it in the audit; with errors in it, change nothing. The caller commits.

    With `replace`, the lessons that it does not have any more are cancelled.
    """
    lock_timetable(school)
    plan = make_plan(rows, rules_of(school), now)
    if plan.reading.errors:
        return plan
    done = into or LessonImport(
        school_id=school.id, staff_id=person.id if person else None, source=source, created_at=now
    )
    done.rows, done.applied_at = [], now
    gone = plan.missing if replace else []
    done.changes = _apply(plan, gone, school, now)
    db.session.add(done)
    if plan.created or plan.updated or gone:
        detail = plan.counts | {"cancelled": len(gone)}
        record("lessons.imported", source, detail, person, now, school=school)
    return plan


def _apply(plan: Plan, gone: Sequence[TvLesson], school: School, now: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {"created": [], "updated": [], "cancelled": []}
    for lesson in gone:
        before = _state_of(lesson)
        lesson.cancelled_at, lesson.changed_at, lesson.revision = now, now, lesson.revision + 1
        changes["cancelled"].append([lesson.id, lesson.revision, before])
    written: list[tuple[Draft, TvLesson]] = []
    for draft, lesson in plan.updated:
        before = _state_of(lesson)
        lesson.minutes, lesson.subject, lesson.topic = draft.content
        lesson.cancelled_at, lesson.withdrawn = None, False
        lesson.revision, lesson.changed_at = lesson.revision + 1, now
        changes["updated"].append([lesson.id, lesson.revision, before])
        written.append((draft, lesson))
    for draft in plan.created:
        lesson = TvLesson(
            school_id=school.id,
            channel_id=draft.channel.id,
            starts_at=draft.starts_at,
            minutes=draft.minutes,
            first_grade=draft.first_grade,
            last_grade=draft.last_grade,
            language=draft.language,
            subject=draft.subject,
            topic=draft.topic,
            revision=1,
            changed_at=now,
        )
        db.session.add(lesson)
        written.append((draft, lesson))
    db.session.flush()
    changes["created"] = [[lesson.id, 1] for _draft, lesson in written[len(plan.updated) :]]
    for draft, lesson in written:
        if draft.is_repeat:
            lesson.repeat_of_id = first_airing_of(lesson)
    return changes


def _state_of(lesson: TvLesson) -> dict[str, Any]:
    """What an import may change of a lesson, as it is before."""
    return {
        **{name: getattr(lesson, name) for name in CHANGED},
        "cancelled_at": lesson.cancelled_at.isoformat() if lesson.cancelled_at else None,
        "withdrawn": lesson.withdrawn,
    }


def first_airing_of(lesson: TvLesson) -> int | None:
    """Return the id of the airing that `lesson` shows again: the last one before it with the same content."""
    query = (
        select(TvLesson.id)
        .where(
            TvLesson.school_id == lesson.school_id,
            TvLesson.id != lesson.id,
            TvLesson.starts_at.between(
                lesson.starts_at - REPEATS_WITHIN, lesson.starts_at - timedelta(minutes=1)
            ),
            TvLesson.first_grade == lesson.first_grade,
            TvLesson.last_grade == lesson.last_grade,
            TvLesson.language == lesson.language,
            TvLesson.subject == lesson.subject,
            TvLesson.cancelled_at.is_(None),
        )
        .order_by(TvLesson.repeat_of_id.is_not(None), TvLesson.starts_at.desc())
    )
    if lesson.topic:
        query = query.where(TvLesson.topic == lesson.topic)
    return db.session.scalar(query.limit(1))
