"""Every family is counted once, at the furthest it was reached."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from notifier.database import db
from notifier.message import Fault
from notifier.models import State
from tests.announcements.writing import becomes, copy_for, message_for, send, write
from tests.cast import Cast
from webapp.families.models import ContactPoint, ContactStatus
from webapp.reach.answers.acknowledge import acknowledge_latest

LEVELS = ("not_tried", "sent", "relayed", "delivered", "acknowledged", "spoken_to", "no_address")


def report(app: Flask, *arguments: str) -> Any:
    done = app.test_cli_runner().invoke(args=["reach", "report", "--json", "--school", "№95", *arguments])
    assert done.exit_code == 0, done.stderr
    found = json.loads(done.stdout)
    for counted in (found, *found["classes"]):
        assert counted["families"] == sum(counted[level] for level in LEVELS)
    return found


def counts(**numbers: int) -> dict[str, int]:
    return dict.fromkeys(LEVELS, 0) | numbers


def test_before_anything_is_sent_nobody_is_tried(app: Flask, cast: Cast) -> None:
    assert report(app) == {
        **counts(families=5, not_tried=4, no_address=1),
        "classes": [
            {"class": "5-А", **counts(families=4, not_tried=3, no_address=1)},
            {"class": "5-Б", **counts(families=2, not_tried=2)},
        ],
    }


def test_each_level_is_counted_apart(app: Flask, cast: Cast, now: datetime) -> None:
    announcement = write(cast, cast.class_5a, cast.class_5b, now=now)
    send(announcement, now)
    becomes(message_for(announcement, cast.email_only), State.ACCEPTED, now)
    becomes(message_for(announcement, cast.siblings), State.DELIVERED, now)
    becomes(message_for(announcement, cast.button_phone), State.DELIVERED, now)
    copy_for(announcement, cast.neighbour).acknowledged_at = now
    copy_for(announcement, cast.no_address).spoken_at = now
    db.session.commit()
    assert report(app) == {
        **counts(families=5, sent=1, delivered=2, acknowledged=1, spoken_to=1),
        "classes": [
            {"class": "5-А", **counts(families=4, sent=1, delivered=2, spoken_to=1)},
            {"class": "5-Б", **counts(families=2, delivered=1, acknowledged=1)},
        ],
    }


def test_a_family_keeps_the_furthest_it_ever_came(app: Flask, cast: Cast, now: datetime) -> None:
    first, second = write(cast, now=now), write(cast, now=now)
    for announcement in (first, second):
        send(announcement, now)
    becomes(message_for(first, cast.button_phone), State.DELIVERED, now)
    becomes(message_for(second, cast.button_phone), State.FAILED, now, Fault.TEMPORARY)
    assert report(app)["delivered"] == 1
    assert report(app, "--announcement", str(second.id))["delivered"] == 0


@pytest.mark.parametrize(
    ("state", "level"),
    [
        (State.PENDING, "not_tried"),
        (State.SENDING, "not_tried"),
        (State.UNCERTAIN, "not_tried"),
        (State.FAILED, "not_tried"),
        (State.SUPPRESSED, "not_tried"),
        (State.EXPIRED, "not_tried"),
        (State.CANCELLED, "not_tried"),
        (State.NEEDS_HUMAN, "not_tried"),
        (State.ACCEPTED, "sent"),
        (State.UNDELIVERED, "sent"),
        (State.DELIVERED, "delivered"),
    ],
)
def test_sent_means_that_a_provider_took_it(
    app: Flask, cast: Cast, now: datetime, state: State, level: str
) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    before = report(app, "--announcement", str(announcement.id))
    becomes(message_for(announcement, cast.button_phone), state, now)
    after = report(app, "--announcement", str(announcement.id))
    assert after[level] == before[level] + (level != "not_tried")


def test_an_email_is_never_more_than_sent_by_itself(app: Flask, cast: Cast, now: datetime) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    becomes(message_for(announcement, cast.email_only), State.DELIVERED, now)
    assert report(app)["sent"] == 1
    copy_for(announcement, cast.email_only).acknowledged_at = now
    db.session.commit()
    assert report(app)["acknowledged"] == 1


def test_a_number_found_dead_leaves_no_address(app: Flask, cast: Cast, now: datetime) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    becomes(message_for(announcement, cast.siblings), State.FAILED, now, Fault.BAD_ADDRESS)
    point = db.session.scalars(select(ContactPoint).filter_by(address="+996700000102")).one()
    point.status = ContactStatus.BAD
    db.session.commit()
    assert report(app)["no_address"] == 2


def test_a_family_is_counted_in_a_class_by_what_named_its_child_there(
    app: Flask, cast: Cast, now: datetime
) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    becomes(message_for(announcement, cast.siblings), State.DELIVERED, now)
    found = report(app)
    assert found["delivered"] == 1
    assert {each["class"]: each["delivered"] for each in found["classes"]} == {"5-А": 1, "5-Б": 0}
    only = report(app, "--announcement", str(announcement.id))
    assert [each["class"] for each in only["classes"]] == ["5-А"]
    assert only["families"] == 4


def test_a_report_can_begin_on_a_day(app: Flask, cast: Cast, now: datetime) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    becomes(message_for(announcement, cast.button_phone), State.DELIVERED, now)
    assert report(app, "--since", "2026-11-24")["delivered"] == 1
    assert report(app, "--since", "2026-11-25")["delivered"] == 0


def test_the_report_is_also_a_table_and_knows_no_foreign_announcement(
    app: Flask, cast: Cast, now: datetime
) -> None:
    run = app.test_cli_runner().invoke
    table = run(args=["reach", "report", "--school", "№95"]).stdout
    assert "no_address" in table
    assert "5-А" in table
    draft = write(cast, now=now)
    for number in (draft.id, 999):
        refused = run(args=["reach", "report", "--school", "№95", "--announcement", str(number)])
        assert (refused.exit_code, refused.stdout) == (1, "")
    assert run(args=["reach", "report"]).exit_code == 1, "two schools, and none named"


def test_a_yes_acknowledges_the_latest_for_everybody_behind_the_phone(cast: Cast, now: datetime) -> None:
    older = write(cast, cast.class_5a, cast.class_5b, now=now)
    send(older, now)
    newer = write(cast, cast.class_5a, cast.class_5b, now=now)
    send(newer, now + timedelta(hours=1))
    for announcement in (older, newer):
        becomes(message_for(announcement, cast.button_phone), State.ACCEPTED, now)
    later = now + timedelta(hours=2)
    assert acknowledge_latest("sms", "+996555000101", later) == 2
    assert acknowledge_latest("sms", "+996555000101", later) == 0
    db.session.commit()
    for household in (cast.button_phone, cast.neighbour):
        assert copy_for(newer, household).acknowledged_at == later
        assert copy_for(older, household).acknowledged_at is None
    assert copy_for(newer, cast.siblings).acknowledged_at is None


@pytest.mark.parametrize(
    ("state", "days", "families"),
    [(State.DELIVERED, 6, 1), (State.UNCERTAIN, 1, 1), (State.DELIVERED, 8, 0), (State.FAILED, 1, 0)],
)
def test_a_yes_counts_for_what_may_have_come_within_a_week(
    cast: Cast, now: datetime, state: State, days: int, families: int
) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    becomes(message_for(announcement, cast.siblings), state, now)
    assert acknowledge_latest("sms", "+996700000102", now + timedelta(days=days)) == families
    assert acknowledge_latest("sms", "+996700099999", now) == 0


def test_the_board_shows_each_class_and_who_was_not_reached(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    becomes(message_for(announcement, cast.siblings), State.DELIVERED, now)
    with time_machine.travel(now + timedelta(days=10), tick=False):
        sign_in(cast.pedagogue)
        board = client.get("/reach/").text
        assert "1 of 5 families reached" in board
        assert f"/reach/classes/{cast.class_5b.id}" in board
        rows = client.get(f"/reach/classes/{cast.class_5a.id}").text
        assert "Чолпон Дарексизова" in rows
        assert "Нурлан Экөөбаев" not in rows
        assert "+996555000101" in rows
        assert "0 of 5 families reached" in client.get("/reach/?period=week").text


def test_a_class_teacher_sees_only_their_own_classes(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    sign_in(cast.teacher)
    board = client.get("/reach/").text
    assert "0 of 4 families reached" in board
    assert "5-Б" not in board
    assert client.get(f"/reach/classes/{cast.class_5a.id}").status_code == 200
    for foreign in (cast.class_5b, cast.other_class):
        assert client.get(f"/reach/classes/{foreign.id}").status_code == 404
