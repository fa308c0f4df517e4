"""A teacher sends every family its own from a spreadsheet."""

from __future__ import annotations

import gzip
import re
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from notifier.database import db
from notifier.models import Delivery
from tests.announcements.writing import copy_for, message_for
from tests.cast import Cast, family
from tests.families.books import xlsx
from tests.message_templates.conftest import pressed, text_of
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient
from webapp.families.models import Pupil
from webapp.message_templates.keeping import change_template
from webapp.message_templates.models import MessageSheet, MessageTemplate, TemplateUse
from webapp.message_templates.sheets.jobs import forget
from webapp.staff.models import AuditEntry

HEADER = ["Класс", "Окуучу", "Сумма", "Күнү", "Чалуу"]
ASAN = ["5-А", "Асан Мисалов", "500", "30.11", "ооба"]
VERA = ["5-А", "Примерова Вера", "300", "30.11", ""]
NURLAN = ["5а", "нурлан экөөбаев", "400", "1.12", "жок"]
NURAI = ["5-Б", "Нурай Экөөбаева", "450", "2.12", ""]
PYOTR = ["5-Б", "Пётр Соседов", "700", "2.12", ""]


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_every_family_gets_what_its_row_says(cast: Cast, sign_in, upload, now: datetime) -> None:
    client = sign_in(cast.teacher)
    cast.school.sms_price = Decimal(2)
    db.session.commit()
    answer = upload(client, xlsx([HEADER, ASAN, VERA, NURLAN]))
    assert answer.status_code == 303
    page = client.get(answer.location)
    said = text_of(page)
    assert "№95, 5-А: Асан Мисалов: 500 сом 30.11 чейин. Чалыңыз." in said
    assert "Вера Примерова: 300 сом до 30.11." in said
    assert "Row 2 → Гүлнара Мисалова +996555000101" in said
    assert "Families that get it 3 SMS messages 2" in said
    assert len(gzip.compress(page.data)) < 5000
    sent = client.post(f"{answer.location}/send", data=pressed(page))
    announcement = db.session.scalars(select(Announcement)).one()
    assert sent.location == f"/announcements/{announcement.id}"
    assert (announcement.kind, announcement.text_ky) == ("sheet", "Тамак акысы")
    bodies = {
        household: message_for(announcement, getattr(cast, household)).body
        for household in ("button_phone", "email_only", "siblings")
    }
    assert bodies["button_phone"] == "№95, 5-А: Асан Мисалов: 500 сом 30.11 чейин. Чалыңыз."
    assert bodies["siblings"] == "№95, 5-А: Нурлан Экөөбаев: 400 сом 1.12 чейин."
    assert bodies["email_only"].startswith("Вера Примерова: 300 сом до 30.11.")
    # The other child of the family is not named in its copy.
    assert [pupil.name for pupil in copy_for(announcement, cast.siblings).pupils] == ["Нурлан Экөөбаев"]
    assert db.session.get_one(TemplateUse, announcement.id)
    assert announcement.segments == sum(
        delivery.segments for delivery in db.session.scalars(select(Delivery))
    )
    entry = db.session.scalars(select(AuditEntry).filter_by(action="announcement.published")).one()
    assert (entry.staff_id, entry.detail["recipients"]) == (cast.teacher.id, 3)
    assert "Мисалов" not in str(entry.detail)


def test_nothing_of_the_rows_stays_when_they_are_sent(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN])).location
    client.post(f"{where}/send", data=pressed(client.get(where)))
    kept = db.session.scalars(select(MessageSheet)).one()
    assert (kept.content, kept.filename) == (None, "")
    # The page of a sheet that was sent leads to what became of it, also by the back button.
    assert client.get(where).location == f"/announcements/{kept.announcement_id}"
    assert client.post(f"{where}/discard").location == f"/announcements/{kept.announcement_id}"


def test_pressing_twice_sends_once(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN])).location
    data = pressed(client.get(where))
    first, second = (client.post(f"{where}/send", data=data) for _ in range(2))
    assert first.location == second.location
    assert count(Announcement) == count(Delivery) == 1


