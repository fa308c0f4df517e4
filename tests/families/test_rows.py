"""Whatever stands in the rows, each is read or refused with a reason; nothing is lost on the way."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from webapp.families import columns
from webapp.families.cells import ClassName
from webapp.families.matching import rows_by_guardian
from webapp.families.problems import FILE_SENTENCES, PHONE_SENTENCES, SENTENCES
from webapp.families.rows import Row, read_rows
from webapp.families.sheets import Sheet, SheetRow

HEADER = ("Класс", "Окуучу", "Ата-эне", "Ким болот", "Телефон", "E-mail", "Тил", "Дарек")
chaos = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "5-А",
            "Үлгү Бала",
            "0555 000 201",
            "996555000201.0",
            "0312 62 34 56",
            "жок",
            "-",
            "irina@example.kg",
        ]
    ),
    st.sampled_from(
        ["кыргызча", "орусча", "?", "=1+1", "\u200b", "К?н", "9.9E+11", "0555000201,0700000202", "a" * 300]
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(*[chaos] * len(HEADER)), max_size=8))
def test_every_row_is_read_or_has_its_errors(cells: list[tuple[str, ...]]) -> None:
    rows = [SheetRow(1, HEADER)] + [SheetRow(i, row) for i, row in enumerate(cells, start=2) if any(row)]
    sheet = Sheet(tuple(rows))
    found = read_rows(sheet, columns.guess(sheet))
    assert found.total == len(found.rows) + found.bad_rows
    assert not {row.number for row in found.rows} & {problem.row for problem in found.errors}
    for problem in found.errors + found.warnings:
        assert (
            problem.code in SENTENCES or problem.reason in PHONE_SENTENCES or problem.code in FILE_SENTENCES
        )
    for row in found.rows:
        assert row.pupil
        assert all(phone.startswith("+") for phone in row.phones)


def row(number: int, guardian: str, *phones: str) -> Row:
    return Row(number, ClassName(5, "А"), f"Бала {number}", guardian, phones=phones)


def test_rows_are_one_family_also_by_way_of_others() -> None:
    rows = [
        row(2, "Апа", "1"),
        row(3, "Апа", "2"),
        row(4, "Башка", "1"),
        row(5, "апа", "2", "1"),
        row(6, "", "1"),
    ]
    groups = [sorted(member.number for member in group) for group in rows_by_guardian(rows)]
    assert sorted(groups) == [[2, 3, 5], [4], [6]]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("АБВ"), st.sets(st.sampled_from("12345"), max_size=3)), max_size=12),
    st.randoms(use_true_random=False),
)
def test_grouping_does_not_depend_on_the_order_of_rows(facts, random) -> None:
    rows = [row(number, guardian, *sorted(phones)) for number, (guardian, phones) in enumerate(facts)]

    def groups(given_rows: list[Row]) -> list[list[int]]:
        return sorted(sorted(member.number for member in group) for group in rows_by_guardian(given_rows))

    shuffled = list(rows)
    random.shuffle(shuffled)
    assert groups(rows) == groups(shuffled)
    assert sorted(number for group in groups(rows) for number in group) == list(range(len(rows)))
