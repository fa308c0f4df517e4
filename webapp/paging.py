"""Pages of a long list: no page of Kabarchy shows more than a hundred rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from notifier.database import db

MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a query: `rows` is the query cut to it, `number` counts from 1."""

    rows: Select[Any]
    number: int
    pages: int
    total: int
    url_for: Callable[[int], str]

    @classmethod
    def of(cls, query: Select[Any], asked: str | None, size: int, url_for: Callable[[int], str]) -> Page:
        """Cut `query` to the page that was asked for; what makes no sense is the nearest page that exists."""
        if size > MOST_ROWS:
            raise ValueError(f"a page holds at most {MOST_ROWS} rows")
        total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
        pages = max(1, -(-total // size))
        number = min(max(int(asked) if asked and asked.isdecimal() and len(asked) < 9 else 1, 1), pages)
        return cls(query.limit(size).offset((number - 1) * size), number, pages, total, url_for)
