"""How Alembic meets our database: one transaction, one process at a time, on SQLite and PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrationScript
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy import Connection, Enum

from notifier.database import UtcDateTime, db

# Any number will do, as long as nothing else in the database locks it.
LOCK = 95_2026


def number_it(
    _context: MigrationContext, _revision: str | Iterable[str | None], directives: list[MigrationScript]
) -> None:
    """Give a new migration the next number: 0007; leave it out when nothing has changed."""
    script = directives[0]
    if script.upgrade_ops is not None and script.upgrade_ops.is_empty():
        directives[:] = []
        return
    known = ScriptDirectory.from_config(context.config).walk_revisions()
    script.rev_id = f"{max((int(one.revision) for one in known), default=0) + 1:04}"


def plain_type(kind: str, item: Any, autogen: AutogenContext) -> str | bool:
    """Write column types as the database knows them: a migration must not change with the code."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, Enum):
        return f"sa.String({item.length})"
    return False


def run(connection: Connection) -> None:
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        # Altering a table means copying and dropping it, and the drop must not take other tables' rows along.
        # Outside of a transaction, or SQLite ignores it.
        driver = connection.connection.driver_connection
        assert driver is not None  # noqa: S101
        driver.execute("PRAGMA foreign_keys=OFF")
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        compare_type=True,
        render_as_batch=True,
        transactional_ddl=True,
        render_item=plain_type,
        process_revision_directives=number_it,
    )
    with context.begin_transaction():
        if not sqlite:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        context.run_migrations()
        if sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
            raise RuntimeError(f"The migration would leave rows of {broken[0]} without what they refer to.")
    if sqlite:
        # The next user of this connection expects its references checked.
        connection.invalidate()


with current_app.extensions["migrate"].db.engine.connect() as a_connection:
    run(a_connection)
