from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("twilio", __name__, url_prefix="/hooks/twilio")
