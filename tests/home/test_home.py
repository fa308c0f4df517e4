"""Where everybody begins: the one thing to do next, what else waits, what went out lately."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy import event, select

from notifier.database import db
from notifier.models import Delivery, State
from tests.cast import Cast, family, staff_member
from webapp.announcements.kinds import ASSIGNMENT
from webapp.announcements.models import Announcement
from webapp.announcements.publish import publish
from webapp.documents.models import Document, DocumentReader
from webapp.families.models import ClassListUpload, Family
from webapp.home.desk import Desk
from webapp.home.wait import Wait
from webapp.home.waits import waits_for
from webapp.inbox.models import Conversation
from webapp.lessons.models import LessonRules, TvChannel, TvLesson
from webapp.reach.answers.handing_in import note_work
from webapp.reach.board.standings import stand_anew
from webapp.reach.tasks.followups import open_follow_up
from webapp.roster.models import DutyTurn
from webapp.staff.models import Role, StaffMember

SignIn = Callable[[StaffMember], FlaskClient]


def said(answer: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def next_thing(answer: Any) -> str:
    """What stands in the big card."""
    card = re.search(r'<section class="next.*?</section>', answer.text, re.DOTALL)
    assert card
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", card[0])).split())


def write(cast: Cast, now: datetime, *classes: Any, **fields: Any) -> Announcement:
    fields = {"author_id": cast.teacher.id, "text_ky": "Эртең сабак телекөрсөтүү аркылуу.", **fields}
    made = Announcement(
        school_id=cast.school.id, created_at=now, classes=list(classes or [cast.class_5a]), **fields
    )
    db.session.add(made)
    db.session.flush()
    return made


def told(cast: Cast, now: datetime, *classes: Any, **fields: Any) -> Announcement:
    """Send something; nobody was reached by it, and the worker has seen that."""
    made = write(cast, now, *classes, **fields)
    publish(made, now, cast.teacher)
    db.session.flush()
    for delivery in db.session.scalars(select(Delivery)):
        delivery.state = State.UNDELIVERED
    stand_anew(list(db.session.scalars(select(Family.id))), now + timedelta(hours=2))
    db.session.commit()
    return made


def waiting(person: StaffMember, now: datetime) -> list[Wait]:
    return waits_for(Desk.of(person, now))


def sentences(person: StaffMember, now: datetime) -> list[str]:
    return [wait.sentence for wait in waiting(person, now)]


@pytest.fixture(autouse=True)
def in_english(app: Flask) -> Iterator[None]:
    with app.test_request_context(headers={"Accept-Language": "en"}), force_locale("en"):
        yield


def test_a_teacher_with_nothing_to_do_is_led_to_write(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.teacher).get("/")
    assert "Nothing waits for you" in next_thing(page)
    assert "New announcement" in next_thing(page)
    assert 'href="/announcements/new"' in page.text


def test_families_that_do_not_know_yet_come_first(cast: Cast, sign_in: SignIn) -> None:
    told(cast, datetime.now(UTC) - timedelta(hours=3))
    write(cast, datetime.now(UTC), text_ky="Кийинкиси")
    db.session.commit()
    page = sign_in(cast.teacher).get("/")
    assert "4 families of 5-А do not know yet Go after them" in next_thing(page)
    assert "A text of yours is not sent yet «Кийинкиси»" in said(page)
    assert "0 of 4 families reached" in said(page)
    assert "do not know yet" not in sign_in(cast.other_teacher).get("/").text


def test_each_sees_what_waits_for_their_own_role(cast: Cast, now: datetime) -> None:
    told(cast, now - timedelta(hours=3))
    open_follow_up(cast.no_address, "wrong_number", "contact:1", now - timedelta(days=3))
    open_follow_up(cast.email_only, "by_hand", "x", now - timedelta(days=3), means="visit")
    db.session.add(
        Conversation(school_id=cast.school.id, address="+996555000777", last_at=now, unread_since=now)
    )
    db.session.commit()
    assert sentences(cast.teacher, now)[:2] == [
        "1 family waits for your call or visit today",
        "4 families of 5-А do not know yet",
    ]
    assert sentences(cast.pedagogue, now)[:2] == [
        "1 family waits for your call or visit today",
        "4 families were not reached",
    ]
    assert sentences(cast.office, now) == [
        "1 unknown number has written",
        "The number of 1 family does not work",
    ]
    assert sentences(cast.director, now) == [
        "4 families were not reached",
        "1 reply nobody has read",
        "2 families were not called or visited in time",
    ]
    # One of them has a child here, too.
    assert sentences(cast.other_teacher, now) == ["1 family of 5-Б does not know yet"]


def test_an_hour_of_today_says_how_many_were_in_touch(cast: Cast, now: datetime) -> None:
    made = told(cast, now - timedelta(hours=1), answer_by=now + timedelta(hours=4))
    first = waiting(cast.teacher, now)[0]
    assert first.sentence == "0 of 4 families were in touch; the hour is 18:00"
    assert first.url == f"/reach/announcements/{made.id}/in-touch"
    assert not any("in touch" in sentence for sentence in sentences(cast.other_teacher, now))
    made.answer_by = now + timedelta(days=2)
    db.session.commit()
    assert not any("in touch" in sentence for sentence in sentences(cast.teacher, now))


def test_families_that_have_not_said_that_they_know_are_counted(cast: Cast, now: datetime) -> None:
    made = told(cast, now - timedelta(hours=1), asks_acknowledgement=True)
    found = {wait.sentence: wait.url for wait in waiting(cast.teacher, now)}
    assert found["4 families have not said that they know"] == f"/reach/announcements/{made.id}/acknowledged"
    assert not any("said that they know" in each for each in sentences(cast.teacher, now + timedelta(days=9)))


def test_work_that_is_missing_after_its_day_waits_where_somebody_ticks_it(cast: Cast, now: datetime) -> None:
    made = told(cast, now - timedelta(days=2), kind=ASSIGNMENT, due_at=now - timedelta(hours=1))
    assert not any("is missing" in each for each in sentences(cast.teacher, now))
    note_work(made, [cast.button_phone.pupils[0].id], [], cast.teacher, now)
    db.session.commit()
    found = {wait.sentence: wait.url for wait in waiting(cast.teacher, now)}
    assert found["The work of 3 children is missing"] == f"/reach/announcements/{made.id}/handed-in"
    assert not any("is missing" in each for each in sentences(cast.teacher, now - timedelta(hours=2)))
    assert not any("is missing" in each for each in sentences(cast.other_teacher, now))


def test_a_document_a_list_and_a_meeting_wait(cast: Cast, now: datetime) -> None:
    from webapp.atschool.models import Group

    document = Document(
        school_id=cast.school.id,
        token="t",
        kind="order",
        title_ky="Буйрук",
        filename="a.pdf",
        size=1,
        content=b"%PDF",
        created_at=now,
    )
    db.session.add(document)
    db.session.flush()
    db.session.add_all(
        [
            DocumentReader(document_id=document.id, staff_id=cast.teacher.id, asked_at=now),
            ClassListUpload(
                school_id=cast.school.id,
                staff_id=cast.teacher.id,
                filename="5-А.xlsx",
                content=b"x",
                created_at=now,
            ),
            Group(
                school_id=cast.school.id,
                name="1-топ",
                place="12-кабинет",
                meetings=[{"weekday": 1, "starts": 600, "ends": 660}],
                seats=5,
                responsible_id=cast.teacher.id,
                first_day=date(2026, 11, 1),
                last_day=date(2026, 12, 1),
                created_at=now,
            ),
        ]
    )
    db.session.commit()
    found = {wait.sentence: wait.more for wait in waiting(cast.teacher, now)}
    assert found["1 document for you to read"] == "Буйрук"
    assert found["A class list is not brought in yet"] == "5-А.xlsx"
    assert found["Lesson at school today at 10:00"] == "1-топ, 12-кабинет"
    tomorrow = sentences(cast.teacher, now + timedelta(days=1))
    assert "Lesson at school today at 10:00" not in tomorrow
    assert sentences(cast.pedagogue, now) == []


def test_a_school_without_families_begins_with_a_list(cast: Cast, now: datetime) -> None:
    bare = staff_member(cast.other_school, "Жаңы", "new", Role.OFFICE, now=now)
    for child in cast.other_family.pupils:
        child.left_at = now
    db.session.commit()
    first = waiting(bare, now)[0]
    assert (first.sentence, first.url) == ("There are no families yet", "/families/import/")
    lone = staff_member(cast.school, "Класссыз", "lone", Role.CLASS_TEACHER, now=now)
    assert waiting(lone, now) == []


def lesson(cast: Cast, at: datetime, **fields: Any) -> TvLesson:
    channel = db.session.scalars(select(TvChannel).filter_by(school_id=cast.school.id)).first()
    made = TvLesson(
        school_id=cast.school.id,
        channel=channel,
        starts_at=at,
        minutes=30,
        first_grade=5,
        last_grade=5,
        language="ky",
        subject="Математика",
        changed_at=at,
        **fields,
    )
    db.session.add(made)
    db.session.flush()
    return made


def test_lessons_nobody_told_are_said_to_the_teacher_and_to_the_director(cast: Cast, now: datetime) -> None:
    lesson(cast, now - timedelta(hours=4))
    db.session.commit()
    assert "5-А: the TV lessons of this week were not told" in sentences(cast.teacher, now)
    assert "1 class was not told the TV lessons of this week" in sentences(cast.director, now)
    assert sentences(cast.other_teacher, now) == []


def test_the_evening_that_comes_by_itself_is_said(cast: Cast, sign_in: SignIn) -> None:
    now = datetime.now(UTC)
    # Whether this evening or the next, some lesson is on that day.
    for days in (0, 1, 2):
        lesson(cast, now + timedelta(days=days))
    rules = db.session.get_one(LessonRules, cast.school.id)
    rules.days_off = []
    db.session.commit()
    page = said(sign_in(cast.teacher).get("/"))
    assert re.search(r"TV lessons .*go out .*at 18:30", page)
    rules.digest_at = None
    db.session.commit()
    assert "switched off" in said(sign_in(cast.office).get("/"))
    assert "go out" not in said(sign_in(cast.teacher).get("/"))


def test_what_goes_at_an_hour_by_itself_is_said(cast: Cast, sign_in: SignIn) -> None:
    write(cast, datetime.now(UTC), text_ky="Жыйналыш", goes_at=datetime.now(UTC) + timedelta(days=2))
    db.session.commit()
    page = said(sign_in(cast.teacher).get("/"))
    assert re.search(r"Goes \d+ \w+, \d\d:\d\d: «Жыйналыш»", page)
    assert "not sent yet" not in page
    assert "Жыйналыш" not in sign_in(cast.director).get("/").text


def test_who_is_on_duty_stands_on_everybodys_home(cast: Cast, sign_in: SignIn) -> None:
    for weekday in range(7):
        db.session.add(
            DutyTurn(
                school_id=cast.school.id,
                weekday=weekday,
                starts=0,
                ends=1440,
                name="Үлгүлүев",
                phone="+996 312 000 096",
            )
        )
    db.session.commit()
    for person in (cast.teacher, cast.pedagogue, cast.director, cast.office):
        page = sign_in(person).get("/").text
        assert "Үлгүлүев" in page
        assert 'href="tel:+996312000096"' in page


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_way_on_from_home(cast: Cast, sign_in: SignIn, now: datetime, role: Role) -> None:
    person = staff_member(cast.school, "Кызматкер", "somebody", role, now=now)
    db.session.commit()
    client = sign_in(person)
    page = client.get("/")
    assert page.status_code == 200
    ways = re.findall(r'<a class="button full" href="([^"]+)"', page.text)
    assert len(ways) == 1
    assert client.get(html.unescape(ways[0])).status_code == 200


def test_messages_in_doubt_are_decided_first(cast: Cast, sign_in: SignIn) -> None:
    told(cast, datetime.now(UTC) - timedelta(hours=1))
    db.session.scalars(select(Delivery)).first().state = State.NEEDS_HUMAN
    db.session.commit()
    page = sign_in(cast.teacher).get("/")
    assert "1 message may or may not have arrived." in next_thing(page)
    assert said(page).count("may or may not have arrived") == 1
    assert "may or may not" not in sign_in(cast.other_teacher).get("/").text


@contextmanager
def questions() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("who", ["teacher", "pedagogue", "director", "office"])
def test_the_home_of_many_families_costs_the_same_few_questions(
    cast: Cast, sign_in: SignIn, now: datetime, who: str
) -> None:
    person = getattr(cast, who)
    client = sign_in(person)
    told(cast, now - timedelta(days=1), cast.class_5a, cast.class_5b)

    def asked() -> int:
        db.session.rollback()
        with questions() as seen:
            assert client.get("/").status_code == 200
        return len(seen)

    few = asked()
    for number in range(30):
        family(cast.school, {f"Көп {number}": cast.class_5a}, f"Апа {number}", phone=f"+99655500{number:04}")
    for _ in range(6):
        told(cast, now - timedelta(hours=9), cast.class_5a, cast.class_5b)
    assert asked() <= few + 2
    assert few <= 40


def test_the_board_is_searched_in_either_script(cast: Cast, sign_in: SignIn, now: datetime) -> None:
    told(cast, now - timedelta(days=1), cast.class_5a, cast.class_5b)
    client = sign_in(cast.pedagogue)
    assert "Асан Мисалов" in client.get("/reach/board").text
    page = client.get("/reach/board?q=cholpon").text
    assert "Чолпон Дарексизова" in page
    assert "Асан Мисалов" not in page
    assert "Nobody on this list is called “жокбаев”" in client.get("/reach/board?q=жокбаев").text
    open_follow_up(cast.button_phone, "by_hand", "x", now)
    db.session.commit()
    assert "Асан Мисалов" in client.get("/reach/follow-ups?show=all&q=asan").text
    assert "Nobody on this list" in client.get("/reach/follow-ups?show=all&q=cholpon").text
    assert "Чолпон" not in sign_in(cast.other_teacher).get("/reach/board?q=cholpon").text.replace(
        'value="cholpon"', ""
    )


def test_the_search_page_finds_children_and_who_answers_for_them(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.director)
    page = said(client.get("/search?q=nurlan"))
    assert "Нурлан Экөөбаев 5-А" in page
    by_parent = said(client.get("/search?q=sabyr"))
    assert "Сабыр Экөөбаев Нурай Экөөбаева, 5-Б; Нурлан Экөөбаев, 5-А" in by_parent
    by_number = said(client.get("/search?q=000101"))
    assert "Гүлнара Мисалова" in by_number
    assert "Анна Соседова" in by_number
    assert "+996555000101" in by_number
    assert "Соседова" not in said(sign_in(cast.teacher).get("/search?q=000101"))
    assert "Башка Бала" not in said(client.get("/search?q=bala"))
    assert "Whom do you look for?" in said(client.get("/search"))
    assert "<script>" not in client.get("/search?q=<script>alert(1)</script>").text


def test_the_families_of_an_announcement_are_searched_too(cast: Cast, sign_in: SignIn, now: datetime) -> None:
    made = told(cast, now - timedelta(days=1))
    client = sign_in(cast.teacher)
    page = client.get(f"/announcements/{made.id}?q=cholpon").text
    assert "Чолпон Дарексизова" in page
    assert "Асан Мисалов" not in page
    assert "Nobody on this list" in client.get(f"/announcements/{made.id}?q=жокбаев").text
    assert "Асан Мисалов" in client.get(f"/announcements/{made.id}?q=000101&show=not_reached").text
