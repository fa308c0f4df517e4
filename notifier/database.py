"""One database for school and engine, so that an announcement and its deliveries are one transaction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import current_app, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, DateTime, Dialect, Engine, MetaData, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeDecorator

# Long enough for a colleague's class-list import to finish, short enough for a person to wait.
BUSY_TIMEOUT_SECONDS = 10

# Execution options of a connection that will not write: `engine.connect().execution_options(**READING)`.
READING = {"kabarchy_reading": True}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: aware in code, naive in SQLite, `timestamptz` in PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of every table; named constraints let migrations alter them on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime}


# Models inherit from Base, which type checkers understand; `db` brings the session and the engine.
db = SQLAlchemy(metadata=Base.metadata, disable_autonaming=True)


def insert_into(
    table: type[Base] | Table, connection: Connection | None = None
) -> postgresql.Insert | sqlite.Insert:
    """Begin an INSERT that knows `on_conflict_…`, in the words of the database at hand.

    That is the connection's, or else the session's.
    """
    bind = db.session.get_bind() if connection is None else connection
    return postgresql.insert(table) if bind.dialect.name == "postgresql" else sqlite.insert(table)


def engine_options(url: str) -> dict[str, Any]:
    """Options for `create_engine` that suit the database behind `url`."""
    # An error is logged with its statement, never with the numbers and texts in it.
    options: dict[str, Any] = {"hide_parameters": True}
    if url.startswith("sqlite"):
        return options | {"connect_args": {"timeout": BUSY_TIMEOUT_SECONDS}}
    return options | {"pool_pre_ping": True, "pool_size": 5, "max_overflow": 10}


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    if not type(connection).__module__.startswith("sqlite3"):
        return
    # Transactions begin where `_begin` says, not where the driver guesses.
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "connect")
def _prepare_postgresql(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    if not type(connection).__module__.startswith("psycopg"):
        return
    # A client frozen inside a transaction must not keep its locks for the hours that TCP takes to notice.
    # Not a start-up option: poolers refuse those.
    cursor = connection.cursor()
    cursor.execute("SET idle_in_transaction_session_timeout = '30s'")
    cursor.close()
    connection.commit()


@event.listens_for(Engine, "handle_error")
def _tell_no_values(context: ExceptionContext) -> None:
    """Leave out of an error all but its first line: PostgreSQL names the values of the row it refuses."""
    for error in (context.original_exception, context.sqlalchemy_exception):
        if error is not None and error.args and isinstance(error.args[0], str):
            error.args = (error.args[0].partition("\n")[0], *error.args[1:])


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    # A page that only reads must not queue behind a writer; everybody else takes the write lock first,
    # because a read that later turns into a write fails at once instead of waiting.
    reading = _request_reads() or READING.items() <= connection.get_execution_options().items()
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _request_reads() -> bool:
    """Say whether the request at hand will not write.

    A view that is posted to may be marked `reads_only`, one that notes that it was fetched `writes`.
    """
    if not has_request_context():
        return False
    view = current_app.view_functions.get(request.endpoint or "")
    fetched = request.method in {"GET", "HEAD", "OPTIONS"} and not getattr(view, "writes", False)
    return fetched or getattr(view, "reads_only", False)
