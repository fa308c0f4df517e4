"""A survey from the question to the totals: sent to classes, answered by SMS, the rest entered by hand."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import read_settings
from notifier import jobs, outbox
from notifier.database import db
from notifier.models import Delivery
from tests.cast import Cast, staff_member
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient
from webapp.families.devices import Fact, facts_of
from webapp.families.models import Family
from webapp.inbox.read import read_waiting
from webapp.staff.models import Role, Script
from webapp.survey.answers import take_answer
from webapp.survey.models import Survey, SurveyAnswer
from webapp.survey.queries import newest_answers, results
from webapp.survey.ready import READY
from webapp.survey.sending import remind, send
from webapp.survey.wording import texts_of

MOTHER = "+996555000101"  # of the button-phone family; the neighbour's, too
SIBLINGS = "+996700000102"


@pytest.fixture
def moment() -> datetime:
    return datetime.now(UTC)


def asked(cast: Cast, now: datetime, ready: str = "devices") -> Survey:
    """A ready survey, sent to both classes."""
    words = READY[ready]
    survey = Survey(
        school_id=cast.school.id,
        author_id=cast.pedagogue.id,
        question_ky=words.ky,
        question_ru=words.ru,
        choices=list(words.choices),
        multiple=words.multiple,
        created_at=now,
        closes_at=now + timedelta(days=7),
        classes=[cast.class_5a, cast.class_5b],
    )
    db.session.add(survey)
    db.session.flush()
    send(survey, now, cast.pedagogue)
    db.session.commit()
    return survey


def answer_of(survey: Survey, family: Family) -> str:
    found = newest_answers(survey).get(family.id)
    return found.keys if found else ""


def test_the_survey_from_the_question_to_the_totals(
    app: Flask, cast: Cast, sign_in: Any, moment: datetime
) -> None:
    """The story: the pedagogue asks, parents answer from the drawn phones, the teacher enters the rest."""
    client = sign_in(cast.pedagogue)
    page = client.get("/surveys/new?ready=devices").text
    assert "Үйүңүздө эмне бар?" in page
    words = READY["devices"]
    form = {
        "token": "story",
        "question_ky": words.ky,
        "question_ru": words.ru,
        "choice_ky": [choice["ky"] for choice in words.choices],
        "choice_ru": [choice["ru"] for choice in words.choices],
        "sets": [choice["sets"] for choice in words.choices],
        "multiple": "1",
        "classes": [cast.class_5a.id, cast.class_5b.id],
        "closes_on": (moment + timedelta(days=5)).date().isoformat(),
    }
    address = client.post("/surveys/new", data=form).location
    # The same form again is the same survey.
    assert client.post("/surveys/new", data=form).location == address
    review = client.get(address).text
    assert "1-смартфон" in review
    client.post(f"{address}/send")
    client.post(f"{address}/send")
    db.session.rollback()  # the drain waits for nobody else's transaction
    jobs.drain()
    told = db.session.scalars(select(Delivery).where(Delivery.address == SIBLINGS)).all()
    assert len(told) == 1
    assert "5-эч бири жок" in told[0].body
    assert "1, 2, 3, 4 же 5" in told[0].body

    client.post("/sandbox/answer", data={"number": SIBLINGS, "text": " 5. "})
    client.post("/sandbox/answer", data={"number": MOTHER, "text": "жооп 1 жана 3"})
    survey = db.session.scalars(select(Survey)).one()
    assert answer_of(survey, cast.siblings) == "5"
    # One phone, two households: it counts for both, and is flagged.
    assert answer_of(survey, cast.button_phone) == answer_of(survey, cast.neighbour) == "13"

    teacher = sign_in(cast.teacher)
    grid = f"{address}/class/{cast.class_5a.id}"
    shown = teacher.get(grid).text
    assert "shared phone" in shown
    assert "No answer yet" in shown
    mother = cast.button_phone.id
    teacher.post(
        grid,
        data={
            f"was{cast.email_only.id}": "",
            f"key{cast.email_only.id}": ["2", "4"],
            f"was{mother}": "13",
            f"key{mother}": ["5"],
        },
    )
    assert answer_of(survey, cast.email_only) == "24"
    assert answer_of(survey, cast.button_phone) == "5"
    assert answer_of(survey, cast.neighbour) == "13"

    whole, by_class = results(survey, survey.classes)
    assert (whole.families, whole.answered, whole.silent) == (5, 4, 1)
    assert dict(whole.by_key) == {"1": 1, "2": 1, "3": 1, "4": 1, "5": 2}
    assert by_class[cast.class_5b.id].by_key["5"] == 1
    facts = facts_of([cast.siblings.id, cast.email_only.id, cast.neighbour.id])
    assert facts[cast.siblings.id].has(Fact.SMARTPHONE) is False
    assert facts[cast.email_only.id].has(Fact.COMPUTER) is True
    assert facts[cast.email_only.id].has(Fact.SMARTPHONE) is False
    # Nobody knows whose home a shared phone's answer describes.
    assert facts[cast.neighbour.id].known == {}
    without = sign_in(cast.pedagogue).get("/families/devices/without").text
    assert "Нурлан Экөөбаев" in without
    assert "Асан Мисалов" in without
    assert "Вера Примерова" not in without


def test_a_second_answer_takes_the_first_ones_place_and_both_stay(cast: Cast, now: datetime) -> None:
    survey = asked(cast, now, "reads")
    for minutes, body in ((1, "1"), (2, "3")):
        assert take_answer("sms", SIBLINGS, body, now + timedelta(minutes=minutes))
    assert answer_of(survey, cast.siblings) == "3"
    assert facts_of([cast.siblings.id])[cast.siblings.id].value(Fact.READS) == "both"
    assert db.session.scalar(select(func.count()).select_from(SurveyAnswer)) == 2


def test_an_answer_shows_that_the_question_was_read(cast: Cast, now: datetime) -> None:
    survey = asked(cast, now)
    take_answer("sms", SIBLINGS, "1", now + timedelta(hours=1))
    copy = db.session.scalars(
        select(Recipient).filter_by(announcement_id=survey.announcement_id, family_id=cast.siblings.id)
    ).one()
    assert copy.acknowledged_at == now + timedelta(hours=1)
    assert copy.acknowledged_how == "sms"


@pytest.mark.parametrize("body", ["7", "ооба", "15", "2 китеп"])
def test_what_is_no_answer_is_left_to_a_person(cast: Cast, now: datetime, body: str) -> None:
    survey = asked(cast, now)
    assert not take_answer("sms", SIBLINGS, body, now)
    assert answer_of(survey, cast.siblings) == ""


def test_a_closed_survey_takes_no_answer_and_strangers_give_none(cast: Cast, now: datetime) -> None:
    asked(cast, now)
    assert not take_answer("sms", SIBLINGS, "1", now + timedelta(days=8))
    assert not take_answer("sms", "+996777000103", "1", now)


def test_of_two_open_surveys_the_newer_one_is_answered(cast: Cast, now: datetime) -> None:
    older, newer = asked(cast, now), asked(cast, now + timedelta(hours=1), "reads")
    assert take_answer("sms", SIBLINGS, "1", now + timedelta(hours=2))
    assert answer_of(older, cast.siblings) == ""
    assert answer_of(newer, cast.siblings) == "1"


def test_a_late_answer_to_a_closed_survey_is_not_taken_for_one_to_an_older_survey(
    cast: Cast, now: datetime
) -> None:
    older, newer = asked(cast, now), asked(cast, now + timedelta(hours=1), "reads")
    newer.closes_at = now + timedelta(hours=2)
    assert not take_answer("sms", SIBLINGS, "1", now + timedelta(hours=3))
    assert answer_of(older, cast.siblings) == answer_of(newer, cast.siblings) == ""
    remind(older, now + timedelta(hours=4), cast.pedagogue)
    assert take_answer("sms", SIBLINGS, "1", now + timedelta(hours=5))
    assert answer_of(older, cast.siblings) == "1"


def test_the_silent_are_reminded_once(cast: Cast, now: datetime) -> None:
    survey = asked(cast, now)
    take_answer("sms", SIBLINGS, "1", now)
    published = remind(survey, now + timedelta(days=1), cast.pedagogue)
    assert published is not None
    assert published.families == 4
    assert remind(survey, now + timedelta(days=2), cast.pedagogue) is None
    reminders = db.session.scalars(
        select(Delivery.body)
        .join(Recipient, Recipient.delivery_id == Delivery.id)
        .where(Recipient.announcement_id == survey.reminder_id, Delivery.channel == "sms")
    ).all()
    assert {body for body in reminders if "күтүп жатабыз" in body or "Ждём" in body} == set(reminders)
    # An answer to the reminder is an answer.
    assert take_answer("sms", MOTHER, "2", now + timedelta(days=2))
    assert answer_of(survey, cast.button_phone) == "2"


def test_latin_phones_read_latin_and_one_way_senders_say_whom_to_call(cast: Cast, now: datetime) -> None:
    cast.siblings.guardians[0].script = Script.LATIN
    survey = asked(cast, now)
    body = db.session.scalars(select(Delivery.body).where(Delivery.address == SIBLINGS)).one()
    assert max(body) < "\u0100"  # Latin letters, «» at most
    assert "1-smartfon" in body
    texts = texts_of(survey, cast.school.phone, False)
    assert "+996 312 000 095" in texts["ky"]
    assert "+996 312 000 095" in texts["ru"]
    assert "класс жетекчи" in texts_of(survey, "", False)["ky"]
    base = {"INSTANCE_DIR": "/nowhere", "SECRET_KEY": "x" * 20, "SMS_PROVIDER": "twilio",
            "TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "t"}  # fmt: skip
    assert not read_settings(base | {"TWILIO_FROM": "Mektep95"}).answers_come
    assert read_settings(base | {"TWILIO_FROM": "+15005550006"}).answers_come


def test_a_question_with_faults_is_not_kept(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.teacher)
    answer = client.post(
        "/surveys/new",
        data={"question_ky": "х" * 141, "choice_ky": ["а"], "choice_ru": [""], "sets": ["tv=maybe"],
              "closes_on": "2020-01-01"},
    )  # fmt: skip
    assert answer.status_code == 422
    for sentence in ("at most 140", "at least two answers", "at least one class", "within 30 days"):
        assert sentence in answer.text
    assert db.session.scalar(select(func.count()).select_from(Survey)) == 0


def test_surveys_concern_few(cast: Cast, sign_in: Any, now: datetime) -> None:
    survey = asked(cast, now)
    psychologist = staff_member(cast.school, "Психолог Үлгүева", "psy", Role.PSYCHOLOGIST, now=now)
    db.session.commit()
    for person, code in ((cast.office, 403), (psychologist, 403), (cast.other_director, 404)):
        assert sign_in(person).get(f"/surveys/{survey.id}").status_code == code
    teacher = sign_in(cast.other_teacher)
    assert "5-Б" in teacher.get(f"/surveys/{survey.id}").text
    assert teacher.get(f"/surveys/{survey.id}/class/{cast.class_5a.id}").status_code == 404
    assert teacher.post(f"/surveys/{survey.id}/close").status_code == 404
    assert teacher.post(f"/surveys/{survey.id}/remind").status_code == 404


def test_a_draft_is_thrown_away_and_what_was_sent_meanwhile_stays_open(
    cast: Cast, sign_in: Any, moment: datetime
) -> None:
    survey = asked(cast, moment)
    client = sign_in(cast.pedagogue)
    page = client.post(f"/surveys/{survey.id}/discard", follow_redirects=True)
    assert "Closed" not in page.text
    assert take_answer("sms", SIBLINGS, "1", datetime.now(UTC))
    survey.sent_at = None
    db.session.commit()
    # Nothing to close yet.
    client.post(f"/surveys/{survey.id}/close")
    assert db.session.get(Survey, survey.id, populate_existing=True).closes_at > datetime.now(UTC)  # type: ignore[union-attr]
    client.post(f"/surveys/{survey.id}/discard")
    assert db.session.get(Survey, survey.id, populate_existing=True) is None


def test_a_survey_is_closed(cast: Cast, sign_in: Any, moment: datetime) -> None:
    survey = asked(cast, moment)
    client = sign_in(cast.pedagogue)
    client.post(f"/surveys/{survey.id}/close")
    assert not take_answer("sms", SIBLINGS, "1", datetime.now(UTC))
    assert "Closed" in client.get(f"/surveys/{survey.id}").text
    assert db.session.scalar(select(func.count()).select_from(Announcement).filter_by(kind="survey")) == 1


def test_an_answer_that_contradicts_itself_is_given_back_and_the_others_are_kept(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    survey, teacher = asked(cast, now), sign_in(cast.teacher)
    both, fine = cast.email_only, cast.no_address
    told = teacher.post(
        f"/surveys/{survey.id}/class/{cast.class_5a.id}",
        data={
            f"was{both.id}": "",
            f"key{both.id}": ["1", "5"],
            f"was{fine.id}": "",
            f"key{fine.id}": ["2"],
        },
        follow_redirects=True,
    )
    assert told.request.path.endswith(f"/class/{cast.class_5a.id}")
    assert "Please correct this: Вера Примерова" in told.text
    assert "Noted for 1 family." in told.text
    assert (answer_of(survey, both), answer_of(survey, fine)) == ("", "2")


def test_what_a_family_answered_is_read_in_its_conversation_by_few(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    asked(cast, now)
    psychologist = staff_member(cast.school, "Психолог Үлгүева", "psy", Role.PSYCHOLOGIST, now=now)
    db.session.commit()
    outbox.receive(provider="sandbox", provider_ref="A1", sender=SIBLINGS, body="жооп 3 жана 4", now=now)
    read_waiting(now)
    for address in ("/inbox/", f"/inbox/families/{cast.siblings.id}"):
        for person, shown in (
            (cast.pedagogue, True),
            (cast.teacher, True),
            (cast.office, False),
            (psychologist, False),
        ):
            page = sign_in(person).get(address).text
            assert "Answered a survey" in page
            assert ("жооп 3 жана 4" in page) is shown


def test_the_last_day_is_called_by_its_name_and_not_by_the_midnight_after_it(
    cast: Cast, sign_in: Any, moment: datetime
) -> None:
    survey = asked(cast, moment)
    day = (moment + timedelta(days=3)).astimezone(cast.school.zone).date()
    survey.closes_at = datetime.combine(day + timedelta(days=1), time(), cast.school.zone).astimezone(UTC)
    db.session.commit()
    client = sign_in(cast.pedagogue)
    page = client.get(f"/surveys/{survey.id}", follow_redirects=True).text
    assert f"Answers count until the end of {day.day} {day:%B}" in page
    assert "00:00" not in page
