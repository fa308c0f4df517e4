"""Lessons at school: seats that are never given twice, invitations, answers, who came."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from notifier import jobs
from notifier.database import db
from notifier.models import Delivery
from tests.at_once import at_once
from tests.cast import Cast, family
from webapp.atschool import seats
from webapp.atschool.answers import take_answer
from webapp.atschool.inviting import invite
from webapp.atschool.models import Answer, Attendance, Group, Member
from webapp.atschool.queries import counts
from webapp.atschool.times import meeting_days, times_said
from webapp.families.devices import NO, Fact, note_device
from webapp.families.models import Pupil
from webapp.staff.models import StaffMember

MOTHER, SIBLINGS = "+996555000101", "+996700000102"


@pytest.fixture
def group(cast: Cast, now: datetime) -> Group:
    """Two seats, on Mondays and Wednesdays, the class teacher of 5-А responsible."""
    made = Group(
        school_id=cast.school.id,
        name="1-топ",
        place="12-кабинет",
        seats=2,
        meetings=[{"weekday": day, "starts": 540, "ends": 630} for day in (0, 2)],
        responsible_id=cast.teacher.id,
        first_day=date(2026, 11, 1),
        last_day=date(2026, 12, 30),
        created_at=now,
    )
    db.session.add(made)
    db.session.commit()
    return made


def pupils(*names: str) -> list[Pupil]:
    return list(db.session.scalars(select(Pupil).where(Pupil.name.in_(names)).order_by(Pupil.id)))


def member(name: str) -> Member:
    return db.session.scalars(select(Member).join(Member.pupil).where(Pupil.name == name)).one()


THREE = ("Асан Мисалов", "Чолпон Дарексизова", "Нурлан Экөөбаев")


def test_who_comes_after_the_last_seat_waits_and_gets_the_next_free_one(
    cast: Cast, group: Group, now: datetime
) -> None:
    assert seats.add(group, pupils(*THREE), cast.teacher, now) == 3
    assert counts([group])[group.id].seated == 2
    assert not member("Нурлан Экөөбаев").has_seat
    seats.answer(member("Асан Мисалов"), Answer.NO, now, by=cast.teacher)
    assert member("Нурлан Экөөбаев").has_seat
    # Who says yes after all queues anew.
    seats.answer(member("Асан Мисалов"), Answer.YES, now + timedelta(hours=1), by=cast.teacher)
    assert not member("Асан Мисалов").has_seat
    seats.take_out(member("Чолпон Дарексизова"), now)
    assert member("Асан Мисалов").has_seat
    assert counts([group])[group.id].seated == 2


def test_the_same_child_is_added_once(cast: Cast, group: Group, now: datetime) -> None:
    assert seats.add(group, pupils("Асан Мисалов"), cast.teacher, now) == 1
    assert seats.add(group, pupils("Асан Мисалов"), cast.director, now) == 0
    assert db.session.scalar(select(func.count()).select_from(Member)) == 1


def test_seats_are_never_exceeded_when_two_add_at_once(
    app: Flask, cast: Cast, group: Group, now: datetime
) -> None:
    for number in range(8):
        family(cast.school, {f"Бала {number}": cast.class_5a}, "Апа")
    db.session.commit()
    group_id, by = group.id, cast.teacher.id
    ids = [pupil.id for pupil in db.session.scalars(select(Pupil).where(Pupil.name.like("Бала %")))]
    db.session.remove()

    def add(mine: list[int]) -> None:
        children = list(db.session.scalars(select(Pupil).where(Pupil.id.in_(mine))))
        seats.add(db.session.get_one(Group, group_id), children, db.session.get_one(StaffMember, by), now)
        db.session.commit()

    at_once(app, *[partial(add, ids[each::4]) for each in range(4)])
    assert db.session.scalar(select(func.count()).where(Member.has_seat)) == 2
    assert db.session.scalar(select(func.count()).select_from(Member)) == 8


def test_families_are_invited_once_each_about_its_own_child(cast: Cast, group: Group, now: datetime) -> None:
    seats.add(group, pupils("Асан Мисалов", "Нурлан Экөөбаев"), cast.teacher, now)
    published = invite(group, now, cast.teacher)
    assert published is not None
    assert published.recipients == 2
    assert invite(group, now, cast.teacher) is None
    texts = dict(db.session.execute(select(Delivery.address, Delivery.body)).tuples().all())
    assert texts[SIBLINGS] == (
        "№95, 5-А: Нурлан: мектептеги сабактарга чакырабыз. 12-кабинет; Дш, Шр 9:00-10:30; 01.11-30.12. "
        "Келесиздерби? ООБА же ЖОК деп SMS жазыңыз."
    )
    assert "Нурай" not in texts[SIBLINGS]


@pytest.mark.parametrize(("intent", "answer"), [("YES", Answer.YES), ("NO", Answer.NO)])
def test_a_yes_or_no_by_sms_is_the_answer_to_the_invitation(
    cast: Cast, group: Group, now: datetime, intent: str, answer: Answer
) -> None:
    seats.add(group, pupils("Нурлан Экөөбаев"), cast.teacher, now)
    assert not take_answer("sms", SIBLINGS, intent, now)
    invite(group, now, cast.teacher)
    assert not take_answer("sms", SIBLINGS, "HELP", now)
    assert take_answer("sms", SIBLINGS, intent, now + timedelta(hours=1))
    assert member("Нурлан Экөөбаев").answer == answer
    assert not take_answer("sms", MOTHER, intent, now)


def test_a_teacher_fills_a_group_invites_and_notes_who_came(app: Flask, cast: Cast, sign_in: Any) -> None:
    """The story, on the pages."""
    moment = datetime.now(UTC)
    today = moment.astimezone(cast.school.zone).date()
    for each in (cast.siblings, cast.button_phone):
        note_device(each, Fact.SMARTPHONE, NO, moment)
    db.session.commit()
    client = sign_in(cast.teacher)
    form = {
        "token": "story",
        "name": "2-топ",
        "place": "5-кабинет",
        "seats": "1",
        "weekdays": [str(day) for day in range(6)],
        "starts": "9.00",
        "ends": "10:30",
        "first_day": (today - timedelta(days=7)).isoformat(),
        "last_day": (today + timedelta(days=7)).isoformat(),
        "responsible": cast.teacher.id,
    }
    assert client.post("/lessons-at-school/new", data=form | {"seats": "0"}).status_code == 422
    address = client.post("/lessons-at-school/new", data=form).location
    assert client.post("/lessons-at-school/new", data=form).location == address
    page = client.get(address).text
    assert "Нурлан Экөөбаев, 5-А" in page
    # A child of another class is not this teacher's to add.
    assert "Нурай" not in page
    nurlan, nurai, asan = pupils("Нурлан Экөөбаев", "Нурай Экөөбаева", "Асан Мисалов")[0:3]
    ids = {pupil.name.split()[0]: pupil.id for pupil in (nurlan, nurai, asan)}
    client.post(f"{address}/add", data={"pupil": [ids["Нурлан"], ids["Нурай"]]})
    number = address.rsplit("/", 1)[1]
    client.post(f"/lessons-at-school/child/{ids['Асан']}", data={"group": number})
    assert "Waits for a seat" in client.get(address).text
    client.post(f"{address}/invite")
    db.session.rollback()  # the drain waits for nobody else's transaction
    jobs.drain()
    client.post("/sandbox/answer", data={"number": SIBLINGS, "text": "ооба"})
    assert "Comes" in client.get(address).text
    assert member("Нурлан Экөөбаев").answered_inbound_id is not None
    came = client.get(f"{address}/attendance").text
    assert "Нурлан" in came
    assert "Асан" not in came
    mine = member("Нурлан Экөөбаев").id
    client.post(f"{address}/attendance", data={f"came{mine}": "yes"})
    assert db.session.scalars(select(Attendance)).one().came
    client.post(f"{address}/attendance", data={f"came{mine}": "no"})
    db.session.expire_all()
    assert not db.session.scalars(select(Attendance)).one().came
    assert client.post(f"{address}/attendance?day=2020-01-01", data={}).status_code == 404


def test_who_sees_a_group(cast: Cast, group: Group, sign_in: Any, now: datetime) -> None:
    seats.add(group, pupils("Асан Мисалов"), cast.teacher, now)
    db.session.commit()
    address = f"/lessons-at-school/{group.id}"
    for person, code in (
        (cast.teacher, 200),
        (cast.pedagogue, 200),
        (cast.office, 404),
        (cast.other_teacher, 404),
        (cast.other_director, 404),
    ):
        assert sign_in(person).get(address).status_code == code
    seats.add(group, pupils("Нурай Экөөбаева"), cast.director, now)
    db.session.commit()
    page = sign_in(cast.other_teacher).get(address).text
    assert "Нурай" in page
    assert "Асан" not in page
    assert sign_in(cast.other_teacher).post(f"{address}/invite").status_code == 404


def test_when_a_group_meets_is_said_shortly() -> None:
    meetings = [
        {"weekday": 2, "starts": 540, "ends": 660},
        {"weekday": 0, "starts": 540, "ends": 660},
        {"weekday": 4, "starts": 600, "ends": 660},
    ]
    assert times_said(meetings, "ky") == "Дш, Шр 9:00-11:00; Жм 10:00-11:00"  # type: ignore[arg-type]
    days = meeting_days(meetings, date(2026, 11, 23), date(2026, 11, 29))  # type: ignore[arg-type]
    assert [day.day for day in days] == [23, 25, 27]
