"""What staff see of the evening messages, and what they settle about them."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from notifier.database import db
from tests.cast import Cast, family
from tests.lessons.evening import (
    EVENING,
    TOMORROW,
    all_left,
    announcements,
    at,
    later,
    lesson,
    school_class,
    tell,
)
from tests.lessons.test_timetable_pages import text_of
from webapp.families.devices import NO, Fact, Known, facts_of, note_device
from webapp.families.models import DigestWish, Guardian
from webapp.lessons.digest.evening import evening_of
from webapp.lessons.digest.models import Span
from webapp.lessons.digest.queries import behind_the_same_phones
from webapp.lessons.models import LessonRules

pytestmark = pytest.mark.usefixtures("without_forgery_check")


@pytest.fixture(autouse=True)
def tuesday_afternoon() -> Iterator[None]:
    with time_machine.travel(at("14:00"), tick=False):
        yield


@pytest.fixture
def director(sign_in: Any, cast: Cast) -> FlaskClient:
    client: FlaskClient = sign_in(cast.director)
    return client


def rules(cast: Cast) -> LessonRules:
    return db.session.get_one(LessonRules, cast.school.id)


# The preview.


def test_the_preview_is_what_is_sent_to_the_letter(director: FlaskClient, cast: Cast) -> None:
    lesson(cast, "9:00", topic="Бөлчөк")
    page = director.get(f"/tv/digest/families/{cast.siblings.id}").text
    said = "№95, 5-А: эртең 25.11 телесабактар. ЭЛТР 9:00 Математика (Бөлчөк)"
    assert said in page
    assert "It goes today, 18:30." in text_of(page)
    tell()
    assert said in director.get(f"/tv/digest/families/{cast.siblings.id}").text


def test_the_preview_tells_parts_and_price(director: FlaskClient, cast: Cast) -> None:
    lesson(cast, "9:00", topic="Бөлчөктөрдү кошуу жана кемитүү")
    cast.school.sms_price = Decimal("2.5")
    db.session.commit()
    page = text_of(director.get(f"/tv/digest/families/{cast.siblings.id}").text)
    assert "SMS parts 2" in page
    assert "Price 5 som" in page


def test_who_shares_a_phone_is_said(director: FlaskClient, cast: Cast) -> None:
    lesson(cast, "9:00")
    lesson(cast, "10:00", "Алгебра", language="ru")
    page = text_of(director.get(f"/tv/digest/families/{cast.button_phone.id}").text)
    assert "one message tells both" in page
    assert "Асан 5-А: 9:00 Математика" in page


def test_why_a_family_gets_none_is_said(director: FlaskClient, cast: Cast) -> None:
    lesson(cast, "9:00")
    for who, why in (
        (cast.no_address, "no number and no address"),
        (cast.neighbour, "its children have no lessons"),
    ):
        assert why in text_of(director.get(f"/tv/digest/families/{who.id}").text)
    note_device(cast.siblings, Fact.TV, NO, at("12:00"))
    db.session.commit()
    assert "has no television" in text_of(director.get(f"/tv/digest/families/{cast.siblings.id}").text)


def test_the_letter_of_a_family_without_a_phone_is_shown(director: FlaskClient, cast: Cast) -> None:
    lesson(cast, "9:00")
    assert "Вера Примерова, 5-А" in director.get(f"/tv/digest/families/{cast.email_only.id}").text


def test_the_next_digest_is_counted(director: FlaskClient, cast: Cast) -> None:
    lesson(cast, "9:00")
    cast.school.sms_price = Decimal(2)
    db.session.commit()
    page = text_of(director.get("/tv/digest/").text)
    assert "The messages go today, 18:30." in page
    assert "Families 4" in page
    assert "SMS 2 SMS parts 2" in page
    assert "Price 4 som" in page
    assert "E-mails 1" in page
    assert "No address 1" in page


def test_an_hour_that_lies_in_the_quiet_hours_is_said(director: FlaskClient, cast: Cast) -> None:
    said = "these messages wait for the morning"
    assert said not in director.get("/tv/digest/").text
    cast.school.quiet_from = 18 * 60
    db.session.commit()
    assert said in director.get("/tv/digest/").text


def test_without_a_day_the_next_day_with_lessons_is_shown(director: FlaskClient, cast: Cast) -> None:
    lesson(cast, "9:00", day=TOMORROW.replace(day=27))
    assert "27 November" in director.get("/tv/digest/").text
    assert "Nothing will be sent" in director.get("/tv/digest/?day=2026-11-26").text


def test_the_message_of_the_week_is_shown_too(director: FlaskClient, cast: Cast) -> None:
    db.session.scalars(
        select(Guardian).filter_by(family_id=cast.siblings.id)
    ).one().digest = DigestWish.WEEKLY
    lesson(cast, "9:00")
    page = director.get(f"/tv/digest/families/{cast.siblings.id}?span=week").text
    assert "телесабактар. Шр ЭЛТР 9:00 Математика" in page


def test_what_was_told_leads_to_who_was_reached(director: FlaskClient, cast: Cast) -> None:
    lesson(cast, "9:00")
    tell()
    all_left(EVENING)
    with time_machine.travel(later(EVENING, 5), tick=False):
        page = director.get("/tv/digest/?day=2026-11-25").text
        number = announcements()[0].id
        assert f'href="/announcements/{number}"' in page
        assert "about its own children" in director.get(f"/announcements/{number}").text


def test_a_limit_that_is_reached_is_said_beforehand(director: FlaskClient, cast: Cast) -> None:
    lesson(cast, "9:00")
    cast.school.sms_price, cast.school.monthly_limit = Decimal(5), Decimal(6)
    db.session.commit()
    assert "ask the director to lift the limit" in director.get("/tv/digest/").text


def test_a_teacher_sees_the_families_of_the_own_class(cast: Cast, sign_in: Any) -> None:
    lesson(cast, "9:00")
    client = sign_in(cast.teacher)
    page = client.get(f"/tv/digest/classes/{cast.class_5a.id}").text
    assert "Асан Мисалов" in page
    assert "1 SMS part" in text_of(page)
    assert client.get(f"/tv/digest/classes/{cast.class_5b.id}").status_code == 404
    assert client.get(f"/tv/digest/families/{cast.neighbour.id}").status_code == 404


def test_clashes_are_listed_for_the_class_teacher(cast: Cast, sign_in: Any) -> None:
    first = school_class(cast, 1, "Б", "ky")
    family(cast.school, {"Асан Кошов": cast.class_5a, "Айпери Кошова": first}, "Апа", phone="+996555000120")
    lesson(cast, "9:00", "Математика")
    letters = lesson(cast, "9:10", "Сабат ачуу", grade=1, channel="Баластан")
    page = text_of(sign_in(cast.teacher).get("/tv/digest/clashes").text)
    assert "Айпери Кошова, 1-Б · Асан Кошов, 5-А" in page
    assert "Neither lesson is shown again." in page
    lesson(cast, "14:00", "Сабат ачуу", grade=1, channel="Баластан", repeat_of=letters)
    page = text_of(sign_in(cast.teacher).get("/tv/digest/clashes").text)
    assert "Сабат ачуу is shown again: 25 November, 14:00, Баластан." in page
    assert "Кошов" not in sign_in(cast.other_teacher).get("/tv/digest/clashes").text


def test_one_familys_preview_writes_only_its_phones_message_with_all_who_share_it(
    director: FlaskClient, cast: Cast
) -> None:
    lesson(cast, "9:00")
    lesson(cast, "9:30", "Алгебра", language="ru")
    for number in range(30):
        family(cast.school, {f"Бала {number}": cast.class_5a}, "Апа", phone=f"+996555001{number:03}")
    rules_now = db.session.get_one(LessonRules, cast.school.id)
    shared = behind_the_same_phones([cast.button_phone.id])
    assert shared == {cast.button_phone.id, cast.neighbour.id}
    evening = evening_of(cast.school, rules_now, Span.DAY, TOMORROW, EVENING, among=shared)
    assert [envelope.to.address for envelope, _ in evening.plan.messages] == ["+996555000101"]
    page = director.get(f"/tv/digest/families/{cast.neighbour.id}").text
    assert "Асан 5-А: 9:00 Математика" in page
    assert "5-Б: 9:30 Алгебра" in page
    assert "Another family has the same phone" in page


# Families without a television.


def test_a_teacher_notes_that_there_is_no_television(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.teacher)
    address = f"/families/devices/{cast.siblings.id}"
    assert "Nobody has said yet" in client.get(f"/families/{cast.siblings.id}").text
    client.post(address, data={"tv": "no"})
    assert facts_of([cast.siblings.id])[cast.siblings.id][Fact.TV] == Known(
        "no", at("14:00"), cast.teacher.name
    )
    assert "Нурлан Экөөбаев" in client.get("/tv/digest/without-tv").text
    client.post(address, data={"tv": "yes"})
    assert "Нурлан" not in client.get("/tv/digest/without-tv").text
    client.post(address, data={"tv": "unknown"})
    assert facts_of([cast.siblings.id])[cast.siblings.id].has(Fact.TV) is None


def test_a_teacher_of_another_class_does_not_see_them(cast: Cast, sign_in: Any) -> None:
    note_device(cast.button_phone, Fact.TV, NO, at("12:00"))
    db.session.commit()
    assert "Асан" in sign_in(cast.teacher).get("/tv/digest/without-tv").text
    assert "Асан" not in sign_in(cast.other_teacher).get("/tv/digest/without-tv").text
    assert "Асан" not in sign_in(cast.other_director).get("/tv/digest/without-tv").text


def test_a_guardian_chooses_the_week(cast: Cast, sign_in: Any) -> None:
    guardian = cast.siblings.guardians[0]
    address = f"/families/{cast.siblings.id}/guardians/{guardian.id}"
    sign_in(cast.teacher).post(
        address, data={"name": guardian.name, "language": "ky", "phones": "+996700000102", "digest": "weekly"}
    )
    db.session.expire_all()
    assert guardian.digest == DigestWish.WEEKLY


# The settings.

SETTINGS = {"digest_at": "18:30", "digest_parts": "2", "week_parts": "6"}


def test_a_school_settles_hour_length_and_abbreviations(director: FlaskClient, cast: Cast) -> None:
    page = director.get("/tv/digest/settings").text
    assert 'value="18:30"' in page
    assert "Кыргыз тили = Кырг.тил" in page
    answer = director.post(
        "/tv/digest/settings",
        data=SETTINGS
        | {"digest_at": "19.00", "digest_parts": "3", "week_parts": "8", "short-ky": "Математика = М"},
    )
    assert answer.status_code == 302
    db.session.expire_all()
    stored = rules(cast)
    assert (stored.digest_at, stored.digest_parts, stored.week_parts) == (19 * 60, 3, 8)
    assert stored.abbreviations["ky"] == {"Математика": "М"}
    assert stored.abbreviations["ru"]["Математика"] == "Мат"


def test_an_empty_hour_switches_them_off(director: FlaskClient, cast: Cast) -> None:
    director.post("/tv/digest/settings", data=SETTINGS | {"digest_at": ""})
    db.session.expire_all()
    assert rules(cast).digest_at is None
    assert "switched off" in director.get("/tv/digest/").text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"digest_at": "25:00"}, "“25:00” is no hour"),
        ({"digest_at": "21:00"}, "“21:00” is no hour from 12:00 to 19:59"),
        ({"digest_parts": "0"}, "“0” is no number of SMS parts"),
        ({"week_parts": "eleven"}, "“eleven” is no number of SMS parts"),
        ({"short-ru": "Математика"}, "“Математика” is no abbreviation"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_typed_is_lost(
    director: FlaskClient, cast: Cast, typed: dict[str, str], sentence: str
) -> None:
    answer = director.post("/tv/digest/settings", data=SETTINGS | typed)
    assert answer.status_code == 422
    assert sentence in text_of(answer.text)
    assert next(iter(typed.values())) in answer.text
    db.session.expire_all()
    assert rules(cast).digest_at == 18 * 60 + 30
