"""Kabarchy's settings in Flask's words."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask import current_app

from config import Settings, SettingsError, read_settings
from notifier import valkey
from notifier.database import engine_options

MIGRATIONS = Path(__file__).parent / "migrations"
# A class list of a whole school is under 1 MB; ten times that still parses in seconds.
MAX_UPLOAD = 10 * 1024 * 1024


def from_environment() -> Settings:
    """Read the settings; while a command is starting, tell wrong ones as its error, without a traceback.

    Raises config.SettingsError when they don't hold.
    """
    try:
        return read_settings()
    except SettingsError as error:
        if click.get_current_context(silent=True) is None:
            raise
        raise click.ClickException("\n".join(error.faults)) from None


def current_settings() -> Settings:
    """Return the settings of the running app."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def flask_config(settings: Settings) -> dict[str, Any]:
    """Translate the settings for Flask and its extensions."""
    redis_url = settings.redis_url or valkey.url(settings.instance)
    return {
        "SETTINGS": settings,
        "SECRET_KEY": settings.secret_key,
        "MAX_CONTENT_LENGTH": MAX_UPLOAD,
        "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
        "TRUSTED_HOSTS": sorted({settings.host, "127.0.0.1", "localhost"}),
        "SESSION_COOKIE_NAME": "kabarchy",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.https,
        "REMEMBER_COOKIE_HTTPONLY": True,
        "REMEMBER_COOKIE_SAMESITE": "Lax",
        "REMEMBER_COOKIE_SECURE": settings.https,
        "PERMANENT_SESSION_LIFETIME": timedelta(days=30),
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options(settings.database_url),
        # A form that lay open overnight must still be accepted.
        "WTF_CSRF_TIME_LIMIT": None,
        "WTF_CSRF_SSL_STRICT": settings.https,
        "BABEL_DEFAULT_LOCALE": "ky",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Bishkek",
        "BABEL_TRANSLATION_DIRECTORIES": "translations",
        "RATELIMIT_STORAGE_URI": redis_url.replace("unix://", "redis+unix://", 1),
        "RATELIMIT_STRATEGY": "moving-window",
        # With Redis away, each web process counts for itself.
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_HEADERS_ENABLED": False,
        "REDIS_URL": redis_url,
        "COMPRESS_MIN_SIZE": 500,
        "SEND_FILE_MAX_AGE_DEFAULT": timedelta(days=365),
    }
