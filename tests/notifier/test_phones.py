"""Numbers as they stand in class lists."""

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.phones import BadPhone, masked, normalise, split_numbers, suspicious

DATA = Path(__file__).parent.parent / "data"
with (DATA / "phones.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
LIBRARY = json.loads((DATA / "phone-vectors.json").read_text(encoding="utf-8"))


def reason(raw: object, countries: tuple[str, ...] = ("KG",)) -> str:
    with pytest.raises(BadPhone) as caught:
        normalise(raw, countries)
    return caught.value.reason


@pytest.mark.parametrize("row", ROWS, ids=[row["input"] or "empty" for row in ROWS])
def test_every_written_form_is_read_or_refused_for_its_reason(row: dict[str, str]) -> None:
    if row["expected_error"]:
        assert reason(row["input"]) == row["expected_error"].replace("excel_scientific", "excel")
    else:
        assert normalise(row["input"]) == row["expected_e164"]


@pytest.mark.parametrize(
    "row", [r for r in ROWS if r["expected_error"] != "multiple"], ids=lambda r: r["input"]
)
def test_a_single_number_is_never_taken_apart(row: dict[str, str]) -> None:
    pieces = split_numbers(row["input"])
    assert len(pieces) <= 1
    if row["expected_e164"]:
        assert [normalise(piece) for piece in pieces] == [row["expected_e164"]]


@pytest.mark.parametrize("row", [row for row in LIBRARY if row["valid"] and row["type"] == "MOBILE"])
def test_a_home_mobile_of_libphonenumber_is_one_of_ours(row: dict[str, str]) -> None:
    if "доб" in row["input"]:
        assert reason(row["input"]) == "extension"
    elif row["region"] == "KG":
        assert normalise(row["input"]) == row["e164"]
    else:
        assert reason(row["input"]) == "foreign"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (996555000001.0, "+996555000001"),
        (996555000001, "+996555000001"),
        (555000001.0, "+996555000001"),
        ("996555000001,0", "+996555000001"),
        ("\u200b+996\u00a0555\u202f000\u2011001\ufeff", "+996555000001"),
        ("0555/00-00-01", "+996555000001"),
        ("О! 0700 00 00 01", "+996700000001"),  # an operator, not a zero
        ("Апасы: 0555 00 00 01", "+996555000001"),
        ("0555 00 00 01, апасы", "+996555000001"),
        ("https://api.whatsapp.com/send?phone=996555000001", "+996555000001"),
        ("+0555000001", "+996555000001"),
        ("0555 000 0O1", "+996555000001"),
    ],
)
def test_a_cell_of_a_spreadsheet_is_read_as_the_person_meant_it(cell: object, expected: str) -> None:
    assert normalise(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (None, "empty"),
        (float("nan"), "empty"),
        (0, "empty"),
        ("Нет", "empty"),
        ("\x00 \u200b", "empty"),
        (True, "not_a_number"),
        (-555000001, "not_a_number"),
        (555000001.5, "not_a_number"),
        (float("inf"), "not_a_number"),
        (["0555000001"], "not_a_number"),
        ("0555a000001", "not_a_number"),
        ("a" * 10_000, "not_a_number"),
        (1e30, "too_long"),
        ("1" * 10_000, "too_long"),
        ("9,96555E+11", "excel"),
        ("########", "excel"),
        ("#Н/Д", "excel"),
        ("0555 00 00 01 (доб. 12)", "extension"),
        ("0555000001x12", "extension"),
        ("0555 00 00 01 0700 00 00 02", "multiple"),
        ("0555 00 00 01 апасы 0700 00 00 02 атасы", "multiple"),
        ("+12", "unassigned"),
        ("87051234567", "foreign"),
        ("0800 123456", "landline"),
        ("*123#", "short_code"),
        ("2020-09-01", "too_short"),
    ],
)
def test_a_cell_that_takes_a_guess_is_refused_with_its_reason(cell: object, expected: str) -> None:
    assert reason(cell) == expected


