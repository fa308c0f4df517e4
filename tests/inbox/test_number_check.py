"""Once a term silent numbers are asked whether they are still the family's."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from notifier.database import db
from notifier.models import Delivery
from tests.cast import Cast
from tests.inbox.conftest import BUTTON, SIBLINGS, Writes, all_arrived, announce
from webapp.families.models import ContactPoint, ContactStatus
from webapp.inbox.models import NumberCheck
from webapp.inbox.number_check import ask_what_is_due
from webapp.reach.models import FollowUp


@pytest.fixture
def check(cast: Cast, now: datetime) -> NumberCheck:
    made = NumberCheck(school_id=cast.school.id, weeks=9, since=now)
    db.session.add(made)
    db.session.commit()
    return made


def asked() -> dict[str, str]:
    rows = db.session.execute(
        select(Delivery.address, Delivery.body).where(Delivery.dedupe_key.startswith("check:"))
    )
    return dict(rows.tuples().all())


def point(address: str) -> ContactPoint:
    return db.session.scalars(
        select(ContactPoint).filter_by(address=address).execution_options(populate_existing=True)
    ).one()


def test_nobody_is_asked_until_the_school_wants_it(cast: Cast, now: datetime) -> None:
    assert ask_what_is_due(now) == 0


def test_every_silent_phone_is_asked_once_a_term_however_often_the_job_runs(
    check: NumberCheck, now: datetime
) -> None:
    assert ask_what_is_due(now) == 2
    assert asked() == {
        BUTTON: "№95: Асан 5-А, Пётр 5-Б сиздин үй-бүлөңүздөнбү? ООБА же ЖОК деп жооп бериңиз.",
        SIBLINGS: "№95: Нурлан 5-А, Нурай 5-Б сиздин үй-бүлөңүздөнбү? ООБА же ЖОК деп жооп бериңиз.",
    }
    for days in (0, 1, 60):
        assert ask_what_is_due(now + timedelta(days=days)) == 0
    assert ask_what_is_due(now + timedelta(weeks=9, hours=1)) == 2


def test_who_wrote_this_term_is_not_asked(check: NumberCheck, writes: Writes, now: datetime) -> None:
    writes("Салам", SIBLINGS)
    ask_what_is_due(now)
    assert set(asked()) == {BUTTON}


def test_a_yes_confirms_the_number(check: NumberCheck, cast: Cast, writes: Writes, now: datetime) -> None:
    ask_what_is_due(now)
    all_arrived(now)
    writes("ООБА", SIBLINGS)
    assert point(SIBLINGS).confirmed_at == now


def test_a_no_marks_it_wrong_and_has_another_one_found(
    check: NumberCheck, cast: Cast, writes: Writes, now: datetime, sign_in: Any
) -> None:
    ask_what_is_due(now)
    all_arrived(now)
    writes("жок", SIBLINGS)
    assert (point(SIBLINGS).status, point(SIBLINGS).note) == (ContactStatus.BAD, "said_no")
    task = db.session.scalars(select(FollowUp)).one()
    assert (task.rule, task.family_id) == ("wrong_number", cast.siblings.id)


def test_a_no_after_a_later_notice_may_be_about_that(
    check: NumberCheck, cast: Cast, writes: Writes, now: datetime
) -> None:
    ask_what_is_due(now)
    announce(cast, now + timedelta(hours=1))
    writes("жок", SIBLINGS, at=now + timedelta(hours=2))
    assert point(SIBLINGS).status == ContactStatus.OK


def test_the_months_limit_holds_and_nothing_is_lost(check: NumberCheck, cast: Cast, now: datetime) -> None:
    cast.school.sms_price, cast.school.monthly_limit = Decimal(1), Decimal(0)
    db.session.commit()
    assert ask_what_is_due(now) == 0
    cast.school.monthly_limit = None
    db.session.commit()
    assert ask_what_is_due(now) == 2


def test_the_school_switches_it_on(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.director)
    assert "2 numbers would be asked now" in client.get("/inbox/settings").text
    client.post("/inbox/settings", data={"weeks": "18"})
    assert db.session.scalars(select(NumberCheck.weeks)).all() == [18]
    client.post("/inbox/settings", data={"weeks": "7"})
    db.session.expire_all()
    assert db.session.scalars(select(NumberCheck.weeks)).all() == [None]


def test_the_family_page_says_what_is_known_of_a_number_and_a_teacher_corrects_it(
    cast: Cast, writes: Writes, sign_in: Any
) -> None:
    writes("ката номер", SIBLINGS)
    client = sign_in(cast.teacher)
    page = client.get(f"/families/{cast.siblings.id}").text
    assert "Wrong number" in page
    assert "Whoever has this phone wrote that it is a wrong number." in page
    number = point(SIBLINGS).id
    assert client.post(f"/families/{cast.button_phone.id}/numbers/{number}/right").status_code == 404
    client.post(f"/families/{cast.siblings.id}/numbers/{number}/right")
    assert point(SIBLINGS).status == ContactStatus.OK
    assert "Confirmed by the family" in client.get(f"/families/{cast.siblings.id}").text
