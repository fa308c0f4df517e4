"""Every road by which teachers bring a timetable leads to the same lessons."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.families.books import ods, xls, xlsx
from tests.lessons.tables import CONTEXT, HEADER, TV, as_csv, book, facts, read, sample_rows
from webapp.families.sheets import BadSheet
from webapp.lessons.roads import read_file, read_pasted


@pytest.fixture(scope="module")
def expected() -> set[tuple[object, ...]]:
    """The sample week as its csv has it."""
    reading = read(read_file((TV / "sample_timetable.csv").read_bytes(), CONTEXT))
    assert (reading.rows, len(reading.drafts), reading.errors, reading.warnings) == (171, 171, [], [])
    return facts(reading.drafts)


@pytest.mark.parametrize("name", ["sample_timetable.xlsx", "sample_timetable.xmltv.xml"])
def test_the_workbook_and_the_programme_guide_give_the_same_lessons(
    name: str, expected: set[tuple[object, ...]]
) -> None:
    reading = read(read_file((TV / name).read_bytes(), CONTEXT))
    assert (reading.rows, reading.errors, reading.warnings) == (171, [], [])
    assert facts(reading.drafts) == expected


def sheets_of_the_sample() -> dict[str, tuple[list[list[Any]], Any]]:
    workbook = CalamineWorkbook.from_path(str(TV / "sample_timetable.xlsx"))
    found = {}
    for name in workbook.sheet_names:
        sheet = workbook.get_sheet_by_name(name)
        found[name] = (sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges)
    return found


def resaved(names: list[str]) -> bytes:
    """The sample's workbook with only some of its sheets."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        time = workbook.add_format({"num_format": "hh:mm"})
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        for name in names:
            rows, merged = sheets_of_the_sample()[name]
            sheet = workbook.add_worksheet(name)
            for r, row in enumerate(rows):
                for c, value in enumerate(row):
                    if hasattr(value, "hour"):
                        sheet.write_datetime(r, c, value, time)
                    elif hasattr(value, "year"):
                        sheet.write_datetime(r, c, value, day)
                    else:
                        sheet.write(r, c, value)
            for (top, left), (bottom, right) in merged:
                sheet.merge_range(top, left, bottom, right, rows[top][left])
    return content.getvalue()


def test_each_sheet_of_the_workbook_is_read_by_itself(expected: set[tuple[object, ...]]) -> None:
    listed = read(read_file(resaved(["Тизме"]), CONTEXT))
    assert facts(listed.drafts) == expected
    grids: set[tuple[object, ...]] = set()
    for name in ("Баластан (тор)", "ЭЛТР (тор)"):
        reading = read(read_file(resaved([name]), CONTEXT))
        assert (reading.errors, reading.warnings) == ([], [])
        grids |= facts(reading.drafts)
    assert grids == {lesson for lesson in expected if lesson[4] == "ky"}
    # The Russian sheet names no year; its neighbour does.
    russian = read(read_file(resaved(["Баластан (тор)", "Расписание (рус)"]), CONTEXT))
    assert {lesson for lesson in facts(russian.drafts) if lesson[4] == "ru"} == expected - grids


@pytest.mark.parametrize("write", [ods, xls, xlsx])
def test_every_kind_of_spreadsheet_gives_the_same_lessons(
    write: Callable[[Any], bytes], expected: set[tuple[object, ...]]
) -> None:
    rows = [list(HEADER), *([row[name] for name in HEADER] for row in sample_rows())]
    assert facts(read(read_file(write(rows), CONTEXT)).drafts) == expected


def rows_as(style: str) -> str:
    rows = [list(HEADER), *([row[name] for name in HEADER] for row in sample_rows())]
    if style == "markdown":
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        return "\n".join([lines[0], "|" + "---|" * len(HEADER), *lines[1:]])
    gap = {"tab": "\t", "semicolon": ";", "spaces": "    "}[style]
    return "\n".join(gap.join(row) for row in rows)


