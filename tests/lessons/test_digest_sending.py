"""The evening digest goes out once for each phone: at its hour, late, twice, by two workers at once."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from notifier.database import db
from notifier.models import Delivery, State
from notifier.text import measure
from tests.at_once import at_once
from tests.cast import Cast, family
from tests.lessons.evening import (
    EVENING,
    TOMORROW,
    TUESDAY,
    all_left,
    announcements,
    at,
    later,
    lesson,
    school_class,
    tell,
    text,
    texts,
)
from webapp.announcements.recipients import Recipient
from webapp.families.devices import NO, Fact, note_device
from webapp.families.models import DigestWish, Guardian
from webapp.lessons.digest.jobs import tell_what_is_due
from webapp.lessons.models import LessonRules
from webapp.staff.models import Script

MOTHER, SIBLINGS, GRANDMOTHER = "+996555000101", "+996700000102", "raisa@example.kg"


@pytest.fixture
def real_sending(environ: dict[str, str]) -> None:
    """Quiet hours hold only where real phones ring."""
    environ.update(
        SMS_PROVIDER="twilio",
        TWILIO_ACCOUNT_SID="AC" + "0" * 32,
        TWILIO_AUTH_TOKEN="x" * 32,
        TWILIO_FROM="+15005550006",
        PUBLIC_BASE_URL="https://kabarchy.example.kg",
        MAIL_SERVER="127.0.0.1",
        MAIL_DEFAULT_SENDER="school@example.kg",
    )


def rules(cast: Cast) -> LessonRules:
    return db.session.get_one(LessonRules, cast.school.id)


# Who reads what.


def test_a_child_alone_is_not_named(cast: Cast) -> None:
    lesson(cast, "9:00", topic="Бөлчөк")
    lesson(cast, "10:00", "Химия")
    family(cast.school, {"Канат Мисалов": cast.class_5a}, "Апа", phone="+996555000110")
    tell()
    assert text("+996555000110") == (
        "№95, 5-А: эртең 25.11 телесабактар. ЭЛТР 9:00 Математика (Бөлчөк), 10:00 Химия"
    )


def test_three_children_in_three_grades_have_a_line_each_and_hear_of_a_clash(cast: Cast) -> None:
    first, seventh = school_class(cast, 1, "Б", "ky"), school_class(cast, 7, "А", "ky")
    family(
        cast.school,
        {"Асан Үчтөев": cast.class_5a, "Айпери Үчтөева": first, "Эмир Үчтөев": seventh},
        "Апа",
        phone="+996555000111",
    )
    lesson(cast, "9:00", "Математика")
    letters = lesson(cast, "9:00", "Сабат ачуу", grade=1, channel="Баластан", minutes=20)
    lesson(cast, "14:00", "Сабат ачуу", grade=1, channel="Баластан", minutes=20, repeat_of=letters)
    lesson(cast, "11:00", "Алгебра", grade=7)
    rules(cast).digest_parts = 4
    db.session.commit()
    tell()
    assert text("+996555000111") == (
        "№95: эртең 25.11 телесабактар.\n"
        "Айпери 1-Б: Баластан 9:00 Сабат ачуу\n"
        "Асан 5-А: ЭЛТР 9:00 Математика\n"
        "Эмир 7-А: ЭЛТР 11:00 Алгебра\n"
        "Бир убакта Айпери, Асан: 9:00 (Айпери кайра 14:00 Баластан)"
    )


def test_two_children_of_one_grade_stand_together(cast: Cast) -> None:
    family(
        cast.school,
        {"Үсөн Эгизов": cast.class_5a, "Асан Эгизов": cast.class_5a},
        "Апа",
        phone="+996555000112",
    )
    lesson(cast, "9:00")
    tell()
    assert text("+996555000112") == "№95: эртең 25.11 телесабактар, ЭЛТР.\nАсан, Үсөн 5-А: 9:00 Математика"


def test_children_taught_in_two_languages_hear_each_of_their_own(cast: Cast) -> None:
    lesson(cast, "9:00", "Математика", language="ky")
    lesson(cast, "10:00", "Алгебра", language="ru")
    tell()
    assert text(SIBLINGS) == (
        "№95: эртең 25.11 телесабактар, ЭЛТР.\nНурлан 5-А: 9:00 Математика\nНурай 5-Б: 10:00 Алгебра"
    )


def test_one_phone_of_two_families_gets_one_message(cast: Cast) -> None:
    lesson(cast, "9:00", "Математика", language="ky")
    lesson(cast, "10:00", "Алгебра", language="ru")
    tell()
    assert "Асан 5-А: 9:00 Математика\nПётр 5-Б: 10:00 Алгебра" in text(MOTHER)
    # Two roofs, two television sets: nothing clashes between families.
    assert "Бир убакта" not in text(MOTHER)


def test_a_family_without_a_television_gets_none(cast: Cast) -> None:
    lesson(cast, "9:00")
    note_device(cast.siblings, Fact.TV, NO, at("12:00"))
    db.session.commit()
    tell()
    assert texts(SIBLINGS) == []
    assert texts(MOTHER) != []


def test_an_email_gets_the_full_table_in_its_readers_language(cast: Cast) -> None:
    lesson(cast, "9:00", "Математика", topic="Бөлчөктөрдү кошуу")
    tell()
    letter = db.session.scalars(select(Delivery).filter_by(address=GRANDMOTHER)).one()
    assert letter.subject == "№95: телеуроки, 25 ноября"
    assert "Вера Примерова, 5-А" in letter.body
    assert "9:00–9:30  ЭЛТР  Математика: Бөлчөктөрдү кошуу" in letter.body
    assert "+996 312 000 095" in letter.body
    calendar = re.search(r"Добавить в календарь телефона, 5-А: (\S+)$", letter.body, re.MULTILINE)
    assert calendar is not None
    assert urlsplit(calendar[1]).path == f"/tv/classes/{cast.class_5a.id}.ics"


def test_a_guardian_who_reads_latin_letters_gets_them(cast: Cast) -> None:
    db.session.scalars(select(Guardian).filter_by(family_id=cast.siblings.id)).one().script = Script.LATIN
    lesson(cast, "9:00", topic="Бөлчөк")
    tell()
    assert text(SIBLINGS) == "N95, 5-A: erteñ 25.11 telesabaktar. ELTR 9:00 Matematika (Bölchök)"
    assert measure(text(SIBLINGS)).encoding == "GSM-7"


def test_families_without_an_address_are_counted_as_not_reached(cast: Cast) -> None:
    lesson(cast, "9:00")
    tell()
    (announcement,) = announcements()
    copy = db.session.scalars(
        select(Recipient).filter_by(announcement_id=announcement.id, family_id=cast.no_address.id)
    ).one()
    assert copy.no_address == "none"


# When.


def test_nothing_goes_before_the_hour(cast: Cast) -> None:
    lesson(cast, "9:00")
    tell(at("18:29"))
    assert texts() == []
    tell(at("18:30"))
    assert texts() != []


def test_a_school_sets_its_own_hour_or_none(cast: Cast) -> None:
    lesson(cast, "9:00")
    rules(cast).digest_at = None
    db.session.commit()
    tell()
    assert texts() == []
    rules(cast).digest_at = 17 * 60
    db.session.commit()
    tell(at("17:00"))
    assert texts() != []


def test_nothing_tomorrow_nothing_sent(cast: Cast) -> None:
    lesson(cast, "9:00", day=TOMORROW + timedelta(days=1))
    lesson(cast, "10:00", cancelled_at=at("12:00"))
    tell()
    assert texts() == []
    assert announcements() == []


def test_a_day_off_is_respected(cast: Cast) -> None:
    lesson(cast, "9:00")
    rules(cast).days_off = [{"first": "2026-11-25", "last": "2026-11-25", "name": "Каникул"}]
    db.session.commit()
    tell()
    assert texts() == []


def test_it_goes_once_however_often_the_worker_comes(cast: Cast) -> None:
    lesson(cast, "9:00")
    for minute in range(0, 60, 7):
        tell(later(EVENING, minute))
    tell(at("8:00", TOMORROW))
    assert len(texts(MOTHER)) == len(texts(SIBLINGS)) == 1
    assert len(announcements()) == 1


def test_two_workers_at_once_send_it_once(app: Flask, cast: Cast) -> None:
    lesson(cast, "9:00")
    db.session.commit()
    at_once(app, *[lambda: tell_what_is_due(EVENING)] * 2)
    db.session.expire_all()
    assert len(announcements()) == 1
    assert len(texts(MOTHER)) == 1


def test_a_digest_expires_at_the_first_lesson_of_its_phone(cast: Cast) -> None:
    lesson(cast, "11:00", language="ky")
    lesson(cast, "9:00", language="ru")
    tell()
    expiry = dict(db.session.execute(select(Delivery.address, Delivery.expires_at)).tuples().all())
    assert expiry[GRANDMOTHER] == at("11:00", TOMORROW)
    assert expiry[SIBLINGS] == at("9:00", TOMORROW)


@pytest.mark.usefixtures("real_sending")
@pytest.mark.parametrize(("first_lesson", "until"), [("9:00", "8:00"), ("8:20", "7:20"), ("8:00", "7:00")])
def test_what_has_not_left_by_night_rings_in_the_morning_in_time_for_its_lesson(
    cast: Cast, first_lesson: str, until: str
) -> None:
    lesson(cast, first_lesson)
    tell(at("19:59"))
    message = db.session.scalars(select(Delivery).filter_by(address=SIBLINGS)).one()
    assert (message.quiet_from, message.quiet_until) == (at("20:00"), at(until, TOMORROW))


@pytest.mark.usefixtures("real_sending")
@pytest.mark.parametrize(
    ("now", "first_lesson", "leaves", "word"),
    [
        (at("19:59"), "9:00", at("19:59"), "эртең"),
        (at("21:00"), "9:00", at("8:00", TOMORROW), "бүгүн"),
        (at("3:00", TOMORROW), "9:00", at("8:00", TOMORROW), "бүгүн"),
        (at("3:00", TOMORROW), "8:30", at("8:00", TOMORROW), "бүгүн"),
        (at("21:00"), "8:20", at("7:20", TOMORROW), "бүгүн"),
        (at("21:00"), "7:30", at("7:00", TOMORROW), "бүгүн"),
        (at("8:40", TOMORROW), "9:00", at("8:40", TOMORROW), "бүгүн"),
    ],
)
def test_a_late_worker_makes_it_up_without_ringing_at_night(
    cast: Cast, now: Any, first_lesson: str, leaves: Any, word: str
) -> None:
    lesson(cast, first_lesson)
    tell(now)
    message = db.session.scalars(select(Delivery).filter_by(address=SIBLINGS)).one()
    assert message.not_before == leaves
    assert f"{word} 25.11" in message.body


def test_what_is_too_late_is_not_sent(cast: Cast) -> None:
    lesson(cast, "9:00", language="ky")
    lesson(cast, "12:00", language="ru")
    tell(at("9:00", TOMORROW))
    # Nurai's class is taught in Russian, but the phone's first lesson was her brother's.
    assert texts(SIBLINGS) == []
    assert texts(GRANDMOTHER) == []


def test_over_the_months_limit_it_waits_and_goes_when_the_limit_is_lifted(cast: Cast) -> None:
    from decimal import Decimal

    lesson(cast, "9:00")
    cast.school.sms_price, cast.school.monthly_limit = Decimal(3), Decimal(4)
    db.session.commit()
    tell()
    assert texts() == []
    cast.school.limits_lifted_in = "2026-11"
    db.session.commit()
    tell(later(EVENING, 1))
    assert texts() != []


def test_a_school_that_breaks_does_not_keep_the_others_from_theirs(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lesson(cast, "9:00")
    from webapp.lessons.digest import jobs

    send, broken = jobs.send, [True]

    def breaking(*arguments: Any) -> Any:
        if broken.pop() if broken else False:
            raise RuntimeError("broken")
        return send(*arguments)

    monkeypatch.setattr(jobs, "send", breaking)
    tell()
    assert "could not be written" in caplog.text
    tell(later(EVENING, 1))
    assert texts() != []


# The week.


def test_who_wants_the_week_gets_it_on_sunday_and_nothing_in_the_evenings(cast: Cast) -> None:
    guardian = db.session.scalars(select(Guardian).filter_by(family_id=cast.siblings.id)).one()
    guardian.digest = DigestWish.WEEKLY
    sunday, monday = date(2026, 11, 29), date(2026, 11, 30)
    lesson(cast, "9:00", "Математика", day=monday)
    lesson(cast, "9:00", "Химия", day=monday + timedelta(days=2))
    tell(at("18:30", sunday))
    assert text(SIBLINGS) == ("№95, 5-А: 30.11-2.12 телесабактар. Дш ЭЛТР 9:00 Математика; Шр 9:00 Химия")
    assert "эртең 30.11" in text(MOTHER)
    all_left(at("18:31", sunday))
    tell(at("18:30", monday + timedelta(days=1)))
    assert len(texts(SIBLINGS)) == 1
    assert len(texts(MOTHER)) == 2


def test_who_chooses_the_week_in_its_middle_is_told_by_the_day_until_sunday(cast: Cast) -> None:
    monday = TUESDAY - timedelta(days=1)
    guardians = {g.family_id: g for g in db.session.scalars(select(Guardian))}
    guardians[cast.email_only.id].digest = DigestWish.WEEKLY
    for day in (TUESDAY, TOMORROW):
        lesson(cast, "9:00", day=day, changed_at=at("12:00", monday - timedelta(days=3)))
    tell(at("18:30", monday - timedelta(days=1)))
    assert len(texts(GRANDMOTHER)) == 1
    all_left(at("18:31", monday - timedelta(days=1)))
    guardians[cast.siblings.id].digest = DigestWish.WEEKLY
    db.session.commit()
    tell()
    assert len(texts(GRANDMOTHER)) == 1
    assert "эртең 25.11" in text(SIBLINGS)


def test_who_wants_none_gets_none(cast: Cast) -> None:
    db.session.scalars(select(Guardian).filter_by(family_id=cast.siblings.id)).one().digest = DigestWish.NONE
    lesson(cast, "9:00")
    tell()
    assert texts(SIBLINGS) == []


# Seen.


def test_the_drawn_phones_show_it(cast: Cast, sign_in: Any) -> None:
    lesson(cast, "9:00")
    with time_machine.travel(EVENING, tick=False):
        tell()
        all_left(EVENING)
        page = sign_in(cast.teacher).get("/sandbox/").text
    assert "№95, 5-А: эртең 25.11 телесабактар. ЭЛТР 9:00 Математика" in page


def test_the_list_of_announcements_has_a_row_a_day_with_its_reach(cast: Cast, sign_in: Any) -> None:
    lesson(cast, "9:00")
    tell()
    all_left(EVENING)
    page = sign_in(cast.director).get("/").text
    assert page.count("Телесабактар, 25-ноябрь") == 1
    assert "of 4 families reached" in page


def test_another_school_is_told_nothing(cast: Cast) -> None:
    lesson(cast, "9:00")
    tell()
    assert texts("+996777000103") == []


def test_a_school_of_nine_hundred_phones_asks_the_database_a_fixed_number_of_times(
    cast: Cast, count_statements: Any
) -> None:
    lesson(cast, "9:00")
    with count_statements() as few:
        tell()
    for number in range(30):
        family(cast.school, {f"Бала {number}": cast.class_5a}, "Апа", phone=f"+996555001{number:03}")
    lesson(cast, "9:00", day=TOMORROW + timedelta(days=1))
    with count_statements() as many:
        tell(at("18:30", TOMORROW))
    assert db.session.scalar(select(func.count()).select_from(Delivery)) > 30
    assert State.PENDING
    assert len(many) <= len(few) + 3
