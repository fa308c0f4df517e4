"""What a school holds its TV lessons to: grades, caps of length, days off, channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, event, insert, select
from sqlalchemy.orm import Mapper

from notifier.database import db
from webapp.families.lesson_rules import CAPS
from webapp.lessons.models import DIGEST_PARTS, EVENING, WEEK_PARTS, LessonRules, TvChannel
from webapp.lessons.subjects import ABBREVIATIONS
from webapp.lessons.wording import channel_key
from webapp.staff.models import Role, School

# Who may change the timetable; everybody at the school sees it.
TIMETABLE_KEEPERS = frozenset({Role.DIRECTOR, Role.DEPUTY_DIRECTOR, Role.OFFICE, Role.CLASS_TEACHER})
# Who may change channels, caps and days off.
CHANNEL_KEEPERS = frozenset({Role.DIRECTOR, Role.DEPUTY_DIRECTOR, Role.OFFICE})

FIRST_GRADE, LAST_GRADE = 1, 11
HIGHEST_GRADE = 12  # the longest school there is
CHANNELS: tuple[dict[str, Any], ...] = (
    {
        "name": "Баластан",
        "aliases": ["Balastan", "Balastan.kg", "Балластан"],
        "first_grade": 1,
        "last_grade": 4,
    },
    {
        "name": "ЭЛТР",
        "aliases": ["ElTR", "ElTR.kg", "ЭлТР", "El TR", "Эл ТР"],
        "first_grade": 5,
        "last_grade": HIGHEST_GRADE,
    },
)
# The fixed holidays of Kyrgyzstan; Орозо айт, Курман айт and the school's own holidays move, people add them.
DAYS_OFF: tuple[tuple[str, str, str], ...] = (
    ("01-01", "01-01", "Жаңы жыл"),
    ("01-07", "01-07", "Рождество"),
    ("02-23", "02-23", "Мекенди коргоочулар күнү"),
    ("03-08", "03-08", "Аялдар күнү"),
    ("03-21", "03-21", "Нооруз"),
    ("04-07", "04-07", "Апрель революциясы күнү"),
    ("05-01", "05-01", "Эмгек майрамы"),
    ("05-05", "05-05", "Конституция күнү"),
    ("05-09", "05-09", "Жеңиш күнү"),
    ("08-31", "08-31", "Эгемендүүлүк күнү"),
    ("11-07", "11-08", "Тарых жана ата-бабаларды эскерүү күндөрү"),
)


@dataclass(frozen=True)
class DayOff:
    """A day, or a run of them; without a year ("11-07") it comes every year."""

    first: str
    last: str
    name: str

    def covers(self, day: date) -> bool:
        written = f"{day:%m-%d}" if len(self.first) == 5 else day.isoformat()
        if self.first <= self.last:
            return self.first <= written <= self.last
        return written >= self.first or written <= self.last  # over New Year


@dataclass(frozen=True)
class Rules:
    """Everything a reading of a timetable is held to."""

    school_id: int
    zone: ZoneInfo
    language: str
    first_grade: int
    last_grade: int
    caps: dict[str, int | None]
    days_off: tuple[DayOff, ...]
    channels: tuple[TvChannel, ...]

    def cap(self, first: int, last: int) -> int | None:
        """Return the most minutes a lesson for these grades may last; None when nothing is ruled."""
        caps = [cap for grade in range(first, last + 1) if (cap := self.caps.get(str(grade))) is not None]
        return min(caps, default=None)

    def day_off(self, day: date) -> DayOff | None:
        return next((off for off in self.days_off if off.covers(day)), None)

    def channel(self, name: str) -> TvChannel | None:
        """Find the channel that somebody calls `name`."""
        key = channel_key(name)
        return next((c for c in self.channels if key and key in map(channel_key, c.names)), None)


def channels_of(school_id: int) -> Sequence[TvChannel]:
    """List the channels of a school, by the grades they carry."""
    return db.session.scalars(
        select(TvChannel)
        .where(TvChannel.school_id == school_id)
        .order_by(TvChannel.first_grade, TvChannel.name)
    ).all()


def rules_of(school: School) -> Rules:
    """Return what `school` holds its lessons to."""
    row = stored_rules(school)
    return Rules(
        school_id=school.id,
        zone=school.zone,
        language=school.language or "ky",
        first_grade=row.first_grade,
        last_grade=row.last_grade,
        caps=row.caps,
        days_off=tuple(DayOff(**off) for off in row.days_off),
        channels=tuple(channels_of(school.id)),
    )


def stored_rules(school: School) -> LessonRules:
    """Return the school's row; an unsaved one when the school came by another way than `School(…)`."""
    return db.session.get(LessonRules, school.id) or LessonRules(**first_rules(school.id))


def first_rules(school_id: int) -> dict[str, Any]:
    """The row of a new school."""
    return {
        "school_id": school_id,
        "first_grade": FIRST_GRADE,
        "last_grade": LAST_GRADE,
        "caps": dict(CAPS),
        "days_off": [{"first": first, "last": last, "name": name} for first, last, name in DAYS_OFF],
        "digest_at": EVENING,
        "digest_parts": DIGEST_PARTS,
        "week_parts": WEEK_PARTS,
        "abbreviations": ABBREVIATIONS,
    }


def lock_timetable(school: School) -> None:
    """Let one change of many lessons follow the other: two people may bring the same timetable in at once."""
    db.session.scalar(select(School.id).where(School.id == school.id).with_for_update())


@event.listens_for(School, "after_insert")
def _equip(_mapper: Mapper[School], connection: Connection, school: School) -> None:
    """Give every new school its channels and rules, whoever creates it."""
    connection.execute(insert(LessonRules).values(**first_rules(school.id)))
    connection.execute(insert(TvChannel), [{"school_id": school.id, **channel} for channel in CHANNELS])


def clock_at(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the moment at which the school's clocks show `minute` of `day`."""
    return datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
