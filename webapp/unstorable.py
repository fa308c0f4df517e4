"""What no table can hold is turned away at the door: the letter NUL, which PostgreSQL refuses.

No keyboard writes it, so nobody is asked to correct it. What providers send is cleaned where it is read.
"""

from __future__ import annotations

from flask import Flask, abort, request

NUL = "\0"


def refuse() -> None:
    """Answer an address that has it with 404, a query or a form with 400."""
    if NUL in request.path:
        abort(404)
    if request.blueprint == "twilio":
        return
    for values in (request.args, request.form):
        if any(NUL in name or NUL in value for name, value in values.items(multi=True)):
            abort(400)


def init_app(app: Flask) -> None:
    app.before_request(refuse)
