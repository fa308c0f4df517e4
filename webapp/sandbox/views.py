from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("sandbox", __name__, url_prefix="/sandbox")


@blueprint.get("/")
def phones() -> str:
    return "soon"
