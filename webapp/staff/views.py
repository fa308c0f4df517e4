from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("staff", __name__)


@blueprint.get("/login")
def login() -> str:
    return "soon"


@blueprint.post("/language/<code>")
def set_language(code: str) -> str:
    return "soon"


@blueprint.post("/logout")
def logout() -> str:
    return "soon"
