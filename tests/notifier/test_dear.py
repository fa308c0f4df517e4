"""Which characters make an SMS dear."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from notifier.text import dear, is_latin, measure, overflow, to_latin


def test_one_number_sign_makes_a_latin_text_as_dear_as_cyrillic() -> None:
    found = dear("№95: Erteng sabak saat 9da bashtalat, mektep kiyimi menen keliniz. Surooloruñuz bolso chal")
    assert (found.spoilers, found.parts, found.parts_without) == (["№"], 2, 1)


def test_a_cyrillic_text_is_spoilt_by_nothing() -> None:
    assert dear("№95: «Эртең»").spoilers == []


def test_what_latin_cannot_say_is_named_once() -> None:
    assert dear(to_latin("Майрам 🎉🎉 ş")).spoilers == ["🎉", "ş"]


def test_characters_that_count_twice_are_named_in_either_alphabet() -> None:
    assert dear("[5] €").doubles == ["[", "]", "€"]
    assert dear("[5] эки 🎉").doubles == ["🎉"]


def test_a_text_of_digits_alone_is_in_no_script() -> None:
    assert not is_latin("№95, 09:00")
    assert is_latin("N95 mektep")
    assert not is_latin("N95 мектеп")


def test_what_is_put_before_a_text_counts_and_stays() -> None:
    assert overflow("ы" * 70, 1, lambda text: "№95: " + text) == 5
    assert overflow("ш" * 100, 1, to_latin) == 20


@given(st.text(st.sampled_from("abc№«[€🎉 \n"), max_size=300))
def test_without_its_spoilers_a_text_never_needs_more_parts(text: str) -> None:
    found = dear(text)
    assert found.parts == measure(text).segments >= found.parts_without
