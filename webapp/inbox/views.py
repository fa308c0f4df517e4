from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")


@blueprint.get("/")
def messages() -> str:
    return "soon"
