"""Every row of a timetable gets what must be said of it, with its number as the person sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.lessons.tables import CONTEXT, HEADER, RULES, TV, as_csv, read
from webapp.lessons.check import Reading
from webapp.lessons.roads import read_file
from webapp.lessons.rules import DayOff

# The row of the sheet → the codes that its last column asks for; any other row must be accepted as it is.
TRICKY = {
    2: {"cap_exceeded"},  # cap: grade 1-2 lesson longer than 20 min (4.5)
    3: {"overlap"},  # overlap with the row above on the same channel
    5: {"end_before_start"},
    6: {"unknown_channel"},  # unknown channel (suggest Баластан)
    9: {"class_letter"},  # warn: a TV lesson is for a grade, not a class letter
    10: {"bad_grade"},  # grade 0 / Наристе: setting
    12: {"bad_language"},  # language code kg is not a language (ky)
    13: {"bad_date"},  # impossible date
    14: {"sunday"},  # warn: Sunday
}
ROW = {
    "date": "2020-09-08",
    "start": "09:00",
    "end": "09:20",
    "channel": "Баластан",
    "grade": "1",
    "language": "ky",
    "subject": "Окуу",
}


def of(*rows: dict[str, str]) -> Reading:
    """Read rows that say what ROW says, but for what is given."""
    return read(
        read_file(
            as_csv([HEADER, *([(ROW | row).get(name, "") for name in HEADER] for row in rows)]), CONTEXT
        )
    )


def codes(reading: Reading) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for problem in reading.errors + reading.warnings:
        found.setdefault(problem.row, set()).add(problem.code)
    return found


def test_every_tricky_row_gets_what_its_last_column_says() -> None:
    rows = read_file((TV / "tricky_timetable.csv").read_bytes(), CONTEXT)
    reading = read(rows)
    assert codes(reading) == TRICKY
    assert reading.rows == 14  # the empty row is skipped
    by_row = {draft.row: draft for draft in reading.drafts}
    assert set(by_row) == set(range(2, 17)) - {5, 6, 10, 12, 13, 15}
    assert (by_row[4].minutes, by_row[4].topic) == (25, "")  # minutes and topic empty
    assert by_row[7].channel.name == "ЭЛТР"  # spelt ЭлТР
    assert (by_row[8].first_grade, by_row[8].last_grade) == (5, 6)
    assert by_row[16].subject == "Алгебра"  # its A was Latin
    (unknown,) = [error for error in reading.errors if error.code == "unknown_channel"]
    assert unknown.about["meant"] == "Баластан"


def test_grade_zero_is_accepted_where_the_school_says_so() -> None:
    rows = read_file((TV / "tricky_timetable.csv").read_bytes(), CONTEXT)
    reading = read(rows, replace(RULES, first_grade=0))
    assert 10 in {draft.row for draft in reading.drafts}


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"date": "кечээ"}, "bad_date"),
        ({"date": "31.09.2020"}, "bad_date"),
        ({"start": "", "end": ""}, "bad_time"),
        ({"start": "25:00"}, "bad_time"),
        ({"end": "9:99"}, "bad_time"),
        ({"end": ""}, "bad_time"),
        ({"minutes": "30"}, "bad_time"),
        ({"end": "18:00"}, "bad_time"),
        ({"end": "08:40"}, "end_before_start"),
        ({"end": "09:00"}, "end_before_start"),
        ({"channel": "Discovery"}, "unknown_channel"),
        ({"grade": "жогорку"}, "bad_grade"),
        ({"grade": "12"}, "bad_grade"),
        ({"language": "француз"}, "bad_language"),
    ],
)
def test_an_error_names_its_row_and_its_code(row: dict[str, str], code: str) -> None:
    reading = of({}, row)
    assert codes(reading) == {3: {code}}
    assert len(reading.drafts) == 1


def test_an_empty_day_or_channel_is_that_of_the_row_above_and_missing_when_there_is_none() -> None:
    empty = {"date": "", "channel": "", "start": "10:00", "end": "10:20"}
    assert codes(of({}, empty)) == {}
    assert codes(of(empty)) == {2: {"bad_date", "unknown_channel"}}


def test_a_row_tells_all_its_faults_at_once() -> None:
    assert codes(of({"date": "x", "start": "x", "channel": "x", "grade": "x", "language": "x"})) == {
        2: {"bad_date", "bad_time", "unknown_channel", "bad_grade", "bad_language"}
    }


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"end": "09:21"}, "cap_exceeded"),
        ({"weekday": "Жума"}, "weekday_mismatch"),
        ({"date": "Жума, 08.09.2020"}, "weekday_mismatch"),
        ({"date": "2020-11-07"}, "day_off"),
        ({"date": "2020-11-08"}, "sunday"),
        ({"grade": "1-А"}, "class_letter"),
        ({"grade": "5"}, "channel_grade"),
        ({"grade": "4-5"}, "channel_grade"),
        ({"subject": "К?рк?м ?н?р"}, "lost_letters"),
    ],
)
def test_a_warning_leaves_the_lesson_in(row: dict[str, str], code: str) -> None:
    reading = of(row)
    assert codes(reading) == {2: {code}}
    assert len(reading.drafts) == 1


def test_a_lesson_as_long_as_the_cap_is_fine_and_the_strictest_grade_of_a_run_counts() -> None:
    assert codes(of({"end": "09:20"})) == {}
    assert codes(of({"grade": "2-3", "end": "09:25"})) == {2: {"cap_exceeded"}}
    assert codes(of({"grade": "10", "channel": "ЭЛТР", "end": "09:45"})) == {}  # no cap above grade 9


def test_a_topic_may_ask_a_question() -> None:
    assert codes(of({"topic": "Кто я? Откуда?"})) == {}


def test_lessons_overlap_on_the_same_channel_only_and_not_when_one_begins_as_the_other_ends() -> None:
    assert codes(of({}, {"start": "09:10", "end": "09:30"})) == {3: {"overlap"}}
    assert codes(of({}, {"start": "09:20", "end": "09:40"})) == {}
    assert codes(of({}, {"channel": "ЭЛТР", "grade": "5"})) == {}
    assert codes(of({"start": "09:10", "end": "09:30"}, {})) == {2: {"overlap"}}


def test_days_off_come_every_year_or_once_and_may_run_over_new_year() -> None:
    winter = DayOff("12-28", "01-08", "Кышкы каникул")
    once = DayOff("2020-10-05", "2020-10-07", "Карантин")
    assert [winter.covers(date(2020, m, d)) for m, d in ((12, 27), (12, 28), (1, 8), (1, 9))] == [
        False,
        True,
        True,
        False,
    ]
    assert once.covers(date(2020, 10, 6))
    assert not once.covers(date(2021, 10, 6))
