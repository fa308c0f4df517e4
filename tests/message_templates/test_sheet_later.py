"""A spreadsheet goes by itself at its hour: as things stand then, once, and what was left out is said."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from notifier.database import db
from notifier.models import Delivery, Suppression
from tests.announcements.writing import copy_for
from tests.at_once import at_once
from tests.cast import Cast, family
from tests.families.books import xlsx
from tests.message_templates.conftest import pressed, text_of
from tests.message_templates.test_sheets import ASAN, HEADER, NURAI, NURLAN, PYOTR, VERA, count
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import NoAddress
from webapp.families.models import Pupil
from webapp.message_templates.keeping import make_template
from webapp.message_templates.models import MessageSheet, SheetRow
from webapp.message_templates.sheets.jobs import forget
from webapp.staff.models import AuditEntry
from webapp.upkeep.scheduled import let_all_go

MORNING = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # Wednesday, 10:00 in Bishkek


def put_off(client: FlaskClient, where: str, **chosen: str) -> Any:
    """Choose the hour on the sheet's page."""
    form = pressed(client.get(where)) | {"day": "2026-11-25", "hour": "10:00"} | chosen
    return client.post(f"{where}/later", data=form, follow_redirects=True)


def the_draft() -> Announcement:
    db.session.rollback()
    return db.session.scalars(select(Announcement).filter_by(kind="sheet")).one()


def pupil(name: str) -> Pupil:
    return db.session.scalars(select(Pupil).filter_by(name=name)).one()


def test_it_waits_for_its_hour_is_listed_and_goes_once(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN, VERA, NURLAN])).location
    page = text_of(put_off(client, where))
    assert "It goes by itself: 25 November, 10:00." in page
    assert "Тамак акысы Goes 25 November, 10:00" in page
    assert count(Delivery) == 0
    listed = client.get("/announcements").text
    assert f'href="{where}"' in listed
    assert f'href="{where}"' in client.get("/").text
    assert let_all_go(MORNING - timedelta(seconds=1)) == 0
    assert let_all_go(MORNING) == 1
    assert let_all_go(MORNING) == 0
    draft = the_draft()
    assert draft.published_at == MORNING
    assert min(db.session.scalars(select(Delivery.body))).startswith("Вера Примерова: 300 сом")
    assert count(Delivery) == 3
    kept = db.session.scalars(select(MessageSheet)).one()
    assert (kept.content, kept.filename, kept.sent_at) == (None, "", MORNING)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries][-2:] == ["announcement.goes_later", "announcement.published"]
    assert entries[-2].detail == {"goes_at": "2026-11-25 10:00", "classes": ["5-А"], "rows": 3}
    assert entries[-1].staff_id == cast.teacher.id
    assert client.get(where).location == f"/announcements/{draft.id}"


def test_two_machines_send_it_once(app: Flask, cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.teacher)
    put_off(client, upload(client, xlsx([HEADER, ASAN, NURLAN])).location)
    db.session.remove()
    gone = at_once(app, *[lambda: let_all_go(MORNING)] * 2)
    assert sum(gone) == 1
    assert count(Delivery) == 2


def test_the_composer_opens_no_spreadsheet(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.teacher)
    put_off(client, upload(client, xlsx([HEADER, ASAN])).location)
    number = the_draft().id
    for page in ("edit", "review", "who"):
        assert client.get(f"/announcements/{number}/{page}").status_code == 404
    for act in ("send", "later", "stay", "discard"):
        assert client.post(f"/announcements/{number}/{act}").status_code == 404
    assert client.get(f"/announcements/{number}").status_code == 404
    assert count(Delivery) == 0


def test_a_child_who_left_the_class_is_left_out_and_said(cast: Cast, sign_in, upload, clock) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN, NURLAN])).location
    put_off(client, where)
    pupil("Асан Мисалов").class_id = cast.class_5b.id
    db.session.commit()
    page = text_of(client.get(where))
    assert "Row 2 — This child is no longer in a class you write to: the row is not sent." in page
    clock.move_to(MORNING)
    assert let_all_go(MORNING) == 1
    assert [body.split(":")[1] for body in db.session.scalars(select(Delivery.body))] == [" Нурлан Экөөбаев"]
    rows = db.session.execute(select(SheetRow.number, SheetRow.gone).order_by(SheetRow.number)).all()
    assert [tuple(row) for row in rows] == [(2, True), (3, False)]
    rows_page = text_of(client.get(f"/templates/sheets/sent/{the_draft().id}"))
    assert "Row 2 — Not sent This child was no longer in a class of whoever sent it." in rows_page
    assert "Асан" not in rows_page
    home = text_of(client.get("/"))
    assert "1 row of your spreadsheet was not sent: the child has left the class" in home
    entry = db.session.scalars(select(AuditEntry).filter_by(action="sheet.rows_left_out")).one()
    assert entry.detail == {"rows": 1}


