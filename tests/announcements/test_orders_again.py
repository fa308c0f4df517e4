"""An order that is told again tells, and changes nothing more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from notifier.database import db
from tests.announcements.test_orders import modes, only, order, write
from tests.at_once import while_another
from tests.cast import Cast
from webapp.announcements.desk.orders import MADE
from webapp.announcements.models import Announcement
from webapp.announcements.publish import publish
from webapp.families.modes import ClassMode
from webapp.staff.models import AuditEntry, StaffMember
from webapp.upkeep.scheduled import let_all_go

FIRST, LAST = date(2026, 11, 25), date(2026, 12, 8)


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def client(app: Flask, cast: Cast, sign_in: Any, client: FlaskClient) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    sign_in(cast.director)
    return client


def scheduled(cast: Cast, client: FlaskClient, now: datetime, **answers: Any) -> Announcement:
    """An order that goes in an hour, and then on every school day of the week."""
    assert write(client, "row", only(cast), **answers).status_code == 303
    found = db.session.scalars(select(Announcement).filter_by(token="row")).one()
    found.goes_at, found.goes_by_id = now + timedelta(hours=1), cast.director.id
    found.repeats_until = date(2026, 11, 27)
    db.session.commit()
    return found


def days_pass(now: datetime, days: int = 4) -> None:
    for day in range(days):
        let_all_go(now + timedelta(days=day, hours=1))
    db.session.rollback()


def told() -> list[Announcement]:
    wanted = select(Announcement).where(Announcement.published_at.is_not(None)).order_by(Announcement.id)
    return list(db.session.scalars(wanted))


def test_on_every_school_day_it_is_told_and_begins_once(
    cast: Cast,
    client: FlaskClient,
    now: datetime,
) -> None:
    scheduled(cast, client, now)
    days_pass(now)
    assert len(told()) == 4
    assert modes() == [(cast.class_5a.id, "distance", FIRST, LAST)]
    assert [MADE in each.fields for each in told()] == [True, False, False, False]
    assert len(db.session.scalars(select(AuditEntry).filter_by(action="mode.set")).all()) == 1


def test_what_another_order_ended_is_not_begun_anew_by_telling_the_first_again(
    cast: Cast,
    client: FlaskClient,
    now: datetime,
) -> None:
    scheduled(cast, client, now)
    days_pass(now, 1)
    order(client, "end", only(cast), order_number="96", act="end", first_day="2026-11-26", last_day="")
    assert modes() == [(cast.class_5a.id, "distance", FIRST, FIRST)]
    days_pass(now)
    assert modes() == [(cast.class_5a.id, "distance", FIRST, FIRST)]


def test_used_again_it_changes_nothing_more_unless_it_says_something_else(
    cast: Cast,
    client: FlaskClient,
    now: datetime,
) -> None:
    first = order(client, "a", only(cast))
    client.post(f"/announcements/{first.id}/again")
    again = db.session.scalars(select(Announcement).filter_by(published_at=None)).one()
    assert MADE not in again.fields
    client.post(f"/announcements/{again.id}/send", data={"seen": again.fingerprint})
    assert modes() == [(cast.class_5a.id, "distance", FIRST, LAST)]
    order(client, "b", {"classes": str(cast.class_5b.id)})
    assert {each[0] for each in modes()} == {cast.class_5a.id, cast.class_5b.id}


def test_where_the_first_of_a_row_did_not_go_the_second_begins_it(
    cast: Cast,
    client: FlaskClient,
    now: datetime,
    clock: time_machine.Traveller,
) -> None:
    first = scheduled(cast, client, now)
    let_all_go(now + timedelta(hours=9))  # too late for the first
    db.session.rollback()
    assert first.published_at is None
    assert modes() == []
    let_all_go(now + timedelta(days=1, hours=1))
    assert modes() == [(cast.class_5a.id, "distance", FIRST, LAST)]


def test_a_correction_of_what_was_told_again_changes_what_the_first_did(
    cast: Cast,
    client: FlaskClient,
    now: datetime,
) -> None:
    scheduled(cast, client, now)
    days_pass(now, 2)
    second = told()[1]
    client.post(f"/announcements/{second.id}/correct")
    right = db.session.scalars(select(Announcement).filter_by(corrects_id=second.id)).one()
    right.fields = right.fields.replace("2026-12-08", "2026-12-10")
    db.session.commit()
    client.post(f"/announcements/{right.id}/send", data={"seen": right.fingerprint})
    assert modes() == [(cast.class_5a.id, "distance", FIRST, date(2026, 12, 10))]


@pytest.mark.parametrize("taken_back", ["first", "second"])
def test_taking_back_what_was_only_told_again_leaves_what_the_order_did(
    taken_back: str,
    cast: Cast,
    client: FlaskClient,
    now: datetime,
) -> None:
    first = order(client, "a", only(cast))
    client.post(f"/announcements/{first.id}/again")
    again = db.session.scalars(select(Announcement).filter_by(published_at=None)).one()
    client.post(f"/announcements/{again.id}/send", data={"seen": again.fingerprint})
    which = first if taken_back == "first" else again
    client.post(f"/announcements/{which.id}/back")
    db.session.rollback()
    there = db.session.scalars(select(ClassMode)).all()
    # The order holds while anybody is told of it.
    assert len(there) == 1


def test_of_two_sent_at_one_moment_one_changes_something(
    app: Flask,
    cast: Cast,
    client: FlaskClient,
    now: datetime,
) -> None:
    for token in ("a", "b"):
        assert write(client, token, only(cast)).status_code == 303
    numbers = db.session.scalars(select(Announcement.id).order_by(Announcement.id)).all()
    director = cast.director.id

    def send(number: int) -> None:
        publish(db.session.get_one(Announcement, number), now, db.session.get_one(StaffMember, director))

    def and_commit() -> None:
        send(numbers[1])
        db.session.commit()

    while_another(app, lambda: send(numbers[0]), and_commit)
    assert [MADE in each.fields for each in told()] == [True, False]
    assert len(db.session.scalars(select(ClassMode)).all()) == 1
