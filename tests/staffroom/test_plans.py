"""By when each class's plan for the week is told, who is late and who is reminded of it (clause 4.2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import delete, func, select

from notifier.database import db
from tests.at_once import at_once
from tests.cast import Cast
from tests.staffroom.writing import messages
from webapp.announcements.models import Announcement
from webapp.families.modes import ClassMode, Mode
from webapp.lessons.digest.models import Digest
from webapp.lessons.models import LessonRules, TvChannel, TvLesson
from webapp.staff.models import AuditEntry
from webapp.staffroom.late import late_before
from webapp.staffroom.models import Before, PlanDeadline, PlanReminder, PlanTold, StaffCopy
from webapp.staffroom.plan_jobs import remind_at
from webapp.staffroom.plans import PlanState, deadline_of, due_at, plans_of

# The tests' now is Tuesday, the 24th; the plan of the next week is due on Friday at 18:00 in Bishkek.
MONDAY = date(2026, 11, 30)
DUE = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
MORNING = datetime(2026, 11, 27, 2, 0, tzinfo=UTC)


def lesson(cast: Cast, day: date, language: str = "ky") -> None:
    db.session.add(
        TvLesson(
            school_id=cast.school.id,
            channel=db.session.scalars(select(TvChannel).filter_by(school_id=cast.school.id)).first(),
            starts_at=datetime(day.year, day.month, day.day, 4, 0, tzinfo=UTC),
            minutes=30,
            first_grade=5,
            last_grade=5,
            language=language,
            subject="Математика",
            changed_at=datetime(2026, 11, 1, tzinfo=UTC),
        )
    )


def tell(cast: Cast, first_day: date, span: str, at: datetime) -> None:
    """Tell 5-А lessons from a day on."""
    announcement = Announcement(
        school_id=cast.school.id, kind="digest", created_at=at, published_at=at, classes=[cast.class_5a]
    )
    db.session.add_all([announcement])
    db.session.flush()
    db.session.add(
        Digest(
            school_id=cast.school.id,
            span=span,
            first_day=first_day,
            starts_at=at,
            ends_at=at + timedelta(days=7),
            composed_at=at,
            announcement_id=announcement.id,
        )
    )
    db.session.commit()


@pytest.fixture
def deadline(cast: Cast, now: datetime) -> PlanDeadline:
    """Friday at 18:00, a reminder that morning; 5-А and 5-Б have lessons on Monday and Tuesday."""
    made = PlanDeadline(school_id=cast.school.id, day=-3, minute=18 * 60, before=Before.MORNING, set_at=now)
    db.session.add(made)
    for language in ("ky", "ru"):
        lesson(cast, MONDAY, language)
        lesson(cast, MONDAY + timedelta(days=1), language)
    db.session.commit()
    return made


def states(cast: Cast, now: datetime) -> dict[str, PlanState]:
    deadline = deadline_of(cast.school.id)
    assert deadline is not None
    plans = plans_of(cast.school, [cast.class_5a, cast.class_5b], deadline, MONDAY, now)
    return {row.school_class.name: row.state for row in plans.classes}


def reminders(cast: Cast) -> list[tuple[str, bool]]:
    names = {cast.class_5a.id: "5-А", cast.class_5b.id: "5-Б"}
    rows = db.session.scalars(select(PlanReminder).order_by(PlanReminder.late, PlanReminder.class_id))
    return [(names[row.class_id], row.late) for row in rows]


@pytest.mark.usefixtures("deadline")
def test_a_class_is_told_in_time_when_all_days_of_its_week_are(cast: Cast, now: datetime) -> None:
    assert states(cast, now) == {"5-А": PlanState.DUE, "5-Б": PlanState.DUE}
    tell(cast, MONDAY, "day", DUE - timedelta(hours=2))
    assert states(cast, now)["5-А"] is PlanState.DUE  # Tuesday is still to be told
    tell(cast, MONDAY + timedelta(days=1), "day", DUE - timedelta(hours=1))
    assert states(cast, DUE)["5-А"] is PlanState.IN_TIME
    assert states(cast, DUE)["5-Б"] is PlanState.OVERDUE


@pytest.mark.usefixtures("deadline")
def test_a_week_told_after_the_hour_is_late(cast: Cast) -> None:
    tell(cast, MONDAY, "week", DUE + timedelta(minutes=1))
    assert states(cast, DUE + timedelta(hours=1))["5-А"] is PlanState.LATE


@pytest.mark.usefixtures("deadline")
def test_the_teacher_is_reminded_once_before_the_hour_and_once_after_it(cast: Cast) -> None:
    tell(cast, MONDAY, "week", MORNING - timedelta(hours=5))
    assert remind_at(MORNING - timedelta(minutes=1)) == 0
    assert remind_at(MORNING) == 1
    assert remind_at(MORNING + timedelta(hours=1)) == 0
    assert reminders(cast) == [("5-Б", False)]
    assert remind_at(DUE) == 1
    assert remind_at(DUE + timedelta(days=1)) == 0
    assert reminders(cast) == [("5-Б", False), ("5-Б", True)]
    copies = db.session.scalars(select(StaffCopy)).all()
    assert {copy.staff_id for copy in copies} == {cast.other_teacher.id}
    assert messages() == []  # the deputy did not wish for SMS
    before, late = (copy.announcement for copy in copies)
    assert before.text_ru.startswith("5-Б")
    assert "18:00" in before.text_ky
    assert late.text_ky != before.text_ky


def test_reminders_go_by_sms_when_the_deputy_wishes_so_and_there_is_money(
    cast: Cast, deadline: PlanDeadline
) -> None:
    deadline.by_sms = True
    cast.teacher.phone = "+996555000201"
    db.session.commit()
    assert remind_at(MORNING) == 2
    assert [each.address for each in messages()] == ["+996555000201"]
    cast.school.sms_price, cast.school.monthly_limit = Decimal(2), Decimal(1)
    db.session.commit()
    assert remind_at(DUE) == 2
    assert len(messages()) == 1  # they stand on the page all the same
    assert db.session.scalar(select(func.count()).select_from(StaffCopy)) == 4


def test_one_teacher_of_two_classes_gets_one_reminder(cast: Cast, deadline: PlanDeadline) -> None:
    cast.class_5b.teacher_id = cast.teacher.id
    db.session.commit()
    assert remind_at(MORNING) == 1
    assert db.session.scalars(select(Announcement)).one().text_ky.startswith("5-А, 5-Б")


def test_a_class_that_got_lessons_later_is_reminded_of_by_itself(cast: Cast, deadline: PlanDeadline) -> None:
    cast.class_5b.teacher_id = cast.teacher.id
    db.session.execute(delete(TvLesson).where(TvLesson.language == "ru"))
    db.session.commit()
    assert remind_at(MORNING) == 1
    lesson(cast, MONDAY, "ru")
    db.session.commit()
    assert remind_at(MORNING + timedelta(minutes=5)) == 1
    assert reminders(cast) == [("5-А", False), ("5-Б", False)]


@pytest.mark.parametrize(
    ("before", "first"),
    [
        (Before.HOURS, DUE - timedelta(hours=3)),
        (Before.DAY, DUE - timedelta(days=1)),
        (Before.NO, DUE),
    ],
)
def test_the_deputy_chooses_when_teachers_are_reminded(
    cast: Cast, deadline: PlanDeadline, before: Before, first: datetime
) -> None:
    deadline.before = before
    db.session.commit()
    assert remind_at(first - timedelta(minutes=1)) == 0
    assert remind_at(first) == 2


@pytest.mark.usefixtures("deadline")
def test_a_worker_that_was_away_reminds_of_no_week_that_is_over(cast: Cast) -> None:
    assert remind_at(datetime(2026, 12, 6, 4, 0, tzinfo=UTC)) == 0
    assert remind_at(datetime(2026, 12, 3, 4, 0, tzinfo=UTC)) == 2


def test_an_hour_set_after_it_was_over_reminds_nobody(cast: Cast, deadline: PlanDeadline) -> None:
    deadline.set_at = DUE + timedelta(minutes=1)
    db.session.commit()
    assert remind_at(DUE + timedelta(hours=1)) == 0


def test_an_hour_on_a_day_off_comes_the_day_before(cast: Cast, deadline: PlanDeadline) -> None:
    rules = db.session.get_one(LessonRules, cast.school.id)
    rules.days_off = [*rules.days_off, {"first": "2026-11-26", "last": "2026-11-27", "name": "Айт"}]
    db.session.commit()
    assert due_at(deadline, MONDAY, cast.school) == DUE - timedelta(days=2)


@pytest.mark.usefixtures("deadline")
def test_a_week_of_holidays_asks_for_no_plan(cast: Cast) -> None:
    rules = db.session.get_one(LessonRules, cast.school.id)
    rules.days_off = [*rules.days_off, {"first": "2026-11-30", "last": "2026-12-05", "name": "Каникул"}]
    db.session.commit()
    assert set(states(cast, DUE).values()) == {PlanState.NOT_ASKED}
    assert remind_at(MORNING) == 0


@pytest.mark.usefixtures("deadline")
def test_a_class_taught_at_school_is_not_asked(cast: Cast, now: datetime) -> None:
    whole_week = {"starts": date(2026, 11, 1), "ends": date(2026, 12, 31), "created_at": now}
    db.session.add_all(
        [
            ClassMode(school_id=cast.school.id, mode=Mode.AT_SCHOOL, **whole_week),
            ClassMode(school_id=cast.school.id, class_id=cast.class_5b.id, mode=Mode.DISTANCE, **whole_week),
        ]
    )
    db.session.commit()
    assert states(cast, now) == {"5-А": PlanState.NOT_ASKED, "5-Б": PlanState.DUE}
    assert remind_at(MORNING) == 1


@pytest.mark.usefixtures("deadline")
def test_a_class_at_a_distance_is_asked_also_without_lessons_on_television(cast: Cast, now: datetime) -> None:
    db.session.execute(delete(TvLesson))
    db.session.add(
        ClassMode(
            school_id=cast.school.id,
            class_id=cast.class_5a.id,
            mode=Mode.DISTANCE,
            starts=MONDAY + timedelta(days=2),
            ends=MONDAY + timedelta(days=20),
            created_at=now,
        )
    )
    db.session.commit()
    assert states(cast, now) == {"5-А": PlanState.DUE, "5-Б": PlanState.NOT_ASKED}
    assert remind_at(MORNING) == 1
    db.session.add(PlanTold(class_id=cast.class_5a.id, monday=MONDAY, at=MORNING, by_id=cast.teacher.id))
    db.session.commit()
    assert states(cast, DUE) == {"5-А": PlanState.IN_TIME, "5-Б": PlanState.NOT_ASKED}


def test_nobody_was_late_for_an_hour_that_was_over_when_it_was_set(
    cast: Cast, deadline: PlanDeadline
) -> None:
    deadline.set_at = DUE + timedelta(hours=1)
    db.session.commit()
    tell(cast, MONDAY, "week", DUE + timedelta(hours=2))
    assert states(cast, DUE + timedelta(hours=3)) == {"5-А": PlanState.IN_TIME, "5-Б": PlanState.DUE}


def test_the_weeks_before_say_who_is_late_again_and_again(cast: Cast, deadline: PlanDeadline) -> None:
    deadline.set_at = DUE - timedelta(days=15)  # two weeks' hours ago there was none
    for back in (1, 2, 3):
        for language in ("ky", "ru"):
            lesson(cast, MONDAY - timedelta(days=7 * back), language)
    week = timedelta(days=7)
    for at in (DUE - week + timedelta(hours=1), DUE - 2 * week + timedelta(hours=1)):
        monday = MONDAY - week if at > DUE - week else MONDAY - 2 * week
        db.session.add(PlanTold(class_id=cast.class_5a.id, monday=monday, at=at))
    db.session.commit()
    classes = [cast.class_5a, cast.class_5b]
    found = late_before(cast.school, classes, deadline, MONDAY, DUE)
    assert [(each.school_class.name, each.late, each.not_told) for each in found] == [
        ("5-А", [MONDAY - 2 * week, MONDAY - week], []),
        ("5-Б", [], [MONDAY - 2 * week, MONDAY - week]),
    ]


@pytest.mark.usefixtures("deadline")
def test_two_machines_remind_once(app: Flask, cast: Cast) -> None:
    done = at_once(app, *[lambda: remind_at(MORNING)] * 2)
    assert sum(done) == 2
    assert db.session.scalar(select(func.count()).select_from(StaffCopy)) == 2


class TestPages:
    """Set by the deputy, seen by everybody for their classes; the pages look at the real clock."""

    @pytest.fixture
    def this_week(self, cast: Cast) -> date:
        """The Monday of this week, whose lessons are on Thursday."""
        today = datetime.now(UTC).astimezone(cast.school.zone).date()
        monday = today - timedelta(days=today.weekday())
        for language in ("ky", "ru"):
            lesson(cast, monday + timedelta(days=3), language)
        db.session.commit()
        return monday

    @pytest.fixture
    def overdue(self, cast: Cast, this_week: date) -> PlanDeadline:
        made = PlanDeadline(
            school_id=cast.school.id,
            day=-7,
            minute=600,
            before=Before.NO,
            set_at=datetime(2020, 1, 1, tzinfo=UTC),
        )
        db.session.add(made)
        db.session.commit()
        return made

    def test_the_office_sets_the_day_and_the_hour_and_takes_them_away(self, cast: Cast, sign_in: Any) -> None:
        client = sign_in(cast.office)
        assert "No hour is set" in unescape(client.get("/plans").text)
        form = {"day": "-3", "hour": "18.00", "before": "hours", "by_sms": "y"}
        assert client.post("/plans/settings", data=form).location == "/plans"
        made = deadline_of(cast.school.id)
        assert made is not None
        assert (made.day, made.minute, made.before, made.by_sms) == (-3, 1080, "hours", True)
        assert "Friday of the week before" in unescape(client.get("/plans/settings").text)
        client.post("/plans/settings", data=form | {"day": "never"})
        assert deadline_of(cast.school.id) is None
        actions = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
        assert actions == ["plan.deadline_set", "plan.deadline_removed"]

    @pytest.mark.parametrize(
        "fields",
        [{"day": "1"}, {"day": "x"}, {"hour": ""}, {"hour": "25:00"}, {"hour": "8-9"}, {"before": "never"}],
    )
    def test_what_makes_no_hour_is_refused(self, cast: Cast, sign_in: Any, fields: dict[str, str]) -> None:
        form = {"day": "-3", "hour": "18:00", "before": "hours"} | fields
        assert sign_in(cast.office).post("/plans/settings", data=form).status_code == 422
        assert deadline_of(cast.school.id) is None

    def test_only_the_administration_sets_it(self, cast: Cast, sign_in: Any) -> None:
        for person in (cast.teacher, cast.pedagogue):
            assert sign_in(person).get("/plans/settings").status_code == 403

    @pytest.mark.usefixtures("overdue")
    def test_late_classes_are_listed_for_the_director_and_stand_on_both_homes(
        self, cast: Cast, sign_in: Any, this_week: date
    ) -> None:
        page = unescape(sign_in(cast.director).get(f"/plans?week={this_week}").text)
        assert page.count("Not told, and late") == 3  # the count, and two classes
        assert "Айгүл Үлгүбаева" in page
        own = unescape(sign_in(cast.teacher).get(f"/plans?week={this_week}").text)
        assert "5-А" in own
        assert "5-Б" not in own

    @pytest.mark.usefixtures("overdue")
    def test_a_teacher_says_which_announcement_told_the_plan(
        self, cast: Cast, sign_in: Any, this_week: date
    ) -> None:
        sent_at = datetime.now(UTC) - timedelta(hours=1)
        for author, text in ((cast.teacher, "Жуманын планы"), (cast.other_teacher, "Башка")):
            db.session.add(
                Announcement(
                    school_id=cast.school.id,
                    author_id=author.id,
                    text_ky=text,
                    created_at=sent_at,
                    published_at=sent_at,
                    classes=[cast.class_5a if author is cast.teacher else cast.class_5b],
                )
            )
        db.session.commit()
        own, foreign = db.session.scalars(select(Announcement).order_by(Announcement.id))
        client, place = sign_in(cast.teacher), f"/plans/classes/{cast.class_5a.id}"
        page = unescape(client.get(f"{place}?week={this_week}").text)
        assert "Жуманын планы" in page
        assert "Башка" not in page
        for wrong in (str(foreign.id), "", "x"):
            client.post(f"{place}/told", data={"week": this_week, "by": wrong})
            assert db.session.scalar(select(PlanTold)) is None
        client.post(f"{place}/told", data={"week": this_week, "by": own.id})
        client.post(f"{place}/told", data={"week": this_week, "by": "otherwise"})  # too late: it is known
        told = db.session.scalars(select(PlanTold)).one()
        assert (told.announcement_id, told.at) == (own.id, sent_at)
        assert "Told late" in unescape(client.get(f"/plans?week={this_week}").text)
        client.post(f"{place}/not-told", data={"week": this_week})
        assert db.session.scalar(select(PlanTold)) is None
        actions = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
        assert actions == ["plan.told", "plan.told_taken_back"]

    def test_another_way_of_reminding_keeps_who_was_late_and_another_hour_begins_anew(
        self, cast: Cast, sign_in: Any, overdue: PlanDeadline
    ) -> None:
        before = overdue.set_at
        client = sign_in(cast.office)
        form = {"day": "-7", "hour": "10:00", "before": "hours", "by_sms": "y"}
        assert client.post("/plans/settings", data=form).status_code == 303
        db.session.refresh(overdue)
        assert (overdue.set_at, overdue.by_sms) == (before, True)
        client.post("/plans/settings", data=form | {"hour": "11:00"})
        db.session.refresh(overdue)
        assert overdue.set_at > before

    def test_what_was_told_late_stays_before_the_directors_eyes(
        self, cast: Cast, sign_in: Any, this_week: date, overdue: PlanDeadline
    ) -> None:
        overdue.day = -3
        week = timedelta(days=7)
        lesson(cast, this_week - week + timedelta(days=3))
        for monday, classes in ((this_week, "both"), (this_week - week, "5-А")):
            for school_class in [cast.class_5a, cast.class_5b][: 2 if classes == "both" else 1]:
                late = datetime.combine(monday, time(9), UTC)
                db.session.add(PlanTold(class_id=school_class.id, monday=monday, at=late))
        db.session.commit()
        with time_machine.travel(datetime.combine(this_week, time(10), UTC), tick=False):
            home = unescape(sign_in(cast.director).get("/").text)
            assert "2 classes were told the plan for the week late" in home
            page = unescape(sign_in(cast.director).get("/plans").text)
            assert page.count("Told late") == 3  # the count, and two classes
            assert "Late in the 4 weeks before" in page
            assert "told late 1 time" in page
            own = unescape(sign_in(cast.teacher).get("/plans").text)
            assert "Late in the" not in own
            assert "told the plan for the week late" not in unescape(sign_in(cast.teacher).get("/").text)

    @pytest.mark.usefixtures("overdue")
    def test_nobody_says_so_of_a_class_that_is_not_theirs(self, cast: Cast, sign_in: Any) -> None:
        for person in (cast.other_teacher, cast.pedagogue, cast.other_director):
            client = sign_in(person)
            assert client.get(f"/plans/classes/{cast.class_5a.id}").status_code == 404
            answer = client.post(f"/plans/classes/{cast.class_5a.id}/told", data={"by": "otherwise"})
            assert answer.status_code == 404
        assert db.session.scalar(select(PlanTold)) is None
