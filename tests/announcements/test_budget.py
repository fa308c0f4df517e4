"""What SMS cost a month, and who may still send when the money is spent."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from alembic import command
from flask import Flask
from sqlalchemy import event, func, select

from notifier.database import db
from notifier.models import Delivery
from tests.announcements.writing import send, write
from tests.at_once import at_once
from tests.cast import Cast, family
from webapp.announcements.models import Announcement
from webapp.announcements.money import budget, limits
from webapp.announcements.publish import Unready, publish
from webapp.families.models import SchoolClass
from webapp.staff.models import AuditEntry, School

LAST_OF_OCTOBER = datetime(2026, 10, 31, 17, 59, tzinfo=UTC)  # 23:59 in Bishkek
FIRST_OF_NOVEMBER = datetime(2026, 10, 31, 18, 0, tzinfo=UTC)  # midnight in Bishkek


@pytest.fixture
def school(cast: Cast) -> School:
    """№95, where an SMS part costs 1.5 som. A notice to 5-А is two parts: 3 som."""
    cast.school.sms_price = Decimal("1.5")
    db.session.commit()
    return cast.school


def refused(announcement: Announcement, now: datetime) -> str:
    with pytest.raises(Unready) as unready:
        publish(announcement, now)
    db.session.rollback()
    return str(unready.value)


def test_what_was_sent_is_added_up_for_the_school_and_for_each_class(
    cast: Cast, school: School, now: datetime
) -> None:
    assert budget.spent(school, now) == 0
    assert send(write(cast, now=now), now).segments == 2
    assert budget.spent(school, now) == Decimal(3)
    assert budget.spent_by_class(school, now) == {cast.class_5a.id: Decimal(3)}
    # The siblings' phone is told once, and both classes have a part in it; so has the shared phone.
    assert send(write(cast, cast.class_5a, cast.class_5b, now=now), now).segments == 2
    assert budget.spent(school, now) == Decimal(6)
    assert budget.spent_by_class(school, now) == {cast.class_5a.id: Decimal(6), cast.class_5b.id: Decimal(3)}


def test_a_new_month_begins_at_midnight_in_bishkek(cast: Cast, school: School, now: datetime) -> None:
    send(write(cast, now=LAST_OF_OCTOBER), LAST_OF_OCTOBER)
    assert budget.spent(school, LAST_OF_OCTOBER) == Decimal(3)
    assert budget.spent(school, FIRST_OF_NOVEMBER) == 0
    send(write(cast, now=FIRST_OF_NOVEMBER), FIRST_OF_NOVEMBER)
    assert budget.spent(school, now) == Decimal(3)


def test_a_routine_announcement_over_the_limit_is_refused_with_what_to_do(
    cast: Cast, school: School, now: datetime
) -> None:
    school.monthly_limit = Decimal(5)
    send(write(cast, now=now), now)
    draft = write(cast, now=now)
    sentence = refused(draft, now)
    assert "This costs 3 som, and of the school's 5 som for this month 2 som are left." in sentence
    assert "urgent" in sentence
    assert "ask the director" in sentence
    assert draft.published_at is None
    assert budget.spent(school, now) == Decimal(3)


def test_the_limit_may_be_used_to_the_last_som(cast: Cast, school: School, now: datetime) -> None:
    school.monthly_limit = Decimal(6)
    send(write(cast, now=now), now)
    assert send(write(cast, now=now), now).first


def test_an_urgent_announcement_goes_over_the_limit_and_the_audit_says_so(
    cast: Cast, school: School, now: datetime
) -> None:
    school.monthly_limit = Decimal(1)
    assert send(write(cast, urgent=True, now=now), now).segments == 2
    assert budget.spent(school, now) == Decimal(3)
    entry = db.session.scalars(select(AuditEntry)).one()
    assert entry.detail["limit_exceeded"] is True


def test_a_class_has_a_limit_of_its_own(cast: Cast, school: School, now: datetime) -> None:
    school.class_limit = Decimal(4)
    send(write(cast, now=now), now)
    assert "class 5-А 3 som, and of its 4 som" in refused(write(cast, now=now), now)
    assert send(write(cast, cast.class_5b, now=now), now).first


def test_a_class_may_have_more_or_less_than_the_others(cast: Cast, school: School, now: datetime) -> None:
    school.class_limit, cast.class_5a.monthly_limit = Decimal(2), Decimal(6)
    for _ in range(2):
        assert send(write(cast, now=now), now).first
    assert "class 5-А 3 som, and of its 6 som" in refused(write(cast, now=now), now)
    # 5-Б has what every class has: less than one message costs.
    assert "class 5-Б" in refused(write(cast, cast.class_5b, now=now), now)


def test_a_class_may_have_a_limit_where_the_others_have_none(
    cast: Cast, school: School, now: datetime
) -> None:
    cast.class_5a.monthly_limit = Decimal(4)
    assert send(write(cast, now=now), now).first
    assert "class 5-А 3 som, and of its 4 som" in refused(write(cast, now=now), now)
    assert send(write(cast, cast.class_5b, now=now), now).first
    assert [
        purse.class_name for purse in budget.purses(school, [cast.class_5a, cast.class_5b], now).values()
    ] == ["5-А"]


def test_the_director_may_lift_the_limits_for_one_month(cast: Cast, school: School, now: datetime) -> None:
    school.monthly_limit = school.class_limit = Decimal(1)
    school.limits_lifted_in = "2026-11"
    assert send(write(cast, now=now), now).first
    december = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
    assert "1 som" in refused(write(cast, now=december), december)


def test_without_a_price_no_limit_holds(cast: Cast, now: datetime) -> None:
    cast.school.monthly_limit = Decimal(1)
    assert send(write(cast, now=now), now).first
    assert limits.warnings(cast.school, [cast.class_5a], now) == []


def test_e_mails_cost_nothing(cast: Cast, school: School, now: datetime) -> None:
    school.monthly_limit = Decimal(1)
    for household in (cast.button_phone, cast.siblings):
        for pupil in household.pupils:
            pupil.left_at = now
    db.session.commit()
    assert send(write(cast, now=now), now).segments == 0


def test_from_four_fifths_on_there_is_a_warning(cast: Cast, school: School, now: datetime) -> None:
    school.monthly_limit, school.class_limit = Decimal(4), Decimal("3.5")
    draft = write(cast, now=now)
    assert limits.warnings(school, draft.classes, now) == []
    send(draft, now)
    assert limits.warnings(school, draft.classes, now) == [
        "Class 5-А: 85% of its 3.5 som for SMS this month are used."
    ]
    school.monthly_limit = Decimal("3.75")
    assert (
        "80% of the school's 3.75 som for SMS this month are used."
        in limits.warnings(school, draft.classes, now)[0]
    )


def test_of_many_classes_one_sentence_speaks(cast: Cast, school: School, now: datetime) -> None:
    school.class_limit = Decimal(1)
    more = [SchoolClass(school_id=school.id, grade=grade, letter="В") for grade in (1, 2, 3, 4)]
    db.session.add_all(more)
    db.session.flush()
    for number, each in enumerate(more):
        family(school, {f"Бала {number}": each}, "Апа", phone=f"+99670000020{number}")
    draft = write(cast, *more, now=now)
    assert refused(draft, now).startswith(
        "Of the limits of these classes for this month too little is left: 1-В, 2-В, 3-В, 4-В."
    )
    draft.urgent = True
    send(draft, now)
    assert limits.warnings(school, more, now) == [
        "These classes have used up their limits for SMS this month, or nearly so: 1-В, 2-В, 3-В, 4-В"
    ]


def test_two_that_fit_only_alone_do_not_both_go(
    app: Flask, cast: Cast, school: School, now: datetime
) -> None:
    school.monthly_limit = Decimal(4)
    drafts = [write(cast, now=now).id for _ in range(2)]
    number = school.id
    db.session.remove()

    def press(draft: int) -> bool:
        try:
            publish(db.session.get_one(Announcement, draft), now)
            db.session.commit()
        except Unready:
            db.session.rollback()
            return False
        return True

    went = at_once(app, *(partial(press, draft) for draft in drafts))
    assert sorted(went) == [False, True]
    assert budget.spent(db.session.get_one(School, number), now) == Decimal(3)
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 3


def test_asking_what_was_spent_finds_the_months_announcements_by_index_and_reads_no_message(
    cast: Cast, school: School, now: datetime, database: str
) -> None:
    asked: list[tuple[str, Any]] = []

    def listen(_c: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", listen)
    budget.spent(school, now)
    budget.spent_by_class(school, now, [cast.class_5a.id])
    event.remove(db.engine, "before_cursor_execute", listen)
    spoken = [each for each in asked if "sum(" in each[0]]
    assert len(spoken) == 2
    connection = db.session.connection()
    if database == "postgresql":
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    explain = "EXPLAIN " if database == "postgresql" else "EXPLAIN QUERY PLAN "
    for statement, parameters in spoken:
        assert "deliveries" not in statement
        steps = [str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters)]
        assert any("ix_announcements_newest" in step for step in steps), steps
        assert not any(step.startswith("SCAN") or "Seq Scan" in step for step in steps), steps


def test_what_was_sent_before_there_were_limits_is_counted_by_the_migration(
    app: Flask, cast: Cast, school: School, now: datetime
) -> None:
    send(write(cast, cast.class_5a, cast.class_5b, now=now), now)
    send(write(cast, now=now), now)
    counted = budget.spent(school, now), budget.spent_by_class(school, now)
    db.session.rollback()
    config = app.extensions["migrate"].migrate.get_config()
    command.downgrade(config, "0003")
    command.upgrade(config, "head")
    db.session.expire_all()
    assert school.sms_price is None
    school.sms_price = Decimal("1.5")
    assert (budget.spent(school, now), budget.spent_by_class(school, now)) == counted
