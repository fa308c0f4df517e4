from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("reach", __name__, url_prefix="/reach")


@blueprint.get("/")
def board() -> str:
    return "soon"
