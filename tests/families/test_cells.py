"""One cell of each kind, as people write it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.families import cells
from webapp.families.cells import BadCell
from webapp.families.columns import recognise
from webapp.families.names import better, clean, fold, lost_letters, skeleton
from webapp.families.problems import COLUMN_LABELS


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("5-А", "5-А"),
        ("5А", "5-А"),
        ("5 а", "5-А"),
        ("5-A", "5-А"),  # a Latin A
        ("10-B", "10-В"),  # a Latin B
        ("5 «А» класс", "5-А"),
        ('5 "Б"', "5-Б"),
        ("5–В", "5-В"),
        ("5\xa0—\u200bВ", "5-В"),
        ("№5-А", "5-А"),
        ("5-класс", "5"),
        ("5-чи А класс", "5-А"),
        ("5", "5"),
        ("12-Ө", "12-Ө"),
        ("11.2", "11-2"),
    ],
)
def test_a_class_in_any_writing(written: str, read: str) -> None:
    assert str(cells.class_name(written)) == read


@pytest.mark.parametrize(
    "written", ["0-А", "13-А", "А", "А5", "5-Q", "2026-01-05", "класс", "51", "5-АБВ", "5 же 6"]
)
def test_what_is_no_class(written: str) -> None:
    with pytest.raises(BadCell):
        cells.class_name(written)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("кыргызча", "ky"),
        ("Кыргыз тили", "ky"),
        ("КЫРГ.", "ky"),
        ("киргизский", "ky"),
        ("на кыргызском", "ky"),
        ("Kyrgyz", "ky"),
        ("kg", "ky"),
        ("ky", "ky"),
        ("орусча", "ru"),
        ("Орус тили", "ru"),
        ("русский язык", "ru"),
        ("по-русски", "ru"),
        ("рус", "ru"),
        ("Russian", "ru"),
        ("RU", "ru"),
        ("кыргызча, орусча", "ky"),
    ],
)
def test_a_language_in_any_words(written: str, read: str) -> None:
    assert cells.language(written) == read


def test_another_language_is_not_guessed() -> None:
    for written in ("өзбекче", "английский", "?", "-"):
        with pytest.raises(BadCell):
            cells.language(written)


def test_emails_are_tidied_and_told_apart() -> None:
    assert cells.emails("Irina@Example.KG; mailto:olga@example.org,irina@example.kg") == [
        "irina@example.kg",
        "olga@example.org",
    ]


@pytest.mark.parametrize(
    "written", ["irina", "irina@", "irina@example", "a@b@c.kg", "ирина@example.kg", "0555 000 201"]
)
def test_what_is_no_email(written: str) -> None:
    with pytest.raises(BadCell):
        cells.emails(written)


def test_names_that_differ_only_in_dress_are_the_same() -> None:
    assert fold(" ҮЛГҮЕВА\xa0Айдана\u200b ") == fold("Үлгүева  айдана")
    assert fold("Артём Пётр — ов") == fold("Артем Петр-ов")
    assert fold("Acaн") == fold("Асан")  # Latin A, c, a
    assert skeleton("Көчкөнов Үсөн") == skeleton("К?чк?нов ?с?н") == skeleton("К�чк�нов �с�н")
    assert skeleton("Асан") != skeleton("Усон")


def test_a_worse_spelling_never_replaces_a_better_one() -> None:
    assert better("Үсөн", "?с?н") == "Үсөн"
    assert better("?с?н", "Үсөн") == "Үсөн"
    assert lost_letters("?с?н")
    assert not lost_letters("Асан ? Үсөн")


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Класс", "class"),
        ("класстын аты", "class"),
        ("Grade", "class"),
        ("Класс жетекчи", ""),
        ("Классный руководитель", ""),
        ("Ф.И.О. ученика", "pupil"),
        ("Окуучунун аты-жөнү", "pupil"),
        ("Child's name", "pupil"),
        ("ФИО родителя (законного представителя)", "guardian"),
        ("Ата-эненин аты-жөнү", "guardian"),
        ("Parent/Guardian", "guardian"),
        ("Ата-эненин телефону", "phone"),
        ("Телефон матери", "phone"),
        ("Тел.:", "phone"),
        ("Моб. тел.", "phone"),
        ("E-Mail", "email"),
        ("Адрес эл. почты", "email"),
        ("Электрондук почта дареги", "email"),
        ("Домашний адрес", "address"),
        ("Үй дареги", "address"),
        ("Кем приходится?", "relation"),
        ("Ким болот", "relation"),
        ("Язык", "language"),
        ("Билдирүүнүн тили", "language"),
        ("Язык обучения", ""),
        ("Дата рождения", ""),
        ("Туулган күнү", ""),
        ("№ п/п", ""),
        ("", ""),
    ],
)
def test_headers_in_three_languages(header: str, column: str) -> None:
    assert recognise(header) == column
    assert recognise(f"\ufeff {header.upper()}\xa0") == column


def test_the_canonical_names_are_headers_themselves() -> None:
    for column in COLUMN_LABELS:
        assert recognise(column) == column


@settings(max_examples=300)
@given(st.text(max_size=40))
def test_any_cell_is_read_or_refused(text: str) -> None:
    for read in (cells.class_name, cells.language, cells.emails, cells.numbers):
        with contextlib.suppress(BadCell):
            read(text)
    cleaned = clean(text)
    assert clean(cleaned) == cleaned
    assert not cleaned.startswith(("=", "+", "-", "@"))
    assert skeleton(cleaned) == skeleton(text)
    recognise(text)


@settings(max_examples=200)
@given(
    st.integers(1, 12),
    st.sampled_from("АБВГДЕЖЗИКЛМНОӨПРСТУҮФ"),
    st.sampled_from(["{}-{}", "{}{}", "{} {}", "{} «{}» класс", "{}–{}", " {} - {} ", "класс {}{}"]),
    st.booleans(),
)
def test_every_class_survives_its_writing(grade: int, letter: str, pattern: str, lower: bool) -> None:
    text = pattern.format(grade, letter.lower() if lower else letter)
    assert cells.class_name(text) == (grade, letter)
