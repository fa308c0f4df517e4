"""Whom a parent can call now: the roster of the week, and who stands in."""

from __future__ import annotations

from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
import time_machine

from notifier import outbox
from notifier.database import db
from tests.cast import Cast
from webapp.families.models import Family
from webapp.inbox.read import read_waiting
from webapp.reach.models import FollowUp
from webapp.roster.models import DutySwap, DutyTurn, Roster
from webapp.roster.queries import on_duty, whom_to_call
from webapp.staff.models import AuditEntry

FRIDAY_NOON = datetime(2026, 11, 27, 6, 0, tzinfo=UTC)  # 12:00 in Bishkek
FORM = {
    "roster": "administration",
    "weekday": "4",
    "hours": "8:00-17:00",
    "name": "Үлгүлүев",
    "phone": "0312 000 096",
    "staff": "0",
}


def turn(cast: Cast, name: str, **more: Any) -> DutyTurn:
    fields = {"weekday": 4, "starts": 480, "ends": 1020, "phone": "0312 000 096"}
    made = DutyTurn(
        school_id=cast.school.id, name=name, **{"roster": Roster.ADMINISTRATION, **fields, **more}
    )
    db.session.add(made)
    db.session.commit()
    return made


def written(family: Family, text: str, moment: datetime) -> None:
    """Let a text come from a family's phone."""
    outbox.receive(
        provider="sandbox",
        provider_ref=f"{text}{moment}",
        sender=family.guardians[0].contacts[0].contact_point.address,
        recipient="",
        body=text,
        now=moment,
    )
    db.session.commit()
    read_waiting(moment)


def names(cast: Cast, moment: datetime = FRIDAY_NOON) -> list[str]:
    return [watch.name for watch in on_duty(cast.school, moment)]


def test_the_office_writes_a_turn_as_the_regulation_does(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.office)
    assert client.post("/duty/turns/new", data=FORM).status_code == 303
    second = FORM | {"name": "Мисалова", "hours": "9.00-15.00", "phone": ""}
    assert client.post("/duty/turns/new", data=second).status_code == 303
    assert names(cast) == ["Үлгүлүев", "Мисалова"]
    assert names(cast, FRIDAY_NOON.replace(hour=10)) == ["Үлгүлүев"]  # 16:00
    assert names(cast, FRIDAY_NOON.replace(hour=11)) == []  # 17:00: the turn is over
    page = unescape(client.get("/duty").text)
    assert "08:00–17:00" in page
    assert "09:00–15:00" in page
    assert {entry.action for entry in db.session.scalars(db.select(AuditEntry))} == {"roster.changed"}


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("hours", "", "Write the hours"),
        ("hours", "17:00-8:00", "the earlier hour first"),
        ("hours", "8:00", "from when to when"),
        ("hours", "morning", "from when to when"),
        ("name", " ", "Write who is on duty"),
        ("name", "x" * 121, "at most 120"),
        ("phone", "call me", "0312 000 095"),
    ],
)
def test_what_cannot_be_a_turn_is_told_at_its_field(
    cast: Cast, sign_in: Any, field: str, typed: str, sentence: str
) -> None:
    answer = sign_in(cast.office).post("/duty/turns/new", data=FORM | {field: typed})
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert db.session.scalar(db.select(DutyTurn)) is None


def test_a_formula_in_a_name_is_only_a_name(cast: Cast, sign_in: Any) -> None:
    sign_in(cast.office).post("/duty/turns/new", data=FORM | {"name": "=1+1"})
    assert db.session.scalars(db.select(DutyTurn.name)).one() == "1+1"


def test_somebody_stands_in_on_one_day_alone(cast: Cast, sign_in: Any, now: datetime) -> None:
    made = turn(cast, "Үлгүлүев")
    client = sign_in(cast.office)
    url = f"/duty/turns/{made.id}/swap"
    swap = {"day": "2028-12-01", "name": "Мисалова", "phone": "0312 000 097"}
    assert client.post(url, data=swap).status_code == 303
    assert client.post(url, data=swap | {"name": "Дарексизов"}).status_code == 303
    assert db.session.scalars(db.select(DutySwap.name)).all() == ["Дарексизов"]
    that_friday = datetime(2028, 12, 1, 6, 0, tzinfo=UTC)
    assert whom_to_call(cast.school, that_friday) == ("Дарексизов", "0312 000 097")
    assert whom_to_call(cast.school, FRIDAY_NOON) == ("Үлгүлүев", "0312 000 096")
    assert "Дарексизов" in unescape(client.get("/duty").text)
    number = db.session.scalars(db.select(DutySwap.id)).one()
    assert client.post(f"/duty/swaps/{number}/remove").status_code == 303
    assert names(cast, that_friday) == ["Үлгүлүев"]


@pytest.mark.parametrize(
    ("day", "sentence"),
    [("2028-11-30", "another weekday"), ("2020-01-03", "This day is over"), ("", "Choose the day")],
)
def test_nobody_stands_in_on_a_day_that_is_not_the_turns(
    cast: Cast, sign_in: Any, day: str, sentence: str
) -> None:
    made = turn(cast, "Үлгүлүев")
    answer = sign_in(cast.office).post(f"/duty/turns/{made.id}/swap", data={"day": day, "name": "Мисалова"})
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)