@pytest.mark.parametrize("style", ["tab", "semicolon", "spaces", "markdown"])
def test_a_pasted_table_gives_the_same_lessons(style: str, expected: set[tuple[object, ...]]) -> None:
    reading = read(read_pasted(rows_as(style), CONTEXT))
    assert (reading.errors, reading.warnings) == ([], [])
    assert facts(reading.drafts) == expected


def test_a_table_pasted_without_its_header_gives_the_same_lessons(expected: set[tuple[object, ...]]) -> None:
    table = rows_as("tab").split("\n", 1)[1]
    reading = read(read_pasted(table, CONTEXT))
    assert reading.errors == []
    assert facts(reading.drafts) == expected


def test_a_message_with_a_line_for_each_lesson_gives_the_same_lessons(
    expected: set[tuple[object, ...]],
) -> None:
    lines: list[str] = ["📺 ТЕЛЕСАБАКТАРДЫН ЖАДЫБАЛЫ, 2020-ж.", "Урматтуу ата-энелер!"]
    day = channel = ""
    for row in sample_rows():
        if row["language"] == "ru":
            continue
        if row["date"] != day:
            number = row["date"].split("-")[2]
            lines += ["", f"*{row['weekday']}, {int(number)}-сентябрь*"]
            day, channel = row["date"], ""
        if row["channel"] != channel:
            channel = row["channel"]
            lines.append(f"«{channel}» телеканалы:")
        topic = f". {row['topic']}"
        lines.append(
            f"▪️ {row['start'].lstrip('0')}–{row['end']} {row['grade']}-класс. {row['subject']}{topic}"
        )
    reading = read(read_pasted("\n".join(lines), CONTEXT))
    assert reading.errors == []
    assert facts(reading.drafts) == {lesson for lesson in expected if lesson[4] == "ky"}


@pytest.mark.parametrize(
    "text",
    [
        "Эртеңки сабактар (8-сентябрь, шейшемби)\n📺Баластан\n1-кл 09:00-09:20 Окуу\n📚2-кл 09.25–09.45 Окуу",
        "*08.09.2020*\n9.00-9.20 - 1-класс - Окуу (Баластан)\n9.25-9.45 2 класс, Окуу, Баластан",
        "Баластан\n1-класс\n8-сентябрь 09:00-09:20 Окуу\n2-класс\n8-сентябрь 09:25-09:45 Окуу",
        "8-сентябрь\n9.00–9.20 | 1 | Окуу | Баластан\n9.25–9.45 | 2 | Окуу | Баластан",
        "Баластан, 8-сентябрь\nУбактысы\t1-класс\t2-класс\n9.00-9.20\tОкуу\t\n9.25-9.45\t\tОкуу",
        "8-сентябрь\nУбактысы\tБаластан\tЭЛТР\n9.00-9.20\t1-класс Окуу\t\n9.25-9.45\t2-класс Окуу\t",
        "Баластан\nСаат,Шейшемби 08.09\n09:00-09:20,1-класс Окуу\n09:25-09:45,2-класс Окуу",
        "Шейшемби 8-сентябрь\nУбакыт   Класс   Сабак   Канал\n"
        "9.00-9.20   1   Окуу   Баластан\n9.25-9.45   2   Окуу   Баластан",
    ],
)
def test_what_teachers_paste_is_understood(text: str) -> None:
    reading = read(read_pasted(f"2020\n{text}", CONTEXT))
    assert reading.errors == []
    found = [
        (f"{d.starts_at:%Y-%m-%d %H:%M}", d.first_grade, d.channel.name, d.subject) for d in reading.drafts
    ]
    assert found == [
        ("2020-09-08 09:00", 1, "Баластан", "Окуу"),
        ("2020-09-08 09:25", 2, "Баластан", "Окуу"),
    ]


