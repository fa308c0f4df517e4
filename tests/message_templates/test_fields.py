"""Texts with fields: how they are read, what is asked, what comes of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.message_templates.fields import (
    CLASS,
    GUARDIAN,
    PUPIL,
    BadTemplate,
    asked_by,
    fill,
    key_of,
    parse,
    says_yes,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Сумма", " сумма "),
        ("акыркы күн", "Акыркы  Күн"),
        ("акыркы күн", "акыркыкүн"),
        ("күнү", "дата"),
        ("Убакыт", "время"),
        ("төлөнгөн_сумма", "төлөнгөн сумма"),
        ("СУММА", "CУMMA"),  # with Latin C and M, the keyboard was not switched
    ],
)
def test_a_field_is_the_same_however_it_is_written(one: str, other: str) -> None:
    assert key_of(one) == key_of(other) != ""


@pytest.mark.parametrize(
    ("name", "key"),
    [("окуучу", PUPIL), ("Ученик", PUPIL), ("ФИО", PUPIL), ("класс", CLASS), ("ата-эне", GUARDIAN)],
)
def test_what_the_school_knows_of_a_child_has_one_name(name: str, key: str) -> None:
    assert key_of(name) == key


def test_an_optional_part_is_shown_when_the_field_says_yes() -> None:
    text = parse("Келиңиз.((чалуу?? Же чалыңыз (эртең менен).))")
    assert fill(text, {"чалуу": "ооба"}) == "Келиңиз. Же чалыңыз (эртең менен)."
    assert fill(text, {"чалуу": "жок"}) == "Келиңиз."
    assert fill(text, {}) == "Келиңиз."


def test_a_part_may_hold_the_field_that_decides_about_it() -> None:
    text = parse("Дүйшөмбү.((бөлмө?? Бөлмө: ((бөлмө)).))")
    (asked,) = asked_by([text])
    assert asked.kind == "optional"
    assert fill(text, {asked.key: "12"}) == "Дүйшөмбү. Бөлмө: 12."
    assert fill(text, {asked.key: ""}) == "Дүйшөмбү."


def test_a_field_inside_a_part_is_needed_only_with_it() -> None:
    asked = {each.name: each for each in asked_by([parse("Салам.((чалуу?? Номер: ((номер)).))")])}
    assert asked["номер"].may_be_empty({"чалуу": "жок"})
    assert not asked["номер"].may_be_empty({"чалуу": "да"})


def test_a_field_in_brackets_keeps_them() -> None:
    assert fill(parse("Төлөм (((сумма))) сом"), {"сумма": "50"}) == "Төлөм (50) сом"


def test_what_is_filled_in_is_never_read_as_a_field() -> None:
    assert fill(parse("((а)) ((б))"), {key_of("а"): "((б))", key_of("б"): "1"}) == "((б)) 1"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Жакшы эмес((", "open"),
        ("((сумма", "open"),
        ("((чалуу??Чалыңыз", "open"),
        ("(( ))", "no_name"),
        ("((??а))", "no_name"),
        ("((" + "а" * 41 + "))", "long_name"),
        ("((а??((б??((в??г))))))", "deep"),
    ],
)
def test_a_text_that_cannot_be_read_says_why(text: str, reason: str) -> None:
    with pytest.raises(BadTemplate) as bad:
        parse(text)
    assert bad.value.reason == reason


@given(st.text(alphabet="()?аб \n", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        pieces = parse(text)
    except BadTemplate:
        return
    assert "((" not in fill(pieces, {each.key: "да" for each in asked_by([pieces])}) or "(((" in text


@pytest.mark.parametrize(
    ("value", "yes"), [("ооба", True), ("Да", True), ("+", True), ("ЖОК", False), ("", False)]
)
def test_yes_and_no_in_both_languages(value: str, *, yes: bool) -> None:
    assert says_yes(value) is yes
