"""A page for every error a person can meet, in their language."""

from __future__ import annotations

from flask import Flask


def init_app(app: Flask) -> None:
    pass