def test_a_child_who_moved_to_another_of_their_classes_is_still_told(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.director)
    put_off(client, upload(client, xlsx([HEADER, ASAN])).location)
    pupil("Асан Мисалов").class_id = cast.class_5b.id
    db.session.commit()
    assert let_all_go(MORNING) == 1
    assert db.session.scalars(select(Delivery.body)).one().startswith("№95, 5-Б: Асан Мисалов: 500 сом")
    assert the_draft().classes == [cast.class_5b]


def test_a_namesake_who_came_meanwhile_gets_nobodys_row(cast: Cast, sign_in, upload, now: datetime) -> None:
    client = sign_in(cast.teacher)
    put_off(client, upload(client, xlsx([HEADER, ASAN])).location)
    namesake = family(cast.school, {"Асан Мисалов": cast.class_5a}, "Башка Мисалова", phone="+996700000109")
    db.session.commit()
    assert let_all_go(MORNING) == 1
    assert db.session.scalars(select(Delivery.address)).all() == ["+996555000101"]
    assert namesake.id


def test_a_number_that_was_silenced_meanwhile_is_not_written_to(
    cast: Cast, sign_in, upload, now: datetime
) -> None:
    client = sign_in(cast.teacher)
    put_off(client, upload(client, xlsx([HEADER, ASAN, NURLAN])).location)
    db.session.add(Suppression(channel="sms", address="+996555000101", reason="opted_out", created_at=now))
    db.session.commit()
    assert let_all_go(MORNING) == 1
    assert db.session.scalars(select(Delivery.address)).all() == ["+996700000102"]
    assert copy_for(the_draft(), cast.button_phone).no_address == NoAddress.OPTED_OUT


def test_what_cannot_go_stays_says_why_and_can_be_sent_or_put_off_again(
    cast: Cast, sign_in, upload, clock
) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN])).location
    put_off(client, where)
    cast.school.sms_price, cast.school.monthly_limit = Decimal(5), Decimal(1)
    db.session.commit()
    clock.move_to(MORNING)
    assert let_all_go(MORNING) == 0
    assert count(Delivery) == 0
    assert "Did not go" in client.get("/announcements").text
    assert "A text of yours did not go by itself" in client.get("/").text
    page = text_of(client.get(where))
    assert "It did not go by itself." in page
    assert "of the school's 1 som for this month" in page
    assert db.session.scalars(select(AuditEntry).filter_by(action="announcement.not_sent")).one()
    cast.school.monthly_limit = None
    db.session.commit()
    put_off(client, where, hour="15:00")
    assert the_draft().not_sent_because == ""
    sent = client.post(f"{where}/send", data=pressed(client.get(where)))
    assert sent.location == f"/announcements/{the_draft().id}"
    assert count(Delivery) == 1
    assert let_all_go(MORNING + timedelta(hours=5)) == 0
    assert count(Delivery) == 1


def test_siblings_rows_that_grew_too_long_for_one_phone_stop_it(cast: Cast, sign_in, upload) -> None:
    long = ["я" * 290, "я" * 290, ""]
    client = sign_in(cast.director)
    where = upload(
        client,
        xlsx([HEADER, ["5-А", "Асан Мисалов", *long], ["5-Б", "Нурай Экөөбаева", *long]]),
    ).location
    put_off(client, where)
    # Now the two families read one phone.
    (guardian,) = cast.siblings.guardians
    guardian.contacts[0].contact_point_id = cast.button_phone.guardians[0].contacts[0].contact_point_id
    db.session.commit()
    assert let_all_go(MORNING) == 0
    assert "Rows 2, 3 go to one phone" in the_draft().not_sent_because
    assert count(Delivery) == 0


def test_whoever_may_no_longer_write_sends_nothing_by_a_spreadsheet(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.teacher)
    put_off(client, upload(client, xlsx([HEADER, ASAN])).location)
    cast.class_5a.teacher_id = cast.other_teacher.id
    db.session.commit()
    assert let_all_go(MORNING) == 0
    assert count(Delivery) == 0
    assert the_draft().not_sent_because


def test_it_need_not_go_after_all(cast: Cast, sign_in, upload, template, clock, now: datetime) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN])).location
    put_off(client, where)
    answer = client.post(f"{where}/stay", follow_redirects=True)
    assert "It does not go by itself now." in text_of(answer)
    assert count(Announcement) == count(SheetRow) == 0
    assert let_all_go(MORNING) == 0
    assert "Families that get it 1" in text_of(client.get(where))
    assert "A spreadsheet of yours is not sent yet" in text_of(client.get(f"/templates/{template.id}"))
    assert "A spreadsheet of yours is not sent yet" in text_of(client.get("/templates/"))
    assert "A spreadsheet of yours is not sent yet" in text_of(client.get("/"))
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry
    assert entry.action == "announcement.stays"
    clock.move_to(now + timedelta(hours=25))
    assert client.get(where).status_code == 404


