"""What people see of the timetable, and how keepers change it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import icalendar
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from notifier.database import db
from tests.cast import Cast, staff_member
from tests.lessons.tables import CONTEXT, TV, read
from webapp.lessons.models import TvChannel, TvLesson
from webapp.lessons.roads import read_file
from webapp.staff.models import AuditEntry, Role

pytestmark = pytest.mark.usefixtures("without_forgery_check")
Put = Callable[..., TvLesson]


@pytest.fixture(autouse=True)
def tuesday(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def teacher(sign_in: Any, cast: Cast) -> FlaskClient:
    client: FlaskClient = sign_in(cast.teacher)
    return client


def text_of(page: str) -> str:
    """The words of a page, without markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def form_of(**changed: str) -> dict[str, str]:
    return {
        "date": "25.11.2026",
        "start": "9.00",
        "minutes": "30",
        "channel": "ЭЛТР",
        "grade": "5",
        "language": "ky",
        "subject": "Химия",
        "topic": "Атом",
    } | changed


def test_the_day_shows_what_is_on_now_and_next(teacher: FlaskClient, lesson: Put) -> None:
    lesson(-10, subject="Алгебра")
    lesson(30, subject="Химия")
    lesson(90, subject="Физика")
    page = text_of(teacher.get("/tv/").text)
    assert re.search(r"Алгебра .* On now .*Химия .* Next .*Физика", page)
    assert page.count("On now") == page.count("Next") == 1
    assert "Tuesday, 24 November" in page
    assert "13:50" in page  # told in the school's time


def test_other_days_are_a_tab_away_and_a_weeks_sunday_shows_when_something_is_on(
    teacher: FlaskClient, lesson: Put
) -> None:
    lesson(24 * 60, subject="Химия")
    assert "Химия" not in teacher.get("/tv/").text
    assert "Химия" in teacher.get("/tv/?day=2026-11-25").text
    assert "day=2026-11-29" not in teacher.get("/tv/").text
    lesson(5 * 24 * 60, subject="Физика")
    assert "day=2026-11-29" in teacher.get("/tv/").text


@pytest.mark.parametrize("day", ["", "x", "2026-02-30", "0001-01-01", "9999-12-31", "20261124"])
def test_a_day_that_makes_no_sense_is_today(teacher: FlaskClient, day: str) -> None:
    answer = teacher.get(
        "/tv/", query_string={"day": day, "grade": "x", "language": "xx", "channel": "9" * 30}
    )
    assert answer.status_code == 200
    assert "24 November" in answer.text


def test_the_day_is_filtered_by_grade_language_and_channel(teacher: FlaskClient, lesson: Put) -> None:
    lesson(10, subject="Алгебра", first_grade=7, last_grade=8)
    lesson(50, subject="Химия", language="ru")
    made = lesson(90, subject="Сүрөт", channel="Баластан", first_grade=2, last_grade=2)
    for query, seen in (
        ("", {"Алгебра", "Химия", "Сүрөт"}),
        ("?grade=8", {"Алгебра"}),
        ("?language=ru", {"Химия"}),
        (f"?channel={made.channel_id}", {"Сүрөт"}),
        ("?grade=5&language=ky", set()),
    ):
        page = teacher.get(f"/tv/{query}").text
        assert {subject for subject in ("Алгебра", "Химия", "Сүрөт") if subject in page} == seen


def test_the_week_begins_with_the_class_one_leads(sign_in: Any, cast: Cast, lesson: Put) -> None:
    lesson(60, subject="Кыргыз тили")
    lesson(60, subject="Русский язык", language="ru")
    lesson(60, subject="Алгебра", first_grade=7, last_grade=7)
    page = sign_in(cast.other_teacher).get("/tv/week").text
    assert "Русский язык" in page
    assert "Кыргыз тили" not in page
    assert "Алгебра" not in page
    assert "5-Б" in page


