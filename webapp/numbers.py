"""Numbers of rows in addresses: `<int:number>` takes what a table can hold, anything else is no such page."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map

LARGEST = 2**31 - 1


class RowNumber(IntegerConverter):
    """An `int` that fits an INTEGER column: on a larger one the database errs."""

    def __init__(self, map: Map, **options: Any) -> None:  # Werkzeug names it so
        super().__init__(map, **({"max": LARGEST} | options))


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = RowNumber
