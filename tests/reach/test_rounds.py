"""The paper loop: a list to take along, and twenty visits typed back in a minute."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

import pypdf
import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from notifier.database import db
from tests.announcements.writing import copy_for
from tests.cast import Cast
from tests.reach.going_after import field, logs_of, unheard
from webapp.reach.models import Outcome
from webapp.reach.rounds.codes import code_of, codes, is_code
from webapp.reach.rounds.entry import read_day
from webapp.reach.rounds.models import Round
from webapp.reach.rounds.streets import place_of
from webapp.staff.models import AuditEntry


@pytest.fixture
def today(now: datetime) -> Any:
    with time_machine.travel(now + timedelta(days=3), tick=False):
        yield now + timedelta(days=3)


def make(client: Any, **asked: Any) -> Round:
    form = client.get("/reach/rounds/new").text
    made = client.post(
        "/reach/rounds/new", data={"token": field(form, "token"), "order": "street", "means": "visit"} | asked
    )
    assert made.status_code == 303, made.text
    return db.session.get_one(Round, int(made.location.rsplit("/", 1)[1]))


def printed(client: Any, a_round: Round) -> str:
    content = client.get(f"/reach/rounds/{a_round.id}/list.pdf").data
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


@pytest.mark.parametrize(
    ("written", "street", "number", "rest", "flat"),
    [
        ("Ысык-Көл көч. 12", "Ысык-Көл", 12, "", 0),
        ("ул. Ысык-Көл, д. 12а, кв. 3", "Ысык-Көл", 12, "а", 3),
        ("Үлгү көчөсү, 9/2", "Үлгү", 9, "/2", 0),
        ("7-апрель көчөсү 15", "7-апрель", 15, "", 0),
        ("Манас проспект 101 б, батир 12", "Манас", 101, "б", 12),
        ("Көк-Жар айылы", "Көк-Жар айылы", 0, "", 0),
        ("", "", 0, "", 0),
        ("12", "", 12, "", 0),
    ],
)
def test_addresses_are_read_as_people_write_them(
    written: str, street: str, number: int, rest: str, flat: int
) -> None:
    place = place_of(written)
    assert (place.street, place.number, place.rest, place.flat) == (street, number, rest, flat)


def test_one_walks_by_the_number_of_the_house() -> None:
    written = ["Үлгү көч. 101", "Үлгү көчөсү 9", "", "Абай көч. 3", "ул. Үлгү 12а", "Үлгү көч. 12"]
    walked = sorted(written, key=lambda address: place_of(address).sort_key)
    assert walked == ["Абай көч. 3", "Үлгү көчөсү 9", "Үлгү көч. 12", "ул. Үлгү 12а", "Үлгү көч. 101", ""]


def test_no_slip_of_one_finger_makes_another_code() -> None:
    every = {code_of(number) for number in range(1000)}
    assert len(every) == 1000
    for code in list(every)[::37]:
        assert is_code(code)
        slips = {code[:at] + digit + code[at + 1 :] for at in range(4) for digit in "0123456789"} - {code}
        slips |= {code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in range(3)} - {code}
        assert not any(is_code(slip) for slip in slips)
    assert len(set(codes(100, "a"))) == 100
    assert not is_code("12а4")


@pytest.mark.parametrize(
    ("typed", "day"),
    [("27.11", "2026-11-27"), ("27.11.2026", "2026-11-27"), ("3/11/26", "2026-11-03"),
     ("28.11", "2025-11-28"), ("2026-11-26", "2026-11-26"), ("31.02", None), ("кечээ", None), ("", None)],
)  # fmt: skip
def test_days_are_read_as_people_type_them(typed: str, day: str | None) -> None:
    found = read_day(typed, datetime(2026, 11, 27).date())  # noqa: DTZ001
    assert (found.isoformat() if found else None) == day


def test_the_paper_has_every_family_in_the_order_of_the_street(
    cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    cast.button_phone.address, cast.siblings.address = "Өмүр көч. 12", "Өмүр көчөсү 9"
    cast.no_address.address = "Абай көч. 3"
    unheard(cast, now, cast.button_phone, cast.siblings, cast.no_address, cast.neighbour)
    client = sign_in(cast.pedagogue)
    made = make(client)
    text = printed(client, made)
    order = [
        text.index(child)
        for child in ("Чолпон Дарексизова", "Нурай Экөөбаева", "Асан Мисалов", "Пётр Соседов")
    ]
    assert order == sorted(order)
    for said in (
        "Өмүр көч. 12",
        "0555 000 101",
        "Confidential",
        "Street not known",
        "1 = Spoke to the family",
        "5-Б",
    ):
        assert said in text
    assert all(row.code in text for row in made.rows)
    # Today is another day when the sheet is found in a drawer.
    local = made.made_at.astimezone(cast.school.zone)
    assert f"{local.day} November 2026, {local:%H:%M}" in text
    assert "today" not in text
    assert [entry.action for entry in db.session.scalars(select(AuditEntry))][-1] == "round.made"


def test_only_the_pedagogues_paper_has_the_families_numbers(
    cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    unheard(cast, now, cast.button_phone, cast.neighbour)
    made = make(sign_in(cast.pedagogue))
    text = printed(sign_in(cast.director), made)
    assert "Асан Мисалов" in text
    assert "0555 000 101" not in text


def test_a_teacher_has_lists_of_their_own_class_and_no_other(
    app: Flask, cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    unheard(cast, now, cast.button_phone, cast.neighbour)
    whole = make(sign_in(cast.pedagogue))
    client = sign_in(cast.other_teacher)
    own = make(client, order="class")
    assert [row.family_id for row in own.rows] == [cast.neighbour.id]
    for address in ("", "/list.pdf"):
        assert client.get(f"/reach/rounds/{whole.id}{address}").status_code == 404
    assert sign_in(cast.other_director).get(f"/reach/rounds/{whole.id}").status_code == 404


def test_the_same_form_sent_twice_makes_one_list(
    cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    client = sign_in(cast.pedagogue)
    nobody = client.post("/reach/rounds/new", data={"token": "x" * 12})
    assert "There is nobody to go to" in nobody.text
    unheard(cast, now, cast.button_phone)
    first = client.post("/reach/rounds/new", data={"token": "y" * 12})
    assert client.post("/reach/rounds/new", data={"token": "y" * 12}).location == first.location


def test_the_results_of_a_round_are_typed_back_and_count_once(
    cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    announcement = unheard(cast, now, cast.button_phone, cast.siblings, cast.neighbour)
    client = sign_in(cast.pedagogue)
    made = make(client, order="class")
    where = {row.family_id: row.position for row in made.rows}
    typed = {
        f"key-{where[cast.button_phone.id]}": "1",
        f"note-{where[cast.button_phone.id]}": "=Апасы үйдө",
        f"day-{where[cast.button_phone.id]}": "27.11",
        f"key-{where[cast.siblings.id]}": "4",
    }
    client.post(f"/reach/rounds/{made.id}", data=typed)
    again = client.post(f"/reach/rounds/{made.id}", data=typed, follow_redirects=True)
    assert "There was nothing new to note." in again.text
    (log,) = logs_of(cast.button_phone)
    assert (log.outcome, log.note, log.at) == (Outcome.SPOKE, "=Апасы үйдө", today)
    assert copy_for(announcement, cast.button_phone).spoken_at == today
    assert [each.outcome for each in logs_of(cast.siblings)] == [Outcome.NOBODY_HOME]
    assert logs_of(cast.neighbour) == []
    entry = db.session.scalars(select(AuditEntry).filter_by(action="round.typed")).one()
    assert entry.detail == {"rows": 2}
    page = client.get(f"/reach/rounds/{made.id}").text
    assert page.count('class="input key"') == 1, "only the family nobody has typed yet"


def test_a_fault_in_one_row_is_said_beside_it_and_nothing_is_kept_by_halves(
    cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    unheard(cast, now, cast.button_phone, cast.siblings, cast.neighbour)
    client = sign_in(cast.pedagogue)
    made = make(client, order="class")
    answer = client.post(
        f"/reach/rounds/{made.id}",
        data={"key-1": "1", "key-2": "9", "note-2": "Ит бар", "key-3": "1", "day-3": "28.11.2026"},
    )
    assert answer.status_code == 422
    assert "There is no key 9" in answer.text
    assert "This day is still to come." in answer.text
    assert 'value="Ит бар"' in answer.text
    assert not any(logs_of(family) for family in (cast.button_phone, cast.siblings, cast.neighbour))
    unkeyed = client.post(f"/reach/rounds/{made.id}", data={"note-1": "жок"})
    assert "What came of it?" in unkeyed.text


def test_two_who_type_the_same_paper_note_every_family_once(
    app: Flask, cast: Cast, sign_in: Any, now: datetime, today: datetime
) -> None:
    unheard(cast, now, cast.button_phone, cast.siblings)
    client = sign_in(cast.pedagogue)
    made = make(client)
    other = app.test_client()
    with other.session_transaction() as session:
        session["_user_id"], session["_fresh"] = cast.director.get_id(), True
    client.post(f"/reach/rounds/{made.id}", data={"key-1": "1"})
    late = other.post(f"/reach/rounds/{made.id}", data={"key-1": "4", "key-2": "4"}, follow_redirects=True)
    assert "1 result noted." in late.text
    everything = [log.outcome for family in (cast.button_phone, cast.siblings) for log in logs_of(family)]
    assert sorted(everything) == ["nobody_home", "spoke"]
