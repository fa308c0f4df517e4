"""TV lessons are told to another number while they are still to come; after that only people can help."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from notifier.database import db
from notifier.message import Fault
from notifier.models import State
from tests.cast import Cast
from tests.lessons.evening import EVENING, TOMORROW, all_left, announcements, at, change, later, lesson, tell
from tests.reach.climbing import FATHER, guardian, minute, rungs, sent_to, settle, tasks
from webapp.announcements.models import Announcement
from webapp.families.devices import NO, YES, Fact, note_device
from webapp.families.models import DigestWish
from webapp.lessons.models import LessonRules, TvLesson
from webapp.reach.models import FollowUpState, Means
from webapp.reach.tasks.rules import run_rules

SIBLINGS = "+996700000102"
# The digest has left, and the lessons are still to come.
NIGHT, BEFORE_LESSONS, AFTER_LESSONS = later(EVENING, 30), at("8:10", TOMORROW), at("12:00", TOMORROW)


@pytest.fixture
def digest(cast: Cast) -> Announcement:
    """Tomorrow's lessons were told to everybody; there is a father besides, who did not get them."""
    guardian(cast.siblings, "Эрмек Экөөбаев", FATHER)
    lesson(cast, "9:00", "Математика")
    lesson(cast, "10:00", "Химия")
    tell()
    return announcements()[-1]


def switched_off(moment: datetime) -> None:
    """Everybody gets what waits, but the siblings' phone is off."""
    all_left(moment)
    settle(sent_to(SIBLINGS)[-1], State.UNDELIVERED, moment, Fault.HANDSET_OFF)


def test_a_digest_climbs_to_the_next_number_with_its_own_text(cast: Cast, digest: Announcement) -> None:
    switched_off(EVENING)
    for _ in range(3):
        minute(EVENING)
    (first,), (second,) = sent_to(SIBLINGS), sent_to(FATHER)
    assert second.body == first.body
    assert second.expires_at == first.expires_at
    assert rungs(digest, cast.siblings) == ["first", "next_number"]
    assert tasks(cast.siblings) == []


def test_a_digest_whose_first_lesson_began_is_written_to_nobody_else(
    cast: Cast, digest: Announcement
) -> None:
    switched_off(AFTER_LESSONS)
    for _ in range(3):
        minute(AFTER_LESSONS)
    assert sent_to(FATHER) == []
    (call,) = tasks(cast.siblings)
    assert call.means == Means.CALL


def test_the_moment_between_is_that_of_the_first_lesson(cast: Cast, digest: Announcement) -> None:
    (first,) = sent_to(SIBLINGS)
    assert first.expires_at == at("9:00", TOMORROW)
    switched_off(BEFORE_LESSONS)
    minute(BEFORE_LESSONS)
    assert len(sent_to(FATHER)) == 1


def test_lessons_of_two_days_of_one_week_are_one_call(cast: Cast, digest: Announcement) -> None:
    switched_off(AFTER_LESSONS)
    minute(AFTER_LESSONS)
    lesson(cast, "9:00", "Физика", day=TOMORROW + timedelta(days=1))
    tell(at("18:30", TOMORROW))
    assert announcements()[-1].id != digest.id
    switched_off(at("12:00", TOMORROW + timedelta(days=1)))
    minute(at("12:00", TOMORROW + timedelta(days=1)))
    # The first day's call was not made, so that somebody near is asked; the second day's is the same call.
    assert [task.means for task in tasks(cast.siblings)] == [Means.CALL, Means.RELAY]
    assert rungs(announcements()[-1], cast.siblings) == ["call"]


def test_whoever_wants_no_lessons_is_not_climbed_to(cast: Cast, digest: Announcement) -> None:
    for person in cast.siblings.guardians:
        if person.name == "Эрмек Экөөбаев":
            person.digest = DigestWish.NONE
    db.session.commit()
    switched_off(EVENING)
    minute(EVENING)
    assert sent_to(FATHER) == []


def correction_of(cast: Cast, moment: datetime) -> Announcement:
    """The first lesson is cancelled after it was told, and the siblings hear of it at this moment."""
    all_left(EVENING)
    db.session.expire_all()
    first = db.session.scalars(select(TvLesson).filter_by(subject="Математика")).one()
    change(first, moment, cancelled_at=moment)
    tell(later(moment, 4))
    found = announcements()[-1]
    assert found.kind == "correction"
    return found


def test_a_correction_climbs_while_the_lesson_is_to_come(cast: Cast, digest: Announcement) -> None:
    correction = correction_of(cast, NIGHT)
    switched_off(later(NIGHT, 5))
    for _ in range(3):
        minute(later(NIGHT, 5))
    (second,) = sent_to(FATHER)
    assert second.body == sent_to(SIBLINGS)[-1].body
    assert "болбойт" in second.body
    assert rungs(correction, cast.siblings) == ["first", "next_number"]


def test_a_correction_is_old_news_after_the_lesson(cast: Cast, digest: Announcement) -> None:
    correction_of(cast, NIGHT)
    switched_off(AFTER_LESSONS)
    minute(AFTER_LESSONS)
    assert sent_to(FATHER) == []


class TestWithoutTelevision:
    @pytest.fixture(autouse=True)
    def told(self, cast: Cast, now: datetime) -> None:
        """Lessons are told every evening at this school, and the siblings have no television."""
        rules = db.session.scalar(select(LessonRules).filter_by(school_id=cast.school.id))
        assert rules is not None
        assert rules.digest_at is not None
        note_device(cast.siblings, Fact.TV, NO, now, cast.teacher)
        note_device(cast.button_phone, Fact.TV, YES, now, cast.teacher)
        db.session.commit()

    def test_lessons_at_school_are_asked_for_once_a_quarter(self, cast: Cast, now: datetime) -> None:
        for days in (0, 1, 30):
            run_rules(now + timedelta(days=days))
        (first,) = tasks(cast.siblings, "no_tv")
        assert (first.means, first.cause, first.assignee_id) == (
            Means.LESSON,
            "2026-Q4",
            cast.pedagogue.id,
        )
        assert tasks(cast.button_phone, "no_tv") == []
        for days in (40, 60):
            run_rules(now + timedelta(days=days))
        assert [task.cause for task in tasks(cast.siblings, "no_tv")] == ["2026-Q4", "2027-Q1"]

    def test_who_refused_is_not_asked_again_in_the_same_quarter(self, cast: Cast, now: datetime) -> None:
        run_rules(now)
        (first,) = tasks(cast.siblings, "no_tv")
        first.state = FollowUpState.CANCELLED
        db.session.commit()
        run_rules(now + timedelta(days=7))
        assert len(tasks(cast.siblings, "no_tv")) == 1

    def test_who_has_a_television_by_now_is_asked_for_nothing(self, cast: Cast, now: datetime) -> None:
        note_device(cast.siblings, Fact.TV, YES, now + timedelta(hours=1), cast.teacher)
        db.session.commit()
        run_rules(now + timedelta(hours=2))
        assert tasks(cast.siblings, "no_tv") == []

    def test_a_school_that_tells_no_lessons_asks_nobody(self, cast: Cast, now: datetime) -> None:
        rules = db.session.scalars(select(LessonRules).filter_by(school_id=cast.school.id)).one()
        rules.digest_at = None
        db.session.commit()
        run_rules(now)
        assert tasks(cast.siblings, "no_tv") == []
