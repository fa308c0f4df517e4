"""Numbers of rows in addresses and forms: what a table can hold; anything else is none."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1


def row_number(text: str) -> int:
    """Read the number of a row: `request.form.get("family", type=row_number)`. Raises ValueError."""
    found = int(text) if len(text) <= len(str(LARGEST)) else 0
    if not 0 < found <= LARGEST:
        raise ValueError
    return found


class RowNumber(IntegerConverter):
    """An `int` that fits an INTEGER column: on a larger one the database errs."""

    def __init__(self, map: Map, **options: Any) -> None:  # Werkzeug names it so
        super().__init__(map, **({"max": LARGEST} | options))


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = RowNumber
