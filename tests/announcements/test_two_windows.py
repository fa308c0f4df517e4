"""Two windows with one draft: nobody's text is overwritten unseen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from notifier.database import db
from tests.announcements.writing import write
from tests.cast import Cast
from webapp.announcements.models import Announcement

MINE, THEIRS = "Эртең сабак 9:00дө.", "Эртең сабак 10:00дө."


def opened(client: FlaskClient, path: str) -> dict[str, Any]:
    """The hidden fields of a form, as a window holds them."""
    page = client.get(path).text
    return {
        name: value
        for name in ("token", "window", "saw")
        if (found := re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)) is not None
        for value in found.groups()
    }


def save(client: FlaskClient, path: str, window: dict[str, Any], text: str, cast: Cast) -> Any:
    form = window | {"classes": [str(cast.class_5a.id)], "text_ky": text, "text_ru": ""}
    return client.post(path, data=form)


@pytest.fixture
def draft(cast: Cast, now: Any) -> Announcement:
    return write(cast, ky="Эски текст", ru="", now=now)


def test_the_later_window_is_told_and_may_choose(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement
) -> None:
    sign_in(cast.teacher)
    path = f"/announcements/{draft.id}/edit"
    one, two = opened(client, path), opened(client, path)
    assert save(client, path, one, THEIRS, cast).status_code == 303
    answer = save(client, path, two, MINE, cast)
    assert answer.status_code == 409
    assert "changed in another window" in answer.text
    assert THEIRS in answer.text
    assert MINE in answer.text
    db.session.expire_all()
    assert draft.text_ky == THEIRS
    # Sent once more, with what it has seen now, it counts.
    seen = re.search(r'name="saw"[^>]*value="([^"]*)"', answer.text)
    assert seen
    assert save(client, path, two | {"saw": seen[1]}, MINE, cast).status_code == 303
    db.session.expire_all()
    assert draft.text_ky == MINE


def test_going_back_in_the_same_window_is_no_other_window(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement
) -> None:
    sign_in(cast.teacher)
    path = f"/announcements/{draft.id}/edit"
    window = opened(client, path)
    for text in (THEIRS, MINE):
        assert save(client, path, window, text, cast).status_code == 303
    db.session.expire_all()
    assert draft.text_ky == MINE


def test_the_same_text_twice_is_no_quarrel(
    cast: Cast, client: FlaskClient, sign_in: Any, draft: Announcement
) -> None:
    sign_in(cast.teacher)
    path = f"/announcements/{draft.id}/edit"
    one, two = opened(client, path), opened(client, path)
    for window in (one, two):
        assert save(client, path, window, MINE, cast).status_code == 303


def test_a_new_form_that_another_window_went_on_with(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    sign_in(cast.teacher)
    first = opened(client, "/announcements/new")
    review = save(client, "/announcements/new", first, "Биринчи текст", cast).location
    number = int(re.findall(r"\d+", review)[0])
    edit = f"/announcements/{number}/edit"
    assert save(client, edit, opened(client, edit), THEIRS, cast).status_code == 303
    answer = save(client, "/announcements/new", first, MINE, cast)
    assert answer.status_code == 409
    db.session.expire_all()
    assert db.session.get_one(Announcement, number).text_ky == THEIRS