def test_everybody_at_the_school_sees_the_timetable_and_only_keepers_change_it(
    sign_in: Any, cast: Cast, lesson: Put, now: datetime
) -> None:
    made = lesson()
    for role in Role:
        person = staff_member(cast.school, f"Кызматкер {role}", f"tv-{role}", role, now=now)
        db.session.commit()
        client = sign_in(person)
        assert "Математика" in client.get("/tv/").text
        keeps = role in {Role.DIRECTOR, Role.DEPUTY_DIRECTOR, Role.OFFICE, Role.CLASS_TEACHER}
        sets = keeps and role is not Role.CLASS_TEACHER
        assert ("/tv/lessons/new" in client.get("/tv/").text) is keeps
        for address in ("/tv/lessons/new", f"/tv/lessons/{made.id}", "/tv/import/"):
            assert client.get(address).status_code == (200 if keeps else 403), (role, address)
        assert client.get("/tv/settings/").status_code == (200 if sets else 403), role


def test_another_school_sees_and_changes_nothing_of_ours(sign_in: Any, cast: Cast, lesson: Put) -> None:
    made = lesson()
    client = sign_in(cast.other_director)
    assert "Математика" not in client.get("/tv/").text
    assert "Математика" not in client.get("/tv/week?grade=5").text
    for address in (
        f"/tv/lessons/{made.id}",
        f"/tv/print/{cast.class_5a.id}",
        f"/tv/settings/channels/{made.channel_id}",
    ):
        assert client.get(address).status_code == 404
    assert client.post(f"/tv/lessons/{made.id}/cancel").status_code == 404


def test_a_lesson_is_added_in_any_way_of_writing(teacher: FlaskClient, cast: Cast) -> None:
    answer = teacher.post("/tv/lessons/new", data=form_of(date="25-ноябрь", start="9⁰⁰", grade="5–6"))
    assert (answer.status_code, answer.location) == (302, "/tv/?day=2026-11-25")
    made = db.session.scalars(db.select(TvLesson)).one()
    assert made.starts_at == datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
    assert (made.first_grade, made.last_grade, made.school_id) == (5, 6, cast.school.id)


def test_what_is_wrong_with_a_lesson_is_told_at_its_field(teacher: FlaskClient) -> None:
    answer = teacher.post(
        "/tv/lessons/new", data=form_of(date="31.11.2026", start="25:00", grade="x", subject="")
    )
    assert answer.status_code == 422
    page = text_of(answer.text)
    for words in ("is not a day of the calendar", "Write the subject."):
        assert words in page or "Write the subject." in page
    answer = teacher.post("/tv/lessons/new", data=form_of(date="31.11.2026", start="25:00", grade="x"))
    page = text_of(answer.text)
    for words in ("“31.11.2026” is not a day of the calendar", "“25:00” is not a time", "“x” is not a grade"):
        assert words in page
    assert 'value="31.11.2026"' in answer.text  # nothing typed is lost
    assert db.session.scalar(db.select(db.func.count()).select_from(TvLesson)) == 0


def test_a_warning_stops_a_person_once(teacher: FlaskClient) -> None:
    long = form_of(minutes="45")
    first = teacher.post("/tv/lessons/new", data=long)
    assert first.status_code == 422
    assert "may watch at most 30 at a stretch" in text_of(first.text)
    agreed = re.search(r'name="agreed"[^>]*value="([^"]+)"', first.text)
    assert agreed
    assert teacher.post("/tv/lessons/new", data=long | {"agreed": agreed[1]}).status_code == 302
    # Other warnings than those that were agreed to stop again.
    other = form_of(minutes="50", start="10:00")
    assert teacher.post("/tv/lessons/new", data=other | {"agreed": agreed[1]}).status_code == 422


