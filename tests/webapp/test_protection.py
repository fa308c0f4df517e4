"""What protects every answer, whoever asks: headers, host names, cookies, proxies, what failures tell."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from config import read_settings
from notifier.database import db
from tests.cast import Cast
from tests.webapp.doors import World, app, walk, world
from webapp import create_app

__all__ = ["app", "world"]


def test_every_answer_carries_the_headers_that_protect(app: Flask, sign_in: Any, world: World) -> None:
    client = sign_in(world.cast.director)
    addresses = [address for _, _, address in walk(app, world, "GET")]
    for address in [*addresses, "/login", "/no-such-page", "/static/app.css"]:
        with client.get(address) as answer:
            headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        if not address.startswith("/static/"):
            assert headers["Cache-Control"] == "no-store", address
        assert "Server" not in headers


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", ""])
def test_a_foreign_host_name_is_refused(client: FlaskClient, cast: Cast, host: str) -> None:
    answer = client.get("/login", headers={"Host": host}, base_url="http://localhost")
    assert answer.status_code == 400
    assert "evil" not in answer.text


def test_over_https_cookies_never_travel_in_the_open(environ: dict[str, str], cast: Cast) -> None:
    app = create_app(read_settings(environ | {"PUBLIC_BASE_URL": "https://kabarchy.example.kg"}))
    answer = app.test_client().get("/login", base_url="https://kabarchy.example.kg")
    cookie = answer.headers["Set-Cookie"]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize(("proxies", "counted"), [("0", "127.0.0.1"), ("1", "203.0.113.9")])
def test_only_a_proxy_we_know_of_may_say_who_is_calling(
    environ: dict[str, str], cast: Cast, proxies: str, counted: str
) -> None:
    app = create_app(read_settings(environ | {"TRUSTED_PROXIES": proxies}))
    seen = []
    app.before_request(lambda: seen.append(__import__("flask").request.remote_addr))
    forged = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    app.test_client().get("/login", headers=forged)
    assert seen == [counted]
    with app.app_context():
        db.engine.dispose()


def test_a_page_that_breaks_says_so_and_tells_nothing_else(
    app: Flask, sign_in: Any, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down() -> str:
        raise RuntimeError("family +996555000101")

    app.view_functions["staff.account"] = break_down
    answer = sign_in(world.cast.director).get("/account")
    assert answer.status_code == 500
    assert "<h1>" in answer.text
    assert "RuntimeError" not in answer.text
    assert "555000101" not in answer.text


@pytest.mark.parametrize(("address", "status"), [("/no-such-page", 404), ("/logout", 405)])
def test_errors_are_pages_in_the_persons_language(client: FlaskClient, address: str, status: int) -> None:
    client.post("/language/en")
    answer = client.get(address)
    assert answer.status_code == status
    assert '<html lang="en">' in answer.text
    assert "There is no such page" in answer.text
