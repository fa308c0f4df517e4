"""Two things happen to one draft at the same moment: one of them counts, and nobody is told otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from notifier.database import db
from notifier.models import Delivery, State
from tests.announcements.writing import KY, send, write
from tests.at_once import at_once, while_another
from tests.cast import Cast
from webapp.announcements.back.taking_back import take_back
from webapp.announcements.later.going import let_go
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient

MORNING = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # Wednesday, 10:00 in Bishkek
GONE = "It has been sent meanwhile."


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


@pytest.fixture
def draft(cast: Cast, now: datetime) -> Announcement:
    """One that goes by itself at this moment."""
    draft = write(cast, now=now)
    draft.goes_at, draft.goes_by_id = MORNING, cast.teacher.id
    db.session.commit()
    return draft


def goes(number: int) -> Callable[[], object]:
    def go() -> None:
        published = let_go(number, MORNING, lambda _school, _day: False)
        assert published
        assert published.first

    return go


def told(number: int) -> int:
    return db.session.scalar(select(func.count(Recipient.id)).filter_by(announcement_id=number)) or 0


def waiting() -> int:
    return db.session.scalar(select(func.count(Delivery.id)).filter_by(state=State.PENDING)) or 0


@pytest.mark.parametrize("what", ["discard", "stay", "later", "send"])
def test_what_goes_at_this_moment_is_neither_thrown_away_nor_said_to_stay(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement, what: str
) -> None:
    number, seen = draft.id, draft.fingerprint
    sign_in(cast.teacher)
    form = {"seen": seen, "day": "2026-11-26", "hour": "10:00"}

    def press() -> Any:
        return client.post(f"/announcements/{number}/{what}", data=form, follow_redirects=True)

    answer = while_another(app, goes(number), press)
    assert answer.status_code == 200
    assert (GONE in answer.text) == (what != "send")
    db.session.expire_all()
    kept = db.session.get_one(Announcement, number)
    assert kept.published_at == MORNING
    # It is what families were told, and each of them once.
    assert kept.goes_at == MORNING
    assert (told(number), waiting()) == (4, 3)


def test_what_goes_at_this_moment_is_not_rewritten(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement
) -> None:
    number = draft.id
    sign_in(cast.teacher)
    form = {"classes": str(cast.class_5a.id), "token": draft.token, "text_ky": "Башка текст.", "text_ru": ""}
    while_another(app, goes(number), lambda: client.post(f"/announcements/{number}/edit", data=form))
    assert db.session.get_one(Announcement, number).text_ky == KY
    assert all("Башка текст" not in each.body for each in db.session.scalars(select(Delivery)))


def test_what_is_changed_at_this_moment_is_not_sent_unseen(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement
) -> None:
    number, seen = draft.id, draft.fingerprint
    sign_in(cast.teacher)

    def change() -> None:
        db.session.get_one(Announcement, number).text_ky = "Башка текст."

    answer = while_another(
        app,
        change,
        lambda: client.post(f"/announcements/{number}/send", data={"seen": seen}, follow_redirects=True),
    )
    assert "was changed since you looked at it" in answer.text
    assert db.session.get_one(Announcement, number).published_at is None
    assert told(number) == 0


def test_a_draft_thrown_away_twice_at_once_is_no_error(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    number = write(cast, now=now).id
    sign_in(cast.teacher)

    def throw_away() -> None:
        db.session.delete(db.session.get_one(Announcement, number))

    answer = while_another(app, throw_away, lambda: client.post(f"/announcements/{number}/discard"))
    assert answer.status_code == 404


def test_a_correction_begun_twice_at_once_is_one(
    app: Flask, cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    first = write(cast, now=now)
    send(first, now)
    number = first.id
    sign_in(cast.teacher)
    person = cast.teacher.get_id()

    def press() -> str:
        other = app.test_client()
        with other.session_transaction() as session:
            session["_user_id"], session["_fresh"] = person, True
        return str(other.post(f"/announcements/{number}/correct").location)

    db.session.commit()
    answers = at_once(app, press, press)
    db.session.rollback()
    begun = db.session.scalars(select(Announcement).filter_by(corrects_id=number)).all()
    assert len(begun) == 1
    assert set(answers) == {f"/announcements/{begun[0].id}/edit"}


def test_what_is_taken_back_at_the_moment_its_next_day_comes_does_not_go_again(
    app: Flask, cast: Cast, draft: Announcement, now: datetime
) -> None:
    first = write(cast, now=now)
    send(first, now)
    draft.repeated_from_id, draft.repeats_until = first.id, date(2026, 11, 27)
    db.session.commit()
    number, before = draft.id, first.id
    tried: list[object] = []

    def take() -> None:
        take_back(db.session.get_one(Announcement, before), MORNING, None)

    def depart() -> None:
        with app.app_context():
            tried.append(let_go(number, MORNING + timedelta(seconds=1), lambda _school, _day: False))
            db.session.commit()
            db.session.remove()

    def in_another_thread() -> None:
        thread = threading.Thread(target=depart)
        thread.start()
        thread.join()

    while_another(app, take, in_another_thread)
    assert tried == [None]
    assert db.session.get_one(Announcement, number).not_sent_because
    assert told(number) == 0
