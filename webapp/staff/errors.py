"""A page for every error a person can meet, in their language."""

from __future__ import annotations

import logging

from flask import Flask, Response, g, render_template, request
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, ProgrammingError
from werkzeug.exceptions import HTTPException

from notifier.database import db
from webapp.extensions import login_manager
from webapp.staff.access import page_before, require_login
from webapp.staff.ready import WHAT_TO_DO, readiness

log = logging.getLogger(__name__)

# Errors with words of their own; any other is told as its nearest relative.
PAGES = frozenset({400, 403, 404, 413, 429, 500, 503})
RELATIVES = {405: 404, 410: 404, 401: 403, 415: 400, 422: 400}
BUSY = lazy_gettext(
    "The database had too much to do just now. Go back with the back key of your browser or phone and press "
    "the button once more: what you wrote is still there, and nothing goes out twice."
)
BUSY_PAGE = lazy_gettext("The database had too much to do just now. Try again.")
# What machines call: they read the status and perhaps one line.
MACHINES = ("/hooks/", "/healthz", "/readyz")


def _answer(status: int, page: int | str, line: str, sentence: str = "", back: str | None = None) -> Response:
    """Answer a person with a page; a machine, or one who came by a foreign host name, with a line."""
    if request_ctx.url_adapter is None or request.path.startswith(MACHINES):
        return Response(f"{line}\n", status, mimetype="text/plain")
    content = render_template(f"errors/{page}.html", sentence=sentence, back=back)
    return Response(content, status, mimetype="text/html")


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or error.code is None or error.code < 400:
        return error
    if isinstance(error, CSRFError) and (door := require_login()):
        # The session ended while somebody wrote; the token went with it.
        return door
    nearest = RELATIVES.get(error.code, error.code)
    if nearest not in PAGES:
        nearest = 500 if error.code >= 500 else 400
    answer = _answer(error.code, nearest, error.name)
    # The standard's own headers stay: Allow with 405, Retry-After with 429.
    answer.headers.extend((k, v) for k, v in error.get_headers() if k.lower() != "content-type")
    return answer


def _database_error(error: Exception) -> ResponseReturnValue:
    """Tell what to run when the tables are missing or the database is away; else it is busy, or our fault."""
    state = readiness()
    if state not in WHAT_TO_DO:
        return _busy(error) if _is_busy(error) else _our_fault(error)
    log.error("The database is not ready: %s", state)
    _without_the_database()
    sentence = str(WHAT_TO_DO[state])
    return _answer(503, 503, sentence, sentence)


def _is_busy(error: Exception) -> bool:
    """Whether the database only had no time: SQLite says so by name, and errs by the same class otherwise."""
    if not isinstance(error, OperationalError):
        return False
    name = getattr(error.orig, "sqlite_errorname", None)
    return name is None or name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))


def _busy(error: Exception) -> ResponseReturnValue:
    """Tell the person to try again: all that a page writes it writes in one go, or not at all."""
    log.error("The database was busy: %s [%s], %s", request.endpoint, request.method, type(error).__name__)
    _without_the_database()
    # A page is asked for once more by a link; a form only its own page can send, which the browser still has.
    reads = request.method in {"GET", "HEAD"}
    sentence = str(BUSY_PAGE if reads else BUSY)
    back = (request.full_path if request.query_string else request.path) if reads else page_before()
    answer = _answer(503, "busy", sentence, sentence, back)
    answer.headers["Retry-After"] = "5"
    return answer


def _our_fault(error: Exception) -> ResponseReturnValue:
    log.error("Exception on %s [%s]", request.path, request.method, exc_info=error)
    _without_the_database()
    return _answer(500, 500, gettext("Something broke on our side"))


def _without_the_database() -> None:
    """Let the error's page be drawn without asking the database who reads it."""
    db.session.remove()
    g._login_user = login_manager.anonymous_user()


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    for kind in (OperationalError, ProgrammingError):
        app.register_error_handler(kind, _database_error)
    app.register_error_handler(500, lambda error: _our_fault(error.original_exception or error))