def test_a_changed_lesson_grows_its_revision_and_keeps_its_uid(teacher: FlaskClient, lesson: Put) -> None:
    made = lesson()
    number, uid = made.id, made.uid
    page = teacher.get(f"/tv/lessons/{number}").text
    assert 'value="24.11.2026"' in page
    assert 'value="15:00"' in page
    same = form_of(date="24.11.2026", start="15:00", subject="Математика", topic="Бөлчөк")
    assert teacher.post(f"/tv/lessons/{number}", data=same).status_code == 302
    assert db.session.get_one(TvLesson, number).revision == 1
    assert teacher.post(f"/tv/lessons/{number}", data=same | {"start": "16:00"}).status_code == 302
    changed = db.session.get_one(TvLesson, number, populate_existing=True)
    assert (changed.revision, changed.uid, f"{changed.starts_at:%H:%M}") == (2, uid, "10:00")


def test_a_cancelled_lesson_stays_visible_and_can_be_put_on_again(teacher: FlaskClient, lesson: Put) -> None:
    made = lesson(-5)
    number = made.id
    page = text_of(teacher.post(f"/tv/lessons/{number}/cancel", follow_redirects=True).text)
    assert "The lesson is cancelled." in page
    assert "Cancelled" in page
    assert "On now" not in page
    assert teacher.post(f"/tv/lessons/{number}/cancel").status_code == 302
    assert db.session.get_one(TvLesson, number, populate_existing=True).revision == 2
    assert "On now" in teacher.post(f"/tv/lessons/{number}/restore", follow_redirects=True).text


def test_a_repeat_is_tied_to_its_first_airing(teacher: FlaskClient, lesson: Put) -> None:
    first = lesson(0)
    again = form_of(date="24.11.2026", start="18:00", subject="Математика", topic="Бөлчөк", repeat="y")
    assert teacher.post("/tv/lessons/new", data=again).status_code == 302
    later = db.session.scalars(db.select(TvLesson).where(TvLesson.id != first.id)).one()
    assert later.repeat_of_id == first.id
    assert "Repeat" in teacher.get("/tv/").text


def test_a_class_week_prints_on_one_sheet(sign_in: Any, cast: Cast, lesson: Put) -> None:
    lesson(60, subject="Тарых")
    lesson(90, subject="Химия", cancelled_at=datetime(2026, 11, 23, tzinfo=UTC))
    lesson(120, subject="История", language="ru")
    page = sign_in(cast.pedagogue).get(f"/tv/print/{cast.class_5a.id}").text
    assert "Тарых" in page
    assert "15:00–15:30" in page
    assert "Химия" not in page
    assert "История" not in page


def test_anybody_may_subscribe_to_the_calendar_of_a_class(
    app: Flask, cast: Cast, lesson: Put, now: datetime
) -> None:
    made = lesson(60, subject="Тарых, география; \\ жана башка", topic="Ү" * 200)
    lesson(90, subject="История", language="ru")
    uid = made.uid
    answer = app.test_client().get(f"/tv/classes/{cast.class_5a.id}.ics")
    assert answer.mimetype == "text/calendar"
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
    assert "Айгүл".encode() not in answer.data
    (event,) = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    assert event["UID"] == f"{uid}@kabarchy"
    assert event.decoded("DTSTART") == now + timedelta(hours=1)
    assert event["SUMMARY"] == "Тарых, география; \\ жана башка · ЭЛТР"
    assert event["SEQUENCE"] == 0
    made = db.session.get_one(TvLesson, made.id)
    made.starts_at, made.revision, made.cancelled_at = now + timedelta(hours=2), 2, now
    db.session.commit()
    (event,) = icalendar.Calendar.from_ical(
        app.test_client().get(f"/tv/classes/{cast.class_5a.id}.ics").data
    ).walk("VEVENT")
    assert (event["UID"], event["STATUS"], event["SEQUENCE"]) == (f"{uid}@kabarchy", "CANCELLED", 1)