def test_several_children_behind_one_phone_get_one_sms_that_names_each(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.director)
    where = upload(client, xlsx([HEADER, ASAN, NURLAN, NURAI, PYOTR])).location
    page = client.get(where)
    said = text_of(page)
    assert "Rows 3, 4 →" in said
    client.post(f"{where}/send", data=pressed(page))
    # Brother and sister, and two families that share a number.
    assert sorted(db.session.scalars(select(Delivery.body))) == [
        "№95. 5-А: Асан Мисалов: 500 сом 30.11 чейин. Чалыңыз.\n5-Б: Пётр Соседов: 700 сом 2.12 чейин.",
        "№95. 5-А: Нурлан Экөөбаев: 400 сом 1.12 чейин.\n5-Б: Нурай Экөөбаева: 450 сом 2.12 чейин.",
    ]
    assert count(Recipient) == 3


def test_children_of_whom_the_same_is_said_are_named_once(
    cast: Cast, sign_in, now: datetime, upload, template
) -> None:
    assert change_template(template, "Т", {"ky": "((күнү)) келиңиз.", "ru": ""}, 1, now, cast.teacher)
    db.session.commit()
    client = sign_in(cast.director)
    where = upload(client, xlsx([["телефон", "дата"], [996700000102.0, "1.12"]])).location
    assert "№95, Нурлан 5-А, Нурай 5-Б: 1.12 келиңиз." in text_of(client.get(where))


def test_a_row_is_found_by_the_phone_alone(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.teacher)
    header = ["Телефон", "Сумма", "дата", "звонок"]
    where = upload(client, xlsx([header, [700000102.0, 400.0, "1.12", None]])).location
    page = text_of(client.get(where))
    # The teacher of 5-А writes about the child of 5-А; the sister is another's.
    assert "Нурлан Экөөбаев: 400 сом 1.12 чейин." in page
    assert "Нурай" not in page


def test_errors_are_named_by_row_and_cell_all_at_once(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.teacher)
    family(cast.school, {"Асан Мисалов": cast.class_5a}, "Башка Мисалова", phone="+996700000109")
    db.session.commit()
    header = ["Класс", "Окуучу", "Телефон", "Сумма", "Күнү", "Чалуу"]
    rows = [
        ["5-А", "Асан Мисалов", "", "500", "30.11", ""],
        ["5-А", "Асан Мисалов", "0555 000 101", "500", "", "балким"],
        ["", "", "312 000", "500", "30.11", ""],
        ["", "", "", "500", "30.11", ""],
        ["5-Б", "Пётр Соседов", "", "500", "30.11", ""],
        ["жетинчи", "Вера Примерова", "", "500", "30.11", ""],
        ["5-А", "Нурлан Экөөбаев", "", "=1+1", "#REF!", ""],
        ["", "", "0700000102", "1", "30.11", ""],
        ["", "", "0777 000 999", "1", "30.11", ""],
        ["5-А", "Чолпон Дарексизова", "", "я" * 301, "30.11", ""],
    ]
    where = upload(client, xlsx([header, *rows])).location
    page = client.get(where)
    said = text_of(page)
    for sentence in (
        "Row 2 Окуучу 2 children are called “Асан Мисалов”. Write the class, or the family's phone.",
        "Row 3 Күнү The cell is empty. Fill it in,",
        "Row 3 Чалуу “балким” is neither yes nor no.",
        "Row 4 Телефон “312 000” has too few digits. Correct the number.",
        "Row 5 Окуучу The row does not say whom it is about.",
        "Row 6 Окуучу No “Пётр Соседов” was found in 5-Б among the classes you write to.",
        "Row 7 Класс “жетинчи” is not a class.",
        "Row 8 Сумма “=1+1” is a formula that was never calculated.",
        "Row 8 Күнү The spreadsheet could not calculate this cell.",
        "Row 9 Окуучу Нурлан Экөөбаев stands in row 8 already. Keep one of the two rows.",
        "Row 10 Телефон No family of your classes has this number.",
        "Row 11 Сумма The cell is too long: at most 300 characters.",
    ):
        assert sentence in said
    assert "10 rows have errors" in said
    assert "Upload the corrected file" in said
    answer = client.post(f"{where}/send", data={"seen": "x", "urgent": "0"})
    assert answer.location == where
    assert count(Delivery) == 0


