"""Whether the database is there and has the tables this version needs."""

from __future__ import annotations

from enum import StrEnum

from alembic import command
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask_babel import lazy_gettext
from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from notifier.database import READING, db
from webapp.settings import MIGRATIONS


class Readiness(StrEnum):
    READY = "ready"
    NO_ANSWER = "no_answer"  # the database is away, or its address or password is wrong
    NO_TABLES = "no_tables"
    OLD_TABLES = "old_tables"  # an earlier version of Kabarchy made them


WHAT_TO_DO = {
    Readiness.NO_ANSWER: lazy_gettext(
        "The database does not answer. Check that it runs and that DATABASE_URL is right."
    ),
    Readiness.NO_TABLES: lazy_gettext("The database is empty. Run this once: flask --app webapp setup"),
    Readiness.OLD_TABLES: lazy_gettext(
        "The database is from an earlier version. Run this once: flask --app webapp setup"
    ),
}


def readiness() -> Readiness:
    """Ask the database, in a connection of its own, whether it has the tables of this version."""
    newest = set(ScriptDirectory(str(MIGRATIONS)).get_heads())
    try:
        with db.engine.connect().execution_options(**READING) as connection:
            present = set(MigrationContext.configure(connection).get_current_heads())
            if not inspect(connection).has_table("schools"):
                return Readiness.NO_TABLES
    except SQLAlchemyError:
        return Readiness.NO_ANSWER
    return Readiness.READY if present == newest else Readiness.OLD_TABLES


def lay_tables() -> None:
    """Bring the database to the tables of this version; harmless again, also when two do it at once."""
    command.upgrade(current_app.extensions["migrate"].migrate.get_config(), "head")
