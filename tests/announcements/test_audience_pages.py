"""An author chooses whom to tell, looks who exactly that is, and leaves some out or adds others."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import event

from notifier.database import db
from notifier.models import State
from tests.announcements.writing import KY, becomes, copy_for, message_for, send, write
from tests.cast import Cast, family
from webapp.announcements.audience.selection import Selection
from webapp.announcements.models import Announcement
from webapp.families.devices import NO, Fact, note_device
from webapp.families.models import SchoolClass
from webapp.staff.models import AuditEntry, Role, StaffRole


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


def form(**more: Any) -> dict[str, Any]:
    return {"text_ky": KY, "text_ru": "", "token": "abc", **more}


def draft_of(client: FlaskClient, **more: Any) -> Announcement:
    """Write a draft with the form."""
    answer = client.post("/announcements/new", data=form(**more))
    assert answer.status_code == 303, unescape(answer.text)
    return db.session.scalars(db.select(Announcement).order_by(Announcement.id.desc())).first()  # type: ignore[return-value]


def opened(client: FlaskClient, number: int, **more: Any) -> dict[str, Any]:
    """Open a draft for editing, and fill the form in; it remembers which window had saved it."""
    page = client.get(f"/announcements/{number}/edit").text
    hidden = re.findall(r'name="(saw|window)" type="hidden" value="([^"]*)"', page)
    return form(**dict(hidden) | more)


def seen(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    assert len(gzip.compress(answer.data)) <= 5000, path
    return unescape(answer.text)


def selection(draft: Announcement) -> Selection:
    db.session.refresh(draft)
    return Selection.of(draft)


@pytest.fixture
def poor(cast: Cast, now: datetime) -> Cast:
    """The family with the button phone has no smartphone, as the pedagogue knows."""
    note_device(cast.button_phone, Fact.SMARTPHONE, NO, now - timedelta(days=1))
    db.session.commit()
    return cast


# On the form


def test_the_director_chooses_a_grade_and_sees_how_many_that_is(cast: Cast, sign_in: Any) -> None:
    db.session.add(SchoolClass(school_id=cast.school.id, grade=7, letter="А", language="ky"))
    db.session.commit()
    client = sign_in(cast.director)
    page = seen(client, "/announcements/new")
    for chip in ("Whole school <small>5 families", "Grade 5 <small>5 families", "5-А <small>4 families"):
        assert chip in page
    answer = client.post("/announcements/cost", data=form(grades="5"), headers={"HX-Request": "true"})
    assert "<b>5 families</b>: 2 SMS, 1 e-mail, 1 without an address" in unescape(answer.text)
    assert len(gzip.compress(answer.data)) <= 2000
    draft = draft_of(client, grades="5")
    assert draft.classes == [cast.class_5a, cast.class_5b]
    review = seen(client, f"/announcements/{draft.id}/review")
    assert "Send to 4 families" in review
    assert f"/announcements/{draft.id}/who" in review


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_forty_classes_fold_away_and_the_page_stays_light(cast: Cast, sign_in: Any, language: str) -> None:
    for grade in range(1, 11):
        for letter in "ВГДЕ":
            added = SchoolClass(school_id=cast.school.id, grade=grade, letter=letter, language="ru")
            db.session.add(added)
            db.session.flush()
            family(cast.school, {f"Бала {grade}-{letter}": added}, "Апа")
    cast.director.language = language
    db.session.commit()
    page = seen(sign_in(cast.director), "/announcements/new")
    assert page.count('name="classes"') == 42
    assert page.count('name="grades"') == 10
    assert page.index('name="grades"') < page.index('<details class="more"') < page.index('name="classes"')


def test_a_teacher_of_one_class_is_asked_nothing_more(cast: Cast, sign_in: Any) -> None:
    page = seen(sign_in(cast.teacher), "/announcements/new")
    assert "checked" in page.partition("5-А <small>4 families")[0].rpartition("<label")[2]
    for chip in ("All my classes", "Grade 5", "Only classes taught in"):
        assert chip not in page


def test_the_form_remembers_what_was_chosen(poor: Cast, sign_in: Any) -> None:
    client = sign_in(poor.director)
    draft = draft_of(client, school="y", streams="ky", conditions=["no_smartphone"])
    page = seen(client, f"/announcements/{draft.id}/edit")
    for name, value in (("school", "y"), ("streams", "ky"), ("conditions", "no_smartphone")):
        assert f'name="{name}" value="{value}" checked' in page
    assert selection(draft) == Selection.from_dict(
        {"school": True, "languages": ["ky"], "conditions": [{"is": "no_smartphone"}]}
    )


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({}, "Choose at least one class."),
        ({"grades": "9"}, "You can only write to your own classes."),
        ({"streams": "kg"}, "You can only write to your own classes."),
        ({"classes": "-1"}, "You can only write to your own classes."),
        ({"classes": ["1"] * 3000, "grades": "x" * 5000}, "You can only write to your own classes."),
        ({"school": "y", "conditions": "rich"}, "You cannot choose families by this."),
        ({"school": "y", "conditions": ["no_tv"] * 2000 + ["x"]}, "You cannot choose families by this."),
        ({"school": "y", "conditions": "not_reached-1"}, "You cannot choose families by this."),
        ({"school": "y", "conditions": "not_reached-999999999999"}, "You cannot choose families by this."),
        ({"school": "y", "conditions": "no_tv"}, "No family fits what you chose"),
    ],
)
def test_what_was_never_offered_is_refused_in_words(
    cast: Cast, client: FlaskClient, sign_in: Any, chosen: dict[str, Any], sentence: str
) -> None:
    sign_in(cast.director)
    for more in ({}, {"then": "who"}):
        answer = client.post("/announcements/new", data=form(**chosen, **more))
        if more and sentence.startswith(("Choose at least", "No family")):
            assert answer.status_code == 303  # what is still to come can be chosen by name
            continue
        assert answer.status_code == 422
        assert sentence in unescape(answer.text)
    client.post("/announcements/cost", data=form(**chosen)).get_data()


def test_a_teacher_cannot_choose_a_class_of_others_by_its_grade_or_number(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    draft = draft_of(client, grades="5")
    assert draft.classes == [cast.class_5a]
    answer = client.post("/announcements/new", data=form(classes=[str(cast.class_5b.id)]))
    assert answer.status_code == 422


def test_a_stream_none_of_the_chosen_classes_has_is_said_so(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.director)
    answer = client.post("/announcements/new", data=form(classes=str(cast.class_5a.id), streams="ru"))
    assert "None of the chosen classes has its lessons in this language." in unescape(answer.text)


# Conditions


def test_by_devices_choose_only_those_who_see_them(poor: Cast, client: FlaskClient, sign_in: Any) -> None:
    for person, may in (
        (poor.director, True),
        (poor.pedagogue, True),
        (poor.teacher, True),
        (poor.office, False),
    ):
        sign_in(person)
        assert ("without a smartphone" in seen(client, "/announcements/new")) is may
        data = form(grades="5", conditions="no_smartphone", token=person.login)
        answer = client.post("/announcements/new", data=data)
        assert answer.status_code == (303 if may else 422), person.login
        answer = client.post("/announcements/cost", data=data, headers={"HX-Request": "true"})
        assert ("<b>1 family</b>" in unescape(answer.text)) is may


def test_nobody_who_may_not_know_reads_by_what_families_were_chosen(
    poor: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    sign_in(poor.director)
    draft = draft_of(client, grades="5", conditions="no_smartphone")
    assert "without a smartphone" in seen(client, f"/announcements/{draft.id}/review")
    send(draft, now)
    assert "smartphone" not in message_for(draft, poor.button_phone).body
    for person in (poor.office, poor.teacher):
        sign_in(person)
        assert "smartphone" not in seen(client, f"/announcements/{draft.id}")
    detail = db.session.scalars(db.select(AuditEntry).filter_by(action="announcement.published")).one().detail
    assert "smartphone" not in str(detail)


def test_from_the_progress_page_one_writes_to_those_not_reached(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    first = write(cast, now=now)
    send(first, now)
    becomes(message_for(first, cast.siblings), State.FAILED, now)
    sign_in(cast.teacher)
    page = seen(client, f"/announcements/{first.id}")
    # A third has no address: to write to it again is no use.
    assert "Write to the 1 family that was not reached" in page
    link = f"/announcements/new?not_reached={first.id}"
    assert link in page
    assert link in seen(client, f"/reach/announcements/{first.id}")
    page = seen(client, link)
    assert f'value="not_reached-{first.id}" checked' in page
    assert "not reached by “Эртең сабак" in page
    again = draft_of(client, conditions=f"not_reached-{first.id}")
    assert "Send to 1 family" in seen(client, f"/announcements/{again.id}/review")


def test_from_the_answers_one_writes_to_those_who_did_not_answer(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    first = write(cast, now=now)
    first.asks_acknowledgement = True
    send(first, now)
    copy_for(first, cast.siblings).acknowledged_at = now
    db.session.commit()
    sign_in(cast.teacher)
    link = f"/announcements/new?did_not_answer={first.id}"
    assert link in seen(client, f"/reach/announcements/{first.id}/acknowledged")
    assert "did not answer “" in seen(client, link)
    again = draft_of(client, conditions=f"did_not_answer-{first.id}")
    assert "3 families" in seen(client, f"/announcements/{again.id}/who")


def test_an_announcement_one_may_not_see_is_no_condition(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    other = write(cast, cast.class_5b, author=cast.other_teacher, now=now)
    send(other, now)
    private = write(cast, now=now)
    private.kind = "invitation"
    send(private, now)
    sign_in(cast.teacher)
    for number in (other.id, private.id):
        assert "not reached by" not in seen(client, f"/announcements/new?not_reached={number}")
        answer = client.post("/announcements/new", data=form(conditions=f"not_reached-{number}"))
        assert answer.status_code == 422
    # It asks for no answer, so nobody failed to give one.
    sign_in(cast.other_teacher)
    answer = client.post("/announcements/new", data=form(conditions=f"did_not_answer-{other.id}"))
    assert answer.status_code == 422


# Who exactly


def test_a_family_is_struck_out_and_taken_in_again(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    sign_in(cast.teacher)
    draft = draft_of(client, classes=str(cast.class_5a.id))
    page = seen(client, f"/announcements/{draft.id}/who")
    for line in ("Асан Мисалов, 5-А", "+996555000101", "raisa@example.kg", "We have no phone number"):
        assert line in page
    shown = [cast.button_phone.id, cast.email_only.id, cast.no_address.id, cast.siblings.id]
    answer = client.post(f"/announcements/{draft.id}/who", data={"shown": shown, "told": [cast.siblings.id]})
    assert answer.location == f"/announcements/{draft.id}/review"
    assert selection(draft).struck == {cast.button_phone.id, cast.email_only.id, cast.no_address.id}
    review = seen(client, answer.location)
    assert "Send to 1 family" in review
    assert "3 left out by you" in review
    left = seen(client, f"/announcements/{draft.id}/who?show=left_out")
    assert "Left out by you" in left
    assert "Асан Мисалов" in left
    assert "Нурлан" not in left
    client.post(f"/announcements/{draft.id}/who", data={"shown": shown[:1], "told": shown[:1], "stay": "1"})
    assert selection(draft).struck == {cast.email_only.id, cast.no_address.id}


def test_each_tick_says_at_once_how_many_are_left(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    sign_in(cast.teacher)
    draft = draft_of(client, classes=str(cast.class_5a.id))
    answer = client.post(
        f"/announcements/{draft.id}/who",
        data={"shown": [cast.button_phone.id], "told": []},
        headers={"HX-Request": "true"},
    )
    said = " ".join(unescape(answer.text).split())
    assert said.startswith("<b>3 families</b>: 1 SMS, 1 e-mail, 1 without an address · <a href=")
    assert said.endswith('/who?show=left_out">1 left out by you</a>')


def test_strike_outs_survive_the_editing_of_the_text(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    sign_in(cast.teacher)
    draft = draft_of(client, classes=str(cast.class_5a.id))
    client.post(f"/announcements/{draft.id}/who", data={"shown": [cast.siblings.id], "told": []})
    edited = opened(client, draft.id, classes=str(cast.class_5a.id), text_ky="Башка текст")
    assert client.post(f"/announcements/{draft.id}/edit", data=edited).status_code == 303
    assert selection(draft).struck == {cast.siblings.id}
    # The first form, sent again from a page that was left open, keeps them, too.
    client.post("/announcements/new", data=form(classes=str(cast.class_5a.id)))
    assert selection(draft).struck == {cast.siblings.id}


def test_a_family_is_added_by_a_childs_name_in_either_script(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.director)
    draft = draft_of(client, classes=str(cast.class_5a.id))
    page = seen(client, f"/announcements/{draft.id}/who?q=Sosedov")
    assert "Not among them yet" in page
    assert "Пётр Соседов, 5-Б" in page
    assert f'name="add" value="{cast.neighbour.id}"' in page
    client.post(f"/announcements/{draft.id}/who?q=Sosedov", data={"add": cast.neighbour.id})
    page = seen(client, f"/announcements/{draft.id}/who?show=by_name")
    assert "Added by name" in page
    assert "Пётр Соседов" in page
    assert selection(draft).families == (cast.neighbour.id,)
    db.session.refresh(draft)
    assert cast.class_5b in draft.classes


def test_one_may_write_to_named_families_alone(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    sign_in(cast.director)
    answer = client.post("/announcements/new", data={"token": "t", "then": "who"})
    number = int(re.findall(r"\d+", answer.location)[0])
    page = seen(client, answer.location)
    assert "No families here" in page
    client.post(answer.location, data={"add": cast.neighbour.id})
    assert client.get(f"/announcements/{number}/review").location == f"/announcements/{number}/edit"
    answer = client.post(f"/announcements/{number}/edit", data=opened(client, number))
    assert answer.status_code == 303
    draft = db.session.get_one(Announcement, number)
    assert send(draft, now).families == 1


def test_nobody_adds_or_strikes_out_families_of_others(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    sign_in(cast.teacher)
    draft = draft_of(client, classes=str(cast.class_5a.id))
    who = f"/announcements/{draft.id}/who"
    for stranger in (cast.neighbour.id, cast.other_family.id, 10**9):
        assert client.post(who, data={"add": stranger}).status_code == 404
        client.post(who, data={"shown": [stranger], "told": []})
    assert client.post(who, data={"add": "x", "shown": ["y", ""], "told": ["z"]}).status_code == 303
    client.post(who, data={"shown": list(range(10**6, 10**6 + 5000))})
    assert selection(draft).struck == frozenset()
    assert "Пётр" not in seen(client, f"{who}?q=Соседов")
    sign_in(cast.director)
    for path in (who, f"{who}?q=а"):
        assert client.get(path).status_code == 404
    assert client.post(who, data={"add": cast.neighbour.id}).status_code == 404


def test_a_list_of_a_whole_school_comes_in_pages_and_in_few_queries(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    for number in range(120):
        family(cast.school, {f"Бала{number:03} Көпбаев": cast.class_5a}, "Апа", phone=f"+9965550{number:05}")
    db.session.commit()
    sign_in(cast.director)
    draft = draft_of(client, grades="5")
    statements: list[str] = []
    note = lambda *given: statements.append(given[2])  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", note)
    page = seen(client, f"/announcements/{draft.id}/who?page=2")
    event.remove(db.engine, "before_cursor_execute", note)
    assert page.count('name="told"') == 50
    assert "Page 2 of 3" in page
    assert len(statements) < 30
    assert seen(client, f"/announcements/{draft.id}/who?page=x").count('name="told"') == 50
    page = seen(client, f"/announcements/{draft.id}/who?class={cast.class_5b.id}")
    assert "5-Б <small>1</small>" in page
    assert "Пётр Соседов" in page
    assert "Бала001" not in page


def test_after_sending_the_page_says_who_was_left_out(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    sign_in(cast.director)
    draft = draft_of(client, grades="5")
    client.post(
        f"/announcements/{draft.id}/who", data={"shown": [cast.neighbour.id, cast.email_only.id], "told": []}
    )
    db.session.refresh(draft)
    send(draft, now)
    assert client.get(f"/announcements/{draft.id}/who").location == f"/announcements/{draft.id}"
    page = seen(client, f"/announcements/{draft.id}")
    assert "2 families were left out by the author" in page
    assert "Пётр Соседов, 5-Б" in page
    sign_in(cast.teacher)
    page = seen(client, f"/announcements/{draft.id}")
    assert "1 family was left out by the author" in page
    assert "Пётр Соседов" not in page


def test_what_changed_on_the_other_page_must_be_looked_at_again(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    draft = draft_of(client, classes=str(cast.class_5a.id))
    looked_at = draft.fingerprint
    client.post(f"/announcements/{draft.id}/who", data={"shown": [cast.siblings.id], "told": []})
    answer = client.post(f"/announcements/{draft.id}/send", data={"seen": looked_at})
    assert answer.location == f"/announcements/{draft.id}/review"


def test_the_office_that_was_a_teacher_loses_the_conditions_of_its_draft(
    poor: Cast, client: FlaskClient, sign_in: Any
) -> None:
    poor.office.role_rows = [StaffRole(role=Role.OFFICE), StaffRole(role=Role.CLASS_TEACHER)]
    poor.class_5a.teacher_id = poor.office.id
    db.session.commit()
    sign_in(poor.office)
    draft = draft_of(client, school="y", conditions="no_smartphone")
    poor.office.role_rows = [StaffRole(role=Role.OFFICE)]
    db.session.commit()
    assert "smartphone" not in seen(client, f"/announcements/{draft.id}/edit")
    assert "Мисалов" not in seen(client, f"/announcements/{draft.id}/who")