def test_one_looks_at_any_row_and_at_the_next(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.director)
    no_address = ["5-А", "Чолпон Дарексизова", "1", "1.12", ""]
    where = upload(client, xlsx([HEADER, ASAN, NURLAN, no_address, NURAI])).location
    page = client.get(f"{where}?row=3")
    assert "Rows 3, 5 →" in text_of(page)
    assert "Асан Мисалов:" not in text_of(page)
    assert {"row=2", "row=4"} <= set(re.findall(r"row=\d", page.text))
    assert "This family has no address: tell it in person." in text_of(client.get(f"{where}?row=4"))
    for odd in ("99", "-1", "9" * 30, "<>"):
        assert "No message comes of this row" in text_of(client.get(where, query_string={"row": odd}))
    by_name = text_of(client.get(f"{where}?row=Nurlan"))
    assert "Rows 3, 5 →" in by_name
    assert "Асан Мисалов:" not in by_name
    assert "This family has no address: tell it in person." in text_of(client.get(f"{where}?row=cholpon"))
    assert "Nobody on this list is called “Фёкла”" in text_of(
        client.get(where, query_string={"row": "Фёкла"})
    )
    assert "1 family has no address" in text_of(page)


def test_the_same_file_is_noticed_today_and_asks(cast: Cast, sign_in, upload, clock, now: datetime) -> None:
    client, content = sign_in(cast.teacher), xlsx([HEADER, ASAN])
    where = upload(client, content).location
    client.post(f"{where}/send", data=pressed(client.get(where)))
    client = sign_in(cast.director)
    where = upload(client, content, "another name.xlsx").location
    page = client.get(where)
    assert "This very file was already sent: today, " in text_of(page)
    client.post(f"{where}/send", data=pressed(page))
    assert count(Announcement) == 1
    page = client.get(where)
    assert "Tick the box if it is meant to go once more." in text_of(page)
    clock.move_to(now + timedelta(hours=20))
    assert "This very file" not in text_of(client.get(where))
    clock.move_to(now)
    client.post(f"{where}/send", data=pressed(page, again="1"))
    assert count(Announcement) == 2


def test_what_changed_since_one_looked_is_shown_again(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN])).location
    data = pressed(client.get(where))
    db.session.execute(db.update(Pupil).where(Pupil.name == "Асан Мисалов").values(class_id=cast.class_5b.id))
    db.session.commit()
    assert client.post(f"{where}/send", data=data).location == where
    assert "Row 2 Окуучу No “Асан Мисалов” was found" in text_of(client.get(where))
    assert count(Delivery) == 0


def test_over_the_limit_only_what_is_urgent_goes(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.teacher)
    cast.school.sms_price, cast.school.monthly_limit = Decimal(5), Decimal(1)
    db.session.commit()
    where = upload(client, xlsx([HEADER, ASAN])).location
    page = client.get(where)
    assert "of the school's 1 som for this month" in text_of(page)
    assert 'name="seen"' not in page.text
    client.post(f"{where}/urgent", data={"urgent": "1"})
    page = client.get(where)
    client.post(f"{where}/send", data=pressed(page))
    delivery = db.session.scalars(select(Delivery)).one()
    assert db.session.scalars(select(Announcement)).one().urgent
    assert delivery.not_before.timestamp() == pytest.approx(delivery.created_at.timestamp())


def test_what_is_not_urgent_can_be_taken_back_for_half_a_minute(
    cast: Cast, sign_in, upload, now: datetime
) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN])).location
    progress = client.post(f"{where}/send", data=pressed(client.get(where))).location
    assert db.session.scalars(select(Delivery)).one().not_before == now + timedelta(seconds=30)
    page = client.get(progress).text
    assert f"{progress}/back" in page
    # Its text is a headline: nobody sends that to families by mistake.
    assert f"{progress}/correct" not in page
    assert client.post(f"{progress}/correct").status_code == 404
    assert client.post(f"{progress}/use").status_code == 404
    assert client.get(f"/templates/new?announcement={progress.rsplit('/', 1)[-1]}").status_code == 404


