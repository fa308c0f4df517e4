"""The school: what staff and parents see."""

from __future__ import annotations

from flask import Flask

from config import Settings, read_settings


def create_app(settings: Settings | None = None, *, serves: bool = True) -> Flask:
    """Build the web application; also the context in which worker and commands run.

    Who does not serve pages has no visitors to count, and does without what counts them: 5 MB a worker.
    Raises config.SettingsError when the environment's settings don't hold.
    """
    from webapp.cli import faults_in_a_sentence

    with faults_in_a_sentence():
        return _build(settings or read_settings(), serves)


def _build(settings: Settings, serves: bool) -> Flask:
    from flask_babel import Babel
    from werkzeug.middleware.proxy_fix import ProxyFix

    from notifier.database import db
    from webapp import assets, blueprints, cli, headers, languages, navigation, numbers, times
    from webapp.extensions import compress, csrf, limiter, login_manager, migrate
    from webapp.hooks import receipts
    from webapp.settings import MIGRATIONS, flask_config
    from webapp.staff import access, errors, money

    settings.instance.mkdir(parents=True, exist_ok=True)
    app = Flask(__name__, instance_path=str(settings.instance))
    app.config.update(flask_config(settings))
    if not serves:
        app.config["RATELIMIT_STORAGE_URI"] = "memory://"
    if hops := settings.trusted_proxies:
        # Without a proxy in front these headers would be anybody's to invent.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]

    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    for extension in (csrf, limiter, compress, login_manager):
        extension.init_app(app)
    Babel(app, locale_selector=languages.chosen)
    for part in (
        numbers,
        languages,
        times,
        money,
        assets,
        navigation,
        headers,
        access,
        errors,
        cli,
        receipts,
    ):
        part.init_app(app)

    blueprints.register(app)
    return app
