"""The demo school's staff room: filled when it is made, and gone with it."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from notifier.database import db
from notifier.models import Delivery
from webapp.demo import staffroom
from webapp.demo.school import make_demo_school, remove
from webapp.demo.timetable import bring_timetable_in
from webapp.families.models import SchoolClass
from webapp.staffroom.models import PlanDeadline, StaffCopy
from webapp.staffroom.plans import PlanState, plans_of, week_to_show


@pytest.mark.usefixtures("app")
def test_the_demo_school_has_a_webinar_that_some_have_read_and_goes_without_a_trace(now: datetime) -> None:
    before = db.session.scalar(select(func.count()).select_from(Delivery))
    school = make_demo_school(now)
    bring_timetable_in(school, now)
    staffroom.furnish(school, now)
    db.session.commit()
    copies = db.session.scalars(select(StaffCopy)).all()
    assert len(copies) == 8
    assert sum(copy.read_at is not None for copy in copies) == 2
    for delivery in db.session.scalars(select(Delivery)):
        assert "555000" in delivery.address or delivery.address.endswith("@example.kg")
    remove(school)
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == before
    assert db.session.scalar(select(func.count()).select_from(StaffCopy)) == 0


def test_on_a_saturday_one_class_of_the_demo_school_is_late(app: Flask) -> None:
    saturday = datetime.fromisoformat("2026-11-28T07:00:00+00:00")
    school = make_demo_school(saturday)
    bring_timetable_in(school, saturday)
    staffroom.furnish(school, saturday)
    db.session.commit()
    deadline = db.session.get_one(PlanDeadline, school.id)
    classes = db.session.scalars(select(SchoolClass).filter_by(school_id=school.id)).all()
    plans = plans_of(school, classes, deadline, week_to_show(deadline, school, saturday), saturday)
    assert {row.school_class.name: row.state for row in plans.classes} == {
        "7-А": PlanState.OVERDUE,
        "5-Б": PlanState.LATE,
        "5-А": PlanState.IN_TIME,
    }
