"""Files are read as people save them, and hostile ones do no harm."""

from __future__ import annotations

import io
import time
import zipfile
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.families.books import ods, ole, xls, xlsx, xlsx_by
from tests.families.conftest import csv_of
from webapp.families import columns
from webapp.families.importing import read_sheet
from webapp.families.sheets import MAX_BYTES, BadSheet

ROWS = [
    ["Класс", "Окуучу", "Телефон"],
    ["5-А", "Өмүр Үлгүев", 996555000201.0],
    ["5-А", "Ырыс Үлгүева", "0555 000 202"],
]
READ = [
    (1, ("Класс", "Окуучу", "Телефон")),
    (2, ("5-А", "Өмүр Үлгүев", "996555000201")),
    (3, ("5-А", "Ырыс Үлгүева", "0555 000 202")),
]
TEXT = csv_of(
    ["5-А", "Өмүр Үлгүев", "996555000201"],
    ["5-А", "Ырыс Үлгүева", "0555 000 202"],
    header=["Класс", "Окуучу", "Телефон"],
)


def read(content: bytes) -> list[tuple[int, tuple[str, ...]]]:
    return [(row.number, row.cells) for row in read_sheet(content).rows]


def reason(content: bytes) -> str:
    with pytest.raises(BadSheet) as caught:
        read_sheet(content)
    return caught.value.reason


@pytest.mark.parametrize("write", [xlsx, xls, ods])
def test_spreadsheets_of_every_kind_read_the_same(write) -> None:
    assert read(write(ROWS)) == READ


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("ending", ["\r\n", "\n", "\r"])
def test_text_of_every_kind_reads_the_same(encoding: str, delimiter: str, ending: str) -> None:
    text = TEXT.replace(";", delimiter).replace("\r\n", ending)
    assert read(text.encode(encoding)) == READ
    assert not read_sheet(text.encode(encoding)).old_encoding


def test_a_list_from_an_old_excel_is_read_and_known_for_one() -> None:
    text = TEXT.replace("Ө", "?").replace("ү", "?").replace("Ү", "?")
    sheet = read_sheet(text.encode("cp1251"))
    assert sheet.old_encoding
    assert sheet.rows[1].cells[1] == "?м?р ?лг?ев"


def test_rows_keep_the_numbers_the_person_sees() -> None:
    text = (
        '№95 мектеп\r\n\r\nКласс;Окуучу;Дарек\r\n\r\n5-А;Үлгү Бала;"Мисал көчөсү\r\n12"\r\n5-А;Мисал Кыз;\r\n'
    )
    assert [row.number for row in read_sheet(text.encode()).rows] == [1, 3, 5, 6]
    assert [n for n, _ in read(xlsx([["№95"], [], ["Класс", "Окуучу"], [], ["5-А", "Үлгү Бала"]]))] == [
        1,
        3,
        5,
    ]
    assert [n for n, _ in read(xlsx([[], [], ["Класс", "Окуучу"], ["5-А", "Үлгү Бала"]]))] == [3, 4]


def test_excels_own_first_line_about_the_separator_is_obeyed_and_not_counted() -> None:
    assert read(f"sep=;\r\n{TEXT}".encode("utf-8-sig")) == READ


def test_commas_inside_quoted_cells_do_not_confuse_the_separator() -> None:
    text = 'Класс,Окуучу,Телефон\n5-А,"Үлгүев, Өмүр","0555 000 201, 0555 000 202"\n5-А,"Үлгүева; Ырыс",""\n'
    assert read(text.encode())[1] == (2, ("5-А", "Үлгүев, Өмүр", "0555 000 201, 0555 000 202"))


def test_a_class_written_once_beside_all_its_pupils_counts_for_each() -> None:
    def draw(book) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(1, 1, ["Класс", "Окуучу"])
        sheet.merge_range(2, 1, 4, 1, "5-А")
        sheet.write_column(2, 2, ["Үлгү Бала", "Мисал Кыз", "Дагы Бала"])

    assert [cells for _, cells in read(xlsx_by(draw))][1:] == [
        ("5-А", "Үлгү Бала"),
        ("5-А", "Мисал Кыз"),
        ("5-А", "Дагы Бала"),
    ]


