"""Short answers as parents type them on phones with buttons."""

import csv
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.inbox import keywords
from webapp.inbox.keywords import Keyword, read

DATA = Path(__file__).parent.parent / "data"
with (DATA / "keywords.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['intent']} {row['variant']}" for row in ROWS])
def test_every_known_spelling_is_understood(row: dict[str, str]) -> None:
    asks_for_five = row["intent"] == "TV" and "5" in row["variant"]
    assert read(row["variant"]) == (row["intent"], 5 if asks_for_five else None)


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["variant"].isalpha()], ids=lambda row: row["variant"]
)
def test_capitals_marks_and_stretching_change_nothing(row: dict[str, str]) -> None:
    variant = row["variant"]
    for typed in (variant.upper(), f"  «{variant}»!!", f"\u202e{variant}\u202c", f"{variant}\n"):
        assert read(typed) == read(variant)
    if len(variant) > 1:
        assert read(variant + variant[-1] * 3) == read(variant)


@pytest.mark.parametrize(
    "words",
    [
        "ооба, бирок бүгүн келе албайбыз",
        "Да, но мы придём только завтра",
        "не получил",
        "алган жокмун",
        "туура эмес",
        "ТВ жок",
        "телевизор жок",
        "ооба жок",
        "да нет",
        "ООБА?",
        "получил?",
        "спасибо",
        "салам",
        "но",
        "и",
        "5",
        "№",
        "ООБА 5",
        "ТВ 5 эмне үчүн жок",
        "Баланын ысымы Асан, 5-А классында окуйт",
        "",
        "  \n ",
        "😀",
    ],
)
def test_what_says_more_than_a_keyword_waits_for_a_person(words: str) -> None:
    assert read(words) is None


@pytest.mark.parametrize(
    ("typed", "intent"),
    [
        ("ооба рахмат", "YES"),
        ("Саламатсызбы! Ооба.", "YES"),
        ("алдым ооба ок", "YES"),
        ("👍🏽", "YES"),
        ("жок, рахмат", "NO"),
        ("nyet!", "NO"),
        ("HЕT", "NO"),  # Latin H and T
        ("CТОП", "STOP"),  # Latin C
        ("ТOKTOT", "STOP"),
        ("стоп?", "STOP"),
        ("bawta", "START"),
        ("ЖАPДАМ", "HELP"),  # Latin P
        ("HЕLР", "HELP"),  # Cyrillic Е and Р
        ("???", "HELP"),
        ("кыргыз4а", "LANG_KY"),
        ("PУCCКИЙ", "LANG_RU"),  # Latin P, C, C
        ("Бул ката номер!", "WRONG"),
        ("туура эмес номер", "WRONG"),
        ("Вы ошиблись номером", "WRONG"),
        ("wrong number", "WRONG"),
        ("кайталаңыз", "REPEAT"),
        ("Кайра жөнөтүңүз", "REPEAT"),
        ("ещё раз!", "REPEAT"),
    ],
)
def test_politeness_slang_and_the_wrong_keyboard_are_understood(typed: str, intent: str) -> None:
    assert read(typed) == (intent, None)


@pytest.mark.parametrize(
    ("typed", "grade"),
    [
        ("5-класс ТВ", 5),
        ("тв 11", 11),
        ("тв 5г класс", 5),
        ("тв 0", 0),
        ("саламатсызбы, ТВ 5, рахмат", 5),
        ("ТВ 5, 7", None),  # two children: the lessons of every child behind this phone
        ("ТВ 55", None),
        ("жадыбал", None),
    ],
)
def test_a_parent_who_asks_for_lessons_may_name_the_grade(typed: str, grade: int | None) -> None:
    assert read(typed) == Keyword("TV", grade)


def test_no_word_means_two_things() -> None:
    keys = [key for words in keywords._PHRASES.values() for key in keywords._folded(words)]
    assert len(keys) == len(set(keys))
    assert not keywords._FILLERS & set(keys)
    assert not keywords._folded(keywords._TV) & set(keys)


@pytest.mark.parametrize(
    "hostile",
    [
        "а" * 10_240,
        "О\0" * 5_120,
        "😀" * 2_560,
        "\u202e" * 10_240,
        "ТВ " + "5 " * 5_000,
        "ТВ " + "5 " * 77 + "x",
        "\u0301" * 160,
        "ﷺ" * 160,
        "1 " * 80,
        "ооба\0" * 30,
        "\ud83d",
    ],
    ids=ascii,
)
def test_a_hostile_message_is_harmless_and_quick(hostile: str) -> None:
    start = perf_counter()
    answer = read(hostile)
    assert perf_counter() - start < 0.5
    assert answer is None or answer.intent in {"YES", "TV"}


@given(st.text(max_size=200))
def test_any_text_is_a_keyword_or_nothing(text: str) -> None:
    answer = read(text)
    assert answer is None or answer.intent in {*keywords._PHRASES, "TV"}
