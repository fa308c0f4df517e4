"""Reach at the size of a district: the board, the report of a term, and how both grow, on PostgreSQL.

Families times a hundred announcements: 20,000 families have two million copies. The board and the report are
the pages' own; beside them what one would write first: count in Python, and group everything by family.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select, text

from bench.databases import Databases
from bench.place import place
from bench.rows import RESULTS, Row, say

FAMILIES, QUICK = (2_000, 20_000), (200, 2_000)
ANNOUNCEMENTS = 100
ROUNDS = 7
BY_INDEX = "ix_family_standings_unreached"

# One family, one pupil, one guardian, one phone each; one in ten missed the last ten announcements.
FILL = (
    "INSERT INTO families (id, school_id, address, needs_look) "
    "SELECT f, :school, '', '' FROM generate_series(:first, :last) f",
    "INSERT INTO pupils (id, school_id, family_id, class_id, name) "
    "SELECT f, :school, f, :class + f % :classes, 'Окуучу ' || f FROM generate_series(:first, :last) f",
    "INSERT INTO guardians (id, school_id, family_id, name, relation, language, priority, digest) "
    "SELECT f, :school, f, 'Апасы ' || f, '', 'ky', 0, 'daily' FROM generate_series(:first, :last) f",
    "INSERT INTO contact_points (id, school_id, channel, address, status, note) "
    "SELECT f, :school, 'sms', '+996555' || lpad(f::text, 6, '0'), 'ok', '' "
    "FROM generate_series(:first, :last) f",
    "INSERT INTO guardian_contacts (guardian_id, contact_point_id, priority, is_relay) "
    "SELECT f, f, 0, false FROM generate_series(:first, :last) f",
    "INSERT INTO deliveries (id, ref, dedupe_key, channel, address, subject, body, segments, priority, "
    "state, epoch, not_before, attempts, absent_checks, checks, created_at, accepted_at, settled_at, "
    "provider, provider_ref) "
    "SELECT d, 'r' || d, 'k' || d, 'sms', '+996555' || lpad(f::text, 6, '0'), '', 'x', 1, 0, "
    "CASE WHEN a > :announcements - 10 AND f % 10 = 0 THEN 'undelivered' ELSE 'delivered' END, 1, "
    "a_at, 1, 0, 0, a_at, a_at, a_at, 'twilio', 'SM' || d "
    "FROM (SELECT f::bigint * 1000 + a AS d, f, a, "
    "CAST(:now AS timestamptz) - (:announcements - a + 1) * interval '20 hours' AS a_at "
    "FROM generate_series(:first, :last) f, generate_series(1, :announcements) a) every",
    "INSERT INTO recipients (id, announcement_id, family_id, guardian_id, contact_point_id, delivery_id, "
    "rung, by_relay) SELECT f::bigint * 1000 + a, a, f, f, f, f::bigint * 1000 + a, 0, false "
    "FROM generate_series(:first, :last) f, generate_series(1, :announcements) a",
    "INSERT INTO recipient_pupils (recipient_id, pupil_id) SELECT f::bigint * 1000 + a, f "
    "FROM generate_series(:first, :last) f, generate_series(1, :announcements) a",
)


def measure(databases: Databases, quick: bool) -> list[Row]:
    sizes = QUICK if quick else FAMILIES
    seen: dict[int, dict[str, float]] = {}
    plans: dict[str, list[str]] = {}
    with place(databases, "postgresql") as here:
        now = datetime.now(UTC)
        school, director = _found(now)
        done = 0
        for size in sizes:
            began = time.perf_counter()
            _fill(school, done + 1, size, now)
            done = size
            say(f"  {size:,} families filled in {time.perf_counter() - began:.0f} s")
            seen[size] = _times(here, school, director, now)
            say(
                f"  {size:,} families: " + ", ".join(f"{k} {v * 1000:,.0f} ms" for k, v in seen[size].items())
            )
            plans[f"{size:,} families"] = plan = _plan(director, now)
            say(
                "  the board finds its page by "
                + ("its index" if BY_INDEX in " ".join(plan) else "reading all")
            )
    if not quick:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "reach-plans.json").write_text(json.dumps(plans, ensure_ascii=False, indent=1) + "\n")
    least, most = sizes
    big, small = seen[most], seen[least]
    return [
        Row(
            name=f"First page of the board, {most:,} families, PostgreSQL",
            unit="ms",
            ours=big["board"] * 1000,
            theirs={
                "grouping all copies by family": big["grouped"] * 1000,
                f"with {least:,}": small["board"] * 1000,
            },
            less_is_better=True,
        ),
        Row(
            name=f"Report of a term, {most * ANNOUNCEMENTS:,} copies, PostgreSQL",
            unit="s",
            ours=big["report"],
            theirs={f"with {least:,} families": small["report"]},
            less_is_better=True,
        ),
        # Of the report the part that both ways answer: it has reasons, contacts and cost besides.
        Row(
            name=f"Levels of a term by class alone, {most * ANNOUNCEMENTS:,} copies, PostgreSQL",
            unit="s",
            ours=big["levels"],
            theirs={
                "counted in Python": big["python"],
                f"with {least:,} families": small["levels"],
            },
            less_is_better=True,
        ),
    ]


def _found(now: datetime) -> tuple[int, int]:
    """Make the school, its classes, its director and the announcements of a term."""
    from notifier.database import db
    from webapp.announcements.models import Announcement
    from webapp.families.models import SchoolClass
    from webapp.staff.models import Role, School, StaffMember, StaffRole

    school = School(name="Район", short_name="Р", created_at=now)
    db.session.add(school)
    db.session.flush()
    director = StaffMember(
        school_id=school.id, name="Директор", login="bench", password_hash="-", language="ky", created_at=now
    )
    director.role_rows = [StaffRole(role=Role.DIRECTOR)]
    classes = [
        SchoolClass(school_id=school.id, grade=1 + number % 11, letter=f"{number // 11}", language="ky")
        for number in range(CLASSES)
    ]
    announcements = [
        Announcement(
            school_id=school.id,
            token=f"bench-{number}",
            text_ky="Эртең сабак телекөрсөтүү аркылуу өтөт.",
            created_at=now,
            published_at=now - timedelta(hours=20) * (ANNOUNCEMENTS - number),
            classes=classes,
        )
        for number in range(ANNOUNCEMENTS)
    ]
    db.session.add_all([director, *classes, *announcements])
    db.session.commit()
    return school.id, director.id


CLASSES = 99


def _fill(school: int, first: int, last: int, now: datetime) -> None:
    """Add families with all their copies, and how each stands, as the worker keeps it."""
    from notifier.database import db
    from webapp.reach.board.standings import stand_anew

    numbers = {
        ":school": school,
        ":first": first,
        ":last": last,
        ":classes": CLASSES,
        ":class": 1,
        ":announcements": ANNOUNCEMENTS,
    }
    for statement in FILL:
        for name, number in numbers.items():
            statement = statement.replace(name, str(number))  # noqa: PLW2901
        db.session.execute(text(statement), {"now": now} if ":now" in statement else {})
    db.session.commit()
    for start in range(first, last + 1, 2000):
        stand_anew(range(start, min(start + 2000, last + 1)), now)
        db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _times(here: Any, school: int, director: int, now: datetime) -> dict[str, float]:
    """Seconds for each question, the median of some rounds; the slow ways are asked once."""
    client = _signed_in(here, director)

    def page(address: str) -> Callable[[], None]:
        def fetch() -> None:
            answer = client.get(address)
            assert answer.status_code == 200, answer.status_code

        return fetch

    first = f"{now - timedelta(days=100):%Y-%m-%d}"
    return {
        "board": _median(page("/reach/board"), ROUNDS),
        "report": _median(page(f"/reach/period/?first={first}&last={now:%Y-%m-%d}"), 3),
        "levels": _median(lambda: _levels(school, now), 3),
        "grouped": _median(lambda: _grouped(school), 3),
        "python": _median(lambda: _in_python(school), 1),
    }


def _median(act: Callable[[], None], rounds: int) -> float:
    seconds = []
    for _ in range(rounds):
        began = time.perf_counter()
        act()
        seconds.append(time.perf_counter() - began)
    return statistics.median(seconds)


def _signed_in(here: Any, director: int) -> Any:
    from notifier.database import db
    from webapp.staff.models import StaffMember

    client = here.app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = db.session.get_one(StaffMember, director).get_id()
        session["_fresh"] = True
    return client


def _grouped(school: int) -> None:
    """Find the longest unreached from all copies, without a table that keeps it."""
    from notifier.database import db

    db.session.execute(
        text(
            "SELECT r.family_id, min(a.published_at) FROM recipients r "
            "JOIN announcements a ON a.id = r.announcement_id JOIN deliveries d ON d.id = r.delivery_id "
            "LEFT JOIN (SELECT r.family_id, max(a.published_at) AS at FROM recipients r "
            "JOIN announcements a ON a.id = r.announcement_id JOIN deliveries d ON d.id = r.delivery_id "
            "WHERE d.state = 'delivered' GROUP BY r.family_id) heard ON heard.family_id = r.family_id "
            "WHERE a.school_id = :school AND d.state <> 'delivered' "
            "AND (heard.at IS NULL OR a.published_at > heard.at) "
            "GROUP BY r.family_id ORDER BY 2, 1 LIMIT 15"
        ),
        {"school": school},
    ).all()
    db.session.rollback()


def _levels(school: int, now: datetime) -> None:
    """Count the levels by class as the report does, each family once."""
    from notifier.database import db
    from webapp.families.models import SchoolClass
    from webapp.reach.queries import Scope, report

    classes = db.session.scalars(select(SchoolClass).where(SchoolClass.school_id == school)).all()
    since = now - timedelta(days=101)
    found = report(Scope(school, [each.id for each in classes], since=since, until=now), classes)
    assert found.total.families
    db.session.rollback()


def _in_python(school: int) -> None:
    """Count the levels by class from rows that are fetched, as a first version would."""
    from notifier.database import db

    counted: dict[tuple[int, str], set[int]] = {}
    rows = db.session.execute(
        text(
            "SELECT p.class_id, r.family_id, d.state FROM recipients r "
            "JOIN recipient_pupils rp ON rp.recipient_id = r.id JOIN pupils p ON p.id = rp.pupil_id "
            "JOIN deliveries d ON d.id = r.delivery_id WHERE p.school_id = :school"
        ),
        {"school": school},
    )
    for class_id, family_id, state in rows:
        counted.setdefault((class_id, state), set()).add(family_id)
    db.session.rollback()


def _plan(director: int, now: datetime) -> list[str]:
    """How PostgreSQL finds the first page of the board."""
    from sqlalchemy.dialects import postgresql

    from notifier.database import db
    from webapp.reach.board.kinds import Asked
    from webapp.reach.board.queries import board
    from webapp.staff.models import StaffMember

    query = board(db.session.get_one(StaffMember, director), Asked(), now).limit(15)
    compiled = query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    found = [str(row[0]) for row in db.session.execute(text("EXPLAIN " + str(compiled).replace(":", r"\:")))]
    db.session.rollback()
    return found
