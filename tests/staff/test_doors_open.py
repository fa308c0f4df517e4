"""Signing in and out: who gets in, how often one may try, and what stays behind."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale

from notifier.database import db
from tests.cast import PASSWORD, PASSWORD_HASH, Cast
from webapp.staff import passwords
from webapp.staff.journal import told
from webapp.staff.models import AuditEntry


@pytest.fixture(autouse=True)
def without_forgery_check(app: Flask) -> None:
    """The walk through all doors tests the tokens; here the forms go without."""
    app.config["WTF_CSRF_ENABLED"] = False


@pytest.fixture(autouse=True)
def cheap_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash for unknown logins as cheaply as for the cast."""
    monkeypatch.setattr(passwords, "_stranger", PASSWORD_HASH)


def enter(client: FlaskClient, login: str, password: str = PASSWORD, **more: Any) -> Any:
    return client.post("/login", data={"login": login, "password": password, **more})


def test_a_teacher_signs_in_and_comes_to_the_first_page(client: FlaskClient, cast: Cast) -> None:
    answer = enter(client, "aigul")
    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get("/account").status_code == 200
    db.session.refresh(cast.teacher)
    assert cast.teacher.last_login_at is not None


def test_capitals_and_spaces_in_the_login_do_no_harm(client: FlaskClient, cast: Cast) -> None:
    assert enter(client, "  Aigul ").status_code == 302


def test_a_stranger_is_brought_back_to_the_page_they_wanted(client: FlaskClient, cast: Cast) -> None:
    asked = client.get("/account?tab=2")
    assert asked.location == "/login?next=/account?tab%3D2"
    page = client.get(asked.location).text
    assert re.search(r'name="next" value="/account\?tab=2"', page)
    assert enter(client, "aigul", next="/account?tab=2").location == "/account?tab=2"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "http:/evil.example",
        "evil.example",
        "///evil.example",
        " //evil.example",
    ],
)
def test_signing_in_never_leads_to_somebody_elses_site(
    client: FlaskClient, cast: Cast, elsewhere: str
) -> None:
    assert enter(client, "aigul", next=elsewhere).location == "/"
    assert client.post("/language/ru", data={"next": elsewhere}).location == "/"


def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(client: FlaskClient, cast: Cast) -> None:
    wrong, unknown = enter(client, "aigul", "not this one"), enter(client, "nobody", "not this one")
    assert wrong.status_code == unknown.status_code == 401
    # But for the form's token, in which there is the second.
    pages = [re.sub(r'(?<=name="csrf_token" value=")[^"]+', "", answer.text) for answer in (wrong, unknown)]
    assert pages[0].replace("aigul", "nobody") == pages[1]
    assert "not this one" not in wrong.text


def test_an_unknown_login_costs_as_much_work_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    checked = []

    def check(kept: str, password: str) -> bool:
        checked.append(kept.split("$", maxsplit=1)[0])
        return False

    monkeypatch.setattr(passwords, "_stranger", None)
    monkeypatch.setattr("webapp.staff.passwords.check_password_hash", check)
    assert not passwords.matches("anything", None)
    assert not passwords.matches("anything", passwords.hashed("something"))
    assert checked == ["scrypt:32768:8:1", "scrypt:32768:8:1"]


def test_an_empty_form_says_what_to_write(client: FlaskClient, cast: Cast) -> None:
    client.post("/language/en")
    answer = enter(client, "", "")
    assert answer.status_code == 422
    assert "Write your login." in answer.text
    assert "Write your password." in answer.text


def test_what_was_typed_as_login_is_still_there_after_a_mistake(client: FlaskClient, cast: Cast) -> None:
    assert 'value="aigul"' in enter(client, "aigul", "not this one").text


def test_a_closed_account_opens_nothing(client: FlaskClient, cast: Cast) -> None:
    enter(client, "aigul")
    cast.teacher.active = False
    db.session.commit()
    assert client.get("/account").status_code == 302
    assert enter(client, "aigul").status_code == 401


