"""What became of each row of a spreadsheet: seen, searched, taken along; and who answered it."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from notifier.database import db
from notifier.message import Fault
from notifier.models import Delivery, State
from tests.announcements.writing import copy_for, message_for, send, write
from tests.cast import Cast, family
from tests.families.books import xlsx
from tests.message_templates.conftest import pressed, text_of
from tests.message_templates.test_sheets import ASAN, HEADER, NURAI, NURLAN, PYOTR, VERA
from tests.reach.climbing import settle
from webapp.announcements.models import Announcement
from webapp.families.models import Pupil
from webapp.message_templates.sheets.not_reached import as_csv
from webapp.message_templates.sheets.sent_rows import SentRow
from webapp.reach.answers.acknowledge import acknowledge
from webapp.staff.models import AuditEntry

CHOLPON = ["5-А", "Чолпон Дарексизова", "1", "1.12", ""]


@pytest.fixture
def sent(cast: Cast, sign_in: Any, upload: Any) -> Announcement:
    """By the director, to five children of two classes; asks for an answer."""
    return send_sheet(sign_in(cast.director), upload, [ASAN, VERA, NURLAN, NURAI, CHOLPON], asks="y")


def send_sheet(client: FlaskClient, upload: Any, rows: list[list[str]], asks: str = "") -> Announcement:
    more = {"asks_acknowledgement": asks} if asks else {}
    where = upload(client, xlsx([HEADER, *rows]), **more).location
    client.post(f"{where}/send", data=pressed(client.get(where)))
    db.session.rollback()
    return db.session.scalars(select(Announcement).filter_by(kind="sheet")).one()


def test_each_row_stands_with_its_child_and_what_became_of_it(
    cast: Cast, sign_in, sent: Announcement, now: datetime
) -> None:
    settle(message_for(sent, cast.siblings), State.DELIVERED, now)
    settle(message_for(sent, cast.button_phone), State.UNDELIVERED, now, Fault.HANDSET_OFF)
    client = sign_in(cast.director)
    assert f"/templates/sheets/sent/{sent.id}" in client.get(f"/announcements/{sent.id}").text
    page = text_of(client.get(f"/templates/sheets/sent/{sent.id}"))
    assert "Row 2 Асан Мисалов, 5-А Гүлнара Мисалова +996555000101 Not reached" in page
    assert "Row 4 Нурлан Экөөбаев, 5-А" in page
    assert "Row 5 Нурай Экөөбаева, 5-Б" in page
    assert "Row 6 Чолпон Дарексизова, 5-А" in page
    assert "We have no phone number and no e-mail address." in page
    assert "To be said: Чолпон Дарексизова: 1 сом 1.12 чейин." in page
    assert "Reached 2" in page
    assert "Not reached 2" in page
    # What each family was told is no notice for everybody.
    assert client.get(f"/public/from/{sent.id}").status_code == 404
    only = text_of(client.get(f"/templates/sheets/sent/{sent.id}?show=reached"))
    assert "Row 4" in only
    assert "Row 2" not in only


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("Aibek", []), ("nurai", ["5"]), ("Гулнара", ["2"]), ("4", ["4"]), ("000102", ["4", "5"])],
)
def test_a_row_is_found_by_name_phone_or_number(
    cast: Cast, sign_in, sent: Announcement, wanted: str, found: list[str]
) -> None:
    page = text_of(
        sign_in(cast.director).get(f"/templates/sheets/sent/{sent.id}", query_string={"q": wanted})
    )
    assert [number for number in "23456" if f"Row {number} " in page] == found
    assert ("Nobody was found" in page) == (not found)


def test_a_teacher_sees_the_rows_of_their_own_class_alone(
    cast: Cast, sign_in, sent: Announcement, now: datetime
) -> None:
    settle(message_for(sent, cast.siblings), State.UNDELIVERED, now, Fault.HANDSET_OFF)
    page = text_of(sign_in(cast.other_teacher).get(f"/templates/sheets/sent/{sent.id}"))
    assert "Row 5 Нурай Экөөбаева" in page
    assert "Нурлан" not in page
    assert "Row 2" not in page
    csv_text = sign_in(cast.other_teacher).get(f"/templates/sheets/sent/{sent.id}/not-reached.csv").text
    assert "Нурай" in csv_text
    assert "Асан" not in csv_text
    elsewhere = sign_in(cast.other_director)
    assert elsewhere.get(f"/templates/sheets/sent/{sent.id}").status_code == 404
    assert elsewhere.get(f"/templates/sheets/sent/{sent.id}/not-reached.csv").status_code == 404


def test_no_other_announcement_has_rows(cast: Cast, sign_in, now: datetime) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    client = sign_in(cast.director)
    assert client.get(f"/templates/sheets/sent/{announcement.id}").status_code == 404
    assert client.get(f"/templates/sheets/sent/{announcement.id}/not-reached.csv").status_code == 404


def test_what_was_not_reached_is_taken_along_as_a_table(
    cast: Cast, sign_in, sent: Announcement, now: datetime
) -> None:
    settle(message_for(sent, cast.siblings), State.DELIVERED, now)
    settle(message_for(sent, cast.button_phone), State.UNDELIVERED, now, Fault.HANDSET_OFF)
    client = sign_in(cast.director)
    answer = client.get(f"/templates/sheets/sent/{sent.id}/not-reached.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:4] == ["Row", "Class", "Pupil", "Where it stands"]
    assert [row[:4] for row in rows[1:]] == [
        ["2", "5-А", "Асан Мисалов", "Not reached"],
        ["6", "5-А", "Чолпон Дарексизова", "Not reached"],
    ]
    assert [row[-1] for row in rows[1:]] == ["", "Чолпон Дарексизова: 1 сом 1.12 чейин."]
    assert "555" not in answer.text
    entry = db.session.scalars(select(AuditEntry).filter_by(action="sheet.exported")).one()
    assert (entry.staff_id, entry.detail) == (cast.director.id, {"rows": 2})


@pytest.mark.parametrize("name", ["=CMD|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_of_the_table_is_a_formula(app, cast: Cast, name: str) -> None:
    pupil = db.session.scalars(select(Pupil).filter_by(name="Асан Мисалов")).one()
    pupil.name = name
    with app.test_request_context():
        table = as_csv([SentRow(2, pupil, None, "not_reached", None)]).decode("utf-8-sig")
    row = list(csv.reader(io.StringIO(table), delimiter=";"))[1]
    assert row[2] == f"'{name}"
    db.session.rollback()


def test_a_sheet_that_was_taken_back_says_so_row_by_row(cast: Cast, sign_in, sent: Announcement) -> None:
    client = sign_in(cast.director)
    client.post(f"/announcements/{sent.id}/back")
    page = text_of(client.get(f"/templates/sheets/sent/{sent.id}"))
    assert page.count("Taken back") >= 4
    # Nothing is to be said to them any more, and no list to call from is offered.
    assert "To be said" not in page
    assert "Download the" not in page


def test_families_are_asked_to_answer_and_the_wish_can_be_taken_back(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN, VERA]), asks_acknowledgement="y").location
    page = text_of(client.get(where))
    assert "ООБА деп жооп жазыңыз." in page
    assert "Families are asked to answer that they know." in page
    client.post(f"{where}/asks", data={"asks": "0"})
    assert "ООБА деп" not in text_of(client.get(where))
    client.post(f"{where}/asks", data={"asks": "1"})
    client.post(f"{where}/send", data=pressed(client.get(where)))
    announcement = db.session.scalars(select(Announcement)).one()
    assert announcement.asks_acknowledgement
    assert message_for(announcement, cast.button_phone).body == (
        "№95, 5-А: Асан Мисалов: 500 сом 30.11 чейин. Чалыңыз.\nТүшүндүңүзбү? ООБА деп жооп жазыңыз."
    )
    assert "Who has answered that they know" in client.get(f"/announcements/{announcement.id}").text


def test_several_children_behind_one_phone_are_asked_once(cast: Cast, sign_in, upload) -> None:
    announcement = send_sheet(sign_in(cast.director), upload, [NURLAN, NURAI], asks="y")
    assert message_for(announcement, cast.siblings).body == (
        "№95. 5-А: Нурлан Экөөбаев: 400 сом 1.12 чейин.\n"
        "5-Б: Нурай Экөөбаева: 450 сом 2.12 чейин.\n"
        "Түшүндүңүзбү? ООБА деп жооп жазыңыз."
    )


def test_a_reminder_says_each_familys_own_words_again(
    cast: Cast, sign_in, sent: Announcement, now: datetime, clock
) -> None:
    for household in (cast.button_phone, cast.siblings, cast.email_only):
        settle(message_for(sent, household), State.DELIVERED, now)
    acknowledge([copy_for(sent, cast.siblings).id], "phone", cast.director, now)
    db.session.commit()
    clock.move_to(now + timedelta(hours=2))
    client = sign_in(cast.director)
    page = text_of(client.get(f"/reach/announcements/{sent.id}/acknowledged"))
    assert "Эске салабыз: №95, 5-А: Асан Мисалов: 500 сом 30.11 чейин." in page
    assert "Эске салабыз: Тамак акысы" not in page
    client.post(f"/reach/announcements/{sent.id}/remind")
    reminder = db.session.scalars(select(Announcement).filter_by(reminds_of_id=sent.id)).one()
    bodies = sorted(
        db.session.scalars(select(Delivery.body).where(Delivery.dedupe_key.like(f"{reminder.token}:%")))
    )
    assert len(bodies) == 2
    assert bodies[1].startswith("Эске салабыз: №95, 5-А: Асан Мисалов: 500 сом 30.11 чейин. Чалыңыз.")
    assert bodies[0].startswith("Напоминаем: Вера Примерова: 300 сом до 30.11.")


def test_words_told_together_are_repeated_to_that_phone_and_to_no_other(
    cast: Cast, sign_in, upload, now: datetime, clock
) -> None:
    announcement = send_sheet(sign_in(cast.director), upload, [ASAN, PYOTR], asks="y")
    settle(message_for(announcement, cast.button_phone), State.DELIVERED, now)
    # The neighbour has a phone of their own now: the sum of the other family is not theirs to read.
    other = family(cast.school, {}, "Соседова Нина", phone="+996700000177")
    (guardian,) = cast.neighbour.guardians
    guardian.contacts[0].contact_point_id = other.guardians[0].contacts[0].contact_point_id
    db.session.commit()
    clock.move_to(now + timedelta(hours=2))
    sign_in(cast.director).post(f"/reach/announcements/{announcement.id}/remind")
    reminder = db.session.scalars(select(Announcement).filter_by(reminds_of_id=announcement.id)).one()
    told = db.session.scalars(
        select(Delivery.address).where(Delivery.dedupe_key.like(f"{reminder.token}:%"))
    ).all()
    assert told == ["+996555000101"]


def test_a_slip_of_paper_says_what_the_family_was_told(cast: Cast, sign_in, sent: Announcement) -> None:
    page = text_of(sign_in(cast.director).get(f"/reach/announcements/{sent.id}/slips/{cast.class_5a.id}"))
    assert "Асан Мисалов: 500 сом 30.11 чейин." in page
    assert "Вера Примерова: 300 сом до 30.11." in page
    # The family that nothing reaches needs its slip most.
    assert "Чолпон Дарексизова: 1 сом 1.12 чейин." in page
    assert "Тамак акысы" not in page.split("The child brings the signed slip back.")[1]
