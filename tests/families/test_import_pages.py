"""A class list comes in by the pages, step by step, without JavaScript."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from notifier.database import db
from tests.cast import Cast
from tests.families.books import xlsx
from tests.families.conftest import csv_of
from tests.families.test_import_command import AIDANA, BAKYT, DANIL, changed, everything
from webapp.families import example, import_views
from webapp.families.models import ClassListUpload, Pupil
from webapp.staff.models import AuditEntry


def send(client: FlaskClient, content: bytes | str, name: str = "list.csv") -> Any:
    data = {"file": (io.BytesIO(content.encode() if isinstance(content, str) else content), name)}
    return client.post("/families/import/", data=data, content_type="multipart/form-data")


def text_of(answer: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def agreed(page: str) -> str:
    found = re.search(r'name="agreed" value="(\w+)"', page)
    assert found
    return found[1]


def selects(page: str) -> list[str]:
    """What each column's select stands at, as a browser would send it."""
    chosen = []
    for select in re.findall(r"<select.*?</select>", page, re.DOTALL):
        selected = re.search(r'value="(\w*)" selected', select)
        chosen.append(selected[1] if selected else "")
    return chosen


@pytest.fixture(autouse=True)
def no_tokens(app) -> None:
    app.config["WTF_CSRF_ENABLED"] = False


def test_a_list_of_names_of_columns_alone_stops_at_its_problems(cast: Cast, sign_in) -> None:
    client = sign_in(cast.office)
    step = send(client, csv_of()).location.removesuffix("columns")
    for page in ("problems", "difference"):
        answer = client.get(step + page, follow_redirects=True)
        assert answer.status_code == 200
        assert "There are no pupils under the names of the columns." in text_of(answer)
        assert "Choose the corrected file" in text_of(answer)


def test_the_whole_walk(cast: Cast, sign_in) -> None:
    client = sign_in(cast.office)
    answer = send(client, csv_of(AIDANA, BAKYT, changed(DANIL, phone="12")))
    assert answer.status_code == 302
    step = answer.location.removesuffix("columns")
    columns = client.get(answer.location)
    assert selects(columns.text) == [
        "class",
        "pupil",
        "guardian",
        "relation",
        "phone",
        "email",
        "language",
        "address",
    ]
    assert "Айдана Үлгүева" in columns.text
    answer = client.post(step + "columns", data={"column": selects(columns.text)})
    assert answer.location == step + "problems"
    problems = client.get(answer.location)
    assert "1 row has errors" in text_of(problems)
    assert "Row 4" in text_of(problems)
    assert client.get(step + "difference").location == step + "problems"
    difference = client.get(step + "difference?skip=1")
    assert "A new class will be made: 6-А." in text_of(difference)
    assert "Айдана Үлгүева" in difference.text
    before = everything()
    assert client.post(step + "apply", data={"agreed": agreed(difference.text)}).location == step + "problems"
    assert everything() == before
    answer = client.post(step + "apply", data={"agreed": agreed(difference.text), "skip": "1"})
    assert answer.location == "/families/"
    assert "2 pupils are new." in text_of(client.get("/families/"))
    entry = db.session.scalars(db.select(AuditEntry)).one()
    assert (entry.action, entry.staff_id) == ("families.imported", cast.office.id)
    assert db.session.scalars(db.select(ClassListUpload)).all() == []
    again = client.post(step + "apply", data={"agreed": agreed(difference.text), "skip": "1"})
    assert again.status_code == 404
    assert "applied already" in text_of(again)


def test_a_list_without_problems_goes_straight_to_the_difference(cast: Cast, sign_in) -> None:
    client = sign_in(cast.director)
    step = send(client, csv_of(AIDANA)).location.removesuffix("columns")
    assert client.get(step + "problems").location == step + "difference"


def test_columns_may_be_chosen_otherwise(cast: Cast, sign_in) -> None:
    client = sign_in(cast.office)
    answer = send(
        client, csv_of(["6-А", "Данил Примеров", "0555 000 201"], header=["Кайда", "Ким", "Кандай"])
    )
    step = answer.location.removesuffix("columns")
    columns = client.get(answer.location)
    assert selects(columns.text) == ["", "", ""]
    missing = client.post(step + "columns", data={"column": ["", "pupil", "phone"]})
    assert missing.status_code == 422
    assert "“Class”" in text_of(missing)
    assert selects(missing.text) == ["", "pupil", "phone"]
    answer = client.post(step + "columns", data={"column": ["class", "pupil", "phone"]})
    assert answer.status_code == 302
    assert "Данил Примеров" in client.get(step + "difference").text


