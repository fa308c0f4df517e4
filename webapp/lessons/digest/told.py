"""What phones hold of the timetable: kept when a digest or a correction is posted, and asked again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from notifier.database import db
from notifier.models import Delivery, State
from webapp.lessons.digest.guide import Airing
from webapp.lessons.digest.models import Digest, ToldLessons
from webapp.lessons.subjects import Subjects
from webapp.staff.models import School

CANCELLED = 0
# What certainly did not arrive, as far as anybody knows: the phone holds nothing of it.
NOT_THERE = frozenset({State.CANCELLED, State.FAILED, State.SUPPRESSED, State.EXPIRED, State.UNDELIVERED})


@dataclass(frozen=True, slots=True)
class Message:
    """A message that waits to leave."""

    delivery_id: int
    announcement_id: int
    body: str


@dataclass(slots=True)
class Phone:
    """What one phone holds, by lesson, and the message that has not left yet, if there is one."""

    contact_point_id: int
    messages: int = 0
    holds: dict[int, Airing] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)  # the lessons it was told do not take place
    waiting: Message | None = None


def keep(
    digest: Digest,
    announcement_id: int,
    lines: Mapping[int, tuple[int, Iterable[str]]],
    told: Iterable[Airing],
) -> None:
    """Write down what messages tell: delivery → contact point and lines; `told` are the lessons in them."""
    digest.lessons = {**digest.lessons, **{line_of(airing): _facts(airing) for airing in told}}
    if not lines:
        return
    db.session.execute(
        insert(ToldLessons),
        [
            {
                "delivery_id": delivery_id,
                "digest_id": digest.id,
                "announcement_id": announcement_id,
                "contact_point_id": contact_point_id,
                "lines": " ".join(said),
            }
            for delivery_id, (contact_point_id, said) in lines.items()
        ],
    )


def line_of(airing: Airing) -> str:
    return f"{airing.lesson_id}.{airing.revision}"


def line_gone(lesson_id: int) -> str:
    return f"{lesson_id}.{CANCELLED}"


def phones_told(digest: Digest, school: School, subjects: Subjects) -> dict[int, Phone]:
    """Say by contact point what every phone holds of this digest and its corrections."""
    lessons = {key: _airing(key, facts, school, subjects) for key, facts in digest.lessons.items()}
    phones: dict[int, Phone] = {}
    rows = db.session.execute(
        select(ToldLessons, Delivery.state, Delivery.body)
        .join(Delivery, Delivery.id == ToldLessons.delivery_id)
        .where(ToldLessons.digest_id == digest.id)
        .order_by(ToldLessons.delivery_id)
    )
    for told, state, body in rows:
        phone = phones.setdefault(told.contact_point_id, Phone(told.contact_point_id))
        phone.messages += 1
        if state == State.PENDING:
            phone.waiting = Message(told.delivery_id, told.announcement_id, body)
        elif state not in NOT_THERE:
            for line in told.lines.split():
                number, _, revision = line.partition(".")
                if int(revision) == CANCELLED:
                    phone.holds.pop(int(number), None)
                    phone.gone.add(int(number))
                else:
                    phone.holds[int(number)] = lessons[line]
                    phone.gone.discard(int(number))
    return phones


def _facts(airing: Airing) -> list[Any]:
    minutes = int((airing.ends_at - airing.starts_at).total_seconds()) // 60
    return [
        airing.starts_at.isoformat(),
        minutes,
        airing.channel,
        airing.subject,
        airing.first_grade,
        airing.last_grade,
        airing.language,
        airing.repeat_of,
    ]


def _airing(key: str, facts: list[Any], school: School, subjects: Subjects) -> Airing:
    starts, minutes, channel, subject, first, last, language, repeat_of = facts
    number, _, revision = key.partition(".")
    starts_at = datetime.fromisoformat(starts)
    local = starts_at.astimezone(school.zone)
    return Airing(
        int(number),
        int(revision),
        starts_at,
        starts_at + timedelta(minutes=minutes),
        local.date(),
        f"{local.hour}:{local.minute:02}",
        channel,
        subject,
        subjects.short(subject, language),
        "",
        first,
        last,
        language,
        repeat_of,
    )
