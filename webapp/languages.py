"""Which language a page speaks: the person's choice, then the school's, then Kyrgyz."""

from __future__ import annotations

import io
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask, has_request_context, session
from flask_babel import get_locale
from flask_login import current_user

# Kyrgyz first: the order in which languages are offered.
LANGUAGES = {"ky": "Кыргызча", "ru": "Русский", "en": "English"}
DEFAULT = "ky"
TRANSLATIONS = Path(__file__).parent / "translations"


def chosen() -> str:
    """Say which language to speak in this request."""
    if not has_request_context():
        return DEFAULT
    if session.get("language") in LANGUAGES:
        return str(session["language"])
    if current_user and current_user.is_authenticated:
        return current_user.language or current_user.school.language or DEFAULT
    return DEFAULT


def of_terminal(environ: Mapping[str, str]) -> str | None:
    """The language a terminal is set to, if it is one of ours."""
    # The first that is set counts, as everywhere on such systems.
    said = next((environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(name)), "")
    language = re.split(r"[_.@]", said)[0].lower()
    return language if language in LANGUAGES else None


class Called(Protocol):
    """What families are told or asked, written in one language or in two."""

    def headline_in(self, language: str) -> str: ...


def headline(of: Called) -> str:
    """How a list calls it: in the reader's language, if it is written in that."""
    return of.headline_in(str(get_locale() or DEFAULT))


def compile_catalogues(folder: Path = TRANSLATIONS) -> None:
    """Compile each catalogue whose text is newer, so that no way of starting Kabarchy forgets to."""
    for text in folder.glob("*/LC_MESSAGES/*.po"):
        compiled = text.with_suffix(".mo")
        if compiled.exists() and compiled.stat().st_mtime >= text.stat().st_mtime:
            continue
        with text.open("rb") as file:
            catalogue = read_po(file, locale=text.parts[-3])
        content = io.BytesIO()
        write_mo(content, catalogue)
        # Several processes start at once: each writes its own file and puts it in place whole.
        number, name = tempfile.mkstemp(dir=compiled.parent, suffix=".mo.part")
        with os.fdopen(number, "wb") as part:
            part.write(content.getvalue())
        Path(name).replace(compiled)


def init_app(app: Flask) -> None:
    compile_catalogues()

    app.add_template_filter(headline)

    @app.context_processor
    def languages() -> dict[str, object]:
        return {"languages": LANGUAGES, "get_locale": get_locale}
