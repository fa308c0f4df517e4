"""Spreadsheets as people have them: of every program, with hidden and merged cells, damaged, far too big."""

from __future__ import annotations

import io
import time
import zipfile
from datetime import date
from typing import Any

import pytest
from python_calamine import load_workbook

from notifier.database import db
from tests.cast import Cast
from tests.families.books import ods, xls, xlsx, xlsx_by
from tests.message_templates.conftest import text_of
from tests.message_templates.test_sheets import ASAN, HEADER, NURLAN, VERA, count
from webapp.families.models import Pupil
from webapp.message_templates.models import MessageSheet, MessageTemplate
from webapp.message_templates.sheets import views as sheet_views


def faults(answer: Any) -> str:
    assert answer.status_code == 422
    return text_of(answer)


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (["Класс", "Окуучу", "Сумма", "Чалуу"], "No column is called “күнү”."),
        (["Сумма", "Күнү", "Чалуу"], "No column says whom a row is about."),
        ([*HEADER, "СУММА "], "Two columns are called “Сумма”."),
        (["а", "б", "в"], "The list has no row with the names of its columns."),
    ],
)
def test_a_header_that_does_not_fit_the_template_is_refused(
    cast: Cast, sign_in, upload, header: list[str], sentence: str
) -> None:
    answer = upload(sign_in(cast.teacher), xlsx([header, ["х"] * len(header)]))
    assert sentence in faults(answer)
    assert count(MessageSheet) == 0


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty. Choose the file that holds your list."),
        (b"\xff\xd8\xff\xe0JFIF", "The file is not a spreadsheet."),
        (b"<html><table></table></html>", "The file is a web page under the name of a spreadsheet."),
        (xlsx([HEADER, ASAN])[:-100], "The file is damaged."),
        (xlsx([HEADER]), "There are no rows under the names of the columns that could be sent."),
        ("\n".join(["Окуучу;Сумма;Күнү;Чалуу", *["А;1;1;"] * 5001]).encode(), "more than 5,000 rows"),
    ],
)
def test_a_file_that_cannot_be_read_gets_one_clear_sentence(
    cast: Cast, sign_in, upload, content: bytes, sentence: str
) -> None:
    assert sentence in faults(upload(sign_in(cast.teacher), content))


def test_no_file_at_all_is_said(cast: Cast, sign_in, template: MessageTemplate) -> None:
    answer = sign_in(cast.teacher).post(f"/templates/{template.id}/sheet", data={})
    assert "Choose the file first." in faults(answer)


def test_a_file_that_unpacks_to_gigabytes_is_refused(cast: Cast, sign_in, upload) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * 400_000_000)
    assert "The file is too big to read." in faults(upload(sign_in(cast.teacher), buffer.getvalue()))


@pytest.mark.parametrize("kind", ["ods", "csv", "tsv"])
def test_other_programs_write_other_files(cast: Cast, sign_in, upload, kind: str) -> None:
    rows = [HEADER, ASAN, NURLAN]
    separator = ";" if kind == "csv" else "\t"
    content = ods(rows) if kind == "ods" else "\n".join(map(separator.join, rows)).encode()
    client = sign_in(cast.teacher)
    where = upload(client, content, f"list.{kind}").location
    assert "Families that get it 2" in text_of(client.get(where))


def test_an_old_encoding_that_lost_letters_still_finds_the_child_and_is_said(
    cast: Cast, sign_in, upload
) -> None:
    rows = ["Класс;Окуучу;Сумма;К?н?;Чалуу", "5-А;Нурлан Эк??баев;400;1.12;"]
    client = sign_in(cast.teacher)
    where = upload(client, "\n".join(rows).encode("cp1251"), "list.csv").location
    said = text_of(client.get(where))
    assert "№95, 5-А: Нурлан Экөөбаев: 400 сом 1.12 чейин." in said
    assert "The file was saved in an old encoding (Windows-1251)" in said


def test_what_is_hidden_or_not_asked_for_is_not_sent_and_said(cast: Cast, sign_in, upload) -> None:
    def draw(book: Any) -> None:
        sheet = book.add_worksheet("Төлөм")
        rows = [
            ["№95 мектеп"],
            [],
            [*HEADER, "Эскертүү", "Купуя"],
            [*ASAN, "а", "б"],
            [*VERA, "", ""],
            NURLAN,
        ]
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        sheet.set_row(4, None, None, {"hidden": True})
        sheet.set_column(6, 6, None, None, {"hidden": True})
        book.add_worksheet("Башка").write_column(0, 0, ["а", "б", "в"])

    client = sign_in(cast.teacher)
    where = upload(client, xlsx_by(draw)).location
    said = text_of(client.get(where))
    assert "1 hidden row is not sent." in said
    assert "Hidden columns are not used: Купуя." in said
    assert "Columns without a field, not used: Эскертүү" in said
    assert "Only the sheet “Төлөм” is sent. Not read: Башка." in said
    assert "Families that get it 2" in said
    assert "Вера" not in said


def test_a_hidden_column_that_is_needed_is_named(cast: Cast, sign_in, upload) -> None:
    def draw(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ASAN)
        sheet.set_column(2, 2, None, None, {"hidden": True})

    said = faults(upload(sign_in(cast.teacher), xlsx_by(draw)))
    assert "No column is called “сумма”." in said
    assert "Hidden columns are not used: Сумма. Show them if they are meant." in said