def test_a_message_loses_no_line_silently() -> None:
    message = (
        "Дүйшөмбү, 07.09.2020\nБаластан\n9:00-9:20 1-класс Математика\n"
        "Танапис ушул жерде\n9:25-9:45 2-класс Окуу"
    )
    reading = read(read_pasted(message, CONTEXT))
    assert [draft.first_grade for draft in reading.drafts] == [1, 2]
    assert {(error.row, error.code) for error in reading.errors} == {(4, "bad_time"), (4, "bad_grade")}


def test_headers_are_known_in_three_languages_in_any_order() -> None:
    same = None
    for header in (
        ("Предмет", "Класс", "Телеканал", "Окутуу тили", "Күнү", "Башталышы", "Аягы"),
        ("Предмет", "КЛАСС", "Телеканал", "Язык обучения", "Дата", "Начало", "Окончание"),
        ("Subject", "Grade", "Channel", "Language", "Date", "Start", "End"),
    ):
        rows = [header, ("Химия", "8", "ЭлТР", "ky", "07.09.2020", "9.00", "9.30")]
        found = facts(read(read_file(as_csv(rows), CONTEXT)).drafts)
        assert len(found) == 1
        assert same in (None, found)
        same = found


def test_a_lesson_merged_over_days_and_over_times_is_read_where_it_stands() -> None:
    grid: list[list[object]] = [
        ["«ЭЛТР» каналы, 2020-ж."],
        ["Убактысы", "Дүйшөмбү 07.09", "Шейшемби 08.09", "Шаршемби 09.09"],
        ["9.00-9.20", "", "", "6-класс\nОкуу"],
        ["9.25-9.45", "7-класс\nТарых", "", ""],
    ]
    merged = {"Тор": [(2, 1, 2, 2, "5-класс\nМатематика"), (2, 3, 3, 3, "6-класс\nОкуу")]}
    drafts = read(read_file(book({"Тор": grid}, merged), CONTEXT)).drafts
    zone = CONTEXT.zone
    found = {(d.subject, f"{d.starts_at.astimezone(zone):%d %H:%M}", d.minutes) for d in drafts}
    assert found == {
        ("Математика", "07 09:00", 20),
        ("Математика", "08 09:00", 20),
        ("Окуу", "09 09:00", 45),
        ("Тарых", "07 09:25", 20),
    }


def test_a_grid_with_times_on_top_and_days_at_the_side_is_read_too() -> None:
    grid = [
        ["Баластан, 2020"],
        ["Күн", "9.00-9.20", "9.25-9.45", "10.00-10.20"],
        ["Дүйшөмбү 07.09", "1-класс Окуу", "2-класс Окуу", ""],
        ["Шейшемби 08.09", "", "1-класс Математика", "2-класс Сүрөт"],
    ]
    drafts = read(read_file(as_csv(grid), CONTEXT)).drafts
    assert [(d.subject, f"{d.starts_at:%m-%d %H:%M}", d.row) for d in drafts] == [
        ("Окуу", "09-07 09:00", 3),
        ("Окуу", "09-07 09:25", 3),
        ("Математика", "09-08 09:25", 4),
        ("Сүрөт", "09-08 10:00", 4),
    ]


def test_a_list_with_the_day_as_a_heading_of_its_own_is_read() -> None:
    rows = [
        ("Убактысы", "Телеканал", "Класс", "Предмет"),
        ("Дүйшөмбү, 7-сентябрь 2020", "", "", ""),
        ("9.00-9.20", "Баластан", "1-класс", "Окуу"),
        ("9.25-9.45", "", "2-класс", "Окуу"),
    ]
    reading = read(read_file(as_csv(rows), CONTEXT))
    assert [(d.row, f"{d.starts_at:%Y-%m-%d %H:%M}", d.channel.name) for d in reading.drafts] == [
        (3, "2020-09-07 09:00", "Баластан"),
        (4, "2020-09-07 09:25", "Баластан"),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        ("Класс;Окуучу\n5-А;Үлгүлүев Асан\n".encode(), "no_header"),
        (b'<?xml version="1.0"?><tv><programme', "broken"),
        (b'<?xml version="1.0"?><tv></tv>', "no_header"),
        (b"PK\x03\x04 broken", "broken"),
        (b"%PDF-1.7", "not_a_sheet"),
        (
            as_csv(
                [HEADER, *[("2020-09-07", "", "09:00", "09:20", "", "ЭЛТР", "5", "ky", "Окуу", "")] * 5001]
            ),
            "too_many_rows",
        ),
        (b"x" * (10 * 1024 * 1024 + 1), "too_big"),
    ],
)
def test_what_is_no_timetable_is_refused_with_its_reason(content: bytes, reason: str) -> None:
    with pytest.raises(BadSheet) as refused:
        read_file(content, CONTEXT)
    assert refused.value.reason == reason


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE tv [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    "%s"
    ']><tv><programme start="20200907090000 +0600" channel="x"><title>5-класс. &b;</title></programme></tv>'
)