def test_a_parent_working_in_russia_is_reached_only_where_the_school_pays_for_it() -> None:
    for written in ("+7 916 000-00-01", "8 (916) 000-00-01", "79160000001"):
        assert reason(written) == "foreign"
        assert normalise(written, countries=("KG", "RU")) == "+79160000001"
    assert reason("+7 705 000 0001", ("KG", "RU")) == "foreign"  # Kazakhstan shares +7
    assert reason("+7 495 123-45-67", ("KG", "RU")) == "landline"
    assert reason("0555 00 00 01", ("RU",)) == "foreign"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("0555 00 00 01, 0700 00 00 02", ["+996555000001", "+996700000002"]),
        ("0555000001;0700000002", ["+996555000001", "+996700000002"]),
        ("0555000001\n0700000002\n", ["+996555000001", "+996700000002"]),
        ("апасы 0555000001 / атасы 0700000002", ["+996555000001", "+996700000002"]),
        ("0555000001 же 0700000002", ["+996555000001", "+996700000002"]),
        ("0555000001 или 0700000002", ["+996555000001", "+996700000002"]),
        ("0555 00 00 01 or 0700 00 00 02", ["+996555000001", "+996700000002"]),
        ("+996555000001+996700000002", ["+996555000001", "+996700000002"]),
        ("996 555 000 001 996 700 000 002", ["+996555000001", "+996700000002"]),
        ("0 (555) 00-00-01 0 (700) 00-00-02", ["+996555000001", "+996700000002"]),
        ("+996,555,000,001", ["+996555000001"]),
        (996555000001.0, ["+996555000001"]),
    ],
)
def test_a_cell_with_several_numbers_gives_each(cell: object, expected: list[str]) -> None:
    assert [normalise(piece) for piece in split_numbers(cell)] == expected


def test_a_cell_without_a_number_gives_nothing_or_itself_to_be_refused() -> None:
    assert split_numbers("") == []
    assert split_numbers(None) == []
    assert [reason(piece) for piece in split_numbers("телефону жок")] == ["not_a_number"]
    assert [reason(piece) for piece in split_numbers("0555 00 00 01, ata@example.kg")[1:]] == ["not_a_number"]
    assert [reason(piece) for piece in split_numbers("9,96555E+11")] == ["excel"]


def test_a_number_that_lost_digits_behind_a_doubled_country_code_needs_a_look() -> None:
    assert suspicious(normalise("996555123"))
    assert not suspicious("+996555123456")
    assert not suspicious("+996996000123")  # no operator has 000
    assert not suspicious("")


def test_a_log_shows_only_the_ends_of_a_number() -> None:
    assert masked("+996555123456") == "+996•••••456"
    assert masked("+79160000001") == "+7•••••001"
    assert masked("0555") == masked("") == "•••••"


@given(
    st.integers(500_000_000, 509_999_999),
    st.sampled_from([" ", "-", ".", ") (", "\u00a0", ""]),
    st.booleans(),
)
def test_any_grouping_of_a_mobile_is_the_same_number(national: int, mark: str, abroad: bool) -> None:
    digits = str(national)
    written = ("+996" if abroad else "0") + mark.join((digits[:3], digits[3:5], digits[5:7], digits[7:]))
    assert normalise(written) == f"+996{national}"
    assert [normalise(piece) for piece in split_numbers(written)] == [f"+996{national}"]


@given(
    st.one_of(
        st.text(max_size=60), st.text("0123456789+-() ,/жеОo.x\n", max_size=60), st.floats(), st.integers()
    )
)
def test_whatever_stands_in_a_cell_is_a_number_or_a_reason(raw: object) -> None:
    for piece in [raw, *split_numbers(raw)]:
        try:
            number = normalise(piece)
        except BadPhone:
            continue
        assert number.startswith("+996")
        assert normalise(number) == number
