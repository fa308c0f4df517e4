"""Pages of a long list: no page of Kabarchy shows more than a hundred rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from notifier.database import db

MOST_ROWS = 100
T = TypeVar("T")


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
        total = db.session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
        number, pages = _place(asked, total, size)
        return cls(query.limit(size).offset((number - 1) * size), number, pages, total, url_for)


@dataclass(frozen=True, slots=True)
class Cut(Generic[T]):
    """One page of a list that was found already."""

    rows: Sequence[T]
    number: int
    pages: int
    total: int
    url_for: Callable[[int], str]

    @classmethod
    def of(cls, found: Sequence[T], asked: str | None, size: int, url_for: Callable[[int], str]) -> Cut[T]:
        """Cut a list to the page that was asked for, as `Page.of` cuts a query."""
        number, pages = _place(asked, len(found), size)
        return cls(found[size * (number - 1) : size * number], number, pages, len(found), url_for)


def _place(asked: str | None, total: int, size: int) -> tuple[int, int]:
    """The page's number, and how many there are; a number that makes no sense is the nearest."""
    if size > MOST_ROWS:
        raise ValueError(f"a page holds at most {MOST_ROWS} rows")
    pages = max(1, -(-total // size))
    return min(max(int(asked) if asked and asked.isdecimal() and len(asked) < 9 else 1, 1), pages), pages