def test_one_that_was_to_go_can_be_forgotten(cast: Cast, sign_in, upload, template) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN])).location
    put_off(client, where)
    assert client.post(f"{where}/discard").location == f"/templates/{template.id}"
    assert count(Announcement) == count(MessageSheet) == count(SheetRow) == 0


def test_another_upload_does_not_push_out_what_waits_for_its_hour(cast: Cast, sign_in, upload, clock) -> None:
    client, content = sign_in(cast.teacher), xlsx([HEADER, ASAN])
    where = upload(client, content).location
    put_off(client, where)
    second = upload(client, content).location
    page = text_of(client.get(second))
    assert "This very file waits already: it goes 25 November, 10:00." in page
    client.post(f"{second}/send", data=pressed(client.get(second)))
    assert count(Delivery) == 0
    assert "Tick the box if it is meant to go twice." in text_of(client.get(second))
    assert "Tick the box if it is meant to go twice." in text_of(put_off(client, second))
    client.post(f"{second}/send", data=pressed(client.get(second), again="1"))
    assert count(Delivery) == 1
    clock.move_to(MORNING - timedelta(minutes=1))
    forget()
    assert let_all_go(MORNING) == 1
    assert count(Delivery) == 2


def test_one_for_next_week_is_kept_until_it_has_gone(cast: Cast, sign_in, upload, clock) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN])).location
    put_off(client, where, day="2026-12-02")
    hour = MORNING + timedelta(days=7)
    clock.move_to(hour - timedelta(minutes=1))
    forget()
    assert client.get(where).status_code == 200
    # Nobody was there at its hour, nor long after: it says so, and is forgotten days later.
    clock.move_to(hour + timedelta(hours=7))
    assert let_all_go(hour + timedelta(hours=7)) == 0
    forget()
    assert "would have been too late" in text_of(client.get(where))
    clock.move_to(hour + timedelta(days=4))
    forget()
    assert count(MessageSheet) == count(Announcement) == 0


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"day": "2026-11-24", "hour": "08:00"}, "This hour is over."),
        ({"day": "2029-01-01"}, "Choose a day within a year."),
        ({"day": ""}, "Choose the day and the hour."),
        ({"hour": "noon"}, "Choose the day and the hour."),
    ],
)
def test_an_hour_that_makes_no_sense_is_told(
    cast: Cast, sign_in, upload, chosen: dict[str, str], sentence: str
) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN])).location
    answer = put_off(client, where, **chosen)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert count(Announcement) == 0


def test_what_changed_since_one_looked_is_not_put_off_unseen(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN])).location
    assert "Something has changed since you looked at it." in text_of(put_off(client, where, seen="else"))
    assert count(Announcement) == 0


def test_nobody_decides_about_anothers_spreadsheet(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN])).location
    put_off(client, where)
    for person in (cast.director, cast.other_director):
        other = sign_in(person)
        for act in ("later", "stay", "asks", "discard", "send"):
            assert other.post(f"{where}/{act}").status_code == 404
    assert the_draft().goes_at == MORNING


def test_every_child_of_a_row_found_by_phone_is_settled_with_it(cast: Cast, sign_in, upload) -> None:
    header = ["Телефон", "Сумма", "дата", "звонок"]
    client = sign_in(cast.director)
    put_off(client, upload(client, xlsx([header, ["0700 000 102", "400", "1.12", ""]])).location)
    assert let_all_go(MORNING) == 1
    assert db.session.scalars(select(Delivery.body)).one() == (
        "№95. 5-А: Нурлан Экөөбаев: 400 сом 1.12 чейин.\n5-Б: Нурай Экөөбаева: 400 сом 1.12 чейин."
    )


def test_one_sms_a_phone_also_when_it_goes_later(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.director)
    put_off(client, upload(client, xlsx([HEADER, ASAN, NURLAN, NURAI, PYOTR])).location)
    assert let_all_go(MORNING) == 1
    assert count(Delivery) == 2


def test_an_upload_for_another_template_does_not_push_out_what_is_being_looked_over(
    cast: Cast, sign_in, upload, now: datetime
) -> None:
    other = make_template(
        cast.school, "Чогулуш", {"ky": "((күнү)) чогулуш.", "ru": ""}, now, token="x", author=None
    )
    assert other
    db.session.commit()
    client = sign_in(cast.teacher)
    first = upload(client, xlsx([HEADER, ASAN])).location
    data = {
        "file": (io.BytesIO(xlsx([["Класс", "Окуучу", "Күнү"], ["5-А", "Асан Мисалов", "1.12"]])), "б.xlsx")
    }
    second = client.post(
        f"/templates/{other.id}/sheet", data=data, content_type="multipart/form-data"
    ).location
    assert client.get(first).status_code == client.get(second).status_code == 200
    # The corrected file of the same template takes the place of the first one.
    corrected = upload(client, xlsx([HEADER, VERA])).location
    assert "Families that get it 1" in text_of(client.get(corrected))
    assert count(MessageSheet) == 2
