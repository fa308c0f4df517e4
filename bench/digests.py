"""Evening digests: composed for 1,000 schools' worth of phones, and a school of 900 told from start to end.

`python -m bench.digests PHONES` composes in a process of its own, so that its memory can be told.
"""

from __future__ import annotations

import csv
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from bench.databases import Databases
from bench.place import NAMES, place
from bench.processes import ROOT
from bench.rows import Row, say

if TYPE_CHECKING:
    from webapp.families.models import SchoolClass
    from webapp.lessons.digest.guide import Airing
    from webapp.lessons.subjects import Subjects

TIMETABLE = ROOT / "tests" / "data" / "tv" / "sample_timetable.csv"
BISHKEK = ZoneInfo("Asia/Bishkek")
SCHOOL_PHONES = 300  # of each of the thousand schools
PHONES = 300_000
BIG_SCHOOL = 900
PROMISED = 2.0  # seconds in which a school of 900 phones is composed and queued
NAMES_OF_CHILDREN = (
    "Асан", "Үсөн", "Айпери", "Нурбек", "Бегимай", "Эрлан", "Чолпон", "Тилек", "Жибек", "Азамат", "Вера",
    "Илья",
)  # fmt: skip
SURNAMES = ("Мисалов", "Жомоков", "Үлгүбаев", "Примеров", "Сказкин")


