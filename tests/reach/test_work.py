"""An assignment asks for work: the teacher ticks whose is there, and writes to the rest."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from notifier.database import db
from tests.announcements.writing import send, write
from tests.cast import Cast
from webapp.announcements.audience.conditions import pupils_such
from webapp.announcements.audience.selection import Condition
from webapp.announcements.handed_in import HandedIn
from webapp.announcements.kinds import ASSIGNMENT
from webapp.announcements.models import Announcement
from webapp.families.models import Pupil
from webapp.reach.period.days import Days
from webapp.reach.period.figures import period_report
from webapp.staff.models import AuditEntry


@pytest.fixture
def assignment(cast: Cast, now: datetime) -> Announcement:
    """Work for both classes, that of the siblings among them."""
    announcement = write(cast, cast.class_5a, cast.class_5b, author=cast.director, now=now)
    announcement.kind = ASSIGNMENT
    send(announcement, now)
    return announcement


@pytest.fixture
def teacher(cast: Cast, sign_in: Any) -> FlaskClient:
    client: FlaskClient = sign_in(cast.teacher)
    return client


def child(cast: Cast, family: Any) -> Pupil:
    """The child of a family that is in 5-А."""
    return next(each for each in family.pupils if each.class_id == cast.class_5a.id)


def tick(client: FlaskClient, announcement: Announcement, cast: Cast, *ids: int, before: str = "") -> str:
    """Send the page of 5-А with these ticks, as one that showed the ticks `before`."""
    url = f"/reach/announcements/{announcement.id}/handed-in/{cast.class_5a.id}"
    return client.post(url, data={"pupil": list(ids), "before": before}, follow_redirects=True).text


def there() -> set[int]:
    return set(db.session.scalars(select(HandedIn.pupil_id)))


def test_a_teacher_ticks_whose_work_is_there_and_unticks_a_mistake(
    cast: Cast, assignment: Announcement, teacher: FlaskClient
) -> None:
    one, two = child(cast, cast.button_phone), child(cast, cast.siblings)
    assert (
        f"/reach/announcements/{assignment.id}/handed-in"
        in teacher.get(f"/announcements/{assignment.id}").text
    )
    page = tick(teacher, assignment, cast, one.id, two.id)
    assert "Saved." in page
    assert page.count(" checked") == 2
    assert (
        f'name="before" value="{",".join(str(each.id) for each in sorted((one, two), key=lambda e: e.name))}"'
        in page
    )
    assert (
        "2 of 4 children handed it in" in teacher.get(f"/reach/announcements/{assignment.id}/handed-in").text
    )
    tick(teacher, assignment, cast, two.id, before=f"{one.id},{two.id}")
    assert there() == {two.id}
    assert "Nothing was changed." in tick(teacher, assignment, cast, two.id, before=str(two.id))
    details = [
        entry.detail for entry in db.session.scalars(select(AuditEntry).filter_by(action="work.entered"))
    ]
    assert [(each["handed_in"], each["not_handed_in"]) for each in details] == [(2, 0), (0, 1)]


def test_a_page_that_is_old_takes_nobody_elses_tick_away(
    cast: Cast, assignment: Announcement, teacher: FlaskClient
) -> None:
    one, two = child(cast, cast.button_phone), child(cast, cast.siblings)
    tick(teacher, assignment, cast, one.id)
    # This window was opened before, when nothing was ticked.
    tick(teacher, assignment, cast, two.id)
    tick(teacher, assignment, cast, two.id)
    assert there() == {one.id, two.id}


def test_only_children_of_the_class_are_ticked_by_those_who_see_it(
    cast: Cast, assignment: Announcement, sign_in: Any
) -> None:
    own, brother = (
        next(p for p in cast.siblings.pupils if p.class_id == c.id) for c in (cast.class_5a, cast.class_5b)
    )
    stranger = db.session.scalars(select(Pupil).filter_by(school_id=cast.other_school.id)).first()
    assert stranger
    page = f"/reach/announcements/{assignment.id}/handed-in"
    client = sign_in(cast.teacher)
    tick(client, assignment, cast, own.id, brother.id, stranger.id, 10**12)
    assert there() == {own.id}
    # Not her class, and another's children are not counted for her.
    assert client.get(f"{page}/{cast.class_5b.id}").status_code == 404
    assert "5-Б" not in client.get(page).text
    assert sign_in(cast.other_director).get(page).status_code == 404
    whole = sign_in(cast.director).get(page).text
    assert "5-А" in whole
    assert "5-Б" in whole


def test_what_asks_for_no_work_has_no_such_page(cast: Cast, now: datetime, teacher: FlaskClient) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    assert "handed-in" not in teacher.get(f"/announcements/{announcement.id}").text
    assert teacher.get(f"/reach/announcements/{announcement.id}/handed-in").status_code == 404
    tick(teacher, announcement, cast, child(cast, cast.button_phone).id)
    assert not there()


def test_a_correction_is_about_the_same_work(
    cast: Cast, assignment: Announcement, now: datetime, teacher: FlaskClient
) -> None:
    right = write(cast, now=now + timedelta(hours=1))
    right.kind, right.corrects_id = ASSIGNMENT, assignment.id
    send(right, now + timedelta(hours=1))
    one = child(cast, cast.button_phone)
    tick(teacher, right, cast, one.id)
    assert [each.announcement_id for each in db.session.scalars(select(HandedIn))] == [assignment.id]
    assert "1 of 4 children handed it in" in teacher.get(f"/reach/announcements/{right.id}/handed-in").text


def test_who_has_left_the_school_is_not_asked_for_work(
    cast: Cast, assignment: Announcement, now: datetime, teacher: FlaskClient
) -> None:
    child(cast, cast.button_phone).left_at = now
    db.session.commit()
    assert (
        "0 of 3 children handed it in" in teacher.get(f"/reach/announcements/{assignment.id}/handed-in").text
    )


def test_one_writes_to_those_whose_work_is_not_there(
    cast: Cast, assignment: Announcement, now: datetime, teacher: FlaskClient
) -> None:
    one, two = child(cast, cast.button_phone), child(cast, cast.siblings)
    tick(teacher, assignment, cast, two.id)
    link = f"/announcements/new?not_handed_in={assignment.id}"
    assert link in teacher.get(f"/reach/announcements/{assignment.id}/handed-in").text
    assert "did not hand in “" in teacher.get(link).text
    condition = Condition.read(f"not_handed_in-{assignment.id}")
    assert condition
    such = pupils_such(condition, cast.school.id, None, now)
    found = set(db.session.scalars(select(Pupil.id).where(such)))
    assert one.id in found
    assert two.id not in found
    # The brother in 5-Б has not handed in anything; one child's work is not the other's.
    assert next(p.id for p in cast.siblings.pupils if p.class_id == cast.class_5b.id) in found


def test_no_work_can_be_missing_of_what_asked_for_none(
    cast: Cast, now: datetime, teacher: FlaskClient
) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    assert "did not hand in" not in teacher.get(f"/announcements/new?not_handed_in={announcement.id}").text


def test_the_report_counts_work_where_somebody_ticked_it(
    cast: Cast, assignment: Announcement, now: datetime, teacher: FlaskClient
) -> None:
    tick(teacher, assignment, cast, child(cast, cast.siblings).id)
    day = now.astimezone(cast.school.zone).date()
    report = period_report(
        cast.school,
        [cast.class_5a, cast.class_5b],
        Days(day, day),
        now + timedelta(hours=1),
        whole_school=True,
    )
    work = {row["class"]: row["work"] for row in json.loads(json.dumps(report.as_dict()))["classes"]}
    # Of 5-Б nothing is known.
    assert work == {"5-А": {"asked": 4, "handed_in": 1}, "5-Б": {"asked": 0, "handed_in": 0}}
    assert (report.total.work_asked, report.total.work_handed_in) == (4, 1)