def test_after_five_wrong_tries_the_person_is_told_when_to_try_again(client: FlaskClient, cast: Cast) -> None:
    client.post("/language/en")
    for _ in range(5):
        assert enter(client, "aigul", "not this one").status_code == 401
    answer = enter(client, "aigul")
    assert answer.status_code == 429
    assert "Too many wrong tries. Try again in 1 minute." in answer.text
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert 'value="aigul"' in answer.text
    assert enter(client, "olga").status_code == 302


def test_tries_from_many_addresses_still_close_one_account(client: FlaskClient, cast: Cast) -> None:
    answers = [
        client.post(
            "/login",
            data={"login": "aigul", "password": "not this one"},
            environ_base={"REMOTE_ADDR": f"203.0.113.{number}"},
        ).status_code
        for number in range(21)
    ]
    assert answers == [401] * 20 + [429]


def test_one_address_may_not_try_many_accounts(client: FlaskClient, cast: Cast) -> None:
    answers = [enter(client, f"guess{number}", "not this one").status_code for number in range(51)]
    assert answers == [401] * 50 + [429]


def test_a_whole_staff_room_signs_in_from_one_address(client: FlaskClient, cast: Cast) -> None:
    assert {enter(client, "aigul").status_code for _ in range(60)} == {302}


def test_signing_in_leaves_nothing_of_the_session_before_but_its_language(
    client: FlaskClient, cast: Cast
) -> None:
    with client.session_transaction() as session:
        session.update(language="ru", planted="by somebody else", key="known to somebody else")
    enter(client, "aigul")
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session["key"] != "known to somebody else"
        assert session["language"] == "ru"


def test_only_an_own_device_keeps_the_session_for_thirty_days(client: FlaskClient, cast: Cast) -> None:
    shared = enter(client, "aigul").headers["Set-Cookie"]
    assert "Expires" not in shared
    own = enter(client, "aigul", remember="y").headers["Set-Cookie"]
    assert "Expires" in own


def test_a_copy_of_the_cookie_opens_nothing_after_signing_out(
    app: Flask, client: FlaskClient, cast: Cast
) -> None:
    enter(client, "aigul")
    stolen = client.get_cookie("kabarchy")
    assert stolen
    thief = app.test_client()
    thief.set_cookie("kabarchy", stolen.value)
    assert thief.get("/account").status_code == 200
    assert client.post("/logout").location == "/login"
    assert client.get("/account").status_code == 302
    assert thief.get("/account").status_code == 302


def test_signing_out_leaves_the_other_device_alone(app: Flask, client: FlaskClient, cast: Cast) -> None:
    phone = app.test_client()
    enter(phone, "aigul")
    enter(client, "aigul")
    client.post("/logout")
    assert phone.get("/account").status_code == 200


def test_a_new_password_signs_every_other_device_out(app: Flask, client: FlaskClient, cast: Cast) -> None:
    phone = app.test_client()
    enter(phone, "aigul")
    enter(client, "aigul")
    new = "алты ак алма"
    answer = client.post("/account", data={"current": PASSWORD, "new": new, "again": new})
    assert answer.location == "/account"
    assert client.get("/account").status_code == 200
    assert phone.get("/account").status_code == 302
    assert enter(phone, "aigul").status_code == 401
    assert enter(phone, "aigul", new).status_code == 302
    assert [entry.action for entry in db.session.scalars(db.select(AuditEntry))] == ["staff.password_changed"]


@pytest.mark.parametrize(
    ("current", "new", "again", "said"),
    [
        ("not this one", "long enough", "long enough", "This is not the password you have now."),
        (PASSWORD, "too short", "too short", "at least 10 characters"),
        (PASSWORD, "long enough", "long enoughh", "The two new passwords are not the same."),
        ("", "long enough", "long enough", "Write the password you have now."),
    ],
)
def test_a_new_password_needs_the_old_one_and_some_length(
    client: FlaskClient, cast: Cast, current: str, new: str, again: str, said: str
) -> None:
    enter(client, "aigul")
    client.post("/language/en")
    answer = client.post("/account", data={"current": current, "new": new, "again": again})
    assert answer.status_code in {401, 422}
    assert said in answer.text
    assert enter(client, "aigul").status_code == 302


