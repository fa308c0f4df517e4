"""When no worker runs, pages, doctor and watchmen hear of it; while one does, a long queue is no fault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from notifier import jobs, outbox, valkey
from notifier.at_work import messages_stand, nobody_sends
from notifier.database import db
from notifier.models import Attempt, Delivery, ProviderPause, State
from notifier.rq_worker import KabarchyWorker
from tests.cast import Cast, staff_member
from tests.notifier.outgoing import post
from webapp.announcements.models import Announcement
from webapp.announcements.publish import publish
from webapp.staff.models import Role, StaffMember

SignIn = Callable[[StaffMember], FlaskClient]
NOTE = "the program that sends them is not running"


@pytest.fixture
def now() -> datetime:
    """Pages look at the real clock."""
    return datetime.now(UTC)


@pytest.fixture
def worker(app: Flask) -> Iterator[redis.Redis]:
    """A worker that has told the queue's server that it lives."""
    with valkey.ensure(app.config["SETTINGS"].instance) as url, redis.Redis.from_url(url) as connection:
        worker = KabarchyWorker([jobs.the_queue(connection)], connection=connection)
        worker.register_birth()
        yield connection


def did(delivery_id: int, what: str, at: datetime) -> None:
    db.session.add(Attempt(delivery_id=delivery_id, epoch=1, at=at, event=what, state=State.ACCEPTED))
    db.session.commit()


@pytest.mark.parametrize(
    ("priority", "minutes", "stand"),
    [
        (outbox.URGENT, 2, False),
        (outbox.URGENT, 4, True),
        (outbox.ROUTINE, 9, False),
        (outbox.ROUTINE, 11, True),
    ],
)
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_an_urgent_message_is_missed_sooner(
    app: Flask, now: datetime, channel: str, priority: int, minutes: int, stand: bool
) -> None:
    post(channel=channel, priority=priority, now=now - timedelta(minutes=minutes))
    assert messages_stand(now) is stand


def test_what_waits_for_the_morning_or_has_left_is_not_missed(app: Flask, now: datetime) -> None:
    post(now=now - timedelta(hours=3))
    db.session.execute(update(Delivery).values(state=State.ACCEPTED))
    post(first=1, now=now - timedelta(hours=3), not_before=now + timedelta(hours=3))
    assert not messages_stand(now)


@pytest.mark.parametrize(
    ("what", "minutes", "stand"),
    [
        ("accepted", 1, False),  # a long queue that moves
        ("retry", 1, False),  # the provider is away, the worker is not
        ("accepted", 30, True),
        ("delivered", 1, True),  # a receipt comes though no worker runs
        ("cancelled", 1, True),
    ],
)
def test_only_what_the_worker_did_is_a_sign_of_work(
    app: Flask, now: datetime, what: str, minutes: int, stand: bool
) -> None:
    ids = post(2, now=now - timedelta(hours=1))
    did(ids[0], "accepted", now - timedelta(hours=1))
    did(ids[0], what, now - timedelta(minutes=minutes))
    assert messages_stand(now) is stand


def test_a_provider_that_rests_explains_itself(app: Flask, now: datetime) -> None:
    post(now=now - timedelta(hours=1))
    db.session.add(ProviderPause(provider="twilio", since=now))
    db.session.commit()
    assert not messages_stand(now)


def test_a_worker_that_lives_will_come_to_it(app: Flask, now: datetime, worker: redis.Redis) -> None:
    post(now=now - timedelta(hours=1))
    assert messages_stand(now)
    assert not nobody_sends(app.config["REDIS_URL"], now)
    assert nobody_sends(app.config["REDIS_URL"], now + timedelta(minutes=3))


def test_the_question_is_a_step_down_the_index(app: Flask, now: datetime, database: str) -> None:
    if database != "sqlite":
        pytest.skip("PostgreSQL walks a small table whatever indexes there are")
    asked: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if "deliveries" in statement:
            asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    messages_stand(now)
    db.session.rollback()
    event.remove(db.engine, "before_cursor_execute", note)
    ((statement, parameters),) = asked
    with db.engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    steps = [row[-1] for row in plan if "deliveries" in row[-1]]
    assert len(steps) == 4
    assert all("ix_deliveries_due (channel=? AND priority=? AND not_before<?)" in step for step in steps)


@pytest.fixture
def told(cast: Cast, now: datetime) -> Announcement:
    """An announcement whose messages have been due for a quarter of an hour."""
    sent = now - timedelta(minutes=15)
    made = Announcement(
        school_id=cast.school.id, author_id=cast.teacher.id, text_ky="Эртең жыйын", created_at=sent
    )
    made.urgent = True
    made.classes = [cast.class_5a]
    db.session.add(made)
    db.session.flush()
    publish(made, sent, cast.teacher)
    db.session.commit()
    return made


def test_who_writes_sees_on_first_page_and_announcement_that_nobody_sends(
    cast: Cast, told: Announcement, sign_in: SignIn
) -> None:
    for person in (cast.teacher, cast.director):
        client = sign_in(person)
        for address in ("/", f"/announcements/{told.id}", f"/announcements/{told.id}/progress"):
            page = client.get(address)
            assert page.status_code == 200, address
            assert NOTE in page.text, address
            assert "Tell the person who looks after the server" in page.text, address
        assert NOTE not in client.get("/reach/").text


def test_who_writes_to_nobody_is_not_troubled(
    cast: Cast, told: Announcement, now: datetime, sign_in: SignIn
) -> None:
    person = staff_member(cast.school, "Предметник", "somebody", Role.SUBJECT_TEACHER, now=now)
    db.session.commit()
    assert NOTE not in sign_in(person).get("/").text


def test_once_all_has_left_or_while_a_worker_lives_no_page_says_so(
    cast: Cast, told: Announcement, sign_in: SignIn, worker: redis.Redis
) -> None:
    client = sign_in(cast.teacher)
    assert NOTE not in client.get("/").text
    worker.flushall()
    assert NOTE in client.get("/").text
    for delivery in db.session.scalars(select(Delivery)):
        delivery.state = State.ACCEPTED
    db.session.commit()
    for address in ("/", f"/announcements/{told.id}"):
        assert NOTE not in client.get(address).text


def test_those_who_watch_the_house_hear_whether_messages_leave(
    app: Flask, client: FlaskClient, now: datetime, worker: redis.Redis
) -> None:
    answer = client.get("/readyz/worker")
    assert answer.status_code == 200
    assert answer.json == {"status": "at work", "worker": "seen", "messages": "leave"}

    post(now=now - timedelta(hours=1))
    answer = client.get("/readyz/worker")
    assert answer.status_code == 503
    assert answer.json == {"status": "not at work", "worker": "seen", "messages": "wait"}

    worker.flushall()
    assert client.get("/readyz/worker").json["worker"] == "silent"
    # Pages are served without it.
    assert client.get("/readyz").json["redis"] == "ready"


def test_without_redis_and_database_the_answer_is_that_nobody_knows(app: Flask, client: FlaskClient) -> None:
    with db.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE provider_pauses")
    answer = client.get("/readyz/worker")
    assert answer.status_code == 503
    assert answer.json == {"status": "not at work", "worker": "unknown", "messages": "unknown"}
