"""`make run` from the settings to the last process, with real processes."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
# What a machine's own settings must not change here; .env is read too, so empty values hide it.
CLEAN = {"DATABASE_URL": "", "REDIS_URL": "", "SMS_PROVIDER": "", "PUBLIC_BASE_URL": "", "SECRET_KEY": ""}

PARTS = ("gunicorn", "worker.py", "valkey-server")

pytestmark = pytest.mark.slow


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def environ(tmp_path: Path, port: int) -> dict[str, str]:
    environ = {key: value for key, value in os.environ.items() if key != "MAKELEVEL"}
    return environ | CLEAN | {"INSTANCE_DIR": str(tmp_path / "instance"), "PORT": str(port)}


class Run:
    """A started `deploy/run.py` and everything it started."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "deploy/run.py"], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
        )
        self.family: list[psutil.Process] = []

    def until_it_works(self) -> str:
        """Wait for the line with the address and for all three parts; return what was said."""
        assert self.process.stdout is not None
        said = ""
        for line in self.process.stdout:
            said += line
            if "Kabarchy runs at" in line:
                break
        self.wait_for_parts(besides=set())
        return said

    def wait_for_parts(self, besides: set[psutil.Process]) -> None:
        """Wait until pages, worker and queue run, other than those in `besides`."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            self.family = psutil.Process(self.process.pid).children(recursive=True)
            commands = [command(p) for p in self.family if p not in besides and lives(p)]
            if all(any(part in c for c in commands) for part in PARTS):
                return
            time.sleep(0.1)
        pytest.fail(f"Not all of it runs: {commands}")

    def named(self, word: str) -> psutil.Process:
        return next(p for p in self.family if word in command(p))

    def left(self, seconds: float = 5) -> list[psutil.Process]:
        """Return what still lives some seconds later."""
        deadline = time.monotonic() + seconds
        while (alive := [p for p in self.family if lives(p)]) and time.monotonic() < deadline:
            time.sleep(0.05)
        return alive

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        for process in self.family:
            if lives(process):
                process.kill()


@pytest.fixture
def run(environ: dict[str, str]) -> Iterator[Run]:
    run = Run(environ)
    yield run
    run.stop()


def command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return ""


def lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def once(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run it where it should end by itself."""
    return subprocess.run(
        [sys.executable, "deploy/run.py"],
        cwd=ROOT,
        env=environ,
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_one_command_brings_pages_worker_and_queue_and_ctrl_c_ends_them(run: Run, port: int) -> None:
    said = run.until_it_works()
    assert f"http://127.0.0.1:{port}" in said
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
        assert answer.status == 200
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(20) == 0
    assert run.left(0) == []


@pytest.mark.skipif(sys.platform != "linux", reason="the leash is Linux's")
def test_nothing_outlives_a_killed_supervisor(run: Run) -> None:
    run.until_it_works()
    run.process.kill()
    assert run.left() == []


def test_what_ends_by_itself_is_started_again(run: Run, port: int) -> None:
    run.until_it_works()
    before = set(run.family)
    for part in PARTS:
        run.named(part).kill()
    run.wait_for_parts(besides=before)
    run.process.send_signal(signal.SIGTERM)
    assert run.process.wait(20) == 0


def test_every_fault_in_the_settings_is_named_at_once(environ: dict[str, str]) -> None:
    done = once(environ | {"SMS_PROVIDER": "twilio", "TWILIO_AUTH_TOKEN": "", "MAIL_PORT": "mail"})
    assert done.returncode == 2
    for name in ("MAIL_PORT", "SECRET_KEY", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"):
        assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_in_use_is_one_clear_sentence(environ: dict[str, str], port: int) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        done = once(environ)
    assert done.returncode == 1
    assert done.stderr == f"Port {port} is in use. Stop what uses it, or choose another: PORT=8001 make run\n"
