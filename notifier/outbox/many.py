"""Many values in one statement whose text is always the same, in the way that is fastest on each database."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    CursorResult,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    column,
    false,
    func,
    literal_column,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine


class Among:
    """A statement about the rows whose column is one of a list, however long that is.

    `IN` with a parameter for each member is another statement for each length, made and read anew: on
    PostgreSQL that was a third of what a settlement costs.
    """

    def __init__(self, statement: Any, of: Column[Any] | ColumnElement[Any]) -> None:
        self._array = statement.where(of == any_(bindparam("those", type_=ARRAY(of.type))))
        members = func.json_each(bindparam("those", type_=Text)).table_valued("value")
        self._document = statement.where(of.in_(select(members.c.value)))

    def __call__(
        self, connection: Connection, those: Sequence[int] | Sequence[str], **others: Any
    ) -> CursorResult[Any]:
        if connection.dialect.name == "postgresql":
            return connection.execute(self._array, {"those": list(those), **others})
        return connection.execute(self._document, {"those": json.dumps(those), **others})


class Inserting:
    """An INSERT of many rows; `alike` are the columns, in SQL, that are the same in all of them.

    A column that is not named has its model's default. On SQLite it is the driver's `executemany`, on
    PostgreSQL one statement with one parameter. Rows whose value of `unless` is there already are left out.
    """

    def __init__(
        self,
        table: Table,
        columns: Sequence[str],
        alike: Mapping[str, Any] | None = None,
        *,
        unless: str | None = None,
        returning: Sequence[str] = (),
    ) -> None:
        self._columns = tuple(columns)
        alike = _defaults(table, columns) | dict(alike or {})
        one = sqlite.insert(table).values(alike | {name: bindparam(name) for name in columns})
        rows = recordset({name: table.c[name].type for name in columns})
        many = postgresql.insert(table).from_select(
            [*columns, *alike], select(*rows.c, *alike.values()), include_defaults=False
        )
        if unless:
            one = one.on_conflict_do_nothing(index_elements=[unless])
            many = many.on_conflict_do_nothing(index_elements=[unless])
        self._document = many.returning(*(table.c[name] for name in returning)) if returning else many
        dialect: Any = sqlite.dialect(paramstyle="qmark")
        compiled: Any = one.compile(dialect=dialect)
        self._text, self._order = str(compiled), tuple(compiled.positiontup)
        self._made: dict[str, Any] = {
            name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns
        }

    def __call__(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> Sequence[Any]:
        """Insert rows, each with its values in the order of `columns`.

        Returns what the statement does on PostgreSQL, and nothing on SQLite: there it is to be asked for.
        """
        if not rows:
            return []
        if connection.dialect.name == "postgresql":
            written = connection.execute(
                self._document, document(dict(zip(self._columns, row, strict=True)) for row in rows)
            )
            return written.all() if written.returns_rows else []
        values = dict(zip(self._columns, zip(*rows, strict=True), strict=True))
        made = [self._as_stored(name, values[name]) for name in self._order]
        connection.exec_driver_sql(self._text, list(zip(*made, strict=True)))
        return []

    def _as_stored(self, name: str, values: Sequence[Any]) -> Sequence[Any]:
        """A column's values as SQLite keeps them; those that come again, like the hour, are made once."""
        make = self._made[name]
        if make is None:
            return values
        known = {value: make(value) for value in set(values)}
        return [known[value] for value in values]


def _defaults(table: Table, given: Sequence[str]) -> dict[str, Any]:
    """The defaults, in SQL, of the columns that are not given."""
    return {
        each.name: _in_sql(each.default.arg)
        for each in table.columns
        if each.name not in given and isinstance(each.default, ScalarElementColumnDefault)
    }


def _in_sql(value: Any) -> Any:
    if isinstance(value, bool):
        return true() if value else false()
    return literal_column(str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'")


def recordset(columns: Mapping[str, TypeEngine[Any]]) -> Any:
    """A table, on PostgreSQL, made of the one parameter `rows`: a `document`."""
    return (
        func.json_to_recordset(cast(bindparam("rows", type_=Text), JSON))
        .table_valued(*(column(name, kind) for name, kind in columns.items()))
        .render_derived(with_types=True)
    )


def document(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Rows as the parameter of a `recordset`."""
    return {"rows": json.dumps(list(rows), default=_in_json)}


def _in_json(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
