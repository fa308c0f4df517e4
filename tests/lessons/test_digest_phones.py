"""The evening of hand-made families as drawn phones show it: the job tells, the worker delivers."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import time_machine
from sqlalchemy import select

from notifier import jobs
from notifier.database import db
from notifier.models import Delivery, State
from notifier.text import measure
from tests.cast import Cast, family
from tests.lessons.evening import EVENING, at, change, later, lesson, school_class, tell
from webapp.families.devices import NO, Fact, note_device
from webapp.families.models import Guardian
from webapp.lessons.models import LessonRules
from webapp.staff.models import Script

ONE_CHILD, THREE, TWINS, NO_TV, LATIN = (f"+99655500012{n}" for n in range(5))
SPLIT, SHARED = "+996700000102", "+996555000101"


def deliver() -> None:
    """Let the real worker's drain carry everything to the practice channels, and hear their receipts."""
    db.session.commit()
    jobs.drain()
    db.session.expire_all()
    assert set(db.session.scalars(select(Delivery.state).where(Delivery.channel == "sms"))) <= {
        State.DELIVERED,
        State.CANCELLED,
    }


def screens(page: str) -> dict[str, list[str]]:
    """What stands on every drawn phone of a page, newest first; the parts of an SMS together."""
    found = {}
    for phone in re.findall(r'<section class="handset".*?</section>', page, re.DOTALL):
        (number,) = re.findall(r'<span class="num">(\+\d+)</span>', phone)
        found[number] = [
            unescape("".join(re.findall(r"<p>(.*?)</p>", message, re.DOTALL)))
            for message in re.findall(r"<article>.*?</article>", phone, re.DOTALL)
        ]
    return found


def hand_made(cast: Cast) -> None:
    """A family of each kind, and the lessons of tomorrow that concern them."""
    first, seventh = school_class(cast, 1, "Б", "ky"), school_class(cast, 7, "А", "ky")
    family(cast.school, {"Канат Бирөөбаев": cast.class_5a}, "Апа", phone=ONE_CHILD)
    family(
        cast.school,
        {"Асан Үчтөев": cast.class_5a, "Айпери Үчтөева": first, "Эмир Үчтөев": seventh},
        "Апа",
        phone=THREE,
    )
    family(cast.school, {"Үсөн Эгизов": cast.class_5a, "Асан Эгизов": cast.class_5a}, "Апа", phone=TWINS)
    without = family(cast.school, {"Жаңыл Сынакова": cast.class_5a}, "Апа", phone=NO_TV)
    note_device(without, Fact.TV, NO, at("12:00"))
    latin = family(cast.school, {"Нурбек Латинов": cast.class_5a}, "Апа", phone=LATIN)
    db.session.scalars(select(Guardian).filter_by(family_id=latin.id)).one().script = Script.LATIN
    lesson(cast, "9:00", "Математика", topic="Бөлчөк")
    letters = lesson(cast, "9:00", "Сабат ачуу", grade=1, channel="Баластан", minutes=20)
    lesson(cast, "14:00", "Сабат ачуу", grade=1, channel="Баластан", minutes=20, repeat_of=letters)
    lesson(cast, "11:00", "Алгебра", grade=7)
    lesson(cast, "10:00", "Алгебра", language="ru")
    db.session.get_one(LessonRules, cast.school.id).digest_parts = 4
    db.session.commit()


def test_each_hand_made_family_reads_its_own_evening_on_its_drawn_phone(cast: Cast, sign_in: Any) -> None:
    hand_made(cast)
    with time_machine.travel(EVENING):
        tell()
        deliver()
        on = screens(sign_in(cast.director).get("/sandbox/").text)
    assert on == {
        ONE_CHILD: ["№95, 5-А: эртең 25.11 телесабактар. ЭЛТР 9:00 Математика (Бөлчөк)"],
        THREE: [
            "№95: эртең 25.11 телесабактар.\n"
            "Айпери 1-Б: Баластан 9:00 Сабат ачуу\n"
            "Асан 5-А: ЭЛТР 9:00 Математика (Бөлчөк)\n"
            "Эмир 7-А: ЭЛТР 11:00 Алгебра\n"
            "Бир убакта Айпери, Асан: 9:00 (Айпери кайра 14:00 Баластан)"
        ],
        TWINS: ["№95: эртең 25.11 телесабактар, ЭЛТР.\nАсан, Үсөн 5-А: 9:00 Математика (Бөлчөк)"],
        LATIN: ["N95, 5-A: erteñ 25.11 telesabaktar. ELTR 9:00 Matematika (Bölchök)"],
        SPLIT: [
            "№95: эртең 25.11 телесабактар, ЭЛТР.\n"
            "Нурлан 5-А: 9:00 Математика (Бөлчөк)\n"
            "Нурай 5-Б: 10:00 Алгебра"
        ],
        # Two families behind one number: one message, and no clash between two television sets.
        SHARED: [
            "№95: эртең 25.11 телесабактар, ЭЛТР.\n"
            "Асан 5-А: 9:00 Математика (Бөлчөк)\n"
            "Пётр 5-Б: 10:00 Алгебра"
        ],
    }
    assert all(measure(text).segments <= 4 for texts in on.values() for text in texts)


def test_two_parts_are_enough_and_a_cancelled_lesson_is_read_only_where_it_was_told(
    cast: Cast, sign_in: Any
) -> None:
    hand_made(cast)
    db.session.get_one(LessonRules, cast.school.id).digest_parts = 2
    chemistry = lesson(cast, "12:00", "Химия", grade=7)
    with time_machine.travel(EVENING):
        tell()
        deliver()
        change(chemistry, later(EVENING, 10), cancelled_at=later(EVENING, 10))
    with time_machine.travel(later(EVENING, 14)):
        tell(later(EVENING, 14))
        deliver()
        on = screens(sign_in(cast.director).get("/sandbox/").text)
    assert {number: [measure(text).segments for text in texts] for number, texts in on.items()} == {
        ONE_CHILD: [1],
        THREE: [1, 2],
        TWINS: [2],
        LATIN: [1],
        SPLIT: [2],
        SHARED: [2],
    }
    assert all(name in on[THREE][1] for name in ("Айпери", "Асан", "Эмир"))
    assert on[THREE][0] == "№95, 7-А: 25.11 телесабак өзгөрдү.\nболбойт: 12:00 Химия"
