"""Twelve not reached: how many phones are off, how many numbers wrong, how many have none."""

from __future__ import annotations

import io
import json
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
import python_calamine
import time_machine
from flask.testing import FlaskClient

from notifier import outbox
from notifier.database import db
from notifier.message import Fault
from notifier.models import State
from tests.announcements.writing import copy_for, message_for, send, write
from tests.cast import Cast
from tests.reach.climbing import settle
from webapp.announcements.kinds import ASSIGNMENT
from webapp.announcements.models import Announcement
from webapp.families.numbers import Why, mark_wrong
from webapp.reach.causes import CAUSE_NAMES, Cause, cause, causes_by_class, causes_of
from webapp.reach.furthest import furthest
from webapp.reach.queries import Scope, report


@pytest.fixture
def sent(cast: Cast, now: datetime) -> Announcement:
    """Told to 5-А: one phone is off, a letter bounced, a family has no number, and one phone confirmed."""
    announcement = write(cast, now=now)
    send(announcement, now)
    settle(message_for(announcement, cast.button_phone), State.DELIVERED, now)
    settle(message_for(announcement, cast.siblings), State.UNDELIVERED, now, Fault.HANDSET_OFF)
    settle(message_for(announcement, cast.email_only), State.FAILED, now, Fault.BAD_ADDRESS)
    return announcement


@pytest.mark.parametrize(
    ("relayed", "state", "fault", "no_address", "expected"),
    [
        (True, State.UNDELIVERED, Fault.HANDSET_OFF, None, Cause.NEIGHBOUR),
        (False, None, None, None, Cause.NO_NUMBER),
        (False, None, None, "bad", Cause.WRONG_NUMBER),
        (False, None, None, "opted_out", Cause.SILENT),
        (False, State.UNDELIVERED, Fault.HANDSET_OFF, None, Cause.PHONE_OFF),
        (False, State.FAILED, Fault.BAD_ADDRESS, None, Cause.WRONG_NUMBER),
        (False, State.FAILED, Fault.OUR_ACCOUNT, None, Cause.NETWORK),
        (False, State.UNDELIVERED, None, None, Cause.NETWORK),
        (False, State.SUPPRESSED, None, None, Cause.SILENT),
        (False, State.PENDING, Fault.CAPACITY, None, Cause.WAITING),
        (False, State.ACCEPTED, None, None, Cause.UNCONFIRMED),
        (False, State.EXPIRED, Fault.HANDSET_OFF, None, Cause.STOPPED),
    ],
)
def test_each_cause_is_told_from_what_became_of_the_message(
    relayed: bool, state: State | None, fault: Fault | None, no_address: str | None, expected: Cause
) -> None:
    assert cause(relayed, state, fault, no_address) is expected


def test_every_cause_has_a_name_and_every_state_a_cause() -> None:
    assert set(CAUSE_NAMES) == set(Cause)
    for state in State:
        assert cause(False, state, None, None) in Cause


