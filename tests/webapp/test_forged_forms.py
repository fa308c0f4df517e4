"""Every form of the director and of a teacher, in other hands and with hostile words in every field.

New pages are walked by themselves, as in doors.py. What the tables hold is compared before and after.
"""

# ruff: noqa: F401, F811  (fixtures of the other walk)

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, got_request_exception, request
from flask.testing import FlaskClient
from sqlalchemy import select

from notifier.database import db
from tests.webapp.doors import World, app, walk, world
from tests.webapp.forms import CHOSEN, Field, Form, forms_of
from webapp.announcements.models import Announcement
from webapp.staff.models import Role, StaffMember

Rows = dict[tuple[str, ...], dict[str, Any]]

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'"
HOSTILE = (
    SCRIPT,
    "9" * 25,
    "-1",
    "0001-01-01",
    "9999-12-31",
    "²٣",
    "\u202e\ufeff\uffff\x01\u200d\U000e0041x",
    "{{7*7}}{% raw %}((a??b))%(x)s %s {0}",
    "=1+1",
    "a\r\nBcc: x@example.kg\r\n\r\nb",
    "a\0b",
)
# What an address may ask for, on any page.
ASKED = (
    *("q", "page", "show", "class", "grade", "look", "day", "week", "before", "next", "lang", "row", "kind"),
    *("pupil", "copy", "announcement", "not_reached", "did_not_answer", "draft", "days", "first", "last"),
    *("of", "ready", "entered", "means", "order", "task", "was", "format", "language", "blocked", "skip"),
)


def pages(app: Flask, client: FlaskClient, world: World) -> Iterator[tuple[str, str]]:
    for _rule, _method, address in walk(app, world, "GET"):
        answer = client.get(address)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            yield address, answer.text


def forms(app: Flask, sign_in: Any, world: World, *people: StaffMember) -> list[Form]:
    """Every form these people see that does something, each once."""
    found: dict[tuple[object, ...], Form] = {}
    for person in people:
        for address, html in pages(app, sign_in(person), world):
            for form in forms_of(address, html):
                # Leaving, and the language, are anybody's.
                if form.method == "POST" and not form.action.startswith(("/logout", "/language/")):
                    found.setdefault(form.shape, form)
    assert len(found) > 60
    return list(found.values())


def tables() -> dict[str, Rows]:
    db.session.rollback()
    found: dict[str, Rows] = {}
    for table in db.metadata.sorted_tables:
        keys = [column.name for column in table.primary_key.columns]
        found[table.name] = {
            tuple(str(row[key]) for key in keys): {
                name: hashlib.sha256(value).hexdigest() if isinstance(value, bytes) else value
                for name, value in row.items()
            }
            for row in db.session.execute(table.select()).mappings()
        }
    db.session.rollback()
    return found


def filled(each: Field) -> str:
    """Something right where a field is empty, so that a form does not fail for another reason."""
    usual = {"date": "2026-12-01", "time": "10:00"}
    return each.value or usual.get(each.kind, "" if each.kind in {*CHOSEN, "hidden"} else "Эртең сабак жок")


def replay(app: Flask, client: FlaskClient, found: list[Form]) -> tuple[dict[str, Rows], dict[str, Rows]]:
    """Send all of them by every button; the tables before and after."""
    before = tables()
    for form in found:
        for button in form.buttons or [None]:
            assert form.send(client, filled, button).status_code < 500, form.action
    return before, tables()


def changed(before: dict[str, Rows], after: dict[str, Rows], but: set[str]) -> dict[str, list[object]]:
    """The rows that are not what they were, or are not any more."""
    return {
        name: [key for key, row in rows.items() if after[name].get(key) != row]
        for name, rows in before.items()
        if name not in but and any(after[name].get(key) != row for key, row in rows.items())
    }


def added(before: dict[str, Rows], after: dict[str, Rows]) -> dict[str, list[dict[str, Any]]]:
    return {
        name: new
        for name, rows in after.items()
        if (new := [row for key, row in rows.items() if key not in before[name]])
    }


# Who may do what is decided by no database.
ONE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
# Left lying for days, it is cleared away by whoever brings the next list.
CLEARED = {"class_list_uploads"}


