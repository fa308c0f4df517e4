"""What pages and commands need, and the worker does without."""

from __future__ import annotations

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from notifier.database import db
from webapp import assets, blueprints, cli, headers, navigation, numbers, times, unstorable
from webapp.extensions import compress, csrf, limiter, login_manager, migrate
from webapp.hooks import receipts
from webapp.settings import MIGRATIONS
from webapp.staff import access, errors, money


def init_app(app: Flask) -> None:
    """Bind the extensions, open the pages and name the commands."""
    if hops := app.config["SETTINGS"].trusted_proxies:
        # Without a proxy in front these headers would be anybody's to invent.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    for extension in (csrf, limiter, compress, login_manager):
        extension.init_app(app)
    parts = (numbers, times, money, assets, navigation, headers, unstorable, access, errors, cli, receipts)
    for part in parts:
        part.init_app(app)
    blueprints.register(app)