def test_the_sheet_with_the_list_is_found_among_others_and_the_rest_is_named() -> None:
    def draw(book) -> None:
        book.add_worksheet("Тамактануу").write_column(0, 0, ["Күнү", "Дүйшөмбү"])
        book.add_worksheet("Жашырын").hide()
        for name in ("5-А", "5-Б"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Класс", "Окуучу"])
            sheet.write_row(1, 0, [name, "Үлгү Бала"])

    sheet = read_sheet(xlsx_by(draw))
    assert sheet.rows[1].cells == ("5-А", "Үлгү Бала")
    assert sheet.other_sheets == ("Тамактануу", "5-Б")


def far_cell(book) -> None:
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Класс", "Окуучу"])
    sheet.write(1_048_575, 16_383, "x")


def zip_of(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return buffer.getvalue()


def inside_out(content: bytes, member: str, change) -> bytes:
    """The same xlsx with one of its parts changed."""
    source, buffer = zipfile.ZipFile(io.BytesIO(content)), io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, change(source.read(name)) if name == member else source.read(name))
    return buffer.getvalue()


LAUGHS = b'<!DOCTYPE x [<!ENTITY a "%s">%s]>' % (
    b"ha" * 100,
    b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9)),
)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf\r\n", "empty"),
        (b" \r\n;;;\r\n", "empty"),
        (b"\0" * 5000, "empty"),
        (b"x" * (MAX_BYTES + 1), "too_big"),
        (b"\xff\xd8\xff\xe0" + b"JFIF" * 500, "not_a_sheet"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 500, "not_a_sheet"),
        (b"%PDF-1.4\n", "not_a_sheet"),
        (bytes(range(256)) * 20, "not_a_sheet"),
        (zip_of(word__document_xml=b"<w/>"), "not_a_sheet"),
        (b"PK\x03\x04" + b"\0" * 100, "broken"),
        (xlsx(ROWS)[:-300], "broken"),
        (xls(ROWS)[:1500], "broken"),
        (b"\x09\x02\x06\x00" + b"\0" * 100, "old_format"),
        (b"<html><table><tr><td>5-A</td></tr></table></html>", "web_page"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "old_format"),
        (ole({"EncryptionInfo": b"\4\0\4\0", "EncryptedPackage": b"\1" * 5000}), "encrypted"),
        ('Класс;Окуучу\r\n5-А;"Үлгү Бала\r\n'.encode() + "5-А;Мисал Кыз\r\n".encode() * 40, "open_quote"),
        (("Класс;Окуучу\n" + "5-А;Үлгү Бала\n" * 5001).encode(), "too_many_rows"),
        (xlsx([["Класс", "Окуучу"]] + [["5-А", "Үлгү Бала"]] * 5001), "too_many_rows"),
        (xlsx_by(far_cell), "too_big"),
        (zip_of(xl__workbook_xml=b"0" * 400_000_000), "too_big"),
    ],
)
def test_a_file_that_is_no_class_list_is_refused_with_the_reason(content: bytes, expected: str) -> None:
    began = time.monotonic()
    assert reason(content) == expected
    assert time.monotonic() - began < 20


def test_five_thousand_rows_are_read() -> None:
    assert len(read(xlsx([["Класс", "Окуучу"]] + [["5-А", "Үлгү Бала"]] * 5000))) == 5001


def outcome(content: bytes) -> tuple[str, list[str]]:
    """Why the file was refused, or else all its cells."""
    try:
        return "", [cell for _, cells in read(content) for cell in cells]
    except BadSheet as bad:
        return bad.reason, []


def with_entity(definition: bytes, use: bytes) -> bytes:
    """A spreadsheet whose XML defines an entity and uses it for a pupil's name."""
    return inside_out(
        xlsx(ROWS),
        "xl/sharedStrings.xml",
        lambda xml: xml.replace(b"?>\n", b"?>" + definition, 1).replace("Өмүр Үлгүев".encode(), use),
    )


def test_entities_in_a_spreadsheets_xml_are_not_unfolded() -> None:
    began = time.monotonic()
    reason, cells = outcome(with_entity(LAUGHS, b"&j;"))
    assert reason in {"", "broken", "too_big"}
    assert all(len(cell) < 100 for cell in cells)
    assert time.monotonic() - began < 10


def test_entities_cannot_reach_files_of_the_server(tmp_path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not for spreadsheets")
    file = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file://%s">]>' % bytes(secret)
    reason, cells = outcome(with_entity(file, b"&f;"))
    assert reason in {"", "broken"}
    assert not any("not for spreadsheets" in cell for cell in cells)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=300))
@example(b"\xff\xfe\x00")
@example(b"\xfe\xff\xd8\x00")
def test_any_bytes_are_a_list_or_refused(content: bytes) -> None:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf")):
        return
    try:
        sheet = read_sheet(content)
    except BadSheet:
        return
    assert sheet.rows
    columns.guess(sheet)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
            min_size=2,
            max_size=5,
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([";", ",", "\t"]),
)
def test_any_cells_survive_or_are_refused(rows: list[list[str]], delimiter: str) -> None:
    text = csv_of(*rows, header=["Класс", "Окуучу"], delimiter=delimiter)
    reason, cells = outcome(text.encode("utf-8-sig"))
    assert reason in {"", "open_quote", "not_a_sheet", "broken"}
    assert reason or "Класс" in cells[0]


def test_what_is_hidden_in_a_spreadsheet_is_known() -> None:
    def draw(book: Any) -> None:
        book.add_worksheet("Бош")
        sheet = book.add_worksheet("А & Б")
        for number in range(1, 6):
            sheet.write_row(number, 1, ["а", "б", "в"])
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_row(4, None, None, {"hidden": True})
        sheet.set_column(2, 2, None, None, {"hidden": True})

    sheet = read_sheet(xlsx_by(draw))
    assert sheet.name == "А & Б"
    assert sheet.hidden_rows == {3, 5}
    assert sheet.hidden_columns == {1}  # counted from the first column with anything in it
    assert [row.number for row in sheet.rows] == [2, 3, 4, 5, 6]


def test_what_is_hidden_in_an_ods_is_known() -> None:
    plain = ods([["а", "б"], ["1", "2"], ["3", "4"]])
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    rows = parts["content.xml"].split(b"<table:table-row>")
    rows[2] = b"<table:table-row>" + rows[2]
    filtered = (
        b"<table:table-row>".join(rows[:2])
        + rows[2].replace(b"<table:table-row>", b'<table:table-row table:visibility="filter">')
        + b"<table:table-row>"
        + rows[3]
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, part in (parts | {"content.xml": filtered}).items():
            archive.writestr(name, part)
    assert read_sheet(buffer.getvalue()).hidden_rows == {2}
