"""`flask --app webapp lessons import FILE` brings a timetable in, and a second time changes nothing."""

from __future__ import annotations

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from notifier.database import db
from tests.cast import Cast
from tests.lessons.tables import HEADER, NOW, TV, as_csv, sample_rows
from webapp.lessons.importing import bring_in
from webapp.lessons.models import LessonImport, LessonRules, TvChannel, TvLesson
from webapp.lessons.roads import context_of, read_file
from webapp.lessons.rules import rules_of
from webapp.staff.models import AuditEntry, School

SCHOOL = "№95"


def run(app: Flask, file: Path, *options: str) -> tuple[int, dict[str, Any]]:
    done = app.test_cli_runner().invoke(
        args=["lessons", "import", str(file), "--json", "--school", SCHOOL, *options]
    )
    db.session.rollback()
    return done.exit_code, json.loads(done.stdout)


def lessons() -> int:
    return db.session.scalar(select(func.count()).select_from(TvLesson)) or 0


def test_a_new_school_has_its_channels_caps_and_days_off(cast: Cast) -> None:
    channels = db.session.scalars(select(TvChannel).where(TvChannel.school_id == cast.school.id)).all()
    assert {(c.name, c.first_grade, c.last_grade) for c in channels} == {("Баластан", 1, 4), ("ЭЛТР", 5, 12)}
    rules = db.session.get_one(LessonRules, cast.school.id)
    assert rules.caps["1"] == 20
    assert "10" not in rules.caps


@pytest.mark.parametrize(
    "name", ["sample_timetable.csv", "sample_timetable.xlsx", "sample_timetable.xmltv.xml"]
)
def test_a_timetable_brought_in_twice_changes_nothing(app: Flask, cast: Cast, name: str) -> None:
    status, first = run(app, TV / name)
    assert (status, first) == (
        0,
        {"rows": 171, "created": 171, "updated": 0, "unchanged": 0, "errors": [], "warnings": []},
    )
    assert lessons() == 171
    before = db.session.execute(select(TvLesson.id, TvLesson.uid, TvLesson.revision)).all()
    db.session.rollback()
    for again in ("sample_timetable.csv", "sample_timetable.xlsx", "sample_timetable.xmltv.xml"):
        status, second = run(app, TV / again)
        assert (status, second["created"], second["updated"], second["unchanged"]) == (0, 0, 0, 171)
    assert db.session.execute(select(TvLesson.id, TvLesson.uid, TvLesson.revision)).all() == before


def test_a_dry_run_changes_nothing(app: Flask, cast: Cast) -> None:
    status, answer = run(app, TV / "sample_timetable.csv", "--dry-run")
    assert (status, answer["created"]) == (0, 171)
    assert lessons() == 0
    assert db.session.scalar(select(func.count()).select_from(LessonImport)) == 0


def test_with_an_error_in_it_nothing_is_applied(app: Flask, cast: Cast) -> None:
    status, answer = run(app, TV / "tricky_timetable.csv")
    assert status == 1
    assert (answer["rows"], answer["created"], answer["updated"]) == (14, 0, 0)
    assert [(error["row"], error["code"]) for error in answer["errors"]] == [
        (5, "end_before_start"),
        (6, "unknown_channel"),
        (10, "bad_grade"),
        (12, "bad_language"),
        (13, "bad_date"),
    ]
    assert "Баластан" in answer["errors"][1]["message"]
    assert {(w["row"], w["code"]) for w in answer["warnings"]} == {
        (2, "cap_exceeded"),
        (3, "overlap"),
        (9, "class_letter"),
        (14, "sunday"),
    }
    assert all(
        set(problem) == {"row", "code", "message"} for problem in answer["errors"] + answer["warnings"]
    )
    assert lessons() == 0


