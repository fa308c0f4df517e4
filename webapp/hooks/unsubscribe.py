from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("unsubscribe", __name__)