def test_the_page_of_an_announcement_counts_why(
    cast: Cast, sent: Announcement, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    found = causes_of(cast.director, sent, now)
    assert found == Counter({Cause.PHONE_OFF: 1, Cause.WRONG_NUMBER: 1, Cause.NO_NUMBER: 1})
    with time_machine.travel(now, tick=False):
        sign_in(cast.director)
        page = unescape(client.get(f"/reach/announcements/{sent.id}").text)
    for word in ("Phone off", "Wrong number", "No number"):
        assert f'{word} <b class="num">1</b>' in page
    assert not causes_of(cast.other_teacher, sent, now)  # of another class


def test_what_a_person_stopped_is_not_counted_as_never_sent(
    cast: Cast, sent: Announcement, now: datetime
) -> None:
    """One was left in doubt, and of the other the number proved to be wrong."""
    left, wrong = message_for(sent, cast.siblings), message_for(sent, cast.email_only)
    settle(left, State.NEEDS_HUMAN, now)
    assert outbox.decide(left.id, State.CANCELLED, now)
    settle(wrong, State.PENDING, now)
    point = copy_for(sent, cast.email_only).contact_point
    assert point
    mark_wrong(point, now, Why.CALLED)
    db.session.commit()
    db.session.expire_all()
    scope = Scope(cast.school.id, [cast.class_5a.id])
    for found in (causes_of(cast.director, sent, now), causes_by_class(scope, furthest(scope))[None]):
        assert found == {Cause.UNCONFIRMED: 1, Cause.WRONG_NUMBER: 1, Cause.NO_NUMBER: 1}


def test_the_causes_of_a_period_add_up_to_those_not_reached(
    cast: Cast, sent: Announcement, now: datetime
) -> None:
    classes = [cast.class_5a.id, cast.class_5b.id]
    scope = Scope(cast.school.id, classes, since=now - timedelta(days=1), until=now + timedelta(days=1))
    found = causes_by_class(scope, furthest(scope))
    assert found[cast.class_5a.id] == Counter({Cause.PHONE_OFF: 1, Cause.WRONG_NUMBER: 1, Cause.NO_NUMBER: 1})
    # The other class was told nothing; the siblings stand in both, and once among all.
    assert set(found[cast.class_5b.id]) <= {Cause.NOT_TOLD, Cause.NO_NUMBER, Cause.PHONE_OFF}
    assert found[None][Cause.PHONE_OFF] == 1
    # In whatever order the database gives them.
    read = furthest(scope)
    for pairs in (sorted(read.levels.items()), sorted(read.levels.items(), reverse=True)):
        assert causes_by_class(scope, replace(read, levels=dict(pairs)))[None] == found[None]
    school_classes = [cast.class_5a, cast.class_5b]
    assert furthest(scope).report(school_classes).as_dict() == report(scope, school_classes).as_dict()
    copy_for(sent, cast.siblings).spoken_at = now
    db.session.commit()
    assert Cause.PHONE_OFF not in causes_by_class(scope, furthest(scope))[None]


def test_the_report_names_the_reasons_on_page_in_sheet_and_in_json(
    cast: Cast, sent: Announcement, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    with time_machine.travel(now, tick=False):
        sign_in(cast.director)
        page = unescape(client.get("/reach/period/").text)
        assert "Why families were not reached" in page
        assert 'Phone off <b class="num">1</b>' in page
        day = now.astimezone(cast.school.zone).date().isoformat()
        query = {"first": day, "last": day, "language": "en"}
        sheet = client.get("/reach/period/file", query_string=query | {"format": "xlsx"})
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sheet.data))
        rows = book.get_sheet_by_name("Not reached, why").to_python()
        head = next(row for row in rows if row[0] == "Class")
        first = dict(zip(head, next(row for row in rows if row[0] == "5-А"), strict=True))
        assert first["Families not reached"] == 3
        assert [first[name] for name in ("Phone off", "Wrong number", "No number")] == [1, 1, 1]
        for language in ("ky", "ru", "en"):
            query["language"] = language
            paper = client.get("/reach/period/file", query_string=query | {"format": "pdf"})
            assert paper.data.startswith(b"%PDF-")


def test_the_report_counts_what_teachers_choose_to_write_and_calls_it_by_its_name(
    cast: Cast, sent: Announcement, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    sent.kind = ASSIGNMENT
    db.session.commit()
    with time_machine.travel(now, tick=False):
        sign_in(cast.director)
        page = unescape(client.get("/reach/period/").text)
        day = now.astimezone(cast.school.zone).date().isoformat()
        query = {"first": day, "last": day, "language": "en", "format": "xlsx"}
        sheet = client.get("/reach/period/file", query_string=query)
    assert "Assignment" in page
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(sheet.data))
    head, row, *_ = (line for line in book.get_sheet_by_index(0).to_python() if line[0] in {"Class", "5-А"})
    found = dict(zip(head, row, strict=True))
    assert (found["Announcements"], found["Other messages"]) == (1, 0)


def test_the_command_writes_the_reasons_down(cast: Cast, sent: Announcement, app: Any, now: datetime) -> None:
    with time_machine.travel(now, tick=False):
        answer = app.test_cli_runner().invoke(args=["reach", "period", "--school", "№95"])
    found = json.loads(answer.stdout)
    mine = next(each for each in found["classes"] if each["class"] == "5-А")
    assert mine["causes"] == {"phone_off": 1, "no_number": 1, "wrong_number": 1}
    assert sum(mine["causes"].values()) == mine["not_reached"]
