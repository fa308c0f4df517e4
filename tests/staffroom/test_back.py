"""A notice for the staff is taken back, set right and used again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select, update

from notifier.database import db
from notifier.models import Delivery, State
from tests.cast import Cast
from tests.staffroom.writing import copies, messages, send
from webapp.announcements.models import Announcement
from webapp.staff.models import AuditEntry
from webapp.staffroom.directory import put_into
from webapp.staffroom.models import Association, StaffNotice

pytestmark = pytest.mark.usefixtures("phones")


def test_for_half_a_minute_nothing_leaves_of_what_is_not_urgent(cast: Cast, sign_in: Any) -> None:
    send(sign_in(cast.director))
    assert all(each.not_before >= each.created_at + timedelta(seconds=30) for each in messages())
    send(sign_in(cast.director), urgent="y")
    assert all(each.not_before <= each.created_at for each in messages()[2:])


def test_taken_back_at_once_it_was_told_to_nobody_and_costs_nothing(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.director)
    number = send(client)
    assert "It goes in half a minute" in unescape(client.get(f"/staff-notices/{number}/progress").text)
    assert db.session.get_one(Announcement, number).segments == 1
    answer = client.post(f"/staff-notices/{number}/back", follow_redirects=True)
    assert "Taken back: nobody has been told." in unescape(answer.text)
    assert {each.state for each in messages()} == {State.CANCELLED}
    db.session.expire_all()
    assert db.session.get_one(Announcement, number).segments == 0
    colleague = sign_in(cast.pedagogue)
    assert "A notice for you to read" not in unescape(colleague.get("/").text)
    assert "Taken back" in unescape(colleague.get("/staff-notices").text)
    page = unescape(colleague.get(f"/staff-notices/{number}").text)
    assert "it holds no more" in page
    assert "I have read it" not in page
    entry = db.session.scalars(select(AuditEntry).filter_by(action="staff_notice.taken_back")).one()
    assert entry.detail == {"people": 4, "already_sent": 0}


def test_what_had_left_is_said_exactly_and_a_second_press_changes_nothing(cast: Cast, sign_in: Any) -> None:
    number = send(sign_in(cast.director))
    db.session.execute(
        update(Delivery)
        .where(Delivery.channel == "sms")
        .values(state=State.ACCEPTED, accepted_at=datetime.now(UTC))
    )
    db.session.commit()
    sign_in(cast.pedagogue).post(f"/staff-notices/{number}/read")
    client = sign_in(cast.office)  # who answers for what the school sends
    for _ in range(2):
        page = unescape(client.post(f"/staff-notices/{number}/back", follow_redirects=True).text)
        assert "3 people had been told before" in page  # two by one SMS, one on the page
    assert {each.channel: each.state for each in messages()} == {
        "sms": State.ACCEPTED,
        "email": State.CANCELLED,
    }
    assert len(db.session.scalars(select(AuditEntry).filter_by(action="staff_notice.taken_back")).all()) == 1


def test_a_correction_goes_to_the_same_people_and_says_what_it_is(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.director)
    number = send(client, everybody="", roles=["class_teacher"])
    answer = client.post(f"/staff-notices/{number}/again", data={"corrects": "1"})
    draft = int(answer.location.split("/")[-2])
    notice = db.session.get_one(StaffNotice, draft)
    assert (notice.roles, notice.announcement.corrects_id) == (["class_teacher"], number)
    assert notice.words_ky.startswith("Оңдоо: ")
    page = client.get(f"/staff-notices/{draft}/edit")
    assert "Исправление: Завтра" in unescape(page.text)
    client.post(f"/staff-notices/{draft}/send", data={"seen": notice.fingerprint})
    assert set(copies(draft)) == {"aigul", "olga"}
    assert "This sets right" in unescape(client.get(f"/staff-notices/{draft}/progress").text)


def test_a_webinar_that_is_over_is_used_again_without_its_hour(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.director)
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
    number = send(
        client, "webinar", day=tomorrow, hour="15:00", platform="Zoom", link="https://zoom.example/j/1"
    )
    for over in (False, True):
        if over:
            db.session.get_one(StaffNotice, number).starts_at = datetime.now(UTC) - timedelta(hours=1)
            db.session.commit()
        answer = client.post(f"/staff-notices/{number}/again")
        draft = db.session.get_one(StaffNotice, int(answer.location.split("/")[-2]))
        assert (draft.kind, draft.link, draft.starts_at is None) == (
            "webinar",
            "https://zoom.example/j/1",
            over,
        )
        assert client.get(answer.location).status_code == 200


def test_nobody_else_takes_it_back(cast: Cast, sign_in: Any) -> None:
    number = send(sign_in(cast.director))
    first = db.session.scalars(select(Association).filter_by(school_id=cast.school.id)).first()
    assert first is not None
    put_into(cast.teacher, first.id, leads=True)
    db.session.commit()
    for person in (cast.teacher, cast.pedagogue, cast.other_director):
        client = sign_in(person)
        assert client.post(f"/staff-notices/{number}/back").status_code == 404
        assert client.post(f"/staff-notices/{number}/again").status_code == 404
    assert {each.state for each in messages()} == {State.PENDING}
