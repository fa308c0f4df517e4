"""A person's tasks for a family: opened once, closed for good, and what talking to people changes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from notifier.database import db
from notifier.models import State
from tests.announcements.writing import becomes, copy_for, message_for, send, write
from tests.cast import Cast
from webapp.families.models import ContactPoint, ContactStatus, Family
from webapp.reach.board.kinds import Asked, Show
from webapp.reach.board.queries import board, tasks_of
from webapp.reach.contacts.note import note_contact
from webapp.reach.models import ContactLog, FollowUp, FollowUpState, Means, Outcome
from webapp.reach.tasks.followups import cancel, close, close_if_reached, follow_ups_for, open_follow_up
from webapp.staff.models import StaffMember


def task(cast: Cast, now: datetime, cause: str = "by hand", **details: object) -> FollowUp:
    assert open_follow_up(cast.button_phone, "by_hand", cause, now, **details)  # type: ignore[arg-type]
    db.session.commit()
    return db.session.scalars(select(FollowUp).filter_by(cause=cause)).one()


def seen(person: StaffMember, **filters: object) -> list[str]:
    return [each.cause for each in db.session.scalars(follow_ups_for(person, **filters))]  # type: ignore[arg-type]


def test_a_rule_opens_a_task_once_and_never_again(cast: Cast, now: datetime) -> None:
    first = task(cast, now)
    assert not open_follow_up(cast.button_phone, "by_hand", "by hand", now)
    assert close(first, "done", cast.pedagogue, now)
    assert not open_follow_up(cast.button_phone, "by_hand", "by hand", now + timedelta(days=9))
    assert open_follow_up(cast.siblings, "by_hand", "by hand", now)


def test_the_class_teacher_calls_and_the_pedagogue_goes(cast: Cast, now: datetime) -> None:
    assert task(cast, now, "call").assignee == cast.teacher
    assert task(cast, now, "visit", means=Means.VISIT).assignee == cast.pedagogue
    assert task(cast, now, "named", assignee_id=cast.director.id).assignee == cast.director


def test_done_is_final(cast: Cast, now: datetime) -> None:
    found = task(cast, now)
    assert close(found, "spoke", cast.pedagogue, now)
    assert not cancel(found, cast.teacher, now)
    assert not close(found, "left", cast.teacher, now)
    assert (found.state, found.closed_because, found.closed_by_id) == (
        FollowUpState.DONE,
        "spoke",
        cast.pedagogue.id,
    )


def test_each_sees_the_tasks_of_the_families_they_see_the_urgent_first(cast: Cast, now: datetime) -> None:
    task(cast, now, "later", due_at=now + timedelta(days=2))
    task(cast, now, "soon", due_at=now + timedelta(days=1))
    task(cast, now, "urgent", priority=0, due_at=now + timedelta(days=3), means=Means.VISIT)
    assert seen(cast.director) == ["urgent", "soon", "later"]
    assert seen(cast.teacher) == ["urgent", "soon", "later"]
    assert seen(cast.teacher, mine=True) == ["soon", "later"]
    assert seen(cast.other_teacher) == []
    assert seen(cast.other_director) == []


def test_speaking_to_a_family_settles_what_it_was_about(cast: Cast, now: datetime) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    other = write(cast, now=now)
    send(other, now)
    found = task(cast, now, announcement_id=announcement.id)
    log = note_contact(
        cast.button_phone, Means.CALL, Outcome.SPOKE, now, cast.teacher, "t1", now, follow_up_id=found.id
    )
    db.session.commit()
    assert log is not None
    assert log.announcement_id == announcement.id
    assert copy_for(announcement, cast.button_phone).spoken_at == now
    assert copy_for(other, cast.button_phone).spoken_at is None
    assert (found.state, found.closed_because, found.closed_by_id) == ("done", "spoke", cast.teacher.id)


def test_without_a_subject_speaking_is_about_all_the_family_had_not_heard(cast: Cast, now: datetime) -> None:
    heard, missed, later = (write(cast, now=now) for _ in range(3))
    for each in (heard, missed):
        send(each, now)
    becomes(message_for(heard, cast.button_phone), State.DELIVERED, now)
    send(later, now + timedelta(hours=3))
    found = task(cast, now, announcement_id=missed.id)
    at = now + timedelta(hours=1)
    note_contact(cast.button_phone, Means.VISIT, Outcome.SPOKE, at, cast.pedagogue, "t1", now)
    db.session.commit()
    assert copy_for(heard, cast.button_phone).spoken_at is None
    assert copy_for(missed, cast.button_phone).spoken_at == at
    assert copy_for(later, cast.button_phone).spoken_at is None
    assert found.state == FollowUpState.DONE


def test_a_word_left_with_a_neighbour_is_not_speaking_to_the_family(cast: Cast, now: datetime) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    found = task(cast, now, announcement_id=announcement.id, means=Means.RELAY)
    note_contact(
        cast.button_phone, Means.RELAY, Outcome.RELAYED, now, cast.teacher, "t1", now, follow_up_id=found.id
    )
    db.session.commit()
    copy = copy_for(announcement, cast.button_phone)
    assert (copy.relayed_at, copy.spoken_at) == (now, None)
    assert (found.state, found.closed_because) == ("done", "relayed")


@pytest.mark.parametrize("outcome", [Outcome.NO_ANSWER, Outcome.SWITCHED_OFF, Outcome.NOBODY_HOME])
def test_a_try_that_failed_leaves_the_task_open(cast: Cast, now: datetime, outcome: Outcome) -> None:
    found = task(cast, now)
    note_contact(cast.button_phone, Means.CALL, outcome, now, cast.teacher, "t1", now, follow_up_id=found.id)
    db.session.commit()
    assert found.state == FollowUpState.OPEN


def test_the_same_form_twice_is_one_contact(cast: Cast, now: datetime) -> None:
    for expected in (True, False):
        log = note_contact(cast.button_phone, Means.CALL, Outcome.NO_ANSWER, now, cast.teacher, "same", now)
        db.session.commit()
        assert (log is not None) is expected
    assert db.session.scalar(select(func.count()).select_from(ContactLog)) == 1


def test_a_wrong_number_is_written_to_no_more(cast: Cast, now: datetime) -> None:
    point = db.session.scalars(select(ContactPoint).filter_by(address="+996700000102")).one()
    note_contact(
        cast.siblings,
        Means.CALL,
        Outcome.WRONG_NUMBER,
        now,
        cast.teacher,
        "t1",
        now,
        contact_point_id=point.id,
    )
    db.session.commit()
    assert point.status == ContactStatus.BAD


def test_a_task_closes_by_itself_when_the_family_is_reached_otherwise(cast: Cast, now: datetime) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    found = task(cast, now, announcement_id=announcement.id)
    assert close_if_reached(None, now) == 0
    becomes(message_for(announcement, cast.button_phone), State.DELIVERED, now)
    assert close_if_reached([cast.siblings.id], now) == 0
    assert close_if_reached([cast.button_phone.id], now) == 1
    db.session.commit()
    assert (found.state, found.closed_because, found.closed_by_id) == ("done", "delivered", None)


def test_a_task_of_another_family_is_refused(cast: Cast, now: datetime) -> None:
    found = task(cast, now)
    with pytest.raises(ValueError, match="another family"):
        note_contact(
            cast.siblings, Means.CALL, Outcome.SPOKE, now, cast.teacher, "t1", now, follow_up_id=found.id
        )


@pytest.mark.parametrize(("who", "tasks"), [("pedagogue", 2), ("director", 2), ("office", 1)])
def test_what_a_family_has_not_got_is_no_task_for_every_eye(
    cast: Cast, now: datetime, who: str, tasks: int
) -> None:
    task(cast, now, "by hand")
    open_follow_up(cast.button_phone, "no_tv", "2026-Q4", now, means=Means.LESSON)
    db.session.commit()
    person = getattr(cast, who)
    assert len(seen(person)) == tasks
    assert len(tasks_of(person, [cast.button_phone.id])[cast.button_phone.id]) == tasks
    shown = list(db.session.scalars(board(person, Asked(Show.LESSON), now).with_only_columns(Family.id)))
    assert len(shown) == tasks - 1