def test_leaving_pupils_leave_only_when_the_box_is_ticked(cast: Cast, sign_in) -> None:
    client = sign_in(cast.teacher)
    kept = csv_of(["5-А", "Асан Мисалов", "Гүлнара Мисалова", "", "0555 000 101", "", "", ""])
    for ticked in ({}, {"leaving": "1"}):
        step = send(client, kept).location.removesuffix("columns")
        page = client.get(step + "difference")
        assert "3 pupils who are not in the list have left" in text_of(page)
        client.post(step + "apply", data={"agreed": agreed(page.text), **ticked})
        gone = db.session.scalars(db.select(Pupil).where(Pupil.left_at.is_not(None))).all()
        assert len(gone) == (3 if ticked else 0)
        db.session.rollback()


def test_a_class_teacher_changes_their_own_class_alone(cast: Cast, sign_in) -> None:
    client = sign_in(cast.teacher)
    rows = [
        ["5-А", "Жаңы Бала", "Жаңы Апа", "", "0555 000 301", "", "", ""],
        ["5-Б", "Башка Бала", "", "", "", "", "", ""],
    ]
    step = send(client, csv_of(*rows)).location.removesuffix("columns")
    problems = text_of(client.get(step + "problems"))
    assert "You do not lead class 5-Б" in problems
    page = client.get(step + "difference?skip=1")
    client.post(step + "apply", data={"agreed": agreed(page.text), "skip": "1", "leaving": "1"})
    db.session.rollback()
    assert db.session.scalars(db.select(Pupil).filter_by(name="Жаңы Бала")).one().class_id == cast.class_5a.id
    in_5b = db.select(Pupil).filter_by(class_id=cast.class_5b.id)
    assert all(pupil.left_at is None for pupil in db.session.scalars(in_5b))


def test_a_class_teacher_takes_no_child_from_a_colleague_by_names_alone(cast: Cast, sign_in) -> None:
    client = sign_in(cast.teacher)
    stolen = csv_of(["5-А", "Пётр Соседов", "Анна Соседова", "", "", "", "", ""])
    step = send(client, stolen).location.removesuffix("columns")
    page = client.get(step + "difference")
    client.post(step + "apply", data={"agreed": agreed(page.text)})
    db.session.rollback()
    assert sorted(
        p.class_id for p in db.session.scalars(db.select(Pupil).filter_by(name="Пётр Соседов"))
    ) == [cast.class_5a.id, cast.class_5b.id]


def test_somebody_elses_upload_is_not_there(cast: Cast, sign_in) -> None:
    where = send(sign_in(cast.office), csv_of(AIDANA)).location
    for person in (cast.director, cast.other_director):
        assert sign_in(person).get(where).status_code == 404


def test_who_keeps_no_lists_gets_no_pages(cast: Cast, sign_in) -> None:
    from tests.cast import staff_member
    from webapp.staff.models import Role

    reader = staff_member(
        cast.school, "Окуткан Мугалим", "reader", Role.SUBJECT_TEACHER, now=cast.school.created_at
    )
    db.session.commit()
    assert sign_in(reader).get("/families/import/").status_code == 403


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\xff\xd8\xff\xe0JFIF", "The file is not a spreadsheet."),
        (xlsx([["a", "b"]])[:-100], "The file is damaged."),
    ],
)
def test_a_broken_file_gets_one_clear_sentence(cast: Cast, sign_in, content: bytes, sentence: str) -> None:
    answer = send(sign_in(cast.office), content, "list.xlsx")
    assert answer.status_code == 422
    assert sentence in text_of(answer)


def test_no_file_at_all_is_said(cast: Cast, sign_in) -> None:
    answer = sign_in(cast.office).post("/families/import/", data={})
    assert answer.status_code == 422
    assert "Choose the file first." in text_of(answer)


def test_a_file_of_fifty_megabytes_gets_one_clear_sentence(cast: Cast, sign_in) -> None:
    answer = sign_in(cast.office).post(
        "/families/import/", data=b"x" * 50_000_000, content_type="multipart/form-data; boundary=x"
    )
    assert answer.status_code == 413
    assert "The file is too large" in text_of(answer)


