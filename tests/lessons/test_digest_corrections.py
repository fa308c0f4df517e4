"""A lesson changed after it was told: phones that hold the wrong line hear of it, once, until its start."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from notifier.database import db
from notifier.models import Delivery, State
from tests.cast import Cast, family
from tests.lessons.evening import (
    EVENING,
    TOMORROW,
    all_left,
    announcements,
    at,
    change,
    later,
    lesson,
    school_class,
    tell,
    text,
    texts,
)
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient
from webapp.lessons.models import TvChannel, TvLesson

MOTHER, SIBLINGS, GRANDMOTHER = "+996555000101", "+996700000102", "raisa@example.kg"
LATER = later(EVENING, 60)


def told(cast: Cast) -> tuple[TvLesson, TvLesson]:
    """5-А was told of two lessons, and its phones have the message."""
    first, second = lesson(cast, "9:00", "Математика"), lesson(cast, "10:00", "Химия")
    lesson(cast, "9:30", "Алгебра", language="ru")
    tell()
    all_left(EVENING)
    return first, second


def corrections() -> list[Announcement]:
    return [announcement for announcement in announcements() if announcement.kind == "correction"]


def cancel(lesson: TvLesson, now: Any) -> None:
    change(lesson, now, cancelled_at=now)


# What is said, and to whom.


def test_a_cancelled_lesson_is_told_to_those_who_hold_its_line(cast: Cast) -> None:
    seventh = school_class(cast, 7, "А", "ky")
    family(cast.school, {"Эмир Жетинчиев": seventh}, "Апа", phone="+996555000177")
    lesson(cast, "8:00", "Физика", grade=7)
    first, _ = told(cast)
    cancel(first, LATER)
    tell(later(LATER, 4))
    assert texts(SIBLINGS)[1:] == ["№95, 5-А: 25.11 телесабак өзгөрдү.\nболбойт: 9:00 Математика"]
    assert len(texts("+996555000177")) == 1
    # The neighbour's daughter, taught in Russian, is not named.
    assert texts(MOTHER)[1:] == texts(SIBLINGS)[1:]
    assert "25.11: отмена: 9:00 Математика" in texts(GRANDMOTHER)[1]
    assert "10:00–10:30  ЭЛТР  Химия" in texts(GRANDMOTHER)[1]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"starts_at": at("11:00", TOMORROW)}, "11:00 ЭЛТР Математика (9:00 ордуна)"),
        ({"subject": "Физика"}, "9:00 ЭЛТР Физика (Математика ордуна)"),
        (
            {"starts_at": at("9:00", TOMORROW + timedelta(days=1))},
            "26.11 9:00 ЭЛТР Математика (25.11 9:00 ордуна)",
        ),
        ({"first_grade": 6, "last_grade": 6}, "болбойт: 9:00 Математика"),
        ({"language": "ru"}, "болбойт: 9:00 Математика"),
    ],
)
def test_a_changed_lesson_is_told_as_it_is_now(cast: Cast, values: dict[str, Any], said: str) -> None:
    first, _ = told(cast)
    change(first, LATER, **values)
    tell(later(LATER, 4))
    assert said in texts(SIBLINGS)[1]


def test_another_channel_is_named(cast: Cast) -> None:
    first, _ = told(cast)
    balastan = db.session.scalars(
        select(TvChannel).filter_by(school_id=cast.school.id, name="Баластан")
    ).one()
    change(first, LATER, channel_id=balastan.id)
    tell(later(LATER, 4))
    assert "9:00 Баластан Математика (ЭЛТР ордуна)" in texts(SIBLINGS)[1]


def test_what_came_new_is_told_with_what_changed_but_not_alone(cast: Cast) -> None:
    first, _ = told(cast)
    lesson(cast, "12:00", "Физика", changed_at=LATER)
    tell(later(LATER, 4))
    assert len(texts(SIBLINGS)) == 1
    cancel(first, later(LATER, 10))
    tell(later(LATER, 14))
    assert texts(SIBLINGS)[1].endswith("болбойт: 9:00 Математика; кошулду: 12:00 ЭЛТР Физика")


def test_another_topic_is_no_reason_for_a_message(cast: Cast) -> None:
    first, _ = told(cast)
    change(first, LATER, topic="Бөлчөк")
    tell(later(LATER, 4))
    assert corrections() == []


def test_several_children_hear_of_their_own(cast: Cast) -> None:
    first, _ = told(cast)
    cancel(first, LATER)
    russian = db.session.scalars(select(TvLesson).filter_by(language="ru")).one()
    change(russian, LATER, starts_at=at("9:45", TOMORROW))
    tell(later(LATER, 4))
    assert texts(SIBLINGS)[1] == (
        "№95: 25.11 телесабак өзгөрдү.\n"
        "Нурлан: болбойт: 9:00 Математика\n"
        "Нурай: 9:45 ЭЛТР Алгебра (9:30 ордуна)"
    )


# Once, and until its start.


def test_it_is_said_once(cast: Cast) -> None:
    first, _ = told(cast)
    cancel(first, LATER)
    for minute in (0, 1, 4, 5, 60):
        tell(later(LATER, minute))
        all_left(LATER)
    assert len(texts(SIBLINGS)) == 2
    assert len(corrections()) == 1


def test_a_lesson_that_is_on_again_is_told_again(cast: Cast) -> None:
    first, _ = told(cast)
    cancel(first, LATER)
    tell(later(LATER, 4))
    all_left(LATER)
    change(first, later(LATER, 30), cancelled_at=None)
    tell(later(LATER, 34))
    assert texts(SIBLINGS)[2].endswith("кошулду: 9:00 ЭЛТР Математика")
    all_left(LATER)
    tell(later(LATER, 38))
    assert len(texts(SIBLINGS)) == 3


def test_what_was_changed_and_changed_back_is_told_to_nobody(cast: Cast) -> None:
    first, _ = told(cast)
    change(first, LATER, subject="Физика")
    tell(later(LATER, 1))
    change(first, later(LATER, 2), subject="Математика")
    tell(later(LATER, 6))
    assert corrections() == []


def test_people_may_change_line_by_line_before_anything_is_said(cast: Cast) -> None:
    first, second = told(cast)
    cancel(first, LATER)
    tell(later(LATER, 1))
    cancel(second, later(LATER, 2))
    tell(later(LATER, 4))
    assert corrections() == []
    tell(later(LATER, 6))
    (correction,) = corrections()
    assert texts(SIBLINGS)[1] == "№95, 5-А: 25.11 телесабак өзгөрдү.\nтелесабактар болбойт"
    assert correction.text_ky == "Телесабак өзгөрдү, 25-ноябрь"


def test_nobody_waits_when_time_presses(cast: Cast) -> None:
    first, _ = told(cast)
    morning = at("8:45", TOMORROW)
    cancel(first, morning)
    tell(later(morning, 1))
    assert len(texts(SIBLINGS)) == 2


def test_a_lesson_that_has_begun_is_not_corrected(cast: Cast) -> None:
    first, second = told(cast)
    morning = at("9:01", TOMORROW)
    cancel(first, morning)
    tell(later(morning, 4))
    assert corrections() == []
    cancel(second, later(morning, 5))
    tell(later(morning, 9))
    assert texts(SIBLINGS)[1].endswith("болбойт: 10:00 Химия")
    message = db.session.scalars(select(Delivery).order_by(Delivery.id.desc())).first()
    assert message is not None
    assert message.expires_at == at("10:00", TOMORROW)


@pytest.mark.parametrize(
    ("state", "hears"),
    [
        (State.DELIVERED, True),
        (State.ACCEPTED, True),
        (State.SENDING, True),
        (State.UNCERTAIN, True),
        (State.UNDELIVERED, False),
        (State.FAILED, False),
        (State.EXPIRED, False),
    ],
)
def test_only_a_phone_that_may_have_the_message_is_corrected(cast: Cast, state: State, hears: bool) -> None:
    first, _ = told(cast)
    its = db.session.scalars(select(Delivery).filter_by(address=SIBLINGS)).one()
    its.state = state
    cancel(first, LATER)
    tell(later(LATER, 4))
    assert (len(texts(SIBLINGS)) == 2) is hears


# What has not left simply says the new.


def test_a_message_that_has_not_left_carries_the_new_line(cast: Cast) -> None:
    first, _ = lesson(cast, "9:00", "Математика"), lesson(cast, "10:00", "Химия")
    tell()
    change(first, later(EVENING, 1), subject="Физика")
    tell(later(EVENING, 2))
    assert text(SIBLINGS) == "№95, 5-А: эртең 25.11 телесабактар. ЭЛТР 9:00 Физика, 10:00 Химия"
    taken_back = texts(SIBLINGS, states=(State.CANCELLED,))
    assert len(taken_back) == 1
    (announcement,) = announcements()
    copy = db.session.scalars(
        select(Recipient).filter_by(announcement_id=announcement.id, family_id=cast.siblings.id)
    ).one()
    assert copy.delivery is not None
    assert copy.delivery.state == State.PENDING
    all_left(LATER)
    tell(LATER)
    assert corrections() == []
    parts = db.session.scalars(select(Delivery.segments).filter_by(channel="sms", state=State.DELIVERED))
    assert announcement.segments == sum(parts)


def test_a_message_that_has_nothing_left_to_say_is_taken_back(cast: Cast) -> None:
    only = lesson(cast, "9:00")
    tell()
    cancel(only, later(EVENING, 1))
    tell(later(EVENING, 2))
    assert texts() == []
    assert announcements()[0].segments == 0


def test_a_correction_that_has_not_left_is_brought_up_to_date(cast: Cast) -> None:
    first, second = told(cast)
    cancel(first, LATER)
    tell(later(LATER, 4))
    change(second, later(LATER, 5), starts_at=at("11:00", TOMORROW))
    tell(later(LATER, 6))
    assert texts(SIBLINGS)[1:] == [
        "№95, 5-А: 25.11 телесабак өзгөрдү.\nболбойт: 9:00 Математика; 11:00 ЭЛТР Химия (10:00 ордуна)"
    ]
    assert len(corrections()) == 1


def test_a_family_that_has_lessons_only_now_is_told_like_the_others(cast: Cast) -> None:
    lesson(cast, "9:00", language="ky")
    tell()
    all_left(EVENING)
    lesson(cast, "10:00", "Алгебра", language="ru", changed_at=LATER)
    tell(later(LATER, 4))
    # The neighbours share a phone that was told of the other family's child.
    assert texts(MOTHER)[1:] == ["№95, 5-Б: завтра 25.11 телеуроки. ЭЛТР 10:00 Алгебра"]
    assert len(announcements()) == 1
    tell(later(LATER, 8))
    assert len(texts(MOTHER)) == 2


def test_another_days_change_disturbs_nobody(cast: Cast) -> None:
    told(cast)
    lesson(cast, "9:00", day=TOMORROW + timedelta(days=3), changed_at=LATER)
    tell(later(LATER, 4))
    assert corrections() == []


def test_a_child_who_left_the_school_is_not_told(cast: Cast) -> None:
    first, _ = told(cast)
    for pupil in cast.button_phone.pupils:
        pupil.left_at = LATER
    cancel(first, LATER)
    tell(later(LATER, 4))
    assert len(texts(MOTHER)) == 1


# What is not the lessons' own: a channel's name, a day off.


def settle(cast: Cast, sign_in: Any, address: str, now: Any, **fields: str) -> str:
    """Save a page of the settings at that moment, and return what the person reads then."""
    with time_machine.travel(now, tick=False):
        page: str = sign_in(cast.director).post(address, data=fields, follow_redirects=True).text
    db.session.expire_all()
    return page


def rename(cast: Cast, sign_in: Any, now: Any, name: str, aliases: str) -> str:
    eltr = db.session.scalars(select(TvChannel).filter_by(school_id=cast.school.id, name="ЭЛТР")).one()
    return settle(
        cast, sign_in, f"/tv/settings/channels/{eltr.id}", now, name=name, aliases=aliases, grades="5–12"
    )


def days_off(cast: Cast, sign_in: Any, now: Any, text: str) -> str:
    return settle(cast, sign_in, "/tv/settings/", now, first_grade="1", last_grade="11", days_off=text)


def test_a_channel_under_a_new_name_is_told_when_nobody_would_find_it_by_the_old_one(
    cast: Cast, sign_in: Any
) -> None:
    told(cast)
    assert "Families were told of lessons on “ЭЛТР”" in rename(cast, sign_in, LATER, "Илим ТВ", "ElTR")
    tell(later(LATER, 1))
    assert corrections() == []
    tell(later(LATER, 4))
    assert texts(SIBLINGS)[1] == (
        "№95: 25.11 телесабак өзгөрдү.\n"
        "Нурлан: 9:00 Илим ТВ (ЭЛТР ордуна); 10:00 Илим ТВ (ЭЛТР ордуна)\n"
        "Нурай: 9:30 Илим ТВ (ЭЛТР ордуна)"
    )
    all_left(LATER)
    tell(later(LATER, 8))
    assert len(texts(SIBLINGS)) == 2


def test_a_channel_whose_old_name_still_holds_is_not_told_again(cast: Cast, sign_in: Any) -> None:
    first, _ = told(cast)
    assert "Families were told" not in rename(cast, sign_in, LATER, "ЭлТР Билим", "ElTR, «ЭЛТР» каналы")
    tell(later(LATER, 4))
    assert corrections() == []
    # What really changes is told with the new name and without a word about the old one.
    change(first, later(LATER, 10), starts_at=at("9:15", TOMORROW))
    tell(later(LATER, 14))
    assert "9:15 ЭлТР Билим Математика (9:00 ордуна)" in texts(SIBLINGS)[1]
    assert "ЭЛТР" not in texts(SIBLINGS)[1]


def test_the_old_name_may_be_put_among_the_others_before_anything_is_sent(cast: Cast, sign_in: Any) -> None:
    told(cast)
    rename(cast, sign_in, LATER, "Илим ТВ", "")
    eltr = db.session.scalars(select(TvChannel).filter_by(school_id=cast.school.id, name="Илим ТВ")).one()
    settle(cast, sign_in, f"/tv/settings/channels/{eltr.id}", later(LATER, 1), name="Илим ТВ", aliases="ЭЛТР")
    tell(later(LATER, 8))
    assert corrections() == []


def test_a_message_that_has_not_left_carries_the_channels_new_name(cast: Cast, sign_in: Any) -> None:
    lesson(cast, "9:00", "Математика")
    tell()
    rename(cast, sign_in, later(EVENING, 1), "Илим ТВ", "")
    tell(later(EVENING, 2))
    assert text(SIBLINGS) == "№95, 5-А: эртең 25.11 телесабактар. Илим ТВ 9:00 Математика"


def test_a_day_off_after_the_evening_is_told_where_its_lessons_were(cast: Cast, sign_in: Any) -> None:
    told(cast)
    page = days_off(cast, sign_in, LATER, "25.11.2026 Кар күнү")
    assert "Families were told of TV lessons on a day that is off now: Wednesday, 25 November" in page
    tell(later(LATER, 4))
    assert texts(SIBLINGS)[1] == (
        "№95: 25.11 телесабак өзгөрдү.\nНурлан: телесабактар болбойт\nНурай: болбойт: 9:30 Алгебра"
    )
    assert "25.11: телеуроков не будет" in texts(GRANDMOTHER)[1]
    assert "9:00–9:30" not in texts(GRANDMOTHER)[1]
    all_left(LATER)
    tell(later(LATER, 8))
    assert len(texts(SIBLINGS)) == 2
    # The day is not off after all.
    days_off(cast, sign_in, later(LATER, 10), "")
    tell(later(LATER, 14))
    assert "кошулду: 9:00 ЭЛТР Математика" in texts(SIBLINGS)[2]


def test_a_day_off_that_nobody_was_told_lessons_of_is_no_reason_for_a_message(
    cast: Cast, sign_in: Any
) -> None:
    told(cast)
    lesson(cast, "9:00", day=TOMORROW + timedelta(days=2))
    assert "Families were told" not in days_off(cast, sign_in, LATER, "27.11.2026 Кар күнү")
    tell(later(LATER, 4))
    assert corrections() == []


def test_the_evening_of_a_day_off_is_taken_back_before_it_leaves(cast: Cast, sign_in: Any) -> None:
    lesson(cast, "9:00", "Математика")
    tell()
    days_off(cast, sign_in, later(EVENING, 1), "25.11.2026 Кар күнү")
    tell(later(EVENING, 2))
    assert texts() == []


def test_a_lesson_moved_to_a_day_off_is_told_as_cancelled(cast: Cast, sign_in: Any) -> None:
    first, _ = told(cast)
    days_off(cast, sign_in, LATER, "26.11.2026 Кар күнү")
    change(first, LATER, starts_at=at("9:00", TOMORROW + timedelta(days=1)))
    tell(later(LATER, 4))
    assert "болбойт: 9:00 Математика" in texts(SIBLINGS)[1]
