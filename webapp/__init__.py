"""The school: what staff and parents see."""

from __future__ import annotations

from flask import Flask

from config import Settings


def create_app(settings: Settings | None = None, *, serves: bool = True) -> Flask:
    """Build the web application; also the context in which worker and commands run.

    Who serves neither pages nor commands, the worker, does without what these need: a third of its memory.
    Raises config.SettingsError when the environment's settings don't hold.
    """
    from flask_babel import Babel

    from notifier.database import db
    from webapp import languages, logs
    from webapp.settings import flask_config, from_environment

    logs.configure()
    settings = settings or from_environment()
    settings.instance.mkdir(parents=True, exist_ok=True)
    app = Flask(__name__, instance_path=str(settings.instance))
    app.config.update(flask_config(settings))
    db.init_app(app)
    Babel(app, locale_selector=languages.chosen)
    languages.init_app(app)
    if serves:
        from webapp import serving

        serving.init_app(app)
    return app
