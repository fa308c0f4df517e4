from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("families", __name__, url_prefix="/families")


@blueprint.get("/")
def classes() -> str:
    return "soon"