def test_guessing_the_password_from_an_open_session_ends_soon(client: FlaskClient, cast: Cast) -> None:
    enter(client, "aigul")
    form = {"current": "not this one", "new": "long enough", "again": "long enough"}
    answers = [client.post("/account", data=form).status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]


def test_the_language_is_kept_with_the_person(app: Flask, client: FlaskClient, cast: Cast) -> None:
    enter(client, "aigul")
    assert client.post("/language/ru", data={"next": "/account"}).location == "/account"
    assert '<html lang="ru">' in client.get("/account").text
    elsewhere = app.test_client()
    enter(elsewhere, "aigul")
    assert '<html lang="ru">' in elsewhere.get("/account").text
    assert client.post("/language/xx").status_code == 404


def test_the_demo_school_lists_its_people_on_the_sign_in_page(client: FlaskClient, cast: Cast) -> None:
    assert passwords.DEMO not in client.get("/login").text
    cast.school.is_demo = True
    db.session.commit()
    page = client.get("/login").text
    assert passwords.DEMO in page
    assert cast.teacher.name in page
    assert cast.other_director.name not in page


def test_the_demo_schools_password_cannot_be_changed(client: FlaskClient, cast: Cast) -> None:
    cast.school.is_demo = True
    db.session.commit()
    enter(client, "aigul")
    new = "алты ак алма"
    form = {"current": PASSWORD, "new": new, "again": new}
    assert client.post("/account", data=form).status_code == 403


def test_the_director_reads_what_was_done_at_the_own_school(
    sign_in: Any, cast: Cast, now: Any, app: Flask
) -> None:
    from webapp.staff import audit

    for number in range(60):
        when = now + timedelta(minutes=number)
        audit.record("announcement.published", f"announcement {number}", {"families": 25}, cast.teacher, when)
    audit.record("announcement.published", "theirs", {}, cast.other_director, now)
    db.session.commit()
    client = sign_in(cast.director)
    page = client.get("/audit").text
    assert "Announcement 59" in page
    assert "Families: 25" in page
    assert "Sent an announcement" in page
    assert cast.teacher.name in page
    assert "theirs" not in page
    assert page.count('scope="row"') == 50
    assert client.get("/audit?page=2").text.count('scope="row"') == 10
    assert client.get("/audit?page=x").status_code == 200


def test_the_audit_is_told_in_words(app: Flask, now: datetime) -> None:
    entry = AuditEntry(
        at=now,
        action="staff.created",
        subject="announcement 12, family 7",
        detail={"roles": ["office"], "urgent": True, "leaving": 0, "unheard_of": "as it is", "classes": []},
    )
    with force_locale("en"):
        found = told(entry)
    assert found.what == "Made an account"
    assert found.subject == "Announcement 12, Family 7"
    assert found.details == ["Roles: School office", "Urgent", "unheard_of: as it is"]


def test_only_the_director_reads_what_was_done(sign_in: Any, cast: Cast) -> None:
    assert sign_in(cast.teacher).get("/audit").status_code == 403


def test_nobodys_password_is_kept_as_it_is() -> None:
    first, second = passwords.hashed(PASSWORD), passwords.hashed(PASSWORD)
    assert first.startswith("scrypt:")
    assert first != second
    assert PASSWORD not in first
    assert passwords.matches(PASSWORD, first)


def test_generated_passwords_can_be_read_aloud() -> None:
    made = {passwords.generate() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"[a-z2-9]{4}-[a-z2-9]{4}-[a-z2-9]{4}", one) for one in made)
    assert not set("".join(made)) & set("ilo01")
