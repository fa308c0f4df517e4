"""Texts for phones with buttons: what they cost, how they read in Latin letters."""

import json
import unicodedata
from pathlib import Path
from timeit import timeit
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.text import characters, latin, measure, overflow, segments, split, tidy, to_latin, unsayable

DATA = Path(__file__).parent.parent / "data"
SEGMENTS = json.loads((DATA / "segments.json").read_text(encoding="utf-8"))
TRANSLIT = json.loads((DATA / "translit.json").read_text(encoding="utf-8"))
VECTORS = json.loads((DATA / "sms-vectors.json").read_text(encoding="utf-8"))
NOTICES = SEGMENTS["notices"]

# Letters of each alphabet, what costs two, and what comes in pieces.
messages = st.text(
    st.one_of(
        st.sampled_from("abcшыйЙЫёөңүАВСШЮЯOKcpx €[]^№«…\n\u0306\u0301\u200b\u200d😀🇰🇬ş1"), st.characters()
    ),
    max_size=400,
)


def runs(row: dict[str, Any]) -> str:
    return "".join(text * times for text, times in row["content_runs"])


# What an SMS costs


def test_the_alphabet_is_that_of_the_standard() -> None:
    assert set(VECTORS["gsm7_basic"]) == segments.GSM7_BASIC
    assert {*VECTORS["gsm7_extension"], "\f"} == segments.GSM7_EXTENDED


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice["id"])
def test_a_school_notice_costs_what_providers_say(notice: dict[str, Any]) -> None:
    assert measure(notice["text"])._asdict() == notice["ucs2"]
    assert measure(notice["translit"])._asdict() == notice["gsm7"]
    assert measure(notice["ascii"])._asdict() == notice["gsm7"]


def test_latin_letters_halve_the_price_of_the_sample_notices() -> None:
    assert sum(measure(n["text"]).segments for n in NOTICES) == SEGMENTS["totals"]["ucs2"]
    assert (
        sum(measure(to_latin(n["text"], n["lang"])).segments for n in NOTICES) == SEGMENTS["totals"]["gsm7"]
    )


@pytest.mark.parametrize("row", SEGMENTS["boundary"], ids=lambda row: row["name"])
def test_at_every_boundary_twilio_s_answer_is_ours(row: dict[str, Any]) -> None:
    text = row["text"] if row["text"] is not None else row["repeat"][0] * row["repeat"][1]
    assert measure(text).segments == row["by"]["twilio"]
    assert measure(text).encoding == row["twilio_encoding"]


@pytest.mark.parametrize("row", [*VECTORS["fragments"], *VECTORS["kyrgyz_russian"]], ids=str)
def test_parts_fill_up_as_in_other_implementations(row: dict[str, Any]) -> None:
    measured = measure(runs(row))
    assert (measured.encoding, measured.segments) == (row["encoding"], row["segments"])
    assert measured.units == row.get("units", measured.units)


@pytest.mark.parametrize("row", VECTORS["escape_pair_boundary"], ids=lambda row: str(row["content_runs"]))
def test_a_character_of_two_septets_never_straddles_parts(row: dict[str, Any]) -> None:
    assert measure(runs(row)) == ("GSM-7", row["septets"], row["packed_segments"])


@pytest.mark.parametrize(
    "row", [*VECTORS["twilio"], *VECTORS["non_latin"]], ids=lambda row: row["content"][:20]
)
def test_other_scripts_and_emoji_cost_what_twilio_says(row: dict[str, Any]) -> None:
    measured = measure(row["content"])
    assert (measured.encoding, measured.segments) == (row["encoding"], row["segments"])
    assert measured.units == row.get("units", measured.units)


@pytest.mark.parametrize("row", VECTORS["utf16_counts"], ids=lambda row: row["content"])
def test_units_outside_gsm7_are_utf_16_code_units(row: dict[str, Any]) -> None:
    text = "ы" + row["content"]
    assert measure(text).units == row["utf16_code_units"] + 1


@given(messages)
def test_the_parts_joined_are_the_text_and_each_fits(text: str) -> None:
    parts, measured = split(text), measure(text)
    assert "".join(parts) == text
    assert len(parts) == measured.segments
    room = {("GSM-7", True): 160, ("GSM-7", False): 153, ("UCS-2", True): 70, ("UCS-2", False): 67}
    for part in parts:
        if measured.encoding == "GSM-7":
            units = measure(part).units
        else:
            units = sum(2 if character > "\uffff" else 1 for character in part)
        assert units <= room[measured.encoding, len(parts) == 1]


def test_half_a_surrogate_pair_is_counted_and_does_not_crash() -> None:
    assert measure("\ud83d" * 71) == ("UCS-2", 71, 2)
    assert split("\ud83d" * 71) == ["\ud83d" * 67, "\ud83d" * 4]


def test_measuring_a_digest_takes_microseconds() -> None:
    text = NOTICES[1]["text"]
    # An evening has 300,000 of them; the bound is loose for a busy machine.
    assert timeit(lambda: measure(text), number=2_000) / 2_000 < 50e-6


# What must go


@given(messages, st.integers(1, 4))
def test_taking_out_the_overflow_makes_it_fit_and_one_less_does_not(text: str, limit: int) -> None:
    over, whole = overflow(text, limit), characters(text)
    assert measure("".join(whole[: len(whole) - over])).segments <= limit
    if over:
        assert measure("".join(whole[: len(whole) - over + 1])).segments > limit


def test_overflow_counts_as_a_person_does() -> None:
    assert overflow("ы" * 70, 1) == 0
    assert overflow("ы" * 71, 1) == 1
    assert overflow("ы" * 70 + "👨‍👩‍👧‍👦", 1) == 1
    assert overflow("a" * 1000, 6) == 1000 - 6 * 153


