"""Days, times, grades, languages and channels are understood as people write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.clock import BadTime, Span, read_minutes, read_span, written
from webapp.lessons.cells import lesson_in
from webapp.lessons.days import BadDate, WrittenDay, date_of, read_day, week_in
from webapp.lessons.wording import (
    BadGrade,
    BadLanguage,
    Grades,
    channel_key,
    nearest_channel,
    read_grades,
    read_language,
    tidy,
)

TODAY = date(2020, 9, 4)
DAYS = st.dates(date(2000, 1, 1), date(2100, 12, 31))
KYRGYZ_MONTHS = (
    "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь".split()  # noqa: SIM905
)
RUSSIAN_MONTHS = (
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()  # noqa: SIM905
)
WEEKDAYS = {
    0: "Дүйшөмбү дүйшөмбү ДҮЙШӨМБҮ Дуйшомбу понедельник Пн Monday",
    1: "Шейшемби вторник вт. Tuesday",
    2: "Шаршемби среда Ср",
    3: "Бейшемби четверг чт",
    4: "Жума пятница Пт",
    5: "Ишемби суббота Сб",
    6: "Жекшемби воскресенье Вс",
}


@pytest.mark.parametrize(
    "text",
    [
        "2020-09-07",
        "2020-09-07 00:00:00",
        "2020-09-07T00:00:00",
        "2020/9/7",
        "07.09.2020",
        "7.9.20",
        "07.09.2020-ж.",
        "07/09/2020",
        "7-сентябрь",
        "7-сентябрь, дүйшөмбү",
        "7 сентября",
        "7-го сентября 2020 года",
        "Понедельник, 7 сентября",
        "Дүйшөмбү\n07.09",
        "2020-жылдын 7-сентябры",
        "сентябрдын 7си",
        "September 7, 2020",
        "7 сен.",
        "44081",  # the day as a spreadsheet counts it
        " 07.09.2020 ",
    ],
)
def test_the_seventh_of_september_is_understood_however_it_is_written(text: str) -> None:
    day = read_day(text)
    assert day is not None
    assert date_of(day, TODAY) == date(2020, 9, 7)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Математика",
        "9.00",
        "09:00",
        "7–11-сентябрь 2020-ж.",
        "Дүйшөмбү–Жума",
        "1-класс",
        "5-А",
        "x" * 500,
    ],
)
def test_what_is_no_single_day_is_not_taken_for_one(text: str) -> None:
    assert read_day(text) is None


@pytest.mark.parametrize("text", ["2020-02-30", "31.09.2020", "00.01.2020", "07.09.1899", "32-май"])
def test_a_day_the_calendar_does_not_have_is_refused(text: str) -> None:
    day = read_day(text)
    assert day is not None
    with pytest.raises(BadDate):
        date_of(day, TODAY)


@pytest.mark.parametrize(("weekday", "words"), WEEKDAYS.items())
def test_weekdays_are_known_in_kyrgyz_russian_and_english(weekday: int, words: str) -> None:
    for word in words.split():
        assert read_day(word) == WrittenDay(weekday=weekday)


def test_a_weekday_alone_means_the_day_of_the_week_in_the_title() -> None:
    week = week_in("Телесабактардын жадыбалы, 7–11-сентябрь 2020-ж.", date(2026, 1, 1), None)
    friday = read_day("Жума")
    assert friday is not None
    assert date_of(friday, date(2026, 1, 1), week=week) == date(2020, 9, 11)
    with pytest.raises(BadDate):
        date_of(friday, TODAY)


def test_a_day_without_a_year_is_the_one_that_makes_its_weekday_true() -> None:
    # 7 September was a Monday in 2020, and a Tuesday in 2021.
    day = read_day("Вторник, 7 сентября")
    assert day is not None
    assert date_of(day, TODAY) == date(2021, 9, 7)


@given(DAYS)
def test_every_day_is_read_back_from_every_way_of_writing_it(day: date) -> None:
    for text in (
        day.isoformat(),
        f"{day:%d.%m.%Y}",
        f"{day.day}.{day.month}.{day.year}",
        f"{day.day}-{KYRGYZ_MONTHS[day.month - 1]} {day.year}",
        f"{day.day} {RUSSIAN_MONTHS[day.month - 1]} {day.year} г.",
    ):
        found = read_day(text)
        assert found is not None, text
        assert date_of(found, TODAY) == day


@given(DAYS, st.integers(-180, 180))
def test_a_day_without_a_year_is_the_nearest_one(today: date, away: int) -> None:
    day = today + timedelta(days=away)
    found = read_day(f"{day.day}-{KYRGYZ_MONTHS[day.month - 1]}")
    assert found is not None
    if (day.month, day.day) != (2, 29) and 2000 <= day.year <= 2100:
        assert abs((date_of(found, today) - today).days) <= abs(away)


@given(st.text(max_size=80))
def test_no_text_breaks_the_readers(text: str) -> None:
    day = read_day(text)
    if day is not None:
        with suppress(BadDate):
            date_of(day, TODAY, week=TODAY)
    for read, refusal in (
        (read_span, BadTime),
        (read_minutes, BadTime),
        (read_grades, BadGrade),
        (read_language, BadLanguage),
    ):
        with suppress(refusal):
            read(text)  # type: ignore[operator]
    lesson_in(text)
    channel_key(text)
    assert len(tidy(text, 40)) <= 40


@pytest.mark.parametrize("text", ["9" * 5000, "1," * 5000, "1 - " * 3000, "9:00 " * 3000, "класс " * 3000])
def test_a_long_cell_is_refused_quickly(text: str) -> None:
    assert read_day(text) is None
    with pytest.raises(BadTime):
        read_span(text)
    with pytest.raises(BadGrade):
        read_grades(text)
    lesson_in(text[:1000])


@pytest.mark.parametrize(
    "text",
    ["9.00", "09:00", "9:00", "9-00", "09:00:00", "9", "саат 9.00", "9⁰⁰", "0.375", " 09.00 ", "9 ч 00"],
)
def test_nine_o_clock_is_understood_however_it_is_written(text: str) -> None:
    assert read_span(text) == Span(540)


def test_a_number_that_lost_its_zero_is_half_past_nine() -> None:
    assert read_span("9.3") == Span(570)


@pytest.mark.parametrize(
    "text",
    [
        "9:00-9:20",
        "9.00–09.20",
        "09:00 — 09:20",
        "9-00 - 9-20",
        "с 9.00 до 9.20",
        "9⁰⁰-9²⁰",
        "9:00\n9:20",
        "саат 9.00-9.20",
    ],
)
def test_a_span_has_its_start_and_its_end(text: str) -> None:
    assert read_span(text) == Span(540, 560)


@pytest.mark.parametrize(
    "text", ["", "25:00", "9:60", "9:3", "саат", "Математика", "9:00-25:00", "2020-09-07"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(BadTime):
        read_span(text)


@given(st.integers(0, 24 * 60 - 1))
def test_every_minute_of_the_day_is_read_back(minute: int) -> None:
    hour, rest = divmod(minute, 60)
    for text in (written(minute), f"{hour}.{rest:02}", f"{hour}-{rest:02}", f"{hour:02}:{rest:02}:00"):
        assert read_span(text).start == minute


@pytest.mark.parametrize("text", ["20", "20.0", "20 мүнөт", "20 мин.", "20 min", "0:20", "00:20:00"])
def test_twenty_minutes_are_understood_however_they_are_written(text: str) -> None:
    assert read_minutes(text) == 20


@pytest.mark.parametrize("text", ["0", "500", "x", ""])
def test_a_length_no_lesson_has_is_refused(text: str) -> None:
    with pytest.raises(BadTime):
        read_minutes(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", Grades(5, 5)),
        ("5.0", Grades(5, 5)),
        ("5-класс", Grades(5, 5)),
        ("5 кл.", Grades(5, 5)),
        ("grade 5", Grades(5, 5)),
        ("5–6", Grades(5, 6)),
        ("5-6-класстар", Grades(5, 6)),
        ("5, 6", Grades(5, 6)),
        ("1, 2 жана 3", Grades(1, 3)),
        ("5 и 6 классы", Grades(5, 6)),
        ("9-Б", Grades(9, 9, "Б")),
        ("9 «Б» класс", Grades(9, 9, "Б")),
        ("10-11", Grades(10, 11)),
        ("0", Grades(0, 0)),
        ("Наристе", Grades(0, 0)),
    ],
)
def test_grades_are_understood(text: str, expected: Grades) -> None:
    assert read_grades(text) == expected


@pytest.mark.parametrize("text", ["", "6-5", "7, 9", "x", "2026-06-05", "5-6-7"])
def test_what_is_no_run_of_grades_is_refused(text: str) -> None:
    with pytest.raises(BadGrade):
        read_grades(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ky", "ky"),
        ("Кыргызча", "ky"),
        ("кыргыз тили", "ky"),
        ("RU", "ru"),
        ("русский", "ru"),
        ("орус", "ru"),
        ("өзбек", "uz"),
    ],
)
def test_languages_of_teaching_are_understood(text: str, expected: str) -> None:
    assert read_language(text) == expected


def test_the_code_of_the_country_is_not_the_code_of_the_language() -> None:
    with pytest.raises(BadLanguage) as caught:
        read_language("kg")
    assert caught.value.meant == "ky"


def test_a_channel_is_known_in_quotes_with_its_word_and_in_any_case() -> None:
    assert {channel_key(name) for name in ("ЭЛТР", "ЭлТР", "«ЭЛТР» каналы", "телеканал элтр")} == {"элтр"}


def test_the_nearest_channel_is_suggested() -> None:
    assert nearest_channel("Балапан", ["ЭЛТР", "Баластан"]) == "Баластан"
    assert nearest_channel("Discovery", ["ЭЛТР", "Баластан"]) is None


def test_a_latin_letter_inside_a_kyrgyz_word_becomes_what_it_looks_like() -> None:
    assert tidy("Aлгебра  ", 80) == "Алгебра"
    assert tidy("XX кылым. My day", 80) == "XX кылым. My day"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (
            "1-класс\nСабат ачуу\nО тыбышы жана тамгасы",
            {"grade": "1", "subject": "Сабат ачуу", "topic": "О тыбышы жана тамгасы"},
        ),
        (
            "10-класс\nАдабият\nЧ. Айтматов. «Ак кеме»",
            {"grade": "10", "subject": "Адабият", "topic": "Ч. Айтматов. «Ак кеме»"},
        ),
        ("5-класс. Математика. Бөлчөк", {"grade": "5", "subject": "Математика", "topic": "Бөлчөк"}),
        ("Математика (Бөлчөк), 5-6-класс", {"grade": "5-6", "subject": "Математика", "topic": "Бөлчөк"}),
        (
            "7 класс: Алгебра — Функция (рус.)",
            {"grade": "7", "subject": "Алгебра", "topic": "Функция", "language": "ru"},
        ),
        ("5 класс Химия (повтор)", {"grade": "5", "subject": "Химия", "repeat": "yes"}),
    ],
)
def test_a_cell_with_a_whole_lesson_is_taken_apart(cell: str, expected: dict[str, str]) -> None:
    assert lesson_in(cell) == expected
