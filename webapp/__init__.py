"""The school: what staff and parents see."""

from __future__ import annotations

import os
import sys

from flask import Flask

from config import Settings, SettingsError

# What gunicorn takes for "there is no use in starting another".
GUNICORN_BOOT_ERROR = 3


def create_app(settings: Settings | None = None, *, serves: bool = True) -> Flask:
    """Build the web application; also the context in which worker and commands run.

    Who serves neither pages nor commands, the worker, does without what these need: a third of its memory.
    Raises config.SettingsError when the environment's settings don't hold; under gunicorn, which would bury
    them in a traceback, it tells them and leaves.
    """
    try:
        return _built(settings, serves)
    except SettingsError as error:
        if not os.environ.get("SERVER_SOFTWARE", "").startswith("gunicorn/"):
            raise
        sys.stderr.write(f"Kabarchy cannot start:\n{error}\n")
        sys.exit(GUNICORN_BOOT_ERROR)


def _built(settings: Settings | None, serves: bool) -> Flask:
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
