from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("announcements", __name__)


@blueprint.get("/")
def home() -> str:
    return "soon"
