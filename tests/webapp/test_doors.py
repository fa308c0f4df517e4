"""Every door of the house, tried as a stranger, as every role and as a person of another school."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from notifier.database import db
from tests.cast import Cast
from tests.webapp.doors import (
    ELSEWHERE,
    OPEN,
    OURS,
    SCHOOL_WIDE,
    WITHOUT_TOKEN,
    World,
    app,
    named_in,
    path,
    rules,
    walk,
    world,
)
from webapp.announcements.models import Announcement
from webapp.families.models import Family
from webapp.staff.models import Role

__all__ = ["app", "world"]


def test_no_route_is_open_to_strangers_without_a_reason(app: Flask) -> None:
    open_ones = {
        rule.endpoint
        for rule in rules(app)
        if rule.endpoint == "static" or getattr(app.view_functions[rule.endpoint], "is_public", False)
    }
    assert open_ones <= set(OPEN), "say why strangers may come in, in OPEN"


def test_a_stranger_is_sent_to_the_sign_in_page_from_everywhere(
    app: Flask, client: FlaskClient, world: World
) -> None:
    for rule, method, address in walk(app, world, "GET", "POST"):
        answer = client.open(address, method=method)
        assert answer.status_code == 302, rule
        assert answer.location.startswith("/login"), rule
        fragment = client.open(address, method=method, headers={"HX-Request": "true"})
        assert fragment.status_code == 401, rule
        assert fragment.headers["HX-Redirect"] == "/login", rule


@pytest.mark.parametrize(
    ("current", "back"),
    [
        ("http://localhost/announcements/new", "/announcements/new"),
        ("http://localhost/tv/?day=2026-11-25", "/tv/?day=2026-11-25"),
        ("http://localhost/", None),
        ("http://evil.example/announcements/new", None),
        ("http://localhost@evil.example/tv/", None),
        ("http://localhost//evil.example/", None),
        ("http://localhost/\\evil.example", None),
        ("http://[", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_a_fragment_leads_by_the_sign_in_page_back_to_the_page_around_it(
    client: FlaskClient, cast: Cast, current: str, back: str | None
) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": current}
    answer = client.post("/announcements/cost", headers=headers)
    assert answer.status_code == 401
    place = urlsplit(answer.headers["HX-Redirect"])
    assert (place.netloc, place.path) == ("", "/login")
    assert parse_qs(place.query).get("next") == (back and [back])


def test_no_form_is_taken_without_its_token(app: Flask, sign_in: Any, world: World) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    client = sign_in(world.cast.director)
    tried = set()
    for rule in rules(app):
        if "POST" in (rule.methods or ()) and rule.endpoint not in WITHOUT_TOKEN:
            tried.add(rule.endpoint)
            assert client.post(path(app, rule, world)).status_code == 400, rule
    assert len(tried) > 5


@pytest.mark.parametrize("role", list(Role))
def test_every_role_gets_an_answer_at_every_door_and_nothing_of_another_school(
    app: Flask, sign_in: Any, world: World, role: Role
) -> None:
    client = sign_in(world.people[role])
    for rule, method, address in walk(app, world, "GET"):
        answer = client.open(address, method=method)
        assert answer.status_code in {200, 302, 303, 403, 404}, rule
        assert not named_in(answer, ELSEWHERE), rule


def test_who_asks_for_the_head_of_a_page_gets_that_of_the_page(
    app: Flask, client: FlaskClient, sign_in: Any, world: World
) -> None:
    """As what watches over a site asks, and what looks a link up before it is shown."""
    assert client.head("/login").status_code == 200
    client = sign_in(world.cast.director)
    assert client.head("/login").location == "/"
    for rule, _, address in walk(app, world, "GET"):
        head, page = client.head(address), client.get(address)
        assert (head.status_code, head.location) == (page.status_code, page.location), rule


def test_a_person_of_another_school_finds_nothing_of_ours(app: Flask, sign_in: Any, world: World) -> None:
    client = sign_in(world.cast.other_director)
    for rule, method, address in walk(app, world, "GET", "POST"):
        answer = client.open(address, method=method)
        if rule.arguments:
            assert answer.status_code in {403, 404}, (rule, method)
        assert not named_in(answer, OURS), rule
    assert db.session.get(Announcement, world.draft.id) is not None
    assert db.session.get(Family, world.cast.button_phone.id) is not None


@pytest.mark.parametrize("who", ["other_teacher", Role.SUBJECT_TEACHER, Role.CLASS_TEACHER])
def test_a_teacher_finds_nothing_of_a_class_that_is_not_theirs(
    app: Flask, sign_in: Any, world: World, who: str
) -> None:
    person = world.cast.other_teacher if who == "other_teacher" else world.people[Role(who)]
    client = sign_in(person)
    for rule, method, address in walk(app, world, "GET", "POST"):
        if rule.arguments and rule.endpoint.split(".")[0] not in SCHOOL_WIDE:
            assert client.open(address, method=method).status_code in {403, 404}, (rule, method)


def test_ids_that_nothing_has_are_not_found(app: Flask, sign_in: Any, world: World) -> None:
    client = sign_in(world.cast.director)
    for rule in rules(app):
        numbers = [
            name for name, kind in rule._converters.items() if type(kind).__name__ == "IntegerConverter"
        ]
        if not numbers or rule.endpoint in OPEN:
            continue
        for number in (999_999, 2**63 - 1, 2**70):
            with app.test_request_context():
                address = app.url_map.bind("localhost").build(
                    rule.endpoint, dict.fromkeys(rule.arguments, number)
                )
            for method in {"GET", "POST"} & (rule.methods or set()):
                assert client.open(address, method=method).status_code in {403, 404}, (rule, number)
