"""The doors: sign in, sign out, the account, what was done."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_limiter import RateLimitExceeded
from flask_limiter.util import get_remote_address
from flask_login import current_user
from werkzeug import Response

from notifier.database import db
from webapp.extensions import limiter
from webapp.languages import LANGUAGES
from webapp.paging import Page
from webapp.settings import current_settings
from webapp.staff import audit, passwords, sessions
from webapp.staff.access import local_path, only, public
from webapp.staff.forms import LoginForm, PasswordForm
from webapp.staff.journal import told
from webapp.staff.models import AUDITORS, KEEPERS
from webapp.staff.queries import demo_staff, done_at, person_with_login, plain_login

blueprint = Blueprint("staff", __name__)

WRONG = 401  # what a refused sign-in answers, and what the limits count
AUDIT_ROWS = 50


def _account() -> str:
    return f"login:{plain_login(request.form.get('login', ''))[:80]}"


def _account_and_address() -> str:
    return f"{_account()}@{get_remote_address()}"


def _is_wrong(response: Response) -> bool:
    return response.status_code == WRONG


# Only refusals count: a whole staff room signs in from one address.
@blueprint.route("/login", methods=["GET", "POST"])
@public
@limiter.limit("50/hour", key_func=get_remote_address, methods=["POST"], deduct_when=_is_wrong)
@limiter.limit("20/hour", key_func=_account, methods=["POST"], deduct_when=_is_wrong)
@limiter.limit("5/minute", key_func=_account_and_address, methods=["POST"], deduct_when=_is_wrong)
def login() -> ResponseReturnValue:
    target = local_path(request.values.get("next"))
    if current_user.is_authenticated and request.method != "POST":
        return redirect(target or url_for("home.page"))
    form = LoginForm()
    if not form.validate_on_submit():
        return _login_page(form, 200 if request.method != "POST" else 422)
    person = person_with_login(form.login.data or "")
    if not (
        passwords.matches(form.password.data or "", person.password_hash if person else None)
        and person
        and sessions.may_enter(person)
    ):
        fault = gettext("The login or the password is wrong. Check both, also the keyboard's language.")
        return _login_page(form, WRONG, fault)
    sessions.begin(person, remember=form.remember.data, now=datetime.now(UTC))
    db.session.commit()
    return redirect(target or url_for("home.page"))


@blueprint.errorhandler(RateLimitExceeded)
def wait(_error: RateLimitExceeded) -> ResponseReturnValue:
    """Say when the next try will be heard, on the page where it was made."""
    limit = limiter.current_limit
    # `reset_at` is rounded up to the second after.
    seconds = max(1, math.ceil(limit.reset_at - 1 - time.time())) if limit else 60
    minutes = math.ceil(seconds / 60)
    fault = ngettext(
        "Too many wrong tries. Try again in %(num)s minute.",
        "Too many wrong tries. Try again in %(num)s minutes.",
        minutes,
    )
    if request.endpoint == "staff.account":
        page, status = _account_page(PasswordForm(), 429, fault)
    else:
        page, status = _login_page(LoginForm(), 429, fault)
    return page, status, {"Retry-After": str(seconds)}


def _login_page(form: LoginForm, status: int, fault: str = "") -> tuple[str, int]:
    # Demo passwords are no secret in practice mode, and worthless outside of it.
    demo = demo_staff() if current_settings().sandbox else []
    target = local_path(request.values.get("next")) or ""
    page = render_template(
        "staff/login.html", form=form, fault=fault, demo=demo, demo_password=passwords.DEMO, target=target
    )
    return page, status


@blueprint.post("/logout")
@public
def logout() -> ResponseReturnValue:
    sessions.end(datetime.now(UTC))
    db.session.commit()
    flash(gettext("You are signed out."), "message")
    return redirect(url_for("staff.login"))


@blueprint.post("/language/<code>")
@public
def set_language(code: str) -> ResponseReturnValue:
    if code not in LANGUAGES:
        abort(404)
    session["language"] = code
    if current_user.is_authenticated:
        current_user.language = code
        db.session.commit()
    return redirect(local_path(request.form.get("next")) or url_for("home.page"))


@blueprint.route("/account", methods=["GET", "POST"])
@limiter.limit("10/hour", key_func=lambda: f"password:{current_user.get_id()}", deduct_when=_is_wrong)
def account() -> ResponseReturnValue:
    form = PasswordForm()
    if request.method == "POST" and current_user.school.is_demo:
        abort(403)
    if not form.validate_on_submit():
        return _account_page(form, 200 if request.method != "POST" else 422)
    if not passwords.matches(form.current.data or "", current_user.password_hash):
        form.current.errors = [gettext("This is not the password you have now.")]
        return _account_page(form, WRONG)
    now = datetime.now(UTC)
    current_user.password_hash = passwords.hashed(form.new.data or "")
    current_user.session_version += 1
    audit.record("staff.password_changed", current_user.login, {}, current_user, now)
    db.session.commit()
    # The version signed every browser out; this one stays.
    sessions.begin(current_user._get_current_object(), remember=session.permanent, now=now)
    db.session.commit()
    flash(gettext("Your password is changed. Other devices are signed out."), "success")
    return redirect(url_for("staff.account"))


def _account_page(form: PasswordForm, status: int, fault: str = "") -> tuple[str, int]:
    page = render_template("staff/account.html", form=form, fault=fault, auditors=AUDITORS, keepers=KEEPERS)
    return page, status


@blueprint.get("/audit")
@only(AUDITORS)
def journal() -> ResponseReturnValue:
    page = Page.of(
        done_at(current_user.school_id),
        request.args.get("page"),
        AUDIT_ROWS,
        lambda number: url_for("staff.journal", page=number),
    )
    entries = db.session.execute(page.rows).all()
    return render_template("staff/audit.html", page=page, entries=entries, tell=told)
