"""Run all of Kabarchy in the foreground, for `make run`: the embedded Valkey, the web pages and the worker.

1. Check the settings; prepare the database, and the demo school if there is none yet.
2. Start the three, each on a leash: they end with this process, however it ends.
3. Start again what ends by itself, after a growing pause.
4. On Ctrl-C or SIGTERM stop all of it, the queue's server last.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from config import Settings, SettingsError, read_settings  # noqa: E402
from notifier import leash  # noqa: E402
from notifier.valkey import EmbeddedValkey, ValkeyError  # noqa: E402

HOST = "127.0.0.1"
PATIENCE = 25  # seconds for web and worker to finish what they are at; the worker needs 20
LONGEST_PAUSE = 30


class Child:
    """A process that should run for as long as this one."""

    def __init__(self, name: str, *arguments: str, delay: float = 0.0) -> None:
        self.name = name
        self.command = leash.leashed([sys.executable, *arguments])
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.start_at = time.monotonic() + delay
        self.pause = 1.0

    def start(self) -> None:
        # A session of its own: Ctrl-C reaches this process alone, which then stops the others in order.
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True
        )
        self.started = time.monotonic()

    def keep(self) -> None:
        """Start the process, and start it again when it has ended and its pause is over."""
        now = time.monotonic()
        if self.process is not None:
            if self.process.poll() is None:
                return
            self.sweep()
            if now - self.started > 60:
                self.pause = 1.0
            how = ending(self.process.returncode)
            say(f"The {self.name} ended ({how}). Next start in {self.pause:.0f} s.")
            self.process, self.start_at = None, now + self.pause
            self.pause = min(self.pause * 2, LONGEST_PAUSE)
        if now >= self.start_at:
            self.start()

    def sweep(self) -> None:
        """End what the process has left running."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Asked:
    """Remembers that somebody asked us to stop."""

    def __init__(self) -> None:
        self.to_stop = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)
        if "MAKELEVEL" in os.environ:
            leash.tie(signal.SIGTERM)  # a killed make takes us along

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.to_stop = True


def main() -> int:
    try:
        settings = read_settings()
    except SettingsError as error:
        say("Kabarchy cannot start. Correct these settings in .env or the environment:")
        for fault in error.faults:
            say(f"  - {fault}")
        return 2
    if fault := port_fault(settings.port):
        say(fault)
        return 1
    try:
        return run(settings, Asked())
    except ValkeyError as error:
        say(f"Valkey does not start: {error}")
        return 1


def run(settings: Settings, asked: Asked) -> int:
    """Start everything, keep it running until asked to stop, and stop it."""
    with contextlib.ExitStack() as at_the_end:
        valkey = None
        if not settings.redis_url:
            valkey = EmbeddedValkey(settings.instance)
            at_the_end.callback(valkey.stop)
            valkey.start()
        status, greeting = set_up(settings)
        if status or asked.to_stop:
            return 0 if asked.to_stop else status
        web = f"-m gunicorn -c deploy/gunicorn.conf.py -b {HOST}:{settings.port} webapp:create_app()"
        # The worker starts a moment later: on a small machine the pages answer sooner if they start alone.
        children = [Child("web server", *web.split()), Child("worker", "worker.py", delay=3.0)]
        at_the_end.callback(stop_all, children)
        greeted = False
        while not asked.to_stop:
            for child in children:
                child.keep()
            if valkey is not None and not valkey.answers():
                say("Valkey ended; starting it again.")
                valkey.start()
            if not greeted and pages_answer(settings.port):
                greeted = True
                children[-1].start_at = 0.0
                address = f"http://{HOST}:{settings.port}"
                print(f"{greeting}\n\nKabarchy runs at {address} (Ctrl-C stops it)", flush=True)
            time.sleep(0.5 if greeted else 0.05)
        return 0


def set_up(settings: Settings) -> tuple[int, str]:
    """Prepare the database; return the exit status and what the person should know, such as demo logins."""
    # A demo school has logins everybody knows; where real messages leave there is none.
    demo = ["--demo"] if settings.sandbox else []
    command = leash.leashed([sys.executable, "-m", "flask", "--app", "webapp", "setup", *demo])
    done = subprocess.run(
        command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode > 0:
        say(f"{done.stdout}The database could not be prepared; see above.")
    return done.returncode, done.stdout.strip()


def pages_answer(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=5).close()
    except urllib.error.HTTPError:
        return True  # an answer, too
    except OSError:
        return False
    return True


def stop_all(children: list[Child]) -> None:
    """Ask every child to end, wait, and end by force what is left."""
    running = [child.process for child in children if child.process is not None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + PATIENCE
    for process in running:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for child in children:
        child.sweep()


def port_fault(port: int) -> str:
    """Say why the web server could not listen there; empty when it can."""
    with socket.socket() as attempt:
        # As gunicorn does it: connections of a server just stopped are no hindrance.
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((HOST, port))
        except PermissionError:
            return f"Port {port} is for the system's own services. Choose another: PORT=8000 make run"
        except OSError:
            return f"Port {port} is in use. Stop what uses it, or choose another: PORT=8001 make run"
    return ""


def ending(status: int) -> str:
    """Say how a process ended."""
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
