"""An announcement goes by itself: at its moment, once, if it still may."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from notifier.database import db
from notifier.models import Delivery
from tests.announcements.writing import KY, write
from tests.at_once import at_once
from tests.cast import Cast
from webapp.announcements.models import Announcement
from webapp.lessons.models import LessonRules
from webapp.staff.models import AuditEntry, StaffRole
from webapp.upkeep.scheduled import let_all_go

MORNING = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # Wednesday, 10:00 in Bishkek


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def draft(cast: Cast, now: datetime) -> Announcement:
    return write(cast, now=now)


def choose(client: FlaskClient, draft: Announcement, **chosen: str) -> Any:
    form = {"seen": draft.fingerprint, "day": "2026-11-25", "hour": "10:00"} | chosen
    return client.post(f"/announcements/{draft.id}/later", data=form, follow_redirects=True)


def messages() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Delivery)) or 0


def goes(draft: Announcement, cast: Cast, until: date | None = None) -> None:
    draft.goes_at, draft.goes_by_id, draft.repeats_until = MORNING, cast.teacher.id, until
    db.session.commit()


def test_it_waits_for_its_moment_and_then_goes_once(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement, now: datetime
) -> None:
    sign_in(cast.teacher)
    page = choose(client, draft).text
    assert "It goes by itself: 25 November, 10:00." in page
    assert "Goes 25 November, 10:00" in page
    assert draft.goes_at == MORNING
    assert let_all_go(MORNING - timedelta(seconds=1)) == 0
    assert messages() == 0
    assert let_all_go(MORNING) == 1
    assert let_all_go(MORNING) == 0
    assert messages() == 3
    assert draft.published_at == MORNING
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == ["announcement.goes_later", "announcement.published"]
    assert entries[1].staff_id == cast.teacher.id


def test_two_machines_send_it_once(app: Flask, draft: Announcement, cast: Cast, now: datetime) -> None:
    goes(draft, cast, date(2026, 11, 27))
    gone = at_once(app, *[lambda: let_all_go(MORNING)] * 2)
    assert sum(gone) == 1
    assert messages() == 3
    assert len(db.session.scalars(select(Announcement)).all()) == 2  # it, and the one of the day after


def test_on_every_school_day_until_a_day(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement, now: datetime
) -> None:
    rules = db.session.get_one(LessonRules, cast.school.id)
    rules.days_off = [{"first": "11-27", "last": "11-27", "name": "Майрам"}]
    db.session.commit()
    sign_in(cast.teacher)
    choose(client, draft, repeats="y", until="2026-12-01")
    days = []
    for hours in range(24 * 9):
        let_all_go(MORNING + timedelta(hours=hours))
    for each in db.session.scalars(select(Announcement).order_by(Announcement.id)):
        assert each.text_ky == KY
        assert each.classes == [cast.class_5a]
        days.append(each.published_at and f"{each.published_at:%d}")
    # Wednesday, Thursday; Friday is off; Monday, Tuesday.
    assert days == ["25", "26", "30", "01"]


def test_when_one_of_a_row_is_taken_back_or_corrected_the_next_waits(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement
) -> None:
    goes(draft, cast, date(2026, 11, 27))
    let_all_go(MORNING)
    following = db.session.scalars(select(Announcement).filter_by(repeated_from_id=draft.id)).one()
    assert following.goes_at == MORNING + timedelta(days=1)
    sign_in(cast.teacher)
    client.post(f"/announcements/{draft.id}/back")
    db.session.expire_all()
    assert (following.goes_at, following.repeats_until) == (None, None)
    page = client.get(f"/announcements/{following.id}/review").text
    assert "The one before it was taken back." in page
    assert let_all_go(MORNING + timedelta(days=1)) == 0


def test_the_hour_to_be_in_touch_moves_with_the_day(cast: Cast, draft: Announcement) -> None:
    goes(draft, cast, date(2026, 11, 27))
    draft.answer_by = MORNING + timedelta(hours=5)
    db.session.commit()
    for days in range(2):
        let_all_go(MORNING + timedelta(days=days))
    hours = db.session.scalars(select(Announcement.answer_by).order_by(Announcement.id)).all()
    assert hours == [MORNING + timedelta(days=days, hours=5) for days in range(3)]


def test_a_moment_in_quiet_hours_says_when_phones_will_ring(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "webapp.announcements.publish.current_settings", lambda: SimpleNamespace(sandbox=False)
    )
    sign_in(cast.teacher)
    choose(client, draft, hour="21:00")
    page = client.get(f"/announcements/{draft.id}/review").text
    assert "It goes by itself: 25 November, 21:00." in page
    assert "It is late: the messages will go 26 November, 08:00." in page


def test_all_that_goes_by_itself_is_listed(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement, now: datetime
) -> None:
    goes(draft, cast)
    for _ in range(7):
        write(cast, ky="Башка", now=now)
    sign_in(cast.teacher)
    assert "Goes 25 November, 10:00" in client.get("/announcements").text


def test_what_was_put_off_in_another_window_does_not_go_now_unseen(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement
) -> None:
    sign_in(cast.teacher)
    seen = draft.fingerprint
    choose(client, draft)
    answer = client.post(f"/announcements/{draft.id}/send", data={"seen": seen}, follow_redirects=True)
    assert "was changed since you looked at it" in answer.text
    assert messages() == 0


def test_what_went_by_itself_is_not_said_to_wait_for_half_a_minute(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement, clock: time_machine.Traveller
) -> None:
    goes(draft, cast)
    clock.move_to(MORNING)
    let_all_go(MORNING)
    sign_in(cast.teacher)
    assert "It goes in half a minute." not in client.get(f"/announcements/{draft.id}").text


def test_a_moment_that_makes_no_sense_is_told_and_what_was_typed_stays(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement
) -> None:
    sign_in(cast.teacher)
    for chosen, sentence in (
        ({"day": "2026-11-24", "hour": "08:00"}, "This hour is over."),
        ({"day": "2029-01-01"}, "Choose a day within a year."),
        ({"day": ""}, "Choose the day and the hour."),
        ({"hour": "noon"}, "Choose the day and the hour."),
        ({"day": "9999-12-31", "hour": "23:59"}, "Choose"),
        ({"repeats": "y"}, "Choose the last day."),
        ({"repeats": "y", "until": "2026-11-25"}, "Choose a last day after the first one."),
        ({"repeats": "y", "until": "2030-01-01"}, "Choose a day within a year."),
    ):
        answer = choose(client, draft, **chosen)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert draft.goes_at is None
        for typed in chosen.values():
            assert f'value="{typed}"' in answer.text


def test_it_can_go_some_hours_before_the_hour_it_is_about(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement, now: datetime
) -> None:
    draft.answer_by = now + timedelta(hours=10)
    db.session.commit()
    sign_in(cast.teacher)
    page = client.get(f"/announcements/{draft.id}/review").text
    assert "2 hours before" in page
    assert "24 hours before" not in page
    choose(client, draft, before="2")
    assert draft.goes_at == now + timedelta(hours=8)
    assert "By then the hour to be in touch is over." in choose(client, draft).text
    draft.answer_by, draft.due_at = None, MORNING
    db.session.commit()
    assert "By then what it is about is over." in choose(client, draft).text


@pytest.mark.parametrize("hours", ["abc", "-2", "5", "2.0", "9" * 5000])
def test_hours_that_were_not_offered_are_none(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement, hours: str
) -> None:
    sign_in(cast.teacher)
    answer = choose(client, draft, before=hours, day="", hour="")
    assert answer.status_code == 422
    assert "Choose the day and the hour." in answer.text
    assert "Invalid" not in answer.text


def test_it_need_not_go_after_all(cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement) -> None:
    sign_in(cast.teacher)
    choose(client, draft)
    answer = client.post(f"/announcements/{draft.id}/stay", follow_redirects=True)
    assert "It does not go by itself now" in answer.text
    assert let_all_go(MORNING) == 0
    assert messages() == 0


def test_a_wish_about_an_older_text_is_not_granted(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement
) -> None:
    sign_in(cast.teacher)
    answer = choose(client, draft, seen="something else")
    assert "was changed since you looked at it" in answer.text
    assert draft.goes_at is None


def test_whoever_may_no_longer_write_does_not_by_a_draft(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement
) -> None:
    goes(draft, cast)
    cast.class_5a.teacher_id = cast.other_teacher.id
    db.session.commit()
    assert let_all_go(MORNING) == 0
    assert messages() == 0
    assert (draft.goes_at, draft.published_at) == (None, None)
    assert draft.not_sent_because
    sign_in(cast.teacher)
    assert "Did not go" in client.get("/announcements").text
    assert "A text of yours did not go by itself" in client.get("/").text


def test_a_teacher_who_left_writes_to_nobody(cast: Cast, draft: Announcement) -> None:
    goes(draft, cast)
    cast.teacher.active = False
    db.session.commit()
    assert let_all_go(MORNING) == 0
    assert messages() == 0


def test_a_role_that_was_taken_away_takes_the_draft_with_it(cast: Cast, draft: Announcement) -> None:
    goes(draft, cast)
    db.session.delete(db.session.scalars(select(StaffRole).filter_by(staff_id=cast.teacher.id)).one())
    db.session.commit()
    assert let_all_go(MORNING) == 0
    assert messages() == 0


def test_after_a_long_outage_what_is_too_late_stays_and_says_so(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement
) -> None:
    goes(draft, cast, date(2026, 11, 27))
    assert let_all_go(MORNING + timedelta(hours=7)) == 0
    assert messages() == 0
    sign_in(cast.teacher)
    assert "It did not go by itself." in client.get(f"/announcements/{draft.id}/review").text
    # The next day is not lost with it.
    assert let_all_go(MORNING + timedelta(days=1)) == 1


def test_an_audience_that_is_empty_by_then_is_told_and_stops_no_other(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement, now: datetime
) -> None:
    empty = write(cast, cast.class_5b, author=cast.other_teacher, now=now)
    for each in (empty, draft):
        each.goes_at, each.goes_by_id = MORNING, each.author_id
    for household in (cast.siblings, cast.neighbour):
        for pupil in household.pupils:
            if pupil.class_id == cast.class_5b.id:
                pupil.left_at = now
    db.session.commit()
    assert let_all_go(MORNING) == 1
    assert draft.published_at == MORNING
    assert empty.published_at is None
    assert empty.not_sent_because
    sign_in(cast.other_teacher)
    assert "It did not go by itself." in client.get(f"/announcements/{empty.id}/review").text
    assert db.session.scalars(select(AuditEntry).filter_by(action="announcement.not_sent")).one()


def test_nobody_decides_when_anothers_draft_goes(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement
) -> None:
    sign_in(cast.director)
    assert choose(client, draft).status_code == 404
    assert client.post(f"/announcements/{draft.id}/stay").status_code == 404
