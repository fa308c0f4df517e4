"""What takes receipts beside Kabarchy, for gunicorn: a signature check alone, and the usual way."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from flask import Flask, Response, abort, request
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from bench.provider import TOKEN

VALIDATOR = RequestValidator(TOKEN)


def _check() -> None:
    url = os.environ["PUBLIC_BASE_URL"] + request.path
    if not VALIDATOR.validate(url, request.form, request.headers.get("X-Twilio-Signature", "")):
        abort(403)


def signature_only() -> Flask:
    """The limit: nothing but the check."""
    app = Flask("limit")

    @app.post("/hooks/twilio/status/<ref>")
    def status(ref: str) -> Response:
        _check()
        return Response(status=204)

    return app


def usual() -> Flask:
    """One ORM load and one commit a receipt, on the same tables with the same settings of the database."""
    from config import read_settings
    from notifier.database import db, engine_options
    from notifier.models import Delivery, State

    settings = read_settings()
    app = Flask("usual")
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(settings.database_url)
    db.init_app(app)
    words = {"delivered": State.DELIVERED, "undelivered": State.UNDELIVERED, "failed": State.FAILED}

    @app.post("/hooks/twilio/status/<ref>")
    def status(ref: str) -> Response:
        _check()
        delivery = db.session.scalar(select(Delivery).where(Delivery.ref == ref)) or abort(404)
        delivery.state = words[request.form["MessageStatus"]]
        delivery.settled_at = datetime.now(UTC)
        db.session.commit()
        return Response(status=204)

    return app
