"""What a child is called in an SMS."""

from __future__ import annotations

import pytest

from webapp.announcements.names import given_name, short_names


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Нурлан Экөөбаев", "Нурлан"),
        ("Экөөбаев Нурлан", "Нурлан"),
        ("Экөөбаев Нурлан Сабырович", "Нурлан"),
        ("Нурлан Сабырович Экөөбаев", "Нурлан"),
        ("Сабыр уулу Нурлан", "Нурлан"),
        ("Нурай Сабыр кызы", "Нурай"),
        ("Марина Примерова", "Марина"),
        ("Примерова Марина", "Марина"),
        ("Образцовская Амина", "Амина"),
        ("Нурлан", "Нурлан"),
        ("Чолпон Төрөкул", "Чолпон"),
    ],
)
def test_the_given_name_is_found_in_whatever_order_a_class_list_has(name: str, given: str) -> None:
    assert given_name(name) == given


def test_children_with_the_same_given_name_are_told_apart_by_an_initial() -> None:
    assert short_names(["Нурлан Экөөбаев", "Нурлан Соседов", "Нурай Экөөбаева"]) == [
        "Нурлан Э.",
        "Нурлан С.",
        "Нурай",
    ]


def test_and_by_the_whole_name_when_the_initial_does_not_help() -> None:
    assert short_names(["Нурлан Соседов", "Нурлан Сабыров"]) == ["Нурлан Соседов", "Нурлан Сабыров"]
