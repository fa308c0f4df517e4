"""A digit is read however it is typed, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from webapp.survey.reading import keys_in


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("1", "1"),
        (" 2.", "2"),
        ("1)", "1"),
        ("№3", "3"),
        ("3!", "3"),
        ("жооп 1", "1"),
        ("Жооп: 2", "2"),
        ("joop 1", "1"),
        ("Ответ 2", "2"),
        ("эки", "2"),
        ("Бир", "1"),
        ("три", "3"),
        ("１", "1"),
        ("2️⃣", "2"),
        ("1 1", "1"),
    ],
)
def test_one_answer(typed: str, key: str) -> None:
    assert keys_in(typed, 3, multiple=False) == key
    assert keys_in(typed, 3, multiple=True) == key


@pytest.mark.parametrize("typed", ["13", "1,3", "3 1", "1 жана 3", "1 и 3", "1. 3.", "бир, үч"])
def test_several_answers_only_where_they_may_be_given(typed: str) -> None:
    assert keys_in(typed, 3, multiple=True) == "13"
    assert keys_in(typed, 3, multiple=False) is None


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "4",
        "0",
        "1?",
        "ТВ 2",
        "2 бала",
        "0555000101",
        "ооба",
        "эртең 2ге келем",
        "1" + " " * 20 + "x" * 40,
    ],
)
def test_what_a_person_should_read(typed: str) -> None:
    assert keys_in(typed, 3, multiple=True) is None
