"""A family is found by what somebody remembers of it, in whatever letters they type."""

from __future__ import annotations

import pytest
from alembic import command
from flask import Flask
from sqlalchemy import text

from notifier.database import db
from tests.cast import Cast, family
from webapp.families.models import Pupil
from webapp.families.search import children_named, digits_of, matching_families, matching_pupils
from webapp.families.search_key import search_key
from webapp.staff.models import StaffMember


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("Aibek", "Айбек"),
        ("AYBEK", "айбек"),
        ("Nurlan", "Нурлан"),
        ("Gulnara", "Гүлнара"),
        ("Гулнара", "Гүлнара"),
        ("Onolbek", "Өнөлбек"),
        ("Онолбек", "Өнөлбек"),
        ("Енлик", "Еңлик"),
        ("Semyon", "Семён"),
        ("Semen", "Семён"),
        ("Семен", "Семён"),
        ("Сыймык", "Сиймик"),
        ("Syimyk", "Сыймык"),
        ("Zhanybek", "Жаныбек"),
        ("Janybek", "Жаныбек"),
        ("Djanybek", "Джаныбек"),
        ("Khasan", "Хасан"),
        ("Çolpon", "Чолпон"),
        ("Alexandr", "Александр"),
        ("Sergeyev", "Сергеев"),
        ("Aynura", "Айнуура"),
        ("Абдулазиз", "Абдул-Азиз"),
        ("Aсан", "Асан"),  # the first letter is Latin
    ],
)
def test_one_name_has_one_key_however_it_is_typed(typed: str, name: str) -> None:
    assert search_key(typed) == search_key(name)


def test_names_that_sound_differently_stay_apart() -> None:
    assert len({search_key(name) for name in ("Асан", "Асел", "Чолпон", "Шолпан", "Жамал", "Камал")}) == 6


@pytest.mark.parametrize(
    ("typed", "digits"),
    [
        ("000101", "000101"),
        ("0555 000 101", "555000101"),
        ("+996 555 000101", "555000101"),
        ("(0555) 00-01-01", "555000101"),
        ("01", ""),
        ("Асан 101", ""),
        ("5-А", ""),
        ("٠٥٥٥", ""),
        ("0101", "101"),
        ("", ""),
    ],
)
def test_a_part_of_a_number_is_told_from_a_name(typed: str, digits: str) -> None:
    assert digits_of(typed) == digits


def found(person: StaffMember, typed: str) -> set[str]:
    return {child.name for child in children_named(person, typed)}


def test_a_child_is_found_in_either_script_within_what_one_may_see(cast: Cast) -> None:
    family(cast.other_school, {"Нурлан Башкабаев": cast.other_class}, "Башка Ата")
    db.session.commit()
    for typed in ("Nurlan", "нурлан экообаев", "EKOOB nur", "Сабыр", "Sabyr", "000102", "0700 000 102"):
        assert "Нурлан Экөөбаев" in found(cast.director, typed), typed
    assert found(cast.teacher, "Nurai") == set()
    assert found(cast.teacher, "Soседов") == set()
    assert found(cast.teacher, "000101") == {"Асан Мисалов"}
    assert found(cast.director, "000101") == {"Асан Мисалов", "Пётр Соседов"}
    assert [
        pupil.school_class.name for pupil in db.session.scalars(matching_pupils(cast.director, "petr"))
    ] == ["5-Б"]
    assert set(db.session.scalars(matching_families(cast.teacher, "sabyr"))) == {cast.siblings.id}


@pytest.mark.parametrize(
    "typed", ["", " ", "%", "_", "'; --", "?", "\x00", "٣", "я" * 5000, "a b c d e f g h i j"]
)
def test_what_finds_nobody_is_no_fault(cast: Cast, typed: str) -> None:
    assert found(cast.director, typed) == set()
    assert list(db.session.scalars(matching_families(cast.director, typed))) == []


def test_a_child_with_a_new_name_is_found_by_it(cast: Cast) -> None:
    child = cast.button_phone.pupils[0]
    child.name = "Айбек Мисалов"
    db.session.commit()
    assert found(cast.director, "aibek") == {"Айбек Мисалов"}
    assert found(cast.director, "asan") == set()


def test_names_from_before_are_found_after_the_migration(app: Flask, cast: Cast) -> None:
    number, config = cast.button_phone.pupils[0].id, app.extensions["migrate"].migrate.get_config()
    db.session.rollback()
    command.downgrade(config, "0021")
    command.upgrade(config, "head")
    key = db.session.execute(text("SELECT search_key FROM pupils WHERE id = :n"), {"n": number}).scalar_one()
    assert key == search_key("Асан Мисалов")
    assert db.session.get_one(Pupil, number).search_key == key