def test_a_changed_topic_changes_the_lesson_and_keeps_its_identity(
    app: Flask, cast: Cast, tmp_path: Path
) -> None:
    run(app, TV / "sample_timetable.csv")
    rows = sample_rows()
    rows[0]["topic"] = "Жаңы тема"
    rows[1]["end"], rows[1]["minutes"] = "09:40", "15"
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    changed = tmp_path / "changed.csv"
    changed.write_text(text.getvalue())
    uids = set(db.session.scalars(select(TvLesson.uid)))
    status, answer = run(app, changed)
    assert (status, answer["created"], answer["updated"], answer["unchanged"]) == (0, 0, 2, 169)
    assert set(db.session.scalars(select(TvLesson.uid))) == uids
    new = db.session.scalars(select(TvLesson).where(TvLesson.topic == "Жаңы тема")).one()
    assert new.revision == 2


def test_a_changed_timetable_replaces_the_old_one_when_it_should(
    app: Flask, cast: Cast, tmp_path: Path
) -> None:
    file = tmp_path / "week.csv"
    row = ("2026-11-30", "", "09:00", "09:30", "", "ЭЛТР", "7", "ky", "Алгебра", "")
    file.write_bytes(as_csv([HEADER, row]))
    run(app, file)
    file.write_bytes(as_csv([HEADER, (*row[:2], "10:00", "10:30", *row[4:])]))
    assert run(app, file, "--replace", "--dry-run")[1]["cancelled"] == 1
    status, answer = run(app, file, "--replace")
    assert (status, answer["created"], answer["cancelled"]) == (0, 1, 1)
    old, new = db.session.scalars(select(TvLesson).order_by(TvLesson.starts_at)).all()
    assert (old.cancelled_at is None, old.revision, new.cancelled_at) == (False, 2, None)


def test_what_a_command_did_is_in_the_audit(app: Flask, cast: Cast) -> None:
    run(app, TV / "sample_timetable.csv")
    run(app, TV / "sample_timetable.csv")
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "lessons.imported")).all()
    assert [(e.school_id, e.staff_id, e.detail["created"]) for e in entries] == [(cast.school.id, None, 171)]


def test_another_school_is_not_touched(app: Flask, cast: Cast) -> None:
    run(app, TV / "sample_timetable.csv")
    schools = set(db.session.scalars(select(TvLesson.school_id)))
    channels = set(
        db.session.scalars(select(TvChannel.school_id).join(TvLesson, TvLesson.channel_id == TvChannel.id))
    )
    assert schools == channels == {cast.school.id}


