"""Processes of a benchmark: started on a leash, measured with all their children, stopped without orphans."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from notifier.leash import leashed

ROOT = Path(__file__).resolve().parents[1]


def cpu_of(pid: int) -> float:
    """CPU seconds of a process, its living children and those it has waited for."""
    total = 0.0
    with contextlib.suppress(psutil.NoSuchProcess):
        top = psutil.Process(pid)
        for each in [top, *top.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                times = each.cpu_times()
                total += times.user + times.system + times.children_user + times.children_system
    return total


def forget_peak() -> None:
    """Let `peak` be of what comes now: imports need more for a moment than what they leave (Linux)."""
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """The most memory, in bytes, that this process has had."""
    with contextlib.suppress(OSError):
        words = Path("/proc/self/status").read_text().split()
        return int(words[words.index("VmHWM:") + 1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # macOS counts bytes


class Running:
    """A started process with its children."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.pid = process.pid
        self.most_memory = 0

    def cpu(self) -> float:
        return cpu_of(self.pid)

    def memory(self) -> int:
        """Bytes of memory of the process and its children, pages they share counted once."""
        total = 0
        with contextlib.suppress(psutil.NoSuchProcess):
            top = psutil.Process(self.pid)
            for each in [top, *top.children(recursive=True)]:
                with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    total += each.memory_full_info().pss
        return total

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process and all below it."""
        with contextlib.suppress(psutil.NoSuchProcess):
            top = psutil.Process(self.pid)
            for each in [*top.children(recursive=True), top]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    each.send_signal(number)

    def stop(self, patience: float = 25) -> None:
        self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait()
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def start(*arguments: str, env: dict[str, str] | None = None, log: Path | None = None) -> Running:
    """Start Python with these arguments in the project's folder; its output goes to `log`, else to a pipe."""
    out = log.open("a") if log else subprocess.PIPE
    process = subprocess.Popen(
        leashed([sys.executable, *arguments], signal.SIGKILL),
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=out if log else None,
        text=True,
        start_new_session=True,
    )
    if log:
        out.close()  # type: ignore[union-attr]
    return Running(process)


@contextlib.contextmanager
def running(*arguments: str, env: dict[str, str] | None = None, log: Path | None = None) -> Iterator[Running]:
    """Have a process for as long as the block runs."""
    process = start(*arguments, env=env, log=log)
    try:
        yield process
    finally:
        process.stop()


@contextlib.contextmanager
def watching_memory(processes: Sequence[Running], every: float = 0.5) -> Iterator[None]:
    """Note the most memory each of these uses meanwhile."""
    enough = threading.Event()

    def look() -> None:
        while True:
            for process in processes:
                process.most_memory = max(process.most_memory, process.memory())
            if enough.wait(every):
                return

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield
    finally:
        enough.set()
        thread.join()


def wait_until(true: object, patience: float, what: str, every: float = 0.02) -> None:
    """Wait until `true()` is; raise TimeoutError naming `what` if that takes over `patience` seconds."""
    deadline = time.monotonic() + patience
    while not true():  # type: ignore[operator]
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} took more than {patience:g} s")
        time.sleep(every)