@pytest.mark.parametrize("row", VECTORS["twilio"], ids=lambda row: row["content"][:20])
def test_a_flag_and_a_family_are_one_character(row: dict[str, Any]) -> None:
    assert len(characters(row["content"])) == row["graphemes_or_septets"]


# Latin letters


def test_the_table_is_the_agreed_one() -> None:
    for row in TRANSLIT["table"]:
        for script, column in ((latin.KYRGYZ, "ky_gsm7"), (latin.RUSSIAN, "ru_gsm7")):
            expected = row["ky_gsm7"] if row[column] is None else row[column]
            assert script[row["cyr_lower"]] == expected, row
        assert to_latin(row["cyr_lower"], ascii=True) == row["ascii_fallback"]
    assert TRANSLIT["punctuation"] == latin.PUNCTUATION
    assert TRANSLIT["neighbour_letters"] == latin.NEIGHBOURS


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice["id"])
def test_a_school_notice_reads_as_agreed_in_latin(notice: dict[str, Any]) -> None:
    assert to_latin(notice["text"], notice["lang"]) == notice["translit"]
    assert to_latin(notice["text"], notice["lang"], ascii=True) == notice["ascii"]
    assert unsayable(notice["translit"]) == unsayable(notice["ascii"], ascii=True) == []


@pytest.mark.parametrize("example", TRANSLIT["examples"], ids=lambda example: example["src"])
def test_each_example_of_the_table_holds(example: dict[str, str]) -> None:
    for form in ("NFC", "NFD"):  # a Mac and some phones send й and ё in two pieces
        written = unicodedata.normalize(form, example["src"])
        assert to_latin(written) == example["ky"]
        assert to_latin(written, "ru") == example["ru"]
        assert to_latin(written, ascii=True) == example["ascii"]


@pytest.mark.parametrize(
    ("cyrillic", "expected"),
    [
        ("Ш. К. Ю-Ц", "Sh. K. Yu-Ts"),
        ("ЖАҢЫ ЖЫЛ, ШЧ", "JAÑY JYL, SHCH"),
        ("SMSке, Zoomдо", "SMSke, Zoomdo"),
        ("cабак Aлгебра", "sabak Algebra"),  # Latin c, Latin A
        ("PCлер", "PCler"),
        ("и\u200b\u0306ога", "yoga"),
        ("Қодиров, Әсел", "Kodirov, Äsel"),
    ],
)
def test_capitals_and_mixed_keyboards_come_out_readable(cyrillic: str, expected: str) -> None:
    assert to_latin(cyrillic) == expected


def test_what_latin_cannot_say_stays_and_is_named_to_the_author() -> None:
    text = to_latin("Куттуктайбыз 🎉🎉! Şükür, 5 ≥ 3 👨‍👩‍👧", "ky")
    assert "🎉" in text
    assert unsayable(text)[:3] == ["🎉", "Ş", "≥"]
    assert unsayable("ö€") == []
    assert unsayable("ö€", ascii=True) == ["ö", "€"]


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.sampled_from(["ky", "ru"]),
    st.booleans(),
)
def test_writing_latin_again_changes_nothing(text: str, language: str, ascii: bool) -> None:
    once = to_latin(text, language, ascii)
    assert to_latin(once, language, ascii) == once


@given(messages, st.booleans())
def test_writing_latin_again_changes_nothing_in_mixed_scripts(text: str, ascii: bool) -> None:
    once = to_latin(text, "ky", ascii)
    assert to_latin(once, "ky", ascii) == once


@given(st.text(st.characters(exclude_categories=["Cs", "M"]), max_size=60))
def test_nothing_is_dropped_that_the_table_does_not_drop(text: str) -> None:
    text = unicodedata.normalize("NFC", text)
    known = latin.RUSSIAN.keys() | latin.NEIGHBOURS.keys() | latin.PUNCTUATION.keys()
    strange = [character for character in text if character.lower() not in known and character not in "Iİ"]
    latin_text = to_latin(text)
    assert all(character in latin_text for character in strange)


# What Word brings


@pytest.mark.parametrize("row", VECTORS["whitespace"], ids=lambda row: row["content"][:20])
def test_white_space_is_sent_as_other_senders_do(row: dict[str, str]) -> None:
    assert tidy(row["content"]) == row["sent_as"]


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        ("Эртең\u00a0сабак\u2009жок\u200b\ufeff", "Эртең сабак жок"),
        ("сен\u00adтябрь", "сентябрь"),
        ("сабак  \r\n\r\n\r\n\r\nсаат 9  \r\n", "сабак\n\nсаат 9"),
        ("биринчи\x0bэкинчи\x0cүчүнчү\u2028", "биринчи\nэкинчи\nүчүнчү"),
        ("\uf0b7\tдептер\n\uf0a7\tкалем", "• дептер\n• калем"),
        ("жаны\x00\x07\ud800 жыл", "жаны жыл"),
        ("и\u0306ога е\u0308лка", "йога ёлка"),
        ("👨\u200d👩\u200d👧 а\u200dб 🏳\ufe0f\u200d🌈", "👨\u200d👩\u200d👧 аб 🏳\ufe0f\u200d🌈"),
        ("«Баластан» – 09:00…", "«Баластан» – 09:00…"),
    ],
)
def test_a_text_pasted_from_word_keeps_its_meaning_only(pasted: str, expected: str) -> None:
    assert tidy(pasted) == expected


@given(messages)
def test_a_tidy_text_is_left_alone(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
