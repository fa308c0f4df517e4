"""What no table can hold: addresses, queries and forms with NUL, and numbers larger than any row's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.announcements.writing import send, write
from tests.cast import PASSWORD, Cast


@pytest.fixture(autouse=True)
def app(app: Flask) -> Flask:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.mark.parametrize(
    "address", ["/messages/a%00b", "/unsubscribe/a%00b", "/news/a%00b", "/news/a%00b/atom.xml", "/%00"]
)
def test_an_address_with_it_is_no_page(client: FlaskClient, sign_in: Any, cast: Cast, address: str) -> None:
    assert client.get(address).status_code in {302, 404}
    sign_in(cast.director)
    assert client.get(address).status_code == 404


def test_nothing_is_looked_for_and_nobody_enters_with_it(
    client: FlaskClient, sign_in: Any, cast: Cast
) -> None:
    answer = client.post("/login", data={"login": "ai\0gul", "password": PASSWORD})
    assert answer.status_code == 400
    sign_in(cast.director)
    assert client.get("/search?q=a%00b").status_code == 400
    assert client.post("/templates/preview", data={"text_ky": "a\0b"}).status_code == 400


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30, -1])
def test_a_number_that_no_row_has(
    client: FlaskClient, sign_in: Any, cast: Cast, now: datetime, number: int
) -> None:
    draft, told = write(cast, now=now), write(cast, now=now)
    send(told, now)
    sign_in(cast.teacher)
    for address, form in (
        (f"/announcements/{draft.id}/who", {"add": number}),
        (f"/announcements/cost?draft={number}", {}),
        (f"/reach/announcements/{told.id}/spoken", {"family": number}),
        (f"/reach/announcements/{told.id}/hand", {"family": number}),
    ):
        assert client.post(address, data=form).status_code < 500, address
    for address in (
        f"/templates/new?copy={number}",
        f"/templates/new?announcement={number}",
        f"/announcements/child?kind=result&class={number}",
        f"/announcements/kinds?pupil={number}",
        f"/announcements/new?not_reached={number}",
        f"/reach/families/{cast.button_phone.id}?before=0001-01-01T00:00:00%2B10:00",
    ):
        assert client.get(address).status_code < 500, address