@ONE
@pytest.mark.parametrize("who", ["stranger", Role.SUBJECT_TEACHER])
def test_in_the_hands_of_who_may_nothing_they_do_nothing(
    app: Flask,
    client: FlaskClient,
    sign_in: Any,
    world: World,
    who: str,
) -> None:
    found = forms(app, sign_in, world, world.people[Role.DIRECTOR], world.cast.teacher)
    with client.session_transaction() as session:
        session.clear()
    if who != "stranger":
        sign_in(world.people[Role(who)])
    before, after = replay(app, client, found)
    assert not changed(before, after, set())
    assert not added(before, after)


@ONE
def test_in_the_hands_of_another_school_they_touch_nothing_of_ours(
    app: Flask,
    client: FlaskClient,
    sign_in: Any,
    world: World,
) -> None:
    found = forms(app, sign_in, world, world.people[Role.DIRECTOR], world.cast.teacher)
    sign_in(world.cast.other_director)
    before, after = replay(app, client, found)
    theirs = world.cast.other_school.id
    hit = changed(before, after, {*CLEARED, "schools"})
    for name, keys in hit.items():
        assert all(before[name][key].get("school_id") == theirs for key in keys), (name, keys)
    assert before["schools"][(str(world.cast.school.id),)] == after["schools"][(str(world.cast.school.id),)]
    for name, rows in added(before, after).items():
        assert {row.get("school_id", theirs) for row in rows} == {theirs}, name


@ONE
def test_in_the_hands_of_a_colleague_they_touch_no_class_but_their_own(
    app: Flask,
    client: FlaskClient,
    sign_in: Any,
    world: World,
) -> None:
    found = forms(app, sign_in, world, world.people[Role.DIRECTOR], world.cast.teacher)
    sign_in(world.cast.other_teacher)
    before, after = replay(app, client, found)
    # TV lessons are the school's: every class teacher mends them.
    assert not changed(before, after, {*CLEARED, "tv_lessons"})
    new = added(before, after)
    own, me = world.cast.class_5b.id, world.cast.other_teacher.id
    for name in ("announcement_classes", "survey_classes"):
        assert {row["class_id"] for row in new.get(name, [])} <= {own}, name
    for name in ("announcements", "surveys"):
        assert {row["author_id"] for row in new.get(name, [])} <= {me}, name
    assert not {"recipients", "deliveries", "class_modes", "follow_ups", "contact_log"} & new.keys()
    for each in db.session.scalars(select(Announcement).filter_by(author_id=me)):
        assert each.published_at is None


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_nothing_that_is_typed_breaks_a_page_or_becomes_markup(
    app: Flask,
    sign_in: Any,
    world: World,
) -> None:
    broken: list[str] = []

    def note(_app: Flask, exception: BaseException, **_: Any) -> None:
        broken.append(f"{request.method} {request.full_path[:80]}: {type(exception).__name__}")

    got_request_exception.connect(note, app)
    client = sign_in(world.people[Role.DIRECTOR])
    seen = dict(pages(app, client, world))
    for address in seen:
        for place, words in enumerate(HOSTILE):
            if place % 2 == len(address) % 2:  # half of them on each page
                client.get(address, query_string=dict.fromkeys(ASKED, words))
    shapes = set()
    for address, html in seen.items():
        for form in forms_of(address, html):
            if form.shape in shapes or form.action.startswith(("/logout", "/language/")):
                continue
            shapes.add(form.shape)
            for turn in range(3):
                places = {each.name: place for place, each in enumerate(form.fields)}

                def hostile(each: Field, turn: int = turn, places: dict[str, int] = places) -> str:
                    if turn == 0 and each.kind in CHOSEN:
                        return each.value
                    # In the first turn what can be kept, so that it is shown afterwards.
                    return SCRIPT if turn == 0 else HOSTILE[(places[each.name] + turn) % len(HOSTILE)]

                answer = form.send(client, hostile, next(iter(form.buttons), None))
                if answer.mimetype == "text/html" and "<img src=x" in answer.text:
                    broken.append(f"{form.action} shows markup")
    for address in seen:
        if "<img src=x" in client.get(address).text:
            broken.append(f"{address} shows markup")
    got_request_exception.disconnect(note, app)
    assert not broken
