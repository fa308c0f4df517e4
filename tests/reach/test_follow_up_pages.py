"""Follow-ups on the screen: whose turn it is, until when; and who of two is told what the other did."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from notifier.database import db
from tests.announcements.writing import copy_for
from tests.cast import Cast
from tests.reach.going_after import field, logs_of, task, unheard
from webapp.reach.models import FollowUp, FollowUpState, Means
from webapp.reach.tasks.followups import close


@pytest.fixture(autouse=True)
def today(now: datetime) -> Any:
    with time_machine.travel(now, tick=False):
        yield now


def test_the_list_shows_mine_what_is_late_and_everything(cast: Cast, sign_in: Any, now: datetime) -> None:
    task(cast.button_phone, now, "mine", assignee_id=cast.pedagogue.id, note="Китептер жок")
    task(
        cast.siblings,
        now - timedelta(days=3),
        "late",
        assignee_id=cast.teacher.id,
        due_at=now - timedelta(days=1),
    )
    client = sign_in(cast.pedagogue)
    mine = client.get("/reach/follow-ups").text
    assert "Асан Мисалов" in mine
    assert "Китептер жок" in mine
    assert "Нурай" not in mine
    late = client.get("/reach/follow-ups?show=overdue").text
    assert "Overdue: 23 November" in late
    assert "Асан Мисалов" not in late
    everything = client.get("/reach/follow-ups?show=all").text
    assert "Асан Мисалов" in everything
    assert "Нурай" in everything
    assert "Асан" not in sign_in(cast.other_teacher).get("/reach/follow-ups?show=all").text


def test_somebody_else_takes_it_on_a_later_day(cast: Cast, sign_in: Any, now: datetime) -> None:
    found = task(cast.button_phone, now)
    client = sign_in(cast.pedagogue)
    address = f"/reach/follow-ups/{found.id}"
    client.post(address, data={"due": "2026-11-30", "assignee": cast.director.id})
    db.session.expire_all()
    assert found.assignee_id == cast.director.id
    assert found.due_at == datetime(2026, 11, 30, 12, tzinfo=found.due_at.tzinfo), "18:00 in Bishkek"
    refused = client.post(address, data={"due": "2026-11-01", "assignee": cast.director.id})
    assert "This day is over." in refused.text
    stranger = client.post(address, data={"due": "2026-11-30", "assignee": cast.other_director.id})
    assert stranger.status_code == 200
    db.session.expire_all()
    assert found.assignee_id == cast.director.id


def test_cancelling_needs_a_reason(cast: Cast, sign_in: Any, now: datetime) -> None:
    found = task(cast.button_phone, now)
    client = sign_in(cast.pedagogue)
    assert client.post(f"/reach/follow-ups/{found.id}/cancel", data={"reason": " "}).status_code == 422
    client.post(f"/reach/follow-ups/{found.id}/cancel", data={"reason": "Апасы өзү келди"})
    db.session.expire_all()
    assert (found.state, found.closed_by_id) == (FollowUpState.CANCELLED, cast.pedagogue.id)
    assert "Апасы өзү келди" in client.get(f"/reach/follow-ups/{found.id}").text


def test_done_is_final_and_says_by_whom(cast: Cast, sign_in: Any, now: datetime) -> None:
    found = task(cast.button_phone, now)
    client = sign_in(cast.director)
    close(found, "spoke", cast.pedagogue, now)
    db.session.commit()
    late = client.post(f"/reach/follow-ups/{found.id}/cancel", data={"reason": "Кереги жок"})
    assert late.status_code == 409
    assert "This is closed already: spoke to the family, Педагог Мисалова, today, 14:00." in late.text
    assert "Кереги жок" in late.text, "nothing typed is lost"
    moved = client.post(
        f"/reach/follow-ups/{found.id}", data={"due": "2026-11-30", "assignee": 0}, follow_redirects=True
    )
    assert "This is closed already" in moved.text
    db.session.expire_all()
    assert found.state == FollowUpState.DONE
    assert "Асан Мисалов" in client.get("/reach/follow-ups?show=done").text


def test_doing_one_offers_the_familys_others(cast: Cast, sign_in: Any, now: datetime) -> None:
    first = unheard(cast, now - timedelta(days=2), cast.siblings)
    second = unheard(cast, now - timedelta(days=1), cast.siblings)
    one = task(cast.siblings, now, "one", announcement_id=first.id)
    other = task(cast.siblings, now, "other", announcement_id=second.id)
    asked = task(cast.siblings, now, "asked", note="Окуу китеби керек")
    client = sign_in(cast.pedagogue)
    page = client.get(f"/reach/follow-ups/{one.id}").text
    assert "Also for this family" in page
    address = f"/reach/families/{cast.siblings.id}/call?task={one.id}"
    form = client.get(address).text
    assert form.count('name="task"') == 3
    # Unticked is the book, and what else has not reached them: those two alone were talked about.
    client.post(
        address,
        data={
            "token": field(form, "token"),
            "seen": field(form, "seen"),
            "day": "2026-11-24",
            "outcome": "spoke",
            "task": [str(one.id), str(other.id)],
        },
    )
    db.session.expire_all()
    assert len(logs_of(cast.siblings)) == 1
    assert [each.state for each in (one, other, asked)] == ["done", "done", "open"]
    assert copy_for(first, cast.siblings).spoken_at == now
    assert copy_for(second, cast.siblings).spoken_at == now


def test_a_colleague_who_closed_the_task_in_hand_is_named(
    app: Flask, cast: Cast, sign_in: Any, now: datetime
) -> None:
    found = task(cast.siblings, now, note="Окуу китеби керек")
    client, address = sign_in(cast.pedagogue), f"/reach/families/{cast.siblings.id}/visit"
    form = client.get(address).text
    close(found, "spoke", cast.director, now)
    db.session.commit()
    data = {
        "token": field(form, "token"),
        "seen": field(form, "seen"),
        "day": "2026-11-24",
        "outcome": "spoke",
        "everything": "y",
        "note": "Китеп берилди",
    }
    late = client.post(address, data=data)
    assert late.status_code == 409
    assert "Директор Үлгүлүев, today, 14:00: closed “Окуу китеби керек”" in late.text
    assert "Китеп берилди" in late.text


def test_somebody_is_sent_after_a_family_by_hand(cast: Cast, sign_in: Any, now: datetime) -> None:
    client, address = sign_in(cast.teacher), f"/reach/families/{cast.button_phone.id}/task"
    form = client.get(f"{address}?means=lesson").text
    assert '<option selected value="lesson">' in form
    data = {
        "token": field(form, "token"),
        "means": "visit",
        "due": "2026-11-26",
        "assignee": 0,
        "note": "Үйүн көрүү",
        "urgent": "y",
    }
    for _ in range(2):
        assert client.post(address, data=data).status_code == 303
    found = db.session.query(FollowUp).one()
    assert (found.means, found.priority, found.note, found.assignee_id) == (
        Means.VISIT,
        0,
        "Үйүн көрүү",
        cast.pedagogue.id,
    )
    late = client.post(address, data=data | {"due": "2026-11-01", "token": "another-token"})
    assert late.status_code == 422
    assert "This day is over." in late.text
    assert sign_in(cast.other_teacher).get(address).status_code == 404


def test_a_lesson_at_school_that_took_place_is_noted_as_one(cast: Cast, sign_in: Any, now: datetime) -> None:
    unheard(cast, now - timedelta(days=2), cast.siblings)
    found = task(cast.siblings, now, means=Means.LESSON)
    client = sign_in(cast.pedagogue)
    assert f"/reach/families/{cast.siblings.id}/lesson" in client.get(f"/reach/follow-ups/{found.id}").text
    form = client.get(f"/reach/families/{cast.siblings.id}/lesson").text
    data = {"day": "2026-11-24", "outcome": "spoke", "everything": "y", "task": str(found.id)}
    data |= {name: field(form, name) for name in ("token", "seen")}
    assert client.post(f"/reach/families/{cast.siblings.id}/lesson", data=data).status_code == 303
    assert [log.means for log in logs_of(cast.siblings)] == [Means.LESSON]
    assert db.session.get_one(FollowUp, found.id).state == FollowUpState.DONE
