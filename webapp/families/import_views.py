from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("families_import", __name__, url_prefix="/families/import")


@blueprint.get("/")
def upload() -> str:
    return "soon"