def test_merged_cells_stand_for_all_they_cover(cast: Cast, sign_in, upload) -> None:
    def draw(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 1, 0, 2, "Аты-жөнү")
        for column, name in ((0, "Класс"), (3, "Сумма"), (4, "Күнү"), (5, "Чалуу")):
            sheet.write(0, column, name)
        sheet.merge_range(1, 0, 2, 0, "5-А")
        sheet.merge_range(1, 4, 2, 4, "30.11")
        sheet.write_row(1, 1, ["Мисалов", "Асан", 500])
        sheet.write_row(2, 1, ["Экөөбаев", "Нурлан", 400])

    client = sign_in(cast.teacher)
    said = text_of(client.get(upload(client, xlsx_by(draw)).location))
    assert "Асан Мисалов: 500 сом 30.11 чейин." in said
    assert "Нурлан Экөөбаев: 400 сом 30.11 чейин." in said


def test_the_example_is_a_sheet_that_can_be_sent_once_it_is_filled(
    cast: Cast, sign_in, upload, template: MessageTemplate
) -> None:
    client = sign_in(cast.teacher)
    answer = client.get(f"/templates/{template.id}/example.xlsx")
    rows = load_workbook(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert rows[0] == ["Класс", "Окуучу", "сумма", "күнү", "чалуу"]
    assert [row[1] for row in rows[1:]] == [
        "Асан Мисалов",
        "Вера Примерова",
        "Нурлан Экөөбаев",
        "Чолпон Дарексизова",
    ]
    # Another's class gives no names.
    other = client.get(f"/templates/{template.id}/example.xlsx?class={cast.class_5b.id}")
    assert len(load_workbook(io.BytesIO(other.data)).get_sheet_by_index(0).to_python()) == 1
    filled = [rows[0], *([*row[:2], "5", "1.12", ""] for row in rows[1:])]
    where = upload(client, xlsx(filled)).location
    assert "Families that get it 3" in text_of(client.get(where))


def test_five_thousand_rows_are_read_in_seconds(cast: Cast, sign_in, upload) -> None:
    rows = [["5-А", f"Бала Белгисиз{n}", "500", "30.11", ""] for n in range(4990)]
    client = sign_in(cast.director)
    content = xlsx([HEADER, ASAN, *rows])
    began = time.perf_counter()
    where = upload(client, content).location
    page = client.get(f"{where}?page=3")
    assert time.perf_counter() - began < 20
    assert "4990 rows have errors" in text_of(page)
    assert page.text.split("<main")[1].count("<tr") <= 101


def test_nobody_waits_for_the_database_while_a_file_is_read(
    cast: Cast, sign_in, app, upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, read, written = sign_in(cast.teacher), sheet_views.read_file, []

    def beside(*args: Any) -> Any:
        with app.app_context():
            db.session.execute(db.update(Pupil).values(name=Pupil.name))
            db.session.commit()
            written.append(1)
        return read(*args)

    monkeypatch.setattr(sheet_views, "read_file", beside)
    db.session.rollback()
    assert upload(client, xlsx([HEADER, ASAN])).status_code == 303
    assert written == [1]


def test_days_and_hours_of_cells_stand_in_messages_as_people_write_them(cast: Cast, sign_in, upload) -> None:
    def draw(book: Any) -> None:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        moment = book.add_format({"num_format": "dd.mm.yyyy hh:mm"})
        sheet.write_row(0, 0, HEADER)
        sheet.write_row(1, 0, ["5-А", "Асан Мисалов"])
        sheet.write_number(1, 2, 0.1 + 0.2)
        sheet.write_datetime(1, 3, date(2026, 11, 30), day)
        sheet.write_row(2, 0, ["5-А", "Нурлан Экөөбаев", 400 / 3])
        sheet.write_number(2, 3, 46357 + 14.5 / 24, moment)  # 1 December 2026, 14:30

    client = sign_in(cast.teacher)
    said = text_of(client.get(upload(client, xlsx_by(draw)).location))
    assert "Асан Мисалов: 0.3 сом 30.11.2026 чейин." in said
    assert "Нурлан Экөөбаев: 133.33 сом 01.12.2026 14:30 чейин." in said


def test_a_field_that_nobody_fills_is_said_once(cast: Cast, sign_in, upload) -> None:
    rows = [[*row[:3], "", ""] for row in (ASAN, VERA, NURLAN)]
    client = sign_in(cast.teacher)
    page = client.get(upload(client, xlsx([HEADER, *rows])).location)
    said = text_of(page)
    assert "3 rows have errors" in said
    assert "All rows Күнү Nobody has filled this column in." in said
    assert said.count("Күнү") == 1


def test_an_old_excel_file_is_read_and_said_to_hide_nothing(cast: Cast, sign_in, upload) -> None:
    client = sign_in(cast.teacher)
    said = text_of(client.get(upload(client, xls([HEADER, ASAN, NURLAN]), "list.xls").location))
    assert "Families that get it 2" in said
    assert "hidden rows are sent, too" in said
