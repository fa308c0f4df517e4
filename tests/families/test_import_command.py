"""A class list comes in: `flask --app webapp families import FILE`."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale, gettext
from sqlalchemy import event

from notifier.database import db
from tests.cast import Cast
from tests.families.books import ods, xls, xlsx
from tests.families.conftest import HEADER, csv_of
from webapp.families.models import ContactPoint, Family, Guardian, Pupil, SchoolClass
from webapp.families.problems import REPEATED_IN_ANOTHER_CLASS
from webapp.staff.models import AuditEntry

AIDANA = [
    "6-А",
    "Айдана Үлгүева",
    "Назгүл Үлгүева",
    "апасы",
    "0555 000 201",
    "",
    "кыргызча",
    "Мисал көчөсү 1",
]
BAKYT = ["6-А", "Бакыт Үлгүев", "Назгүл Үлгүева", "апасы", "+996 555 000 201", "", "", ""]
DANIL = ["6-А", "Данил Примеров", "Ирина Примерова", "мать", "", "irina@example.kg", "русский", ""]


def pupil(name: str) -> Pupil:
    return db.session.scalars(db.select(Pupil).filter_by(name=name)).one()


def phones_of(name: str) -> list[list[str]]:
    return [
        [link.contact_point.address for link in guardian.contacts]
        for guardian in pupil(name).family.guardians
    ]


def count(model: Any) -> int:
    return db.session.scalar(db.select(db.func.count()).select_from(model)) or 0


def changed(row: list[str], **cells: str) -> list[str]:
    columns = ["school_class", "pupil", "guardian", "relation", "phone", "email", "language", "address"]
    return [cells.get(column, cell) for column, cell in zip(columns, row, strict=True)]


def test_a_class_list_is_brought_in(cast: Cast, bring_in) -> None:
    answer = bring_in(csv_of(AIDANA, BAKYT, DANIL))
    assert answer.exit_status == 0
    assert answer["rows"] == 3
    assert answer.counts == (3, 0, 0, 0)
    assert answer["errors"] == []
    school_class = db.session.scalars(db.select(SchoolClass).filter_by(grade=6, letter="А")).one()
    assert pupil("Айдана Үлгүева").class_id == school_class.id
    assert pupil("Айдана Үлгүева").family.address == "Мисал көчөсү 1"
    guardian = pupil("Данил Примеров").family.guardians[0]
    assert (guardian.name, guardian.relation, guardian.language) == ("Ирина Примерова", "мать", "ru")
    assert phones_of("Данил Примеров") == [["irina@example.kg"]]


def test_children_of_one_guardian_with_one_phone_are_one_family(cast: Cast, bring_in) -> None:
    bring_in(csv_of(AIDANA, BAKYT))
    family = pupil("Айдана Үлгүева").family
    assert {p.name for p in family.pupils} == {"Айдана Үлгүева", "Бакыт Үлгүев"}
    assert phones_of("Айдана Үлгүева") == [["+996555000201"]]


def test_a_child_joins_the_family_the_school_already_knows(cast: Cast, bring_in) -> None:
    answer = bring_in(csv_of(["6-А", "Кенже Экөөбаев", "САБЫР  экөөбаев", "", "0700000102", "", "", ""]))
    assert answer.counts[0] == 1
    assert pupil("Кенже Экөөбаев").family_id == cast.siblings.id


def test_the_same_phone_under_another_guardian_stays_another_family_and_both_are_flagged(
    cast: Cast, bring_in
) -> None:
    answer = bring_in(csv_of(AIDANA, changed(DANIL, phone="0555 000 201", email="")))
    assert answer.exit_status == 0
    assert pupil("Айдана Үлгүева").family_id != pupil("Данил Примеров").family_id
    assert answer.warned == [(2, "shared_phone"), (3, "shared_phone")]
    point = db.session.scalars(db.select(ContactPoint).filter_by(address="+996555000201")).one()
    assert (point.status, point.note) == ("look", "shared")


def test_a_phone_shared_with_a_family_of_long_ago_is_flagged_too(cast: Cast, bring_in) -> None:
    answer = bring_in(csv_of(changed(AIDANA, phone="0555 000 101")))
    assert (2, "shared_phone") in answer.warned
    point = db.session.scalars(
        db.select(ContactPoint).filter_by(address="+996555000101", school_id=cast.school.id)
    ).one()
    assert (point.status, point.note) == ("look", "shared")


def test_when_a_number_is_shared_no_longer_the_flag_goes(cast: Cast, bring_in) -> None:
    rows = [AIDANA, changed(DANIL, phone="0555 000 201")]
    bring_in(csv_of(*rows))
    bring_in(csv_of(rows[0], changed(rows[1], phone="0555 000 203")))
    point = db.session.scalars(db.select(ContactPoint).filter_by(address="+996555000201")).one()
    assert (point.status, point.note) == ("ok", "")


def test_the_same_list_twice_changes_nothing(cast: Cast, bring_in) -> None:
    rows = [
        AIDANA,
        BAKYT,
        DANIL,
        changed(DANIL, pupil="Тимур Примеров", guardian="", email="", phone="0555 000 204, 0700 000 205"),
        changed(DANIL, pupil="К?нд?з Жоголова", guardian="Г?л Жоголова", email=""),
        changed(DANIL, pupil="Айдана Үлгүева", guardian="Дагы Апа", phone="0555 000 201"),
        changed(DANIL, pupil="Эч Кимиси Жок", guardian="", email=""),
    ]
    text = csv_of(*rows)
    first = bring_in(text)
    assert first.counts == (7, 0, 0, 0)
    before = everything()
    again = bring_in(text)
    assert again.counts == (0, 0, 7, 0)
    assert everything() == before


def everything() -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for name in ("classes", "families", "pupils", "guardians", "guardian_contacts", "contact_points"):
        table = db.metadata.tables[name]
        rows += [(name, *row) for row in db.session.execute(db.select(table).order_by(*table.primary_key))]
    db.session.rollback()
    return rows


def test_a_changed_phone_is_updated(cast: Cast, bring_in) -> None:
    bring_in(csv_of(AIDANA, BAKYT))
    answer = bring_in(csv_of(changed(AIDANA, phone="0555 000 299"), changed(BAKYT, phone="0555 000 299")))
    assert answer.counts == (0, 2, 0, 0)
    assert phones_of("Айдана Үлгүева") == [["+996555000299"]]


def test_empty_cells_keep_what_is_known(cast: Cast, bring_in) -> None:
    bring_in(csv_of(AIDANA))
    answer = bring_in(csv_of(["6-А", "Айдана Үлгүева", "", "", "", "", "", ""]))
    assert answer.counts == (0, 0, 1, 0)
    assert phones_of("Айдана Үлгүева") == [["+996555000201"]]


def test_another_guardian_is_told_first_and_the_earlier_one_is_kept(cast: Cast, bring_in) -> None:
    bring_in(csv_of(AIDANA))
    grandmother = changed(AIDANA, guardian="Чоң Эне", relation="чоң энеси", phone="0555 000 210")
    assert bring_in(csv_of(grandmother)).counts == (0, 1, 0, 0)
    family = pupil("Айдана Үлгүева").family
    assert [guardian.name for guardian in family.guardians] == ["Чоң Эне", "Назгүл Үлгүева"]
    assert family.needs_look == "new_guardian"
    assert bring_in(csv_of(grandmother)).counts == (0, 0, 1, 0)


def test_a_pupil_who_changed_class_moves(cast: Cast, bring_in) -> None:
    bring_in(csv_of(AIDANA, DANIL))
    answer = bring_in(csv_of(changed(AIDANA, school_class="6-Б"), DANIL))
    assert answer.counts == (0, 1, 1, 0)
    assert pupil("Айдана Үлгүева").school_class.name == "6-Б"


def test_pupils_missing_from_their_class_are_counted_and_leave_only_when_asked(cast: Cast, bring_in) -> None:
    bring_in(csv_of(AIDANA, BAKYT, DANIL))
    assert bring_in(csv_of(AIDANA)).counts == (0, 0, 1, 2)
    assert pupil("Данил Примеров").left_at is None
    assert bring_in(csv_of(AIDANA), "--leaving").counts == (0, 0, 1, 2)
    assert pupil("Данил Примеров").left_at is not None
    assert bring_in(csv_of(AIDANA), "--leaving").counts == (0, 0, 1, 0)
    # The other classes of the school are none of this list's business.
    assert pupil("Асан Мисалов").left_at is None


def test_a_pupil_who_comes_back_is_the_same_pupil(cast: Cast, bring_in) -> None:
    bring_in(csv_of(AIDANA, DANIL))
    bring_in(csv_of(AIDANA), "--leaving")
    assert bring_in(csv_of(AIDANA, changed(DANIL, school_class="6-Б"))).counts == (0, 1, 1, 0)
    assert pupil("Данил Примеров").left_at is None


def test_a_pupil_whose_row_is_bad_has_not_left(cast: Cast, bring_in) -> None:
    bring_in(csv_of(AIDANA, DANIL))
    answer = bring_in(csv_of(AIDANA, changed(DANIL, phone="12")), "--skip-bad", "--leaving")
    assert answer.counts == (0, 0, 1, 0)
    assert pupil("Данил Примеров").left_at is None


def test_a_dry_run_says_the_same_and_changes_nothing(cast: Cast, bring_in) -> None:
    before = everything()
    answer = bring_in(csv_of(AIDANA, BAKYT, DANIL), "--dry-run")
    assert answer.exit_status == 0
    assert answer.counts == (3, 0, 0, 0)
    assert everything() == before
    assert count(AuditEntry) == 0


def test_with_errors_nothing_is_applied(cast: Cast, bring_in) -> None:
    before = everything()
    answer = bring_in("Тизме\r\n\r\n" + csv_of(AIDANA, changed(DANIL, phone="0312 62 34 56", email="irina@")))
    assert answer.exit_status == 1
    assert answer.codes == [(5, "phone", "bad_phone"), (5, "email", "bad_email")]
    assert answer.counts[:2] == (0, 0)
    assert set(answer["errors"][0]) == {"row", "column", "code", "message"}
    assert everything() == before


def test_bad_rows_can_be_skipped(cast: Cast, bring_in) -> None:
    before = count(Pupil)
    answer = bring_in(csv_of(AIDANA, changed(DANIL, phone="12")), "--skip-bad")
    assert answer.exit_status == 0
    assert answer.codes == [(3, "phone", "bad_phone")]
    assert answer.counts == (1, 0, 0, 0)
    assert count(Pupil) == before + 1


@pytest.mark.parametrize(
    ("row", "code", "column"),
    [
        (changed(DANIL, school_class=""), "missing_class", "class"),
        (changed(DANIL, school_class="13-А"), "bad_class", "class"),
        (changed(DANIL, school_class="А класс"), "bad_class", "class"),
        (changed(DANIL, pupil=""), "missing_pupil", "pupil"),
        (changed(DANIL, pupil="17"), "bad_pupil", "pupil"),
        (changed(DANIL, pupil="Аты " * 40), "too_long", "pupil"),
        (changed(DANIL, phone="0312 62 34 56"), "bad_phone", "phone"),
        (changed(DANIL, phone="9.96555E+11"), "bad_phone", "phone"),
        (changed(DANIL, phone="0555 12"), "bad_phone", "phone"),
        (changed(DANIL, email="irina(at)example.kg"), "bad_email", "email"),
        (changed(DANIL, email="ирина@example.kg"), "bad_email", "email"),
        (changed(DANIL, language="эльфийский"), "bad_language", "language"),
        (AIDANA, "duplicate_row", "pupil"),
    ],
)
def test_every_fault_has_its_row_column_code_and_advice(cast: Cast, bring_in, row, code, column) -> None:
    answer = bring_in(csv_of(AIDANA, row))
    assert answer.codes == [(3, column, code)]
    assert len(answer["errors"][0]["message"]) > 20
    assert "%(" not in answer["errors"][0]["message"]


def test_a_child_in_two_classes_is_told_to_be_in_another_class(cast: Cast, bring_in) -> None:
    answer = bring_in(csv_of(AIDANA, changed(AIDANA, school_class="7-Б")))
    assert answer.codes == [(3, "pupil", "duplicate_row")]
    with force_locale("ky"):
        expected = gettext(REPEATED_IN_ANOTHER_CLASS, other=2)
    assert answer["errors"][0]["message"] == expected


def test_a_list_without_classes_says_which_column_is_missing(cast: Cast, bring_in) -> None:
    answer = bring_in(csv_of(["Үлгү Бала", "0555000201"], header=["Окуучу", "Телефон"]))
    assert answer.exit_status == 1
    assert answer.codes == [(1, "class", "missing_column")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xff\xd8\xff\xe0JFIF", "not_a_sheet"),
        (xlsx([["a", "b"]])[:-100], "broken"),
        ("Асан;Үсөн\r\n1;2\r\n".encode(), "no_header"),
        (csv_of().encode(), "no_rows"),
    ],
)
def test_a_file_that_is_no_list_is_one_clear_error(cast: Cast, bring_in, content: bytes, code: str) -> None:
    answer = bring_in(content, name="list.xlsx")
    assert answer.exit_status == 1
    assert answer.codes == [(None, None, code)]
    assert answer["rows"] == 0


@pytest.mark.parametrize("write", [xlsx, xls, ods])
def test_numbers_in_cells_are_phones_and_classes(cast: Cast, bring_in, write) -> None:
    rows = [
        HEADER,
        ["6-А", "Айдана Үлгүева", "Назгүл Үлгүева", "апасы", 996555000201.0],
        [7, "Бакыт Үлгүев", "Назгүл Үлгүева", "", 555000201],
    ]
    assert bring_in(write(rows)).counts == (2, 0, 0, 0)
    assert pupil("Бакыт Үлгүев").family_id == pupil("Айдана Үлгүева").family_id
    assert pupil("Бакыт Үлгүев").school_class.name == "7"
    assert phones_of("Айдана Үлгүева") == [["+996555000201"]]


def test_several_numbers_in_one_cell_are_all_kept_in_order(cast: Cast, bring_in) -> None:
    bring_in(csv_of(changed(AIDANA, phone="0555 000 201, 0700 000 202\n+996 777 000 203")))
    assert phones_of("Айдана Үлгүева") == [["+996555000201", "+996700000202", "+996777000203"]]


def test_a_landline_beside_a_mobile_number_is_left_out_with_a_word(cast: Cast, bring_in) -> None:
    answer = bring_in(csv_of(changed(AIDANA, phone="0312 62 34 56, 0555 000 201")))
    assert answer.warned == [(2, "landline_left_out")]
    assert phones_of("Айдана Үлгүева") == [["+996555000201"]]


def test_headers_may_come_in_any_language_order_and_dress(cast: Cast, bring_in) -> None:
    header = [
        "\u200bPHONE NUMBER",
        "№",
        "ФИО\xa0УЧЕНИКА",
        "Примечание",
        "класс ",
        "Родитель (законный представитель)",
    ]
    row = ["0555 000 201", "1", "Данил Примеров", "болеет", "6\xa0«а»\u200b класс", "Ирина Примерова"]
    answer = bring_in(csv_of(row, header=header, delimiter=","))
    assert answer.counts == (1, 0, 0, 0)
    assert answer.warned == [(1, "unknown_column")]
    assert pupil("Данил Примеров").school_class.name == "6-А"


def test_surname_and_name_in_columns_of_their_own_are_one_name(cast: Cast, bring_in) -> None:
    bring_in(csv_of(["6-А", "Примеров", "Данил", "Тестович"], header=["Класс", "Фамилия", "Имя", "Отчество"]))
    assert pupil("Примеров Данил Тестович")


def test_names_that_lost_their_letters_are_flagged_and_mended_by_a_better_list(cast: Cast, bring_in) -> None:
    lost = csv_of(changed(AIDANA, pupil="Айдана ?лг?ева", guardian="Назг?л ?лг?ева", language="", address=""))
    answer = bring_in(lost.encode("cp1251"))
    assert (2, "lost_letters") in answer.warned
    assert (None, "old_encoding") in answer.warned
    assert pupil("Айдана ?лг?ева").family.needs_look == "lost_letters"
    assert bring_in(csv_of(AIDANA)).counts == (0, 1, 0, 0)
    assert pupil("Айдана Үлгүева").family.needs_look == ""
    # And the old list, brought in once more, spoils nothing.
    assert bring_in(lost.encode("cp1251")).counts == (0, 0, 1, 0)
    assert pupil("Айдана Үлгүева")


def test_namesakes_in_a_class_are_two_children(cast: Cast, bring_in) -> None:
    rows = [AIDANA, changed(DANIL, pupil="Айдана Үлгүева")]
    answer = bring_in(csv_of(*rows))
    assert answer.counts == (2, 0, 0, 0)
    assert answer.warned == [(3, "same_name")]
    assert bring_in(csv_of(*reversed(rows))).counts == (0, 0, 2, 0)


def test_cells_that_look_like_formulas_are_kept_as_harmless_text(cast: Cast, bring_in) -> None:
    bring_in(csv_of(changed(AIDANA, guardian='=HYPERLINK("http://example.org","x")', address="-2+3+cmd|x")))
    family = pupil("Айдана Үлгүева").family
    assert family.guardians[0].name == 'HYPERLINK("http://example.org","x")'
    assert family.address == "2+3+cmd|x"
    assert phones_of("Айдана Үлгүева") == [["+996555000201"]]


def test_a_guardian_without_a_language_reads_the_language_of_the_class(cast: Cast, bring_in) -> None:
    bring_in(csv_of(changed(DANIL, school_class="5-Б", language="")))
    assert pupil("Данил Примеров").family.guardians[0].language == "ru"


def test_another_schools_pupils_are_neither_matched_nor_touched(cast: Cast, bring_in) -> None:
    same = ["5-А", "Башка Бала", "Башка Апа", "", "0777 000 103", "", "", ""]
    answer = bring_in(csv_of(same))
    assert answer.counts == (1, 0, 0, 4)
    assert db.session.get_one(Family, cast.other_family.id).school_id == cast.other_school.id
    assert len(db.session.scalars(db.select(Pupil).filter_by(name="Башка Бала")).all()) == 2


def test_with_several_schools_the_command_asks_which(app: Flask, cast: Cast, tmp_path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(csv_of(AIDANA))
    result = app.test_cli_runner().invoke(args=["families", "import", str(file), "--json"])
    assert result.exit_code == 1
    assert "--school" in result.stderr
    assert cast.school.name in result.stderr
    assert cast.other_school.name in result.stderr


def test_applying_is_written_down_in_counts_alone(cast: Cast, bring_in) -> None:
    bring_in(csv_of(AIDANA, BAKYT))
    entry = db.session.scalars(db.select(AuditEntry)).one()
    assert entry.action == "families.imported"
    assert entry.detail["created"] == 2
    assert "555" not in json.dumps(entry.detail)


def test_a_readable_table_without_json(app: Flask, cast: Cast, tmp_path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(csv_of(AIDANA, changed(DANIL, phone="12")))
    result = app.test_cli_runner().invoke(args=["families", "import", str(file), "--school", "№95"])
    assert result.exit_code == 1
    assert "3" in result.stdout
    assert "12" in result.stdout


def test_a_thousand_rows_take_no_more_questions_than_ten(app: Flask, cast: Cast, bring_in) -> None:
    def asked(rows: int, school_class: str) -> int:
        text = csv_of(
            *(
                [
                    school_class,
                    f"Бала {i:04} Үлгүев",
                    f"Апа {i:04}",
                    "",
                    f"0555 {i // 1000:03} {i % 1000:03}",
                    "",
                    "",
                    "",
                ]
                for i in range(rows)
            )
        )
        selects = []

        def listen(_c, _cursor, statement, *_rest) -> None:
            if statement.startswith("SELECT"):
                selects.append(statement)

        event.listen(db.engine, "before_cursor_execute", listen)
        bring_in(text)
        event.remove(db.engine, "before_cursor_execute", listen)
        return len(selects)

    assert asked(1000, "9-А") <= asked(10, "9-Б") + 10


def test_guardians_exist_only_where_there_is_something_to_know(cast: Cast, bring_in) -> None:
    before = count(Guardian)
    answer = bring_in(csv_of(["6-А", "Эч Кимиси Жок", "", "", "", "", "", ""]))
    assert answer.warned == [(2, "no_address")]
    assert count(Guardian) == before