@pytest.mark.parametrize(
    "inside",
    ["", '<!ENTITY c SYSTEM "file:///etc/passwd">', '<!ENTITY % d SYSTEM "http://127.0.0.1:9/x"> %d;'],
)
def test_entities_of_a_programme_guide_are_not_unfolded(inside: str) -> None:
    with pytest.raises(BadSheet) as refused:
        read_file((BOMB % inside).encode(), CONTEXT)
    assert refused.value.reason == "broken"


def test_the_news_between_lessons_are_left_out_of_a_programme_guide() -> None:
    guide = """<?xml version="1.0"?><tv><channel id="a"><display-name>ЭлТР</display-name></channel>
    <programme start="20200907030000" stop="20200907033000" channel="a"><title>Жаңылыктар</title></programme>
    <programme start="20200907030000" channel="a"><title lang="ru">7 класс. Алгебра</title>
    <length units="hours">1</length></programme></tv>"""
    reading = read(read_file(guide.encode(), CONTEXT))
    assert reading.rows == 1
    draft = reading.drafts[0]
    # Without a zone XMLTV means UTC.
    assert (draft.row, f"{draft.starts_at:%H:%M}", draft.minutes, draft.language) == (2, "09:00", 60, "ru")


def test_formulas_in_a_cell_stay_text() -> None:
    row = (
        "2020-09-07",
        "",
        "09:00",
        "09:20",
        "",
        "Баластан",
        "1",
        "ky",
        '=HYPERLINK("http://example.org")',
        "+1",
    )
    draft = read(read_file(as_csv([HEADER, row]), CONTEXT)).drafts[0]
    assert draft.subject.startswith("HYPERLINK")
    assert draft.topic == "1"


@pytest.mark.parametrize("text", ["", "   \n ", "Салам!", "a\tb\tc\nd\te\tf"])
def test_pasted_text_that_is_no_timetable_is_refused(text: str) -> None:
    with pytest.raises(BadSheet):
        read_pasted(text, CONTEXT)


PIECES = st.sampled_from(
    [
        *"\n\n\n\t\t|;,  -–.:()«»",
        *("9:00-9:20", "9.00", "07.09.2020", "7-сентябрь", "Дүйшөмбү", "Баластан", "ЭЛТР", "5-класс"),
        *(
            "Убактысы",
            "Класс",
            "Предмет",
            "Күнү",
            "Математика",
            "5",
            "ky",
            "|---|",
            '"',
            "\x00",
            "📺",
            "повтор",
        ),
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join))
def test_no_pasted_text_breaks_the_reading(text: str) -> None:
    try:
        rows = read_pasted(text, CONTEXT)
    except BadSheet:
        return
    reading = read(rows)
    # Every row became a lesson or has an error.
    assert {d.index for d in reading.drafts} | {e.index for e in reading.errors} == set(range(len(rows)))


@given(st.binary(max_size=300))
def test_no_file_breaks_the_reading(content: bytes) -> None:
    for start in (b"<tv>", b"\xef\xbb\xbf"):
        with suppress(BadSheet):
            read_file(start + content, CONTEXT)
