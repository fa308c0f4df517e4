"""Which language a page speaks: the person's choice, then the school's, then Kyrgyz."""

from __future__ import annotations

from flask import Flask, has_request_context, session
from flask_babel import get_locale
from flask_login import current_user

# Kyrgyz first: the order in which languages are offered.
LANGUAGES = {"ky": "Кыргызча", "ru": "Русский", "en": "English"}
DEFAULT = "ky"


def chosen() -> str:
    """Say which language to speak in this request."""
    if not has_request_context():
        return DEFAULT
    if session.get("language") in LANGUAGES:
        return str(session["language"])
    if current_user and current_user.is_authenticated:
        return current_user.language or current_user.school.language or DEFAULT
    return DEFAULT


def init_app(app: Flask) -> None:
    @app.context_processor
    def languages() -> dict[str, object]:
        return {"languages": LANGUAGES, "get_locale": get_locale}