def test_a_repeat_knows_the_airing_it_shows_again(app: Flask, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "repeats.csv"
    first = ("2026-11-30", "", "09:00", "09:30", "", "ЭЛТР", "7", "ky", "Алгебра", "Функция", "")
    again = ("2026-11-30", "", "18:00", "18:30", "", "ЭЛТР", "7", "ky", "Алгебра", "Функция", "ооба")
    file.write_bytes(as_csv([(*HEADER, "кайталоо"), first, again]))
    assert run(app, file)[0] == 0
    earlier, later = db.session.scalars(select(TvLesson).order_by(TvLesson.starts_at)).all()
    assert (earlier.repeat_of_id, later.repeat_of_id) == (None, earlier.id)
    assert run(app, file)[1]["unchanged"] == 2


def test_two_lessons_in_the_same_minute_stay_two(app: Flask, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "same.csv"
    row = ("2026-11-30", "", "09:00", "09:30", "", "ЭЛТР", "7", "ky", "Алгебра", "Функция")
    file.write_bytes(as_csv([HEADER, row, (*row[:8], "Химия", "Атом")]))
    status, answer = run(app, file)
    assert (status, answer["created"], [w["code"] for w in answer["warnings"]]) == (0, 2, ["overlap"])
    assert run(app, file)[1]["unchanged"] == 2


def test_an_overlap_with_a_lesson_already_there_is_told(app: Flask, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    row = ("2026-11-30", "", "09:00", "09:30", "", "ЭЛТР", "7", "ky", "Алгебра", "")
    file.write_bytes(as_csv([HEADER, row]))
    run(app, file)
    file.write_bytes(as_csv([HEADER, (*row[:2], "09:20", "09:50", *row[4:6], "8", *row[7:])]))
    answer = run(app, file)[1]
    assert [(w["row"], w["code"]) for w in answer["warnings"]] == [(2, "overlap")]


def test_five_thousand_rows_are_brought_in(app: Flask, cast: Cast, tmp_path: Path) -> None:
    rows = [
        (
            f"2026-{month:02}-{day:02}",
            "",
            f"{8 + n // 2}:{n % 2 * 30:02}",
            "",
            "20",
            "ЭЛТР",
            str(5 + n % 7),
            "ky",
            "Окуу",
            str(n),
        )
        for month in range(1, 9)
        for day in range(1, 29)
        for n in range(22)
    ]
    file = tmp_path / "many.csv"
    file.write_bytes(as_csv([HEADER, *rows]))
    status, answer = run(app, file)
    assert (status, answer["created"]) == (0, len(rows))
    assert run(app, file)[1]["unchanged"] == len(rows)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty"), (b"%PDF-1.7", "not_a_sheet"), ("Класс;Окуучу\n5-А;Үлгүлүев\n".encode(), "no_header")],
)
def test_a_file_that_is_no_timetable_gets_one_clear_error(
    app: Flask, cast: Cast, tmp_path: Path, content: bytes, code: str
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)
    status, answer = run(app, file)
    assert status == 1
    assert [error["code"] for error in answer["errors"]] == [code]
    assert answer["rows"] == 0


def test_a_grid_of_weekdays_goes_into_the_week_that_the_command_names(
    app: Flask, cast: Cast, tmp_path: Path
) -> None:
    file = tmp_path / "grid.csv"
    file.write_text("ЭЛТР;;\nУбактысы;Дүйшөмбү;Жума\n9.00-9.30;5-класс Химия;6-класс Физика\n")
    assert {error["code"] for error in run(app, file)[1]["errors"]} == {"bad_date"}
    assert run(app, file, "--week", "2026-12-02")[0] == 0
    days = db.session.scalars(select(TvLesson.starts_at).order_by(TvLesson.starts_at)).all()
    assert [f"{day:%Y-%m-%d}" for day in days] == ["2026-11-30", "2026-12-04"]


def test_two_people_who_bring_the_same_timetable_in_at_once_make_it_once(app: Flask, cast: Cast) -> None:
    rows = read_file((TV / "sample_timetable.csv").read_bytes(), context_of(rules_of(cast.school), NOW))
    school_id = cast.school.id
    db.session.rollback()

    def bring() -> int:
        with app.app_context():
            plan = bring_in(rows, db.session.get_one(School, school_id), "жадыбал", NOW)
            db.session.commit()
            return len(plan.created)

    with ThreadPoolExecutor(3) as pool:
        made = sorted(done.result() for done in [pool.submit(bring) for _ in range(3)])
    assert made == [0, 0, 171]
    assert lessons() == 171


def test_a_file_that_is_not_there_is_said_in_the_persons_language(app: Flask, cast: Cast) -> None:
    for area in ("lessons", "families"):
        done = app.test_cli_runner().invoke(args=[area, "import", "/nowhere/list.csv", "--lang", "en"])
        assert done.exit_code == 1
        assert "There is no file /nowhere/list.csv." in done.output


def test_without_json_the_command_speaks_to_people(app: Flask, cast: Cast) -> None:
    done = app.test_cli_runner().invoke(
        args=["lessons", "import", str(TV / "tricky_timetable.csv"), "--school", SCHOOL, "--lang", "en"]
    )
    assert done.exit_code == 1
    assert "row 12  “kg” is not a language of teaching. Do you mean ky?" in done.output
    assert "Nothing was brought in." in done.output
