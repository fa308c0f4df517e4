"""The school: what staff and parents see."""

from __future__ import annotations

from flask import Flask

from config import Settings, read_settings


def create_app(settings: Settings | None = None) -> Flask:
    """Build the web application; also the context in which worker and commands run.

    Raises config.SettingsError when the environment's settings don't hold.
    """
    from webapp.cli import faults_in_a_sentence

    with faults_in_a_sentence():
        return _build(settings or read_settings())


def _build(settings: Settings) -> Flask:
    from flask_babel import Babel
    from werkzeug.middleware.proxy_fix import ProxyFix

    from notifier.database import db
    from webapp import assets, cli, headers, languages, navigation, numbers, times
    from webapp.announcements.views import blueprint as announcements
    from webapp.documents import models as _documents  # noqa: F401  (its tables belong to the application)
    from webapp.extensions import compress, csrf, limiter, login_manager, migrate
    from webapp.families.device_views import blueprint as devices
    from webapp.families.import_views import blueprint as families_import
    from webapp.families.views import blueprint as families
    from webapp.hooks import receipts
    from webapp.hooks.health import blueprint as health
    from webapp.hooks.twilio import blueprint as hooks_twilio
    from webapp.hooks.unsubscribe import blueprint as unsubscribe
    from webapp.inbox.views import blueprint as inbox
    from webapp.lessons import names as lesson_names
    from webapp.lessons.digest.views import blueprint as lessons_digest
    from webapp.lessons.edit_views import blueprint as lessons_edit
    from webapp.lessons.import_views import blueprint as lessons_import
    from webapp.lessons.settings_views import blueprint as lessons_settings
    from webapp.lessons.views import blueprint as lessons
    from webapp.messages.views import blueprint as messages
    from webapp.reach import touch as _touch  # noqa: F401  (its table belongs to the application)
    from webapp.reach.dashboard_views import blueprint as reach_overview
    from webapp.reach.pages import BLUEPRINTS as REACH_PAGES
    from webapp.reach.period.views import blueprint as reach_period
    from webapp.reach.views import blueprint as reach
    from webapp.sandbox.views import blueprint as sandbox
    from webapp.school.views import blueprint as school
    from webapp.settings import MIGRATIONS, flask_config
    from webapp.staff import access, errors, money
    from webapp.staff.views import blueprint as staff
    from webapp.survey import models as _surveys  # noqa: F401  (its tables belong to the application)

    settings.instance.mkdir(parents=True, exist_ok=True)
    app = Flask(__name__, instance_path=str(settings.instance))
    app.config.update(flask_config(settings))
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
        lesson_names,
        assets,
        navigation,
        headers,
        access,
        errors,
        cli,
        receipts,
    ):
        part.init_app(app)

    for blueprint in (staff, families, devices, families_import, announcements, messages, reach, inbox, health):
        app.register_blueprint(blueprint)
    for blueprint in (lessons, lessons_edit, lessons_import, lessons_digest, lessons_settings, school):
        app.register_blueprint(blueprint)
    for blueprint in (reach_overview, reach_period):
        app.register_blueprint(blueprint)
    for blueprint in REACH_PAGES:
        app.register_blueprint(blueprint)
    # Providers sign their calls, and mail programs unsubscribe by a secret address, instead of a CSRF token.
    for blueprint in (hooks_twilio, unsubscribe):
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
    if settings.sandbox:
        app.register_blueprint(sandbox)
    return app
