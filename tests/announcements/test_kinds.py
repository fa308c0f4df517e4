"""A teacher chooses a kind, fills a few fields in, and the text writes itself; what is wrong is said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from notifier.database import db
from notifier.models import Delivery
from tests.announcements.writing import copy_for, message_for
from tests.cast import Cast
from webapp.announcements.kinds import ASSIGNMENT, PARTICIPATION, RESULT
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient
from webapp.families.lesson_rules import LessonRules
from webapp.families.models import Pupil
from webapp.staff.models import AuditEntry

# The clock of these tests stands on 24 November 2026.
ASSIGNED = {"subject": "Математика", "what": "№125", "until_day": "2026-12-01", "until_hour": "18:00"}
LESSON = {
    "subject": "Адеп",
    "lesson_day": "2026-12-01",
    "lesson_hour": "10:00",
    "minutes": "30",
    "platform": "Zoom",
    "link": "https://zoom.example/j/1",
}


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def no_tokens(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False


def post(client: FlaskClient, kind: str, answers: dict[str, Any], *classes: int, **more: Any) -> Any:
    form = {"classes": list(map(str, classes)), "token": f"t-{kind}", **answers, **more}
    return client.post(f"/announcements/new?kind={kind}", data=form)


def said(answer: Any) -> str:
    assert answer.status_code == 422
    return unescape(answer.text)


def draft() -> Announcement:
    db.session.rollback()
    return db.session.scalars(select(Announcement)).one()


def send(client: FlaskClient, announcement: Announcement) -> Any:
    return client.post(f"/announcements/{announcement.id}/send", data={"seen": announcement.fingerprint})


def child(cast: Cast) -> Pupil:
    return cast.button_phone.pupils[0]


def area(page: str, language: str) -> str:
    found = re.search(rf'<textarea[^>]*name="text_{language}"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL)
    assert found
    return unescape(found[1])


def test_an_assignment_is_written_from_its_fields_and_reaches_the_class(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    assert "Hand in until: day" in client.get("/announcements/new?kind=assignment").text
    answer = post(client, ASSIGNMENT, ASSIGNED, cast.class_5a.id)
    assert answer.status_code == 303
    kept = draft()
    assert kept.text_ky == "Математика, тапшырма: №125. Мөөнөтү: 1-декабрь, саат 18:00."
    assert kept.text_ru == "Математика, задание: №125. Срок: 1 декабря, 18:00."
    assert kept.due_at == datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
    assert "№95, 5-А: Математика" in client.get(answer.location).text
    assert send(client, kept).status_code == 303
    assert message_for(kept, cast.button_phone).body == f"№95, 5-А: {kept.text_ky}"
    page = client.get("/announcements").text
    assert "Assignment" in page
    assert "#book" in page


def test_a_text_edited_by_hand_stays_when_the_fields_change(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    post(client, ASSIGNMENT, ASSIGNED, cast.class_5a.id)
    kept = draft()
    url, by_hand = f"/announcements/{kept.id}/edit", kept.text_ky + " Сүрөтүн жөнөтүңүз."
    page = client.get(url).text
    assert "stays as it is" not in page
    form = {"classes": str(cast.class_5a.id), **ASSIGNED, "what": "№126", "text_ky": by_hand}
    form |= {"text_ru": kept.text_ru, "auto_ky": kept.text_ky, "auto_ru": kept.text_ru}
    form["saw"] = kept.saved_by
    assert client.post(url, data=form).status_code == 303
    kept = draft()
    form["saw"] = kept.saved_by
    assert kept.text_ky == by_hand
    assert kept.text_ru == "Математика, задание: №126. Срок: 1 декабря, 18:00."
    page = client.get(url).text
    assert "You have changed the text by hand, so it stays as it is." in page
    anew = client.post(url, data={**form, "then": "anew"})
    assert area(anew.text, "ky").startswith("Математика, тапшырма: №126.")
    assert by_hand in unescape(anew.text)  # what was typed is not lost
    assert draft().text_ky == by_hand


def test_a_text_that_was_emptied_on_purpose_is_not_filled_again(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    auto = {"auto_ky": "Эски", "text_ky": "Адеп, тапшырма: Окуу.", "auto_ru": "Старое", "text_ru": ""}
    assert (
        post(client, ASSIGNMENT, {"subject": "Адеп", "what": "Окуу", **auto}, cast.class_5a.id).status_code
        == 303
    )
    kept = draft()
    assert (kept.text_ky, kept.text_ru) == ("Адеп, тапшырма: Окуу.", "")
    assert area(client.get(f"/announcements/{kept.id}/edit").text, "ru") == ""


def test_without_javascript_a_button_writes_the_text(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    sign_in(cast.teacher)
    page = client.get("/announcements/new?kind=assignment").text
    assert '<noscript><p><button class="button b-secondary" name="then" value="write"' in page
    answer = post(client, ASSIGNMENT, {"subject": "Адеп", "what": "Окуу"}, cast.class_5a.id, then="write")
    assert answer.status_code == 200
    assert area(answer.text, "ky") == "Адеп, тапшырма: Окуу."
    assert db.session.scalar(select(func.count()).select_from(Announcement)) == 0


def test_with_javascript_the_text_comes_with_the_cost_in_two_kilobytes(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    form = {"classes": str(cast.class_5a.id), "subject": "Адеп", "what": "Окуу"}
    answer = client.post(
        "/announcements/cost?kind=assignment",
        data=form,
        headers={"HX-Request": "true", "Accept-Encoding": "gzip"},
    )
    assert len(answer.data) <= 2048
    answer = client.post("/announcements/cost?kind=assignment", data=form, headers={"HX-Request": "true"})
    assert 'id="written" hx-swap-oob="true"' in answer.text
    assert 'value="Адеп, тапшырма: Окуу."' in answer.text
    plain = client.post("/announcements/cost", data=form, headers={"HX-Request": "true"})
    assert "written" not in plain.text


@pytest.mark.parametrize(
    ("kind", "answers", "sentence"),
    [
        (ASSIGNMENT, {**ASSIGNED, "subject": ""}, "Write the subject."),
        (ASSIGNMENT, {**ASSIGNED, "what": " \u200b\ufeff "}, "Write what to do."),
        (ASSIGNMENT, {**ASSIGNED, "until_hour": ""}, "Choose the hour, too."),
        (ASSIGNMENT, {**ASSIGNED, "until_day": ""}, "Choose the day, too."),
        (ASSIGNMENT, {**ASSIGNED, "until_day": "tomorrow"}, "Write the day like 1.12.2026."),
        (ASSIGNMENT, {**ASSIGNED, "until_hour": "25:00"}, "Write the hour like 18:00."),
        (ASSIGNMENT, {**ASSIGNED, "until_day": "2026-11-20"}, "This day is over."),
        (ASSIGNMENT, {**ASSIGNED, "until_day": "2028-11-20"}, "Choose a day within a year."),
        (ASSIGNMENT, {**ASSIGNED, "what": "<b>№125</b>"}, "There is HTML in this text: <b>."),
        (ASSIGNMENT, {**ASSIGNED, "page": "4" * 41}, "at most 40 characters, and these are 41"),
        (ASSIGNMENT, {**ASSIGNED, "activity": "nonsense"}, "Choose among these."),
        ("online_lesson", {**LESSON, "link": "zoom.example"}, "This is no link."),
        ("online_lesson", {**LESSON, "link": "javascript:alert(1)"}, "This is no link."),
        ("online_lesson", {**LESSON, "link": "ftp://zoom.example/1"}, "This is no link."),
        ("online_lesson", {**LESSON, "link": "https://a b.example"}, "This is no link."),
        ("online_lesson", {**LESSON, "link": "https://[1"}, "This is no link."),
        ("online_lesson", {**LESSON, "link": ""}, "Say how to join: a link, a code, or a number to call."),
        ("online_lesson", {**LESSON, "minutes": "half"}, "Write a number."),
        ("online_lesson", {**LESSON, "minutes": ""}, "Write how many minutes it lasts."),
        ("online_lesson", {**LESSON, "dial_in": "call us"}, "This is no phone number."),
        ("online_lesson", {**LESSON, "platform": "Skype"}, "Choose among these."),
        (
            "online_lesson",
            {**LESSON, "minutes": "31"},
            "In grade 5 a lesson lasts at most 30 minutes without a break (clause 4.5).",
        ),
        ("talk", {"topic": "", "note": ""}, "Choose a topic, or write what to say."),
        ("talk", {"topic": "tv", "meet_day": "2026-11-23"}, "This day is over."),
        ("event", {"title": "", "event_day": "2026-12-01"}, "Write what takes place."),
        ("event", {"title": "Билим күнү", "event_day": ""}, "Choose the day."),
        ("event", {"title": "x" * 121, "event_day": "2026-12-01"}, "at most 120 characters"),
        ("platforms", {}, "Choose at least one platform."),
        ("platforms", {"platforms": ["Zoom", "Elsewhere"]}, "Choose among these."),
        ("recommendation", {"topic": "көз"}, "Write what you recommend."),
        ("at_home", {"conditions_at_home": []}, "Choose what the child needs, or write it."),
    ],
)
def test_each_wrong_answer_has_its_sentence(
    kind: str, answers: dict[str, Any], sentence: str, cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    assert sentence in said(post(client, kind, answers, cast.class_5a.id))
    assert db.session.scalar(select(func.count()).select_from(Announcement)) == 0


def test_what_word_drags_along_is_cleaned_away(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    sign_in(cast.teacher)
    pasted = {**ASSIGNED, "what": "\ufeff№125\u00a0–\u200b130 «мисал»", "page": " 45\u00ad "}
    assert post(client, ASSIGNMENT, pasted, cast.class_5a.id).status_code == 303
    assert draft().text_ky.startswith("Математика, тапшырма: №125 –130 «мисал», 45-бет.")


def test_html_in_a_plain_announcement_is_refused_too(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    sign_in(cast.teacher)
    form = {"classes": str(cast.class_5a.id), "text_ky": "<p>Эртең сабак жок</p>", "token": "x"}
    assert "There is HTML in this text: <p>." in said(client.post("/announcements/new", data=form))


def test_the_schools_own_caps_hold_for_online_lessons(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    rules = db.session.get_one(LessonRules, cast.school.id)
    rules.caps = {**rules.caps, "5": 40}
    db.session.commit()
    sign_in(cast.teacher)
    assert post(client, "online_lesson", {**LESSON, "minutes": "40"}, cast.class_5a.id).status_code == 303


def test_a_result_goes_to_the_family_of_one_child_alone(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    first = client.get("/announcements/new?kind=result")
    assert first.location.startswith("/announcements/child?kind=result")
    picker = client.get(first.location).text
    assert child(cast).name in picker
    page = client.get(f"/announcements/new?kind=result&pupil={child(cast).id}").text
    assert "Only this family gets it." in page
    answers = {"subject": "Математика", "mark": "5", "journal": "y", "pupil": child(cast).id}
    answer = post(client, RESULT, answers)
    assert answer.status_code == 303
    kept = draft()
    review = client.get(answer.location).text
    assert "Send to 1 family" in review
    assert "Who exactly" not in review
    assert client.get(f"/announcements/{kept.id}/who").location == f"/announcements/{kept.id}/review"
    send(client, kept)
    assert [each.family_id for each in db.session.scalars(select(Recipient))] == [cast.button_phone.id]
    assert "баасы 5. Журналга киргизилди." in message_for(kept, cast.button_phone).body
    assert copy_for(kept, cast.button_phone).climb_at is None
    lists = client.get("/announcements").text
    assert "Result or comment: " in lists
    assert "баасы" not in lists


@pytest.mark.parametrize("mark", ["2", "эки", "незачёт", "Двoйкa", "2️⃣", "9/20"])
def test_a_negative_mark_is_refused_with_its_clauses(
    mark: str, cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    answers = {"subject": "Математика", "mark": mark, "pupil": child(cast).id}
    assert "(clauses 4.2, 4.3 and 4.5)" in said(post(client, RESULT, answers))
    answers = {
        "subject": "Математика",
        "comment": f"Жат жазуу, баасы {mark.rstrip('️⃣')}",
        "pupil": child(cast).id,
    }
    if mark in {"2", "эки", "2️⃣"}:
        assert "(clauses 4.2, 4.3 and 4.5)" in said(post(client, RESULT, answers))


def test_a_comment_without_a_mark_goes_and_the_journal_wants_a_mark(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    about = {"subject": "Математика", "pupil": child(cast).id}
    assert "Write a mark or a comment." in said(post(client, RESULT, about))
    assert "Nobody can tell" in said(post(client, RESULT, {**about, "mark": "7"}))
    commented = {**about, "comment": "Жакшы аракет кылып жатат"}
    assert "Only a mark is entered in the journal." in said(
        post(client, RESULT, {**commented, "journal": "y"})
    )
    oral = {**about, "comment_form": "oral"}
    assert "Write where to hear it, or when." in said(post(client, RESULT, oral))
    assert post(client, RESULT, commented).status_code == 303


def test_a_negative_mark_typed_into_the_text_is_refused(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    answers = {
        "subject": "Адеп",
        "comment": "Аракет кыл",
        "pupil": child(cast).id,
        "text_ky": "Нурлан 2 алды",
    }
    assert "(clauses 4.2, 4.3 and 4.5)" in said(post(client, RESULT, answers))


def test_nobody_writes_about_a_child_of_another_class(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    sign_in(cast.other_teacher)
    stranger = child(cast).id
    assert client.get(f"/announcements/new?kind=result&pupil={stranger}").status_code == 302
    assert client.get(f"/announcements/kinds?pupil={stranger}").status_code == 404
    answers = {"subject": "Адеп", "comment": "Жакшы", "pupil": stranger}
    assert "Choose the child again" in said(post(client, RESULT, answers))
    assert child(cast).name not in client.get("/announcements/child?kind=result").text


def test_what_is_about_one_child_never_goes_to_more_however_it_is_asked(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    answers = {
        "subject": "Адеп",
        "comment": "Жакшы",
        "pupil": child(cast).id,
        "classes": str(cast.class_5a.id),
    }
    post(client, RESULT, answers)
    kept = draft()
    assert "Send to 1 family" in client.get(f"/announcements/{kept.id}/review").text
    kept.audience = ""  # as if somebody had found a way
    db.session.commit()
    send(client, kept)
    assert db.session.scalar(select(func.count()).select_from(Delivery)) == 0


def test_how_a_child_takes_part_climbs_until_its_family_knows(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    answers = {"takes_part": "silent", "since": "2026-11-20", "call": "y", "pupil": child(cast).id}
    assert post(client, PARTICIPATION, answers).status_code == 303
    kept = draft()
    send(client, kept)
    assert "20-ноябрдан бери мугалим менен байланышка чыга элек" in message_for(kept, cast.button_phone).body
    assert copy_for(kept, cast.button_phone).climb_at is not None
    later = {**answers, "since": "2026-11-30"}
    assert "This day is still to come." in said(post(client, PARTICIPATION, later))


def test_what_is_over_by_now_is_not_sent(
    cast: Cast, client: FlaskClient, sign_in: Any, clock: time_machine.Traveller
) -> None:
    sign_in(cast.teacher)
    post(client, ASSIGNMENT, ASSIGNED, cast.class_5a.id)
    kept = draft()
    clock.move_to(datetime(2026, 12, 1, 12, 30, tzinfo=UTC))
    sign_in(cast.teacher)
    answer = client.post(
        f"/announcements/{kept.id}/send", data={"seen": kept.fingerprint}, follow_redirects=True
    )
    assert "The hour it is about is over." in answer.text


def test_the_kind_one_writes_most_comes_first(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    sign_in(cast.teacher)
    page = client.get("/announcements/kinds").text
    assert page.index(">Announcement<") < page.index(">Event<")
    assert "Order, quarantine" not in page
    assert "/lessons-at-school/" in page
    event = {"title": "Билим күнү", "event_day": "2026-12-01"}
    post(client, "event", event, cast.class_5a.id)
    send(client, draft())
    page = client.get("/announcements/kinds").text
    assert page.index(">Event<") < page.index(">Announcement<")
    assert 'href="/announcements/new?kind=event"' in client.get("/announcements/new").text


def test_a_family_page_leads_to_writing_about_its_child(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    page = client.get(f"/families/{cast.button_phone.id}").text
    way = f"/announcements/kinds?pupil={child(cast).id}"
    assert way in page
    cards = client.get(way).text
    assert f"kind=result&amp;pupil={child(cast).id}" in cards
    assert "kind=assignment" not in cards


def test_the_office_keeps_the_platforms_of_the_school(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    sign_in(cast.director)
    assert "Google Meet" in client.get("/announcements/platforms").text
    answer = client.post("/announcements/platforms", data={"names": " Jitsi \nZoom\n\nZoom"})
    assert answer.status_code == 303
    page = client.get("/announcements/new?kind=online_lesson").text
    assert ">Jitsi</option>" in page
    assert "Telegram" not in page
    assert db.session.scalars(select(AuditEntry).filter_by(action="school.platforms_changed")).one()
    assert "each of at most 40" in said(client.post("/announcements/platforms", data={"names": "x" * 41}))
    client.post("/announcements/platforms", data={"names": ""})
    assert "Telegram" in client.get("/announcements/new?kind=online_lesson").text


def test_an_unknown_kind_does_not_exist_and_an_order_is_not_a_teachers(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    assert client.get("/announcements/new?kind=nonsense").status_code == 404
    assert client.get("/announcements/new?kind=order").status_code == 403
    assert client.get("/announcements/child?kind=assignment").status_code == 404


def test_used_again_it_is_of_its_kind_and_about_its_child(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    post(client, RESULT, {"subject": "Адеп", "comment": "Жакшы", "pupil": child(cast).id})
    first = draft()
    send(client, first)
    answer = client.post(f"/announcements/{first.id}/again")
    assert answer.status_code == 303
    db.session.rollback()
    again = db.session.scalars(select(Announcement).where(Announcement.id != first.id)).one()
    assert (again.kind, again.audience) == (RESULT, first.audience)
    page = client.get(f"/announcements/{again.id}/edit").text
    assert f'name="pupil" type="hidden" value="{child(cast).id}"' in page


def test_what_is_about_one_child_becomes_no_notice_and_no_template(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.director)
    post(client, RESULT, {"subject": "Адеп", "comment": "Жакшы", "pupil": child(cast).id})
    told = draft()
    send(client, told)
    page = client.get(f"/announcements/{told.id}").text
    assert "Result or comment" in page
    assert "/templates/new" not in page
    assert client.get(f"/templates/new?announcement={told.id}").status_code == 404
    assert client.get(f"/public/from/{told.id}").status_code == 404


def test_the_minutes_of_a_lesson_are_suggested_by_its_cap(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    page = client.get("/announcements/new?kind=online_lesson").text
    assert re.search(r'name="minutes"[^>]*value="30"', page)
    sign_in(cast.director)
    assert re.search(
        r'name="order_day"[^>]*value="2026-11-24"', client.get("/announcements/new?kind=order").text
    )


def test_for_a_child_no_message_can_reach_a_call_is_offered(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    pupil = cast.no_address.pupils[0]
    page = client.get(f"/announcements/new?kind=participation&pupil={pupil.id}").text
    assert "No message can reach this family." in page
    way = re.search(r'href="([^"]+/call)"', page)
    assert way
    assert client.get(way[1]).status_code == 200
    answers = {"takes_part": "silent", "pupil": pupil.id}
    assert "None of these families has a phone number" in said(post(client, PARTICIPATION, answers))
