"""Static files that a phone fetches once: their addresses change with their content."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask

DIGITS = 10


@cache
def _fingerprint(path: Path, changed_at: int) -> str:
    """Hash a file's content; `changed_at` makes an edited file hash anew."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:DIGITS]


def init_app(app: Flask) -> None:
    folder = Path(app.static_folder or "")

    @app.url_defaults
    def add_fingerprint(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint != "static" or "v" in values:
            return
        path = folder / values["filename"]
        if path.is_file():
            values["v"] = _fingerprint(path, path.stat().st_mtime_ns)