def test_a_day_nobody_stands_in_for_is_nobodys(cast: Cast) -> None:
    made = turn(cast, "Үлгүлүев")
    db.session.add(DutySwap(turn_id=made.id, day=date(2026, 11, 27)))
    db.session.commit()
    assert names(cast) == []
    assert whom_to_call(cast.school, FRIDAY_NOON) == ("", "+996 312 000 095")


def test_an_association_at_school_does_not_answer_the_phone(cast: Cast) -> None:
    turn(cast, "Башталгыч класстар", roster=Roster.ASSOCIATION)
    assert names(cast) == ["Башталгыч класстар"]
    assert whom_to_call(cast.school, FRIDAY_NOON) == ("", "+996 312 000 095")
    turn(cast, "Үлгүлүев")
    assert whom_to_call(cast.school, FRIDAY_NOON) == ("Үлгүлүев", "0312 000 096")


def test_a_turn_moved_to_another_day_takes_nobody_who_stood_in_along(cast: Cast, sign_in: Any) -> None:
    made = turn(cast, "Үлгүлүев")
    db.session.add(DutySwap(turn_id=made.id, day=date(2028, 12, 1), name="Мисалова"))
    db.session.commit()
    assert (
        sign_in(cast.office).post(f"/duty/turns/{made.id}", data=FORM | {"weekday": "0"}).status_code == 303
    )
    assert db.session.scalar(db.select(DutySwap)) is None


def test_a_roster_is_its_schools_own(cast: Cast, sign_in: Any) -> None:
    made = turn(cast, "Үлгүлүев")
    stranger = sign_in(cast.other_director)
    assert "Үлгүлүев" not in unescape(stranger.get("/duty").text)
    assert stranger.post(f"/duty/turns/{made.id}", data=FORM).status_code == 404
    assert stranger.post(f"/duty/turns/{made.id}/remove").status_code == 404
    teacher = sign_in(cast.teacher)
    assert "Үлгүлүев" in unescape(teacher.get("/duty").text)
    assert teacher.post(f"/duty/turns/{made.id}/remove").status_code == 403


def test_who_is_on_duty_reads_first_what_parents_write_meanwhile(
    cast: Cast, sign_in: Any, client: Any
) -> None:
    made = turn(cast, "Кеңсе Үлгүева", staff_id=cast.office.id)
    with time_machine.travel(FRIDAY_NOON, tick=False):
        written(cast.siblings, "Балам ооруп калды", FRIDAY_NOON)
        sentence = "You are on duty: 1 message of a parent is not read yet"
        home = unescape(sign_in(cast.office).get("/").text)
        assert sentence in home
        assert "Your turn" in home
        assert "Your turn" in unescape(client.get("/duty").text)
        director = unescape(sign_in(cast.director).get("/").text)
        assert "1 reply nobody has read" in director
        assert "Your turn" not in director
        # Somebody stands in today: it is that person's.
        form = {"day": "2026-11-27", "name": "Директор Үлгүлүев", "phone": "", "staff": cast.director.id}
        assert sign_in(cast.office).post(f"/duty/turns/{made.id}/swap", data=form).status_code == 303
        assert sentence not in unescape(sign_in(cast.office).get("/").text)
        home = unescape(sign_in(cast.director).get("/").text)
        assert sentence in home
        assert "reply nobody has read" not in home
    with time_machine.travel(FRIDAY_NOON.replace(hour=12), tick=False):  # 18:00
        assert sentence not in unescape(sign_in(cast.director).get("/").text)


def test_who_is_on_duty_finds_the_call_for_help_on_their_first_page(cast: Cast, sign_in: Any) -> None:
    turn(cast, "Кеңсе Үлгүева", staff_id=cast.office.id)
    with time_machine.travel(FRIDAY_NOON, tick=False):
        written(cast.siblings, "жардам", FRIDAY_NOON)
        assert "1 family waits for your call or visit today" in unescape(sign_in(cast.office).get("/").text)
        assert "waits for your call" not in unescape(sign_in(cast.director).get("/").text)


def test_a_cry_for_help_is_the_task_of_who_is_on_duty(cast: Cast) -> None:
    def asks_for_help(moment: datetime) -> int | None:
        written(cast.siblings, "жардам", moment)
        task = db.session.scalars(db.select(FollowUp).filter_by(rule="asked_help")).one()
        assignee = task.assignee_id
        db.session.delete(task)
        db.session.commit()
        return assignee

    made = turn(cast, "Кеңсе Үлгүева", staff_id=cast.office.id)
    assert asks_for_help(FRIDAY_NOON) == cast.office.id
    assert asks_for_help(FRIDAY_NOON.replace(hour=12)) == cast.teacher.id
    made.staff_id = cast.other_teacher.id  # who sees only one class
    db.session.commit()
    assert asks_for_help(FRIDAY_NOON.replace(minute=5)) == cast.teacher.id


@pytest.mark.parametrize("account", ["999999", "x", ""])
def test_an_account_that_was_not_offered_stands_in_for_nobody(cast: Cast, sign_in: Any, account: str) -> None:
    made = turn(cast, "Үлгүлүев")
    form = {"day": "2028-12-01", "name": "Мисалова", "staff": account}
    sign_in(cast.office).post(f"/duty/turns/{made.id}/swap", data=form)
    assert db.session.scalars(db.select(DutySwap.staff_id)).all() in ([], [None])
    foreign = form | {"staff": str(cast.other_director.id)}
    sign_in(cast.office).post(f"/duty/turns/{made.id}/swap", data=foreign)
    assert db.session.scalars(db.select(DutySwap.staff_id)).all() == [None]
