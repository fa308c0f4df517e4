"""Who may open which page: everybody must sign in, unless a view says it is public."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Flask, Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from notifier.database import db
from webapp.extensions import login_manager
from webapp.staff.models import Role, StaffMember

P = ParamSpec("P")
R = TypeVar("R")

PUBLIC_ENDPOINTS = {"static"}


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view as open to strangers."""
    view.is_public = True  # type: ignore[attr-defined]
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


@login_manager.user_loader
def load_staff_member(key: str) -> StaffMember | None:
    """Find the person of a session; a session from before a password change finds nobody."""
    number, _, version = key.partition(".")
    person = db.session.get(StaffMember, int(number)) if number.isdecimal() else None
    return person if person and person.active and str(person.session_version) == version else None


def _require_login() -> ResponseReturnValue | None:
    if request.endpoint is None or request.endpoint in PUBLIC_ENDPOINTS:
        return None
    view = current_app.view_functions[request.endpoint]
    if getattr(view, "is_public", False) or current_user.is_authenticated:
        return None
    if request.headers.get("HX-Request"):
        # A fragment cannot show the sign-in page; the whole page goes there.
        return Response(status=401, headers={"HX-Redirect": url_for("staff.login")})
    return redirect(url_for("staff.login", next=request.full_path if request.method == "GET" else None))


def init_app(app: Flask) -> None:
    app.before_request(_require_login)
