"""The short way of a signed receipt into the database, past all that only pages need.

A broadcast is followed by thousands of receipts within seconds. What is not plainly one of them, signed, for
a message of ours, is left to the view (`webapp.hooks.twilio`), which has an answer for everything.
"""

from __future__ import annotations

import base64
import hmac
import io
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from flask import Flask
from sqlalchemy import Engine
from werkzeug.wsgi import get_input_stream

from config import Settings
from notifier import outbox
from notifier.channels.sms_twilio import receipt_from_callback
from notifier.database import db
from webapp.hooks.twilio import LONGEST_BODY, SID

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PLACE = re.compile(r"/hooks/twilio/status/([A-Za-z0-9_-]{1,32})")
FORM = "application/x-www-form-urlencoded"


class SignedReceipts:
    """A WSGI application that takes signed receipts and hands everything else to the `pages`."""

    def __init__(self, app: Flask, pages: WSGIApplication) -> None:
        self._app, self._pages = app, pages
        self._engine: Engine | None = None

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and self._took(environ):
            start_response("204 No Content", [("Cache-Control", "no-store")])
            return []
        return self._pages(environ, start_response)

    def _took(self, environ: WSGIEnvironment) -> bool:
        """Store the receipt and commit; False when this is something for the view."""
        place = PLACE.fullmatch(environ["PATH_INFO"])
        settings: Settings = self._app.config["SETTINGS"]
        token = settings.twilio_auth_token
        signature = environ.get("HTTP_X_TWILIO_SIGNATURE")
        if not (place and signature and token and settings.sms_provider == "twilio"):
            return False
        form = _form(environ)
        url = settings.public_base_url + environ["PATH_INFO"]
        if form is None or not _is_signed(url, form, signature, token):
            return False
        if not SID.fullmatch(form.get("MessageSid", "")):
            return False
        receipt = receipt_from_callback(form)
        return outbox.settle_receipt(place[1], receipt, datetime.now(UTC), self._database())

    def _database(self) -> Engine:
        if self._engine is None:
            with self._app.app_context():
                self._engine = db.engine
        return self._engine


def _is_signed(url: str, form: dict[str, str], signature: str, token: str) -> bool:
    """Whether this is Twilio's signature of a form in which every name comes once.

    Twilio's own validator signs twice, with and without a port, and takes fifteen times as long. It has the
    last word: what is refused here goes to the view, which asks it.
    """
    words = url + "".join(name + form[name] for name in sorted(form))
    mac = hmac.digest(token.encode(), words.encode(), "sha1")
    return hmac.compare_digest(base64.b64encode(mac), signature.encode("latin-1", "replace"))


def init_app(app: Flask) -> None:
    app.wsgi_app = SignedReceipts(app, app.wsgi_app)  # type: ignore[method-assign]


def _form(environ: WSGIEnvironment) -> dict[str, str] | None:
    """Read a short plain form, and leave it to be read again; None when it is not one."""
    length = environ.get("CONTENT_LENGTH", "")
    if not (length.isdecimal() and length.isascii() and int(length) <= LONGEST_BODY):
        return None
    if environ.get("QUERY_STRING") or not environ.get("CONTENT_TYPE", "").startswith(FORM):
        return None
    octets = get_input_stream(environ).read()
    environ["wsgi.input"] = io.BytesIO(octets)
    try:
        pairs = parse_qsl(octets.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        return None
    form = dict(pairs)
    # A name that comes twice is signed in a way of its own.
    return form if len(form) == len(pairs) else None