def test_a_sheet_is_its_owners_alone_and_for_a_day(cast: Cast, sign_in, upload, clock, now: datetime) -> None:
    where = upload(sign_in(cast.teacher), xlsx([HEADER, ASAN])).location
    for person in (cast.director, cast.other_director):
        client = sign_in(person)
        assert client.get(where).status_code == 404
        assert client.post(f"{where}/send", data={}).status_code == 404
    clock.move_to(now + timedelta(hours=25))
    answer = sign_in(cast.teacher).get(where)
    assert answer.status_code == 404
    assert "it waited longer than a day" in text_of(answer)
    upload(sign_in(cast.director), xlsx([HEADER, ASAN]))
    assert db.session.scalars(select(MessageSheet.staff_id)).all() == [cast.director.id]


def test_a_sheet_can_be_forgotten(cast: Cast, sign_in, upload, template: MessageTemplate) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN])).location
    assert client.post(f"{where}/discard").location == f"/templates/{template.id}"
    assert count(MessageSheet) == 0
    assert client.get(where).status_code == 404


def test_a_sheet_says_what_its_template_said_when_it_came(
    cast: Cast, sign_in, upload, template: MessageTemplate, now: datetime
) -> None:
    client = sign_in(cast.teacher)
    where = upload(client, xlsx([HEADER, ASAN])).location
    assert change_template(template, "Жаңы", {"ky": "Башка ((сумма))", "ru": ""}, 1, now, cast.teacher)
    db.session.commit()
    assert "500 сом 30.11 чейин" in text_of(client.get(where))


def test_rows_of_one_phone_that_are_too_long_together_are_named(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.director)
    rows = [[*row[:2], "я" * 300, *row[3:]] for row in (NURLAN, NURAI)]
    where = upload(client, xlsx([HEADER, *rows])).location
    assert "Rows 2, 3 go to one phone, and together they would have" in text_of(client.get(where))


def test_what_a_cell_holds_is_text_and_nothing_else(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.teacher)
    evil = "<script>alert(1)</script> ((күнү)) +cmd|' /C calc'!A0"
    where = upload(client, xlsx([[*HEADER, evil], ["5-А", "Асан Мисалов", evil, "30.11", "", ""]])).location
    page = client.get(where)
    assert "<script>alert" not in page.text
    assert "((күнү)) +cmd" in text_of(page)


def test_a_spreadsheet_that_takes_a_forgotten_ones_number_is_sent_all_the_same(
    cast: Cast, sign_in, upload, clock, now: datetime
) -> None:
    client = sign_in(cast.teacher)
    for days in (0, 3):
        clock.move_to(now + timedelta(days=days))
        where = upload(client, xlsx([HEADER, ASAN])).location
        sent = client.post(f"{where}/send", data=pressed(client.get(where)))
        assert sent.location.startswith("/announcements/")
        clock.move_to(now + timedelta(days=days, hours=50))
        forget()
    assert count(Announcement) == 2


def test_a_text_that_names_no_child_is_told_behind_each_childs_name(
    cast: Cast, sign_in, upload, template: MessageTemplate, now: datetime
) -> None:
    assert change_template(
        template, "Т", {"ky": "((сумма)) сом алып келиңиз.", "ru": ""}, 1, now, cast.teacher
    )
    db.session.commit()
    client = sign_in(cast.director)
    rows = [["5-А", "Нурлан Экөөбаев", "400"], ["5-Б", "Нурай Экөөбаева", "450"]]
    where = upload(client, xlsx([["Класс", "Окуучу", "Сумма"], *rows])).location
    client.post(f"{where}/send", data=pressed(client.get(where)))
    assert db.session.scalars(select(Delivery.body)).one() == (
        "№95. Нурлан 5-А: 400 сом алып келиңиз.\nНурай 5-Б: 450 сом алып келиңиз."
    )
