"""Who may open which page: everybody must sign in, unless a view says it is public."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit, urlunsplit

import click
from flask import Flask, Response, abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext, lazy_gettext
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from config import SettingsError
from notifier.database import db
from webapp.extensions import login_manager
from webapp.staff.models import Role
from webapp.staff.queries import demo_staff
from webapp.staff.sessions import load_staff_member

P = ParamSpec("P")
R = TypeVar("R")

PUBLIC_ENDPOINTS = {"static"}
DEMO_LOGINS_LEFT = lazy_gettext(
    "The demo school is still here and everybody knows its passwords, but SMS_PROVIDER sends real messages. "
    "Remove the demo school (flask --app webapp demo remove) or set SMS_PROVIDER=sandbox."
)


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view as open to strangers."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def reads_only(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that writes nothing though it is posted to: it need not wait for SQLite's one writer."""
    view.reads_only = True  # type: ignore[attr-defined]
    return view


def writes(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view that notes that it was fetched: it takes SQLite's write lock before it reads."""
    view.writes = True  # type: ignore[attr-defined]
    return view


def only(allowed: frozenset[Role]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a view answer only to people who hold one of the `allowed` roles; others get 403."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not current_user.may(allowed):
                abort(403)
            return view(*args, **kwargs)

        guarded.allowed_roles = allowed  # type: ignore[attr-defined]
        return guarded

    return decorate


def local_path(target: str | None) -> str | None:
    """Return `target` if it is a path of ours, else None: a link to us must not lead elsewhere.

    Browsers read "//host", "/\\host" and paths with control characters as other people's addresses.
    """
    if not target or not target.startswith("/") or target[1:2] in {"/", "\\"} or not target.isprintable():
        return None
    try:
        parts = urlsplit(target)
    except ValueError:
        return None
    return target if not parts.scheme and not parts.netloc else None


def require_login() -> ResponseReturnValue | None:
    """Lead who is not signed in to the door, and from there back; None for everybody else."""
    if request.endpoint is None or request.endpoint in PUBLIC_ENDPOINTS:
        return None
    view = current_app.view_functions[request.endpoint]
    if getattr(view, "is_public", False) or current_user.is_authenticated:
        return None
    if request.headers.get("HX-Request"):
        # A fragment cannot show the sign-in page; the whole page goes there.
        place = url_for("staff.login", next=_page_around_fragment())
        return Response(status=401, headers={"HX-Redirect": place})
    if request.method == "POST":
        flash(gettext("You are signed out."), "message")
    return redirect(url_for("staff.login", next=_place_to_return_to()))


def _place_to_return_to() -> str | None:
    """The page a stranger asked for, or filled in; not one that only makes sense as an answer to a form."""
    rule = request.url_rule
    if rule is None or "GET" not in (rule.methods or ()) or request.path == "/":
        return None
    return request.full_path if request.query_string else request.path


def _page_around_fragment() -> str | None:
    """The page of ours that a fragment was asked for on, as htmx names it."""
    found = _ours("HX-Current-URL")
    return None if found == "/" else found


def page_before() -> str | None:
    """The page of ours that this was asked for on, as the browser names it; None when it was another's."""
    return _ours("Referer")


def _ours(header: str) -> str | None:
    """The path of an address of ours that a header names; it comes from outside."""
    try:
        parts = urlsplit(request.headers.get(header, ""))
    except ValueError:
        return None
    if parts.netloc != request.host:
        return None
    return local_path(urlunsplit(("", "", parts.path or "/", parts.query, "")))


def _refuse_demo_logins(app: Flask) -> None:
    """Refuse to serve when real messages could be sent by accounts whose passwords everybody knows.

    Raises config.SettingsError. Commands are let through: one of them (`demo remove`) is the way out.
    """
    command = click.get_current_context(silent=True)
    if app.config["SETTINGS"].sandbox or (command and command.command.name != "run"):
        return
    # Settings speak English: whoever reads them has no language chosen yet.
    with app.app_context(), force_locale("en"):
        sentence = str(DEMO_LOGINS_LEFT)
        try:
            left = demo_staff()
        except SQLAlchemyError:
            # No tables yet, or no database: then nobody can sign in either, and `may_enter` still guards.
            left = []
        finally:
            db.session.remove()
            db.engine.dispose()
    if left:
        raise SettingsError([sentence])


def init_app(app: Flask) -> None:
    login_manager.user_loader(load_staff_member)
    app.before_request(require_login)
    _refuse_demo_logins(app)
