"""A timetable comes in on the pages: look over, mend, apply, take back."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient

from notifier.database import db
from tests.cast import Cast
from tests.lessons.tables import HEADER, TV, as_csv
from webapp.lessons.models import LessonImport, TvLesson
from webapp.staff.models import AuditEntry

pytestmark = pytest.mark.usefixtures("without_forgery_check")
Put = Callable[..., TvLesson]


@pytest.fixture
def office(sign_in: Any, cast: Cast) -> FlaskClient:
    client: FlaskClient = sign_in(cast.office)
    return client


def upload(client: FlaskClient, content: bytes, name: str = "жадыбал.csv") -> str:
    """Bring a file in and return the address of its preview."""
    answer = client.post("/tv/import/", data={"file": (io.BytesIO(content), name)})
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def lessons() -> list[TvLesson]:
    db.session.rollback()
    return list(db.session.scalars(db.select(TvLesson).order_by(TvLesson.starts_at, TvLesson.id)))


def standing() -> int:
    return sum(lesson.cancelled_at is None for lesson in lessons())


def test_a_good_timetable_is_looked_over_applied_and_taken_back(office: FlaskClient, cast: Cast) -> None:
    preview = upload(office, (TV / "sample_timetable.xlsx").read_bytes(), "жадыбал.xlsx")
    page = office.get(preview).text
    assert "No errors were found." in page
    assert "Bring in 171 lessons" in page
    assert lessons() == []
    done = office.post(f"{preview}/apply", follow_redirects=True).text
    assert "171 lessons are brought in." in done
    assert standing() == 171
    # A second click changes nothing.
    assert office.post(f"{preview}/apply").status_code == 302
    assert standing() == 171
    undone = office.post(f"{preview}/undo", follow_redirects=True).text
    assert "The timetable is taken back." in undone
    assert standing() == 0
    assert "Сабат ачуу" not in office.get("/tv/?day=2020-09-07").text
    assert office.post(f"{preview}/undo").status_code == 302
    actions = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [(entry.action, entry.staff_id) for entry in actions] == [
        ("lessons.imported", cast.office.id),
        ("lessons.import_undone", cast.office.id),
    ]


def test_a_timetable_taken_back_can_be_brought_in_again(office: FlaskClient) -> None:
    content = (TV / "sample_timetable.csv").read_bytes()
    first = upload(office, content)
    office.post(f"{first}/apply")
    office.post(f"{first}/undo")
    uids = {lesson.uid for lesson in lessons()}
    second = upload(office, content)
    office.post(f"{second}/apply")
    assert standing() == len(lessons()) == 171
    assert {lesson.uid for lesson in lessons()} == uids


def test_every_error_is_mended_in_place_and_then_the_timetable_applies(office: FlaskClient) -> None:
    preview = upload(office, (TV / "tricky_timetable.csv").read_bytes())
    page = office.get(preview).text
    assert "5 rows have errors" in page
    assert f"{preview}/apply" not in page
    # With errors nothing is applied, whoever asks.
    assert office.post(f"{preview}/apply").status_code == 302
    assert lessons() == []
    names = dict(re.findall(r'name="(row-\d+-\w+)" value="([^"]*)"', page))
    end = next(name for name, value in names.items() if value == "10:00" and name.endswith("-end"))
    grade = next(name for name, value in names.items() if value == "0" and name.endswith("-grade"))
    day = next(name for name, value in names.items() if value == "2020-02-30")
    channel = next(
        name
        for name in re.findall(r'name="(row-\d+-channel)"', page)
        if f'{name}"><option value="Балапан" selected' in page
    )
    language = next(
        name
        for name in re.findall(r'name="(row-\d+-language)"', page)
        if f'{name}"><option value="kg" selected' in page
    )
    mended = {end: "11:00", grade: "9", channel: "ЭЛТР", language: "ky"}
    page = office.post(f"{preview}/mend", data=mended, follow_redirects=True).text
    assert "1 row has an error" in page
    assert 'value="2020-02-30"' in page
    left_out = day.split("-")[1]
    for _ in range(2):  # sent twice, it must not leave out the next row
        page = office.post(f"{preview}/mend", data={"leave_out": left_out}, follow_redirects=True).text
        assert "There are no errors." in page
    office.post(f"{preview}/apply")
    assert standing() == 13


def test_a_channel_with_a_strange_name_is_named_once_for_all_rows(office: FlaskClient) -> None:
    rows = [
        ("2026-11-24", "", f"{hour}:00", f"{hour}:30", "", "Биздин ТВ", "5", "ky", "Химия", "")
        for hour in range(9, 13)
    ]
    preview = upload(office, as_csv([HEADER, *rows]))
    page = office.get(preview).text
    assert "“Биздин ТВ” in 4 rows is" in page
    page = office.post(
        f"{preview}/mend", data={"was-0": "Биздин ТВ", "becomes-0": "ЭЛТР"}, follow_redirects=True
    ).text
    assert "No errors were found." in page
    office.post(f"{preview}/apply")
    assert {made.channel.name for made in lessons()} == {"ЭЛТР"}


def test_what_all_rows_lack_is_given_once(office: FlaskClient) -> None:
    table = "| Убакыт | Класс | Сабак |\n|---|---|---|\n| 9.00-9.20 | 1 | Окуу |\n| 9.25-9.45 | 2 | Окуу |"
    preview = office.post("/tv/import/", data={"text": table}).location
    assert "What is missing in several rows" in office.get(preview).text
    given = {"all-date": "25.11.2026", "all-channel": "Баластан"}
    assert "No errors were found." in office.post(f"{preview}/mend", data=given, follow_redirects=True).text
    office.post(f"{preview}/apply")
    assert [f"{made.starts_at:%m-%d %H:%M}" for made in lessons()] == ["11-25 03:00", "11-25 03:25"]


def test_warnings_stop_nobody(office: FlaskClient) -> None:
    row = ("2026-11-29", "", "09:00", "09:45", "", "ЭЛТР", "5-А", "ky", "Химия", "")
    preview = upload(office, as_csv([HEADER, row]))
    page = office.get(preview).text
    for words in ("is a Sunday", "may watch at most 30", "A TV lesson is for a whole grade"):
        assert words in page
    office.post(f"{preview}/apply")
    assert standing() == 1


def test_a_pasted_grid_of_weekdays_goes_into_the_week_that_is_named(office: FlaskClient) -> None:
    table = "ЭЛТР\t\t\nУбактысы\tДүйшөмбү\tЖума\n9.00-9.30\t5-класс Химия\t6-класс Физика"
    answer = office.post("/tv/import/", data={"text": table, "week": "2-декабрь 2026"})
    office.post(f"{answer.location}/apply")
    assert [(f"{made.starts_at:%Y-%m-%d}", made.subject) for made in lessons()] == [
        ("2026-11-30", "Химия"),
        ("2026-12-04", "Физика"),
    ]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "There is nothing in it."),
        ({"text": "Салам"}, "No timetable was found."),
        ({"text": "x", "week": "качандыр"}, "This is no day."),
        ({"file": b"%PDF-1.7"}, "The file is no timetable."),
        ({"text": "a" * 300_001}, "The text is too long."),
    ],
)
def test_what_is_no_timetable_gets_one_clear_sentence(
    office: FlaskClient, data: dict[str, Any], said: str
) -> None:
    if "file" in data:
        data = {"file": (io.BytesIO(data["file"]), "жадыбал.pdf")}
    answer = office.post("/tv/import/", data=data)
    assert answer.status_code == 422
    assert said in answer.text
    if data.get("text") == "Салам":
        assert "Салам</textarea>" in answer.text  # nothing typed is lost


def test_the_page_of_a_terrible_timetable_stays_short(office: FlaskClient) -> None:
    row = ("x", "", "x", "x", "", "x", "x", "x", "<script>alert(1)</script>", "")
    preview = upload(office, as_csv([HEADER, *[row] * 4000]))
    answer = office.get(f"{preview}?page=3")
    assert answer.text.count("<fieldset") <= 25
    assert "<script>alert" not in answer.text
    assert "4000 rows have errors" in answer.text


def test_what_was_changed_since_stays_when_a_timetable_is_taken_back(
    office: FlaskClient, lesson: Put, now: datetime
) -> None:
    made = lesson(subject="Химия", topic="")
    number = made.id
    rows = [
        ("2026-11-24", "", "15:00", "15:30", "", "ЭЛТР", "5", "ky", "Химия", "Атом"),
        ("2026-11-24", "", "16:00", "16:30", "", "ЭЛТР", "6", "ky", "Физика", ""),
        ("2026-11-24", "", "17:00", "17:30", "", "ЭЛТР", "7", "ky", "Тарых", ""),
    ]
    preview = upload(office, as_csv([HEADER, *rows]))
    office.post(f"{preview}/apply")
    assert db.session.get_one(TvLesson, number, populate_existing=True).topic == "Атом"
    physics = db.session.scalars(db.select(TvLesson).filter_by(subject="Физика")).one()
    office.post(f"/tv/lessons/{physics.id}/cancel")
    office.post(f"/tv/lessons/{physics.id}/restore")
    page = office.post(f"{preview}/undo", follow_redirects=True).text
    assert "except 1 lesson that was changed since" in page
    assert db.session.get_one(TvLesson, number, populate_existing=True).topic == ""
    assert {made.subject for made in lessons() if made.cancelled_at is None} == {"Химия", "Физика"}


def test_lessons_that_a_changed_timetable_does_not_have_can_be_cancelled_with_it(
    office: FlaskClient, lesson: Put
) -> None:
    moved = lesson(subject="Химия", topic="").id
    russian = lesson(subject="Химия", topic="", language="ru").id
    other_day = lesson(24 * 60, subject="Химия").id
    row = ("2026-11-24", "", "18:00", "18:30", "", "ЭЛТР", "5", "ky", "Химия", "")
    preview = upload(office, as_csv([HEADER, row]))
    page = office.get(preview).text
    assert "1 lesson is not in this timetable" in page
    office.post(f"{preview}/apply")
    assert standing() == 4  # nobody said that it should go
    preview = upload(office, as_csv([HEADER, row]))
    office.post(f"{preview}/apply", data={"replace": "y"})
    gone = [made.id for made in lessons() if made.cancelled_at]
    assert gone == [moved]
    assert {russian, other_day} <= {made.id for made in lessons() if not made.cancelled_at}
    assert "Cancelled" in office.get("/tv/?day=2026-11-24").text
    office.post(f"{preview}/undo")
    assert standing() == 4


def test_a_timetable_that_is_there_already_says_so_and_leads_on(office: FlaskClient) -> None:
    content = as_csv([HEADER, ("2026-11-30", "", "09:00", "09:30", "", "ЭЛТР", "7", "ky", "Алгебра", "")])
    office.post(f"{upload(office, content)}/apply")
    page = office.get(upload(office, content)).text
    assert "All of it is in the timetable already." in page
    assert "Bring in 0 lessons" not in page
    assert 'href="/tv/?day=2026-11-30"' in page
    assert 'href="/tv/import/"' in page


def test_a_timetable_that_only_lacks_lessons_offers_to_cancel_them(office: FlaskClient) -> None:
    row = ("2026-11-30", "", "09:00", "09:30", "", "ЭЛТР", "7", "ky", "Алгебра", "")
    office.post(f"{upload(office, as_csv([HEADER, row, (*row[:2], '10:00', '10:30', *row[4:])]))}/apply")
    preview = upload(office, as_csv([HEADER, row]))
    page = office.get(preview).text
    assert "All of it is in the timetable already." in page
    assert "1 lesson is not in this timetable" in page
    assert "Bring in 0 lessons" not in page
    assert '<button class="button b-danger" name="replace" value="y">' in page
    done = office.post(f"{preview}/apply", data={"replace": "y"}, follow_redirects=True).text
    assert "1 lesson is cancelled." in done
    assert "0 lessons" not in done
    assert standing() == 1


def test_last_week_is_copied_without_its_topics_and_through_the_same_preview(
    office: FlaskClient, lesson: Put
) -> None:
    lesson(subject="Химия", topic="Атом")
    lesson(
        60,
        subject="Тарых",
        first_grade=7,
        last_grade=8,
        language="ru",
        cancelled_at=datetime.now().astimezone(),
    )
    answer = office.post("/tv/import/copy", data={"week": "2026-11-30"})
    assert "1 lesson" in office.get(answer.location).text
    office.post(f"{answer.location}/apply")
    copied = lessons()[-1]
    assert (f"{copied.starts_at:%Y-%m-%d %H:%M}", copied.subject, copied.topic) == (
        "2026-12-01 09:00",
        "Химия",
        "",
    )
    again = office.post("/tv/import/copy", data={"week": "2026-11-30", "topics": "y"})
    office.post(f"{again.location}/apply")
    assert lessons()[-1].topic == "Атом"
    nothing = office.post("/tv/import/copy", data={"week": "2030-01-07"}, follow_redirects=True)
    assert "There are no lessons in the week before." in nothing.text


def test_a_draft_is_its_makers_alone(sign_in: Any, cast: Cast) -> None:
    preview = upload(sign_in(cast.office), (TV / "sample_timetable.csv").read_bytes())
    for person in (cast.director, cast.other_director):
        client = sign_in(person)
        for address in (preview, f"{preview}/apply", f"{preview}/mend", f"{preview}/undo"):
            method = client.get if address == preview else client.post
            assert method(address).status_code == 404
    assert db.session.scalar(db.select(db.func.count()).select_from(LessonImport)) == 1
    # A new draft replaces the old one of the same person.
    upload(sign_in(cast.office), (TV / "sample_timetable.csv").read_bytes())
    assert db.session.scalar(db.select(db.func.count()).select_from(LessonImport)) == 1
