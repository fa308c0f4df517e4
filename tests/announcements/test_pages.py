"""A class teacher writes, looks over, sends, and sees who was reached."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from notifier.database import db
from notifier.message import Fault
from notifier.models import Delivery, State
from tests.announcements.writing import KY, RU, becomes, copy_for, message_for, send, write
from tests.at_once import at_once
from tests.cast import Cast, family
from webapp.announcements.models import Announcement
from webapp.families.models import Guardian
from webapp.staff.models import AuditEntry, Role


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch, app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False


def form(*class_ids: int, ky: str = KY, ru: str = RU, token: str = "abc", **more: str) -> dict[str, Any]:
    return {"classes": list(map(str, class_ids)), "text_ky": ky, "text_ru": ru, "token": token, **more}


def sent(client: FlaskClient, draft: Announcement) -> Any:
    return client.post(f"/announcements/{draft.id}/send", data={"seen": draft.fingerprint})


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


@contextmanager
def queries() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def test_a_teacher_goes_from_the_empty_home_to_every_family(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    assert "New announcement" in client.get("/").text
    page = client.get("/announcements/new").text
    assert "4 families" in page
    token = re.search(r'name="token"[^>]*value="([^"]+)"', page)
    assert token
    answer = client.post("/announcements/new", data=form(cast.class_5a.id, token=token[1]))
    assert answer.status_code == 303
    review = client.get(answer.location).text
    assert f"№95, 5-А: {KY}" in review
    assert RU in review
    assert "raisa@example.kg" not in review
    assert "Чолпон Дарексизова" in review
    assert "Send to 3 families" in review
    draft = db.session.scalars(select(Announcement)).one()
    answer = sent(client, draft)
    assert answer.status_code == 303
    progress = client.get(answer.location).text
    assert "The announcement goes to 3 families." in progress
    assert "We have no phone number and no e-mail address." in progress
    assert 'hx-get="/announcements/' in progress
    assert "Being sent" in client.get("/").text


def test_the_same_form_sent_twice_is_one_draft_and_one_announcement(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    first = client.post("/announcements/new", data=form(cast.class_5a.id))
    second = client.post("/announcements/new", data=form(cast.class_5a.id))
    assert first.location == second.location
    draft = db.session.scalars(select(Announcement)).one()
    for _ in range(2):
        assert sent(client, draft).status_code == 303
    assert count(Delivery) == 3
    again = client.post("/announcements/new", data=form(cast.class_5a.id))
    assert again.location == f"/announcements/{draft.id}"
    assert count(Announcement) == 1
    assert count(Delivery) == 3


def test_two_clicks_at_once_send_once(app: Flask, cast: Cast, now: datetime) -> None:
    draft = write(cast, now=now)
    url, seen, key = f"/announcements/{draft.id}/send", draft.fingerprint, cast.teacher.get_id()
    db.session.remove()

    def click() -> int:
        client = app.test_client()
        with client.session_transaction() as session:
            session["_user_id"] = key
            session["_fresh"] = True
        return client.post(url, data={"seen": seen}).status_code

    assert at_once(app, click, click) == [303, 303]
    assert count(Delivery) == 3


def test_what_was_changed_since_the_review_is_not_sent_unseen(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    sign_in(cast.teacher)
    draft = write(cast, now=now)
    seen = draft.fingerprint
    client.post(f"/announcements/{draft.id}/edit", data=form(cast.class_5a.id, ky="Башка текст"))
    answer = client.post(f"/announcements/{draft.id}/send", data={"seen": seen}, follow_redirects=True)
    assert "was changed since you looked at it" in answer.text
    assert count(Delivery) == 0


@pytest.mark.parametrize(
    ("faulty", "sentence"),
    [
        ({"classes": []}, "Choose at least one class."),
        ({"classes": ["no number"]}, "You can only write to your own classes."),
        ({"text_ky": "", "text_ru": " "}, "Write the text, in Kyrgyz or in Russian."),
        ({"text_ky": "ө" * 700}, "Take out 40 characters."),
    ],
)
def test_a_fault_is_one_clear_sentence_and_nothing_typed_is_lost(
    cast: Cast, client: FlaskClient, sign_in: Any, faulty: dict[str, Any], sentence: str
) -> None:
    sign_in(cast.teacher)
    typed = form(cast.class_5a.id, ru="Не теряйте меня", urgent="y") | faulty
    answer = client.post("/announcements/new", data=typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    for text in (typed["text_ky"], typed["text_ru"].strip()):
        assert text in answer.text
    assert re.search(r'name="urgent"[^>]*checked|checked[^>]*name="urgent"', answer.text)
    assert count(Announcement) == 0


@pytest.mark.parametrize("foreign", ["class_5b", "other_class"])
def test_nobody_writes_to_a_class_that_is_not_theirs(
    cast: Cast, client: FlaskClient, sign_in: Any, foreign: str
) -> None:
    sign_in(cast.teacher)
    answer = client.post("/announcements/new", data=form(cast.class_5a.id, getattr(cast, foreign).id))
    assert "You can only write to your own classes." in answer.text
    assert count(Announcement) == 0


def test_an_audience_of_nobody_is_told_what_to_do(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    from webapp.families.models import SchoolClass

    empty = SchoolClass(school_id=cast.school.id, grade=9, letter="В")
    db.session.add(empty)
    db.session.commit()
    sign_in(cast.director)
    answer = client.post("/announcements/new", data=form(empty.id))
    assert "Nobody is in these classes yet." in answer.text


def test_a_teacher_who_no_longer_leads_the_class_does_not_write_to_it(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    draft = write(cast, now=now)
    cast.class_5a.teacher_id = cast.other_teacher.id
    db.session.commit()
    sign_in(cast.teacher)
    answer = sent(client, draft)
    assert answer.location == f"/announcements/{draft.id}/edit"
    assert count(Delivery) == 0


def test_what_was_already_sent_today_is_said_before_sending_it_again(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime, clock: time_machine.Traveller
) -> None:
    send(write(cast, now=now), now)
    sign_in(cast.teacher)
    again = write(cast, ru="", now=now)
    warning = "This was already sent today"
    assert warning in client.get(f"/announcements/{again.id}/review").text
    other_class = write(cast, cast.class_5b, author=cast.teacher, now=now)
    assert warning not in client.get(f"/announcements/{other_class.id}/review").text
    clock.move_to(now + timedelta(days=1))
    assert warning not in client.get(f"/announcements/{again.id}/review").text


def test_the_review_in_the_evening_says_when_it_will_go(
    cast: Cast, client: FlaskClient, sign_in: Any, clock: time_machine.Traveller
) -> None:
    clock.move_to(datetime(2026, 11, 24, 15, 30, tzinfo=UTC))
    draft = write(cast, now=datetime.now(UTC))
    sign_in(cast.teacher)
    assert "real ones would wait until 08:00" in client.get(f"/announcements/{draft.id}/review").text


def test_every_family_with_a_problem_stands_first_with_its_reason(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    becomes(message_for(announcement, cast.button_phone), State.DELIVERED, now)
    becomes(message_for(announcement, cast.siblings), State.UNDELIVERED, now, Fault.HANDSET_OFF)
    becomes(message_for(announcement, cast.email_only), State.ACCEPTED, now)
    sign_in(cast.teacher)
    page = client.get(f"/announcements/{announcement.id}").text
    listed = page[page.index("<tbody") : page.index("</tbody")]
    order = ["Чолпон Дарексизова", "Нурлан Экөөбаев", "Вера Примерова", "Асан Мисалов"]
    places = [listed.index(name) for name in order]
    assert max(places[:2]) < places[2] < places[3]
    assert "The phone is switched off or out of reach." in page
    assert "Sent by e-mail; nobody can tell whether it was read." in page
    assert 'hx-trigger="load' not in page, "nothing waits, so nothing is asked"
    only = client.get(f"/announcements/{announcement.id}?show=not_reached").text
    assert "Чолпон" in only
    assert "Вера" not in only


def test_the_page_asks_ever_more_slowly_and_stops_when_all_is_known(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    sign_in(cast.teacher)
    url: str | None = f"/announcements/{announcement.id}/progress"
    waits, stamps = [], []
    while url:
        answer = client.get(url, headers={"HX-Request": "true"})
        assert len(gzip.compress(answer.data)) <= 2048
        stamps.append("HX-Trigger" in answer.headers)
        found = re.search(r'hx-get="([^"]+)" hx-trigger="load delay:([\d.]+)s', answer.text)
        url = found[1].replace("&amp;", "&") if found else None
        if found:
            waits.append(float(found[2]))
    assert waits[0] == 2
    assert waits[-1] == 30
    assert waits == sorted(waits)
    assert "Look again" in answer.text
    assert stamps == [True] + [False] * len(stamps[1:]), "the list comes anew only when something changed"
    for household in (cast.button_phone, cast.siblings):
        becomes(message_for(announcement, household), State.DELIVERED, now)
    becomes(message_for(announcement, cast.email_only), State.ACCEPTED, now)
    answer = client.get(f"/announcements/{announcement.id}/progress?look=3&was=1.2.3")
    assert "HX-Trigger" in answer.headers
    assert "hx-trigger" not in answer.text


def test_i_spoke_to_them_is_one_tap_and_can_be_taken_back(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    sign_in(cast.teacher)
    url = f"/reach/announcements/{announcement.id}/spoken"
    for _ in range(2):
        client.post(url, data={"family": cast.no_address.id})
    db.session.expire_all()
    assert copy_for(announcement, cast.no_address).spoken_at == now
    assert [entry.action for entry in db.session.scalars(select(AuditEntry))].count(
        "announcement.spoken"
    ) == 1
    client.post(url, data={"family": cast.no_address.id, "undo": "1"})
    db.session.expire_all()
    assert copy_for(announcement, cast.no_address).spoken_at is None


def test_a_class_teacher_sees_only_the_families_of_their_class(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    announcement = write(cast, cast.class_5a, cast.class_5b, author=cast.director, now=now)
    send(announcement, now)
    sign_in(cast.other_teacher)
    page = client.get(f"/announcements/{announcement.id}").text
    assert "Пётр Соседов" in page
    assert "Нурай Экөөбаева" in page
    assert "Асан Мисалов" not in page
    assert "Чолпон" not in page
    assert "0 of 2 families reached" in client.get("/").text
    tried = client.post(
        f"/reach/announcements/{announcement.id}/spoken", data={"family": cast.button_phone.id}
    )
    assert tried.status_code == 404


def test_what_concerns_other_classes_or_schools_does_not_exist(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    announcement, draft = write(cast, now=now), write(cast, now=now)
    send(announcement, now)
    for stranger in (cast.other_teacher, cast.other_director):
        sign_in(stranger)
        assert KY not in client.get("/").text
        for path in ("", "/progress", "/families"):
            assert client.get(f"/announcements/{announcement.id}{path}").status_code == 404
        for path in ("", "/review", "/edit"):
            assert client.get(f"/announcements/{draft.id}{path}").status_code == 404
        for path in ("/send", "/discard"):
            assert client.post(f"/announcements/{draft.id}{path}").status_code == 404
    sign_in(cast.director)
    assert client.get(f"/announcements/{draft.id}/review").status_code == 404, "a draft is its author's"
    assert client.get(f"/announcements/{announcement.id}").status_code == 200


def test_who_does_not_write_to_families_reads_only(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    from tests.cast import staff_member

    psychologist = staff_member(cast.school, "Психолог Мисалов", "psy", Role.PSYCHOLOGIST, now=now)
    announcement = write(cast, now=now)
    send(announcement, now)
    sign_in(psychologist)
    assert "New announcement" not in client.get("/").text
    assert client.get("/announcements/new").status_code == 403
    page = client.get(f"/announcements/{announcement.id}")
    assert page.status_code == 200
    assert "I spoke to them" not in page.text


def test_a_draft_can_be_taken_up_again_and_deleted(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    draft = write(cast, urgent=True, now=now)
    sign_in(cast.teacher)
    assert "Draft, not sent" in client.get("/announcements").text
    page = client.get(f"/announcements/{draft.id}/edit").text
    assert KY in page
    assert RU in page
    assert "checked" in page
    client.post(f"/announcements/{draft.id}/discard")
    assert count(Announcement) == 0


def test_every_draft_is_found_again(cast: Cast, client: FlaskClient, sign_in: Any, now: datetime) -> None:
    sign_in(cast.teacher)
    for number in range(5):
        write(cast, ky=f"Долбоор {number}", now=now)
    assert "Older drafts" not in client.get("/announcements").text
    write(cast, ky="Долбоор 5", now=now)
    page = client.get("/announcements").text
    assert "Older drafts" in page
    assert "Долбоор 0" not in page
    page = client.get("/announcements?drafts=all").text
    assert all(f"Долбоор {number}" in page for number in range(6))
    assert "Older drafts" not in page


def test_the_pages_ask_the_database_as_often_for_many_families_as_for_few(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    for number in range(3):
        announcement = write(cast, author=cast.director, ky=f"{KY} {number}", now=now)
        send(announcement, now)
    sign_in(cast.director)
    draft = write(cast, author=cast.director, ky="Жаңы", now=now)
    paths = [
        "/announcements",
        f"/announcements/{announcement.id}",
        f"/announcements/{announcement.id}/progress",
    ]
    paths += [f"/announcements/{draft.id}/review", f"/announcements/{draft.id}/edit"]

    def numbers() -> list[int]:
        found = []
        for path in paths:
            with queries() as seen:
                assert client.get(path).status_code == 200
            found.append(len(seen))
        return found

    few = numbers()
    for number in range(25):
        family(cast.school, {f"Көп {number}": cast.class_5a}, f"Апа {number}", phone=f"+99655500{number:04}")
    for number in range(12):
        send(write(cast, author=cast.director, ky=f"Дагы {number}", now=now), now)
    paths[1:3] = [f"/announcements/{announcement.id + 5}", f"/announcements/{announcement.id + 5}/progress"]
    assert numbers() == few
    assert max(few) <= 14


def test_a_page_of_a_class_weighs_little(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    for number in range(26):
        family(
            cast.school,
            {f"Бала{number} Көпбаев": cast.class_5a},
            f"Апа {number}",
            phone=f"+9965550{number:05}",
        )
    announcement = write(cast, now=now)
    send(announcement, now)
    sign_in(cast.teacher)
    for path in ("/", f"/announcements/{announcement.id}", "/announcements/new"):
        assert len(gzip.compress(client.get(path).data)) <= 5 * 1024, path
    assert db.session.scalar(select(func.count()).select_from(Guardian))


def test_a_list_calls_it_in_the_language_of_who_reads(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    send(write(cast, now=now), now)
    only_kyrgyz = write(cast, ky="Дептер алып келиңиз.", ru="", now=now)
    send(only_kyrgyz, now)
    sign_in(cast.teacher)
    for language, called in (("ky", KY), ("ru", RU), ("en", KY)):
        client.post(f"/language/{language}")
        page = client.get("/announcements").text
        assert [text for text in (KY, RU) if text in page] == [called]
        assert only_kyrgyz.text_ky in page