def test_a_day_off_is_left_out_of_paper_and_calendar_and_marked_on_the_pages(
    sign_in: Any, cast: Cast, lesson: Put
) -> None:
    lesson(60, subject="Тарых")
    lesson(24 * 60, subject="Химия")  # the day of the 25th
    number, director = cast.class_5a.id, sign_in(cast.director)
    days_off = {"first_grade": "1", "last_grade": "11", "days_off": "25.11.2026 Сынак күн"}
    assert director.post("/tv/settings/", data=days_off).status_code == 302
    sheet = text_of(director.get(f"/tv/print/{number}").text)
    assert "Тарых" in sheet
    assert "Day off: Сынак күн" in sheet
    assert "Химия" not in sheet
    calendar = icalendar.Calendar.from_ical(director.get(f"/tv/classes/{number}.ics").data)
    assert [str(event["SUMMARY"]) for event in calendar.walk("VEVENT")] == ["Тарых · ЭЛТР"]
    # The channels show it all the same: whoever keeps the timetable sees it, and sees that nobody is told.
    day = text_of(director.get("/tv/?day=2026-11-25").text)
    assert "Химия" in day
    assert "Evening messages, printed weeks and calendars leave them out." in day
    week = text_of(director.get("/tv/week?grade=5&day=2026-11-25").text)
    assert re.search("Тарых.* Day off: Сынак күн .*Химия", week)
    assert "Химия" in director.get("/tv/guide.xml").text


# What the DTD of XMLTV allows inside a programme and a channel, in this order.
PROGRAMME = [
    "title",
    "sub-title",
    "desc",
    "credits",
    "date",
    "category",
    "keyword",
    "language",
    "orig-language",
    "length",
    "icon",
    "url",
    "country",
    "episode-num",
    "video",
    "audio",
    "previously-shown",
    "premiere",
    "last-chance",
    "new",
    "subtitles",
    "rating",
    "star-rating",
    "review",
    "image",
]
REQUIRED = {"tv": set(), "channel": {"id"}, "programme": {"start", "channel"}, "length": {"units"}}
ALLOWED = {
    "tv": {
        "date",
        "source-info-url",
        "source-info-name",
        "source-data-url",
        "generator-info-name",
        "generator-info-url",
    },
    "channel": {"id"},
    "programme": {"start", "stop", "channel"},
    "title": {"lang"},
    "sub-title": {"lang"},
    "category": {"lang"},
    "keyword": {"lang"},
    "language": {"lang"},
    "display-name": {"lang"},
    "length": {"units"},
    "previously-shown": {"start", "channel"},
}


def test_the_guide_is_valid_xmltv_and_leads_back_to_the_same_lessons(
    app: Flask, teacher: FlaskClient, cast: Cast
) -> None:
    runner = app.test_cli_runner()
    done = runner.invoke(args=["lessons", "import", str(TV / "sample_timetable.csv"), "--school", "№95"])
    assert done.exit_code == 0
    first = db.session.scalars(db.select(TvLesson).order_by(TvLesson.starts_at)).first()
    assert first
    db.session.add(
        TvLesson(
            school_id=cast.school.id,
            channel_id=first.channel_id,
            starts_at=first.starts_at + timedelta(hours=12),
            minutes=20,
            first_grade=first.first_grade,
            last_grade=first.last_grade + 1,
            language=first.language,
            subject="<Окуу> & \x07жазуу",
            topic="",
            repeat_of_id=first.id,
            changed_at=first.changed_at,
        )
    )
    db.session.commit()
    answer = teacher.get("/tv/guide.xml?day=2020-09-07")
    assert answer.mimetype == "application/xml"
    assert answer.data.startswith(
        b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE tv SYSTEM "xmltv.dtd">\n'
    )
    tv = ElementTree.fromstring(answer.data)
    assert tv.tag == "tv"
    order = [element.tag for element in tv]
    assert order == sorted(order)  # channels, then programmes
    channels = {element.get("id") for element in tv.iter("channel")}
    for element in tv.iter():
        assert REQUIRED.get(element.tag, set()) <= set(element.attrib) <= ALLOWED[element.tag], element.tag
    for channel in tv.iter("channel"):
        assert {child.tag for child in channel} == {"display-name"}
    for programme in tv.iter("programme"):
        inside = [PROGRAMME.index(child.tag) for child in programme]
        assert inside == sorted(inside)
        assert inside[0] == 0
        assert programme.get("channel") in channels
        assert re.fullmatch(r"\d{14} \+0600", programme.get("start", ""))
    reading = read(read_file(answer.data, CONTEXT))
    assert (len(reading.drafts), reading.errors) == (172, [])
    file = TV / "sample_timetable.xmltv.xml"
    original = {(d.key, d.content) for d in read(read_file(file.read_bytes(), CONTEXT)).drafts}
    assert original < {(d.key, d.content) for d in reading.drafts}


