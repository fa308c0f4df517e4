"""A row that is written once, whoever tries, however often."""

from __future__ import annotations

from typing import Any

from notifier.database import Base, db, insert_into


def insert_once(table: type[Base], unless: list[str], **values: Any) -> bool:
    """Insert a row in the caller's transaction unless these columns' values are there already.

    True if it is new. Of two who try at once, the second waits for the first.
    """
    statement = insert_into(table).values(**values).on_conflict_do_nothing(index_elements=unless)
    keys = [getattr(table, name) for name in unless]
    return db.session.execute(statement.returning(*keys)).first() is not None
