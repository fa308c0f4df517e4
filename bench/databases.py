"""The databases of a benchmark, so set up that what was committed survives a power cut, for everybody."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tests import postgres

# Kabarchy itself sets SQLite to WAL and synchronous=FULL at every connection. These are PostgreSQL's own
# defaults, but for room for everybody's connections.
DURABLE = [
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "shared_buffers=128MB",
    "max_connections=200",
]
KINDS = ("sqlite", "postgresql")


class Databases:
    """Makes new empty databases of either kind; PostgreSQL starts when the first one is asked for."""

    def __init__(self) -> None:
        self._postgres: postgres.Postgres | None = None

    def url(self, kind: str) -> str:
        """The address of a new database; empty for SQLite, which lives in the installation's folder."""
        if kind == "sqlite":
            return ""
        if self._postgres is None:
            self._postgres = postgres.start(DURABLE)
        return self._postgres.url()

    def stop(self) -> None:
        if self._postgres is not None:
            self._postgres.stop()


@contextlib.contextmanager
def databases() -> Iterator[Databases]:
    made = Databases()
    try:
        yield made
    finally:
        made.stop()