def test_what_changed_meanwhile_is_shown_before_anything_is_done(cast: Cast, sign_in, bring_in) -> None:
    client = sign_in(cast.office)
    step = send(client, csv_of(AIDANA)).location.removesuffix("columns")
    page = client.get(step + "difference")
    bring_in(csv_of(changed(AIDANA, phone="0555 000 777")))
    before = everything()
    answer = client.post(step + "apply", data={"agreed": agreed(page.text)})
    assert answer.location == step + "difference"
    assert everything() == before
    assert "+996555000777" in client.get(answer.location).text


def test_a_list_applied_already_changes_nothing(cast: Cast, sign_in, bring_in) -> None:
    bring_in(csv_of(AIDANA))
    client = sign_in(cast.office)
    step = send(client, csv_of(AIDANA)).location.removesuffix("columns")
    assert "Nothing will change" in text_of(client.get(step + "difference"))


def test_no_page_shows_more_than_a_hundred_rows(cast: Cast, sign_in) -> None:
    client = sign_in(cast.office)
    bad = [["6-А", f"Бала Жаман{i}", "", "", "12", "", "", ""] for i in range(150)]
    good = [["6-А", f"Бала Жакшы{i}", f"Апа {i}", "", f"0555 001 {i:03}", "", "", ""] for i in range(150)]
    step = send(client, csv_of(*bad, *good)).location.removesuffix("columns")
    pages = ["problems", "problems?page=2", "difference?skip=1", "difference?skip=1&show=new&page=2"]
    for page in pages:
        answer = client.get(step + page)
        assert answer.status_code == 200
        main = answer.text.split("<main")[1]
        assert 0 < main.count("<li") + main.count("<tr") <= 115


def test_a_kept_file_goes_after_a_day_and_with_the_next_one(cast: Cast, sign_in, app) -> None:
    client = sign_in(cast.office)
    send(client, csv_of(AIDANA))
    send(client, csv_of(BAKYT))
    kept = db.session.scalars(db.select(ClassListUpload)).one()
    kept.created_at -= import_views.KEPT + timedelta(minutes=1)
    db.session.commit()
    send(sign_in(cast.director), csv_of(AIDANA))
    db.session.rollback()
    assert db.session.scalars(db.select(ClassListUpload)).one().staff_id == cast.director.id


def test_the_example_is_a_list_that_comes_in(cast: Cast, sign_in, bring_in) -> None:
    client = sign_in(cast.office)
    for name in ("example.csv", "example.xlsx"):
        answer = client.get(f"/families/import/{name}")
        assert "attachment" in answer.headers["Content-Disposition"]
        brought = bring_in(answer.data, "--dry-run")
        assert brought.counts[0] == len(example.ROWS) - 1
        assert brought["errors"] == []


def test_nothing_in_a_cell_becomes_markup(cast: Cast, sign_in) -> None:
    client = sign_in(cast.office)
    evil = "<script>alert(1)</script>"
    step = send(
        client, csv_of(changed(AIDANA, pupil=evil, language=evil), header=[evil, "Окуучу", "Класс"])
    ).location
    for page in ("columns", "problems", "difference?skip=1"):
        assert "<script>alert" not in client.get(step.removesuffix("columns") + page).text


def test_nobody_waits_for_the_database_while_a_file_is_read(cast: Cast, sign_in, app, monkeypatch) -> None:
    client, written = sign_in(cast.office), []

    def beside(read: Any) -> Any:
        def reading(*args: Any) -> Any:
            with app.app_context():
                db.session.execute(db.update(Pupil).values(name=Pupil.name))
                db.session.commit()
                written.append(read)
            return read(*args)

        return reading

    for name in ("read_sheet", "read_file"):
        monkeypatch.setattr(import_views, name, beside(getattr(import_views, name)))
    db.session.rollback()
    step = send(client, csv_of(AIDANA)).location.removesuffix("columns")
    page = client.get(step + "difference")
    assert client.post(step + "apply", data={"agreed": agreed(page.text)}).status_code == 302
    assert len(written) == 3


def test_every_form_carries_its_token(cast: Cast, sign_in, app) -> None:
    client = sign_in(cast.office)
    step = send(client, csv_of(AIDANA)).location.removesuffix("columns")
    app.config["WTF_CSRF_ENABLED"] = True
    for address in ("/families/import/", step + "columns", step + "difference"):
        page = client.get(address).text
        assert page.count('method="post"') == page.count('name="csrf_token"')
    assert client.post(step + "apply", data={"agreed": "x"}).status_code == 400