def measure(databases: Databases, quick: bool) -> list[Row]:
    rows = []
    sizes = (3_000, 30_000) if quick else (PHONES // 10, PHONES)
    seen = {}
    for size in sizes:
        done = subprocess.run(
            [sys.executable, "-m", "bench.digests", str(size)],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        seen[size] = json.loads(done.stdout)
        say(f"  composed for {size:,} phones: {seen[size]}")
    less, more = sizes
    rows.append(
        Row(
            name=f"Compose digests for {more:,} phones",
            unit="phones/s",
            ours=seen[more]["phones"] / seen[more]["seconds"],
            theirs={f"for {less:,}": seen[less]["phones"] / seen[less]["seconds"]},
        )
    )
    rows.append(
        Row(
            name=f"Peak memory composing for {more:,} phones",
            unit="MB",
            ours=seen[more]["memory"],
            theirs={f"for {less:,}": seen[less]["memory"]},
            less_is_better=True,
        )
    )
    for kind in ("sqlite", "postgresql"):
        took = {phones: _a_school(databases, kind, phones) for phones in (BIG_SCHOOL // 10, BIG_SCHOOL)}
        say(f"  a school, {kind}: {took}")
        rows.append(
            Row(
                name=f"Compose and queue the digests of a school of {BIG_SCHOOL} phones, {NAMES[kind]}",
                unit="s",
                ours=took[BIG_SCHOOL],
                theirs={f"of {BIG_SCHOOL // 10}": took[BIG_SCHOOL // 10]},
                limit=PROMISED,
                less_is_better=True,
            )
        )
    return rows


def timetable() -> list[dict[str, str]]:
    with TIMETABLE.open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


class Child(NamedTuple):
    name: str
    class_name: str
    grade: int
    language: str
    home: int  # whose television it is


def _families(chance: random.Random, groups: list[tuple[int, str]]) -> Iterator[list[Child]]:
    """The children behind one phone after the other."""
    while True:
        homes = 2 if chance.random() < 0.04 else 1
        children = []
        for home in range(homes):
            for _ in range(chance.choices((1, 2, 3, 4), (60, 27, 10, 3))[0]):
                grade, language = chance.choice(groups)
                name = f"{chance.choice(NAMES_OF_CHILDREN)} {chance.choice(SURNAMES)}"
                children.append(Child(name, f"{grade}-{chance.choice('АБВ')}", grade, language, home))
        yield sorted(children, key=lambda child: (child.grade, child.class_name))


def compose(phones: int) -> dict[str, float]:
    """Compose for this many phones, school by school, as the job does."""
    from notifier.text import to_latin
    from webapp.lessons.digest.compose import Edition, Frame
    from webapp.lessons.digest.guide import Guide
    from webapp.lessons.digest.style import Viewer
    from webapp.lessons.subjects import ABBREVIATIONS, Subjects

    subjects, rows = Subjects(ABBREVIATIONS), timetable()
    first = date.fromisoformat(rows[0]["date"])
    tomorrow = [row for row in rows if row["date"] == first.isoformat()]
    writers = {
        (language, latin): partial(to_latin, language=language) if latin else str
        for language in ("ky", "ru")
        for latin in (False, True)
    }
    seconds, parts, most_parts, done = 0.0, 0, 0, 0
    chance = random.Random(95)
    while done < phones:
        airings = [_airing(row, number, subjects) for number, row in enumerate(tomorrow, start=1)]
        groups = sorted({(a.first_grade, a.language) for a in airings})
        families = _families(chance, groups)
        here = min(SCHOOL_PHONES, phones - done)
        behind = [[Viewer(*child) for child in next(families)] for _ in range(here)]
        readers = [(chance.choice(("ky", "ky", "ru")), chance.random() < 0.5) for _ in behind]
        began = time.process_time()  # of this process alone: others may be busy
        guide = Guide(airings)
        frame = Frame("№95", "+996 312 000 095", 2, first - timedelta(days=1))
        editions = {key: Edition(guide, frame, key[0], write) for key, write in writers.items()}
        for reader, viewers in zip(readers, behind, strict=True):
            composed = editions[reader].compose(viewers)
            parts += composed.segments
            most_parts = max(most_parts, composed.segments)
        took = time.process_time() - began
        seconds, done = seconds + took, done + here
    if most_parts > 2:
        raise AssertionError("a digest exceeded its parts")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"phones": done, "seconds": round(seconds, 3), "parts": parts, "memory": round(memory, 1)}


def _airing(row: dict[str, str], number: int, subjects: Subjects) -> Airing:
    from webapp.lessons.digest.guide import Airing

    day, (hour, minute) = date.fromisoformat(row["date"]), map(int, row["start"].split(":"))
    starts = datetime(day.year, day.month, day.day, hour, minute, tzinfo=BISHKEK).astimezone(UTC)
    return Airing(
        lesson_id=number,
        revision=1,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=int(row["minutes"])),
        day=day,
        clock=f"{hour}:{minute:02}",
        channel=row["channel"],
        subject=row["subject"],
        short=subjects.short(row["subject"], row["language"]),
        topic=row["topic"],
        first_grade=int(row["grade"]),
        last_grade=int(row["grade"]),
        language=row["language"],
    )


def _a_school(databases: Databases, kind: str, phones: int) -> float:
    """Seconds from nothing to everything in the outbox, committed, for a school of so many phones."""
    from notifier.database import db
    from notifier.models import Delivery
    from webapp.lessons.digest.models import Span
    from webapp.lessons.digest.send import send
    from webapp.staff.models import School

    with place(databases, kind):
        number, day = _founded(phones)
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=BISHKEK).astimezone(UTC)
        evening = noon - timedelta(hours=17, minutes=30)
        db.session.remove()
        began = time.perf_counter()
        send(db.session.get_one(School, number), Span.DAY, day, evening)
        db.session.commit()
        took = time.perf_counter() - began
        queued = db.session.scalar(select(func.count()).select_from(Delivery))
    if queued != phones:
        raise AssertionError(f"{queued} of {phones} phones were told")
    return took


def _founded(phones: int) -> tuple[int, date]:
    """Found a school of so many phones, with the sample's week of lessons; return its id and first day."""
    from notifier.database import db
    from webapp.families.models import SchoolClass
    from webapp.lessons.importing import bring_in
    from webapp.lessons.roads import context_of, read_file
    from webapp.lessons.rules import rules_of
    from webapp.staff.models import School

    day = date.fromisoformat(timetable()[0]["date"])
    now = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=7)
    school = School(name="Ченөө мектеби", short_name="№95", phone="+996 312 000 095", created_at=now)
    db.session.add(school)
    db.session.flush()
    bring_in(read_file(TIMETABLE.read_bytes(), context_of(rules_of(school), now)), school, "sample", now)
    first_day = [row for row in timetable() if row["date"] == day.isoformat()]
    groups = sorted({(int(row["grade"]), row["language"]) for row in first_day})
    classes = {
        (f"{grade}-{letter}", language): SchoolClass(
            school_id=school.id, grade=grade, letter=f"{letter}{language}", language=language
        )
        for grade, language in groups
        for letter in "АБВ"
    }
    db.session.add_all(classes.values())
    db.session.flush()
    chance = random.Random(95)
    families = _families(chance, groups)
    for number in range(phones):
        _settle(school.id, f"+996555{number:06d}", next(families), classes, chance)
    db.session.commit()
    return school.id, day


def _settle(
    school_id: int,
    phone: str,
    children: list[Child],
    classes: Mapping[tuple[str, str], SchoolClass],
    chance: random.Random,
) -> None:
    """Put the children behind one phone, with their parents, into the database."""
    from notifier.database import db
    from webapp.families.models import ContactPoint, Family, Guardian, GuardianContact, Pupil
    from webapp.staff.models import Script

    point = ContactPoint(school_id=school_id, channel="sms", address=phone)
    db.session.add(point)
    for home in {child.home for child in children}:
        family = Family(school_id=school_id)
        family.pupils = [
            Pupil(school_id=school_id, name=child.name, class_id=classes[child.class_name, child.language].id)
            for child in children
            if child.home == home
        ]
        guardian = Guardian(school_id=school_id, name="Апа", language=chance.choice(("ky", "ru")))
        guardian.script = chance.choice((None, Script.LATIN))
        guardian.contacts = [GuardianContact(contact_point=point)]
        family.guardians = [guardian]
        db.session.add(family)
    db.session.flush()


if __name__ == "__main__":
    print(json.dumps(compose(int(sys.argv[1]))))
