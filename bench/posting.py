"""Posting: from the click to the answer for a school of 900 families, and 100,000 deliveries at once.

`python -m bench.posting outbox|orm COUNT` posts in a process of its own, whose memory is then its own.
"""

from __future__ import annotations

import gc
import json
import secrets
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import psutil
from flask import g

from bench.databases import Databases
from bench.place import NAMES, TEXT, Place, place
from bench.processes import ROOT, forget_peak, peak
from bench.rows import Row, say

FAMILIES = 900
CLICKS = 5
AT_ONCE = 1000


def measure(databases: Databases, quick: bool) -> list[Row]:
    rows = []
    for kind in ("sqlite", "postgresql"):
        with place(databases, kind) as here:
            seconds = click(here, FAMILIES)
        say(f"  click to answer, {kind}: {seconds * 1000:.0f} ms")
        rows.append(
            Row(
                name=f"Click to answer: {FAMILIES} families, {NAMES[kind]}",
                unit="ms",
                ours=seconds * 1000,
                less_is_better=True,
            )
        )
    count = 5000 if quick else 100_000
    for kind in ("sqlite", "postgresql"):
        seen = {}
        for way in ("outbox", "orm"):
            with place(databases, kind) as here:
                seen[way] = _in_a_process(here, way, count)
            say(f"  {count:,} posted, {kind}, {way}: {seen[way]}")
        rows += [
            Row(
                name=f"{title}: {count:,} deliveries posted, {NAMES[kind]}",
                unit=unit,
                ours=seen["outbox"][key],
                theirs={"an ORM object each": seen["orm"][key]},
                less_is_better=True,
            )
            for title, unit, key in (("Time", "s", "seconds"), ("Memory it takes more", "MB", "megabytes"))
        ]
    return rows


def click(here: Place, families: int) -> float:
    """The median time of pressing "send" on the review page, through the whole application."""
    school = a_school(families)
    here.app.config["WTF_CSRF_ENABLED"] = False
    client = here.app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = school.login
        session["_fresh"] = True
    # As deploy/gunicorn.conf.py has it.
    gc.collect()
    gc.freeze()
    seconds = []
    for _ in range(CLICKS):
        number, seen = a_draft(school)
        # What Flask remembers for one request; here one application context is around them all.
        for name in list(g):
            g.pop(name)
        began = time.perf_counter()
        answer = client.post(f"/announcements/{number}/send", data={"seen": seen})
        seconds.append(time.perf_counter() - began)
        if answer.status_code != 303 or not answer.location.endswith(f"/announcements/{number}"):
            raise AssertionError(f"not sent: {answer.status} {answer.location}")
    posted = here.counts()
    if posted != {"pending": families * CLICKS}:
        raise AssertionError(f"not all families were told: {posted}")
    return statistics.median(seconds)


@dataclass(frozen=True)
class ASchool:
    id: int
    director: int
    login: str  # how a session names the director
    classes: list[int]


def a_school(families: int) -> ASchool:
    """Make a school with this many invented families in 30 classes."""
    from sqlalchemy import insert

    from notifier.database import db
    from tests.cast import staff_member
    from webapp.families.models import ContactPoint, Family, Guardian, GuardianContact, Pupil, SchoolClass
    from webapp.staff.models import Role, School

    now = datetime.now(UTC)
    school = School(name="№0 мектеп", short_name="№0", phone="+996 312 000 000", created_at=now)
    db.session.add(school)
    db.session.flush()
    director = staff_member(school, "Директор Үлгүлүев", "director", Role.DIRECTOR, now=now)
    classes = [
        SchoolClass(school_id=school.id, grade=grade, letter=letter, language="ky")
        for grade in range(1, 11)
        for letter in "АБВ"
    ]
    db.session.add_all(classes)
    db.session.flush()
    class_ids = [each.id for each in classes]
    numbers = range(1, families + 1)
    own = {"school_id": school.id}
    for table, rows in (
        (Family, [own | {"id": i, "address": "", "needs_look": ""} for i in numbers]),
        (
            Pupil,
            [
                own | {"family_id": i, "class_id": class_ids[i % len(class_ids)], "name": f"Бала {i}"}
                for i in numbers
            ],
        ),
        (Guardian, [own | {"id": i, "family_id": i, "name": f"Апа {i}"} for i in numbers]),
        (
            ContactPoint,
            [own | {"id": i, "channel": "sms", "address": f"+996555{i:06d}"} for i in numbers],
        ),
        (GuardianContact, [{"guardian_id": i, "contact_point_id": i} for i in numbers]),
    ):
        db.session.execute(insert(table), rows)
    made = ASchool(school.id, director.id, director.get_id(), class_ids)
    db.session.commit()
    db.session.remove()
    return made


def a_draft(school: ASchool) -> tuple[int, str]:
    """A written announcement; returns its number and what the review page's form says of it."""
    from notifier.database import db
    from webapp.announcements.models import Announcement
    from webapp.families.models import SchoolClass

    draft = Announcement(
        school_id=school.id,
        author_id=school.director,
        token=secrets.token_urlsafe(16),
        text_ky=TEXT,
        created_at=datetime.now(UTC),
        classes=[db.session.get_one(SchoolClass, each) for each in school.classes],
    )
    db.session.add(draft)
    db.session.commit()
    number, seen = draft.id, draft.fingerprint
    db.session.remove()
    return number, seen


def _in_a_process(here: Place, way: str, count: int) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-m", "bench.posting", way, str(count)],
        cwd=ROOT,
        env=here.environ,
        stdout=subprocess.PIPE,
        check=True,
    )
    found = here.counts()
    if found != {"pending": count}:
        raise AssertionError(f"not all were posted: {found}")
    seen: dict[str, float] = json.loads(done.stdout)
    return seen


def _outbox(count: int, now: datetime) -> None:
    from notifier import outbox

    for start in range(0, count, AT_ONCE):
        posts = [
            outbox.Post(
                dedupe_key=f"bench:{i}",
                channel="sms",
                address=f"+996555{i:06d}",
                body=f"{TEXT} ({i})",
                segments=2,
            )
            for i in range(start, min(start + AT_ONCE, count))
        ]
        outbox.post(posts, now)


def _orm(count: int, now: datetime) -> None:
    from notifier.database import db
    from notifier.models import Delivery

    for i in range(count):
        db.session.add(
            Delivery(
                dedupe_key=f"bench:{i}",
                channel="sms",
                address=f"+996555{i:06d}",
                body=f"{TEXT} ({i})",
                segments=2,
                not_before=now,
                created_at=now,
            )
        )


WAYS: dict[str, Callable[[int, datetime], None]] = {"outbox": _outbox, "orm": _orm}


def _main(way: str, count: int) -> None:
    from notifier.database import db
    from webapp import create_app

    with create_app().app_context():
        db.session.connection()
        forget_peak()
        memory = psutil.Process().memory_info().rss
        began = time.perf_counter()
        WAYS[way](count, datetime.now(UTC))
        db.session.commit()
        seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "megabytes": max(0, peak() - memory) / 1e6}))


if __name__ == "__main__":
    _main(sys.argv[1], int(sys.argv[2]))