def test_the_office_adds_a_channel_with_its_other_names(sign_in: Any, cast: Cast) -> None:
    client = sign_in(cast.office)
    answer = client.post(
        "/tv/settings/channels/new", data={"name": "Билим", "aliases": "Bilim TV, Bilim.kg", "grades": "1-11"}
    )
    assert answer.status_code == 302
    made = db.session.scalars(db.select(TvChannel).filter_by(name="Билим")).one()
    assert (made.aliases, made.first_grade, made.last_grade) == (["Bilim TV", "Bilim.kg"], 1, 11)
    clash = client.post("/tv/settings/channels/new", data={"name": "«ЭлТР» каналы"})
    assert clash.status_code == 422
    assert "has this name already" in clash.text
    assert client.post(f"/tv/settings/channels/{made.id}/remove").status_code == 302
    assert db.session.get(TvChannel, made.id, populate_existing=True) is None
    assert {e.action for e in db.session.scalars(db.select(AuditEntry))} == {"lessons.settings_changed"}


def test_a_channel_with_lessons_stays(sign_in: Any, cast: Cast, lesson: Put) -> None:
    made = lesson()
    answer = sign_in(cast.director).post(
        f"/tv/settings/channels/{made.channel_id}/remove", follow_redirects=True
    )
    assert "The channel has lessons, so it stays." in answer.text


def test_caps_and_days_off_are_the_schools_to_change(sign_in: Any, cast: Cast) -> None:
    client = sign_in(cast.director)
    page = client.get("/tv/settings/").text
    assert "07.11 – 08.11" in page
    saved = client.post(
        "/tv/settings/",
        data={
            "first_grade": "0",
            "last_grade": "12",
            "cap-5": "40",
            "days_off": "28.12.2026 – 10.01.2027 Каникул\n25.11 Сынак",
        },
    )
    assert saved.status_code == 302
    teacher = sign_in(cast.teacher)
    answer = teacher.post("/tv/lessons/new", data=form_of(minutes="40"))
    assert "25.11.2026 is a day off: Сынак" in text_of(answer.text)
    assert "at a stretch" not in answer.text
    assert "This is a day off" in teacher.get("/tv/?day=2026-11-25").text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"first_grade": "9", "last_grade": "4"}, "The grades must be from 0 to 12"),
        ({"cap-3": "көп"}, "is no number of minutes for grade 3"),
        ({"days_off": "жакында"}, "is no day off"),
        ({"days_off": "31.11 Эч качан"}, "is no day off"),
    ],
)
def test_a_fault_in_the_settings_changes_nothing(
    sign_in: Any, cast: Cast, wrong: dict[str, str], said: str
) -> None:
    client = sign_in(cast.director)
    answer = client.post("/tv/settings/", data={"first_grade": "1", "last_grade": "11"} | wrong)
    assert answer.status_code == 422
    assert said in text_of(answer.text)
    assert "07.11 – 08.11" in client.get("/tv/settings/").text
