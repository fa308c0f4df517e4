"""Signed receipts under gunicorn, 2 processes of 8 threads: ours, a signature check alone, the usual way."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

import psutil
from sqlalchemy import func, literal, update

from bench.databases import Databases
from bench.place import NAMES, Place, Provider, place, stop_all
from bench.processes import ROOT, running, wait_until
from bench.rows import Row, say
from bench.sending import LATENCY

PROCESSES, THREADS = 2, 8
CONNECTIONS = PROCESSES * THREADS
# While messages leave at a rate that a school's sender may have, in segments.
SENDING_RATE = 200
WAYS = {
    "ours": "webapp:create_app()",
    "limit": "bench.ways.receivers:signature_only()",
    "usual": "bench.ways.receivers:usual()",
}


@dataclass(frozen=True)
class Taken:
    rate: float
    p99: float  # seconds


def measure(databases: Databases, quick: bool) -> list[Row]:
    count, rounds = (1000, 1) if quick else (10_000, 5)
    return [row for kind in ("sqlite", "postgresql") for row in _measure(databases, kind, count, rounds)]


def _measure(databases: Databases, kind: str, count: int, rounds: int) -> Iterator[Row]:
    """Measure so many times and tell the medians: on two cores luck has a large share in each."""
    seen: dict[str, list[Taken]] = {way: [] for way in WAYS}
    bursts = []
    for _ in range(rounds):
        for way, runs in seen.items():
            with place(databases, kind) as here:
                runs.append(taken(here, way, count))
            say(f"  {kind}, {way}: {runs[-1].rate:,.0f}/s, p99 {runs[-1].p99 * 1000:.0f} ms")
        bursts.append(_burst(databases, kind, count))
    rate = {way: median(run.rate for run in runs) for way, runs in seen.items()}
    p99 = {way: median(run.p99 for run in runs) * 1000 for way, runs in seen.items()}
    where = f"{count:,} signed ones, {NAMES[kind]}"
    yield Row(
        name=f"Receipts a second: {where}",
        unit="1/s",
        ours=rate["ours"],
        theirs={"an ORM load and commit each": rate["usual"]},
        limit=rate["limit"],
    )
    yield Row(
        name=f"99 of 100 receipts are answered within: {where}",
        unit="ms",
        ours=p99["ours"],
        theirs={"an ORM load and commit each": p99["usual"]},
        limit=p99["limit"],
        less_is_better=True,
    )
    kept = sorted(bursts, key=lambda burst: burst.receipts / burst.calm_receipts)[len(bursts) // 2]
    yield Row(
        name=f"Receipts a second while sending at {SENDING_RATE} parts a second: {NAMES[kind]}",
        unit="1/s",
        ours=kept.receipts,
        limit=kept.calm_receipts,
    )
    yield Row(
        name=f"SMS a second during a burst of {count:,} receipts: {NAMES[kind]}",
        unit="1/s",
        ours=median(burst.sending for burst in bursts),
        limit=median(burst.calm_sending for burst in bursts),
    )


def taken(here: Place, way: str, count: int) -> Taken:
    """Call with a receipt for each of so many accepted deliveries; those answered must be in the table."""
    here.post(count)
    refs = _accept(count)
    with _gunicorn(here, way) as port:
        found = _called(port, refs)
    if way != "limit" and here.counts() != {"delivered": count}:
        raise AssertionError(f"not every receipt was kept: {here.counts()}")
    return found


@dataclass(frozen=True)
class Burst:
    """What happened in a second, before or after the burst and in it: messages sent, receipts taken."""

    calm_sending: float
    sending: float
    calm_receipts: float
    receipts: float


def _burst(databases: Databases, kind: str, count: int) -> Burst:
    """The receipts come all at once while messages leave at a steady rate: how much either suffers.

    The same server takes as many before it and after it, with nothing leaving: on two cores luck has a
    larger share in other servers, at other times.
    """
    provider = Provider(LATENCY)
    try:
        with place(databases, kind, provider.url, SMS_PER_SECOND=str(SENDING_RATE)) as here:
            here.post(count * 3)
            refs = _accept(count * 3)
            # Enough to send for as long as the burst lasts, and calmly before it.
            here.post(20_000, start_at=count * 3)
            with _gunicorn(here, "ours") as port:
                before = _called(port, refs[:count])
                with _callers(port, refs[count : count * 2]) as callers, _sending(here, provider):
                    calm = _Sendings(provider)
                    time.sleep(5)
                    calm_sending = calm.rate()
                    meanwhile = _Sendings(provider)
                    receipts = callers.call().rate
                    sending = meanwhile.rate()
                after = _called(port, refs[count * 2 :])
    finally:
        provider.stop()
    burst = Burst(calm_sending, sending, (before.rate + after.rate) / 2, receipts)
    say(
        f"  {kind}, burst: sending {calm_sending:.1f}/s then {sending:.1f}/s, "
        f"receipts {receipts:,.0f}/s, calmly {before.rate:,.0f}/s and {after.rate:,.0f}/s"
    )
    return burst


class _Sendings:
    """Messages a second that the provider takes from now on."""

    def __init__(self, provider: Provider) -> None:
        self._provider, self._accepted, self._began = provider, provider.accepted, time.time()

    def rate(self) -> float:
        return (self._provider.accepted - self._accepted) / (time.time() - self._began)


@contextlib.contextmanager
def _sending(here: Place, provider: Provider) -> Iterator[None]:
    """Have a worker send what is due, for as long as the block runs."""
    from notifier import jobs

    workers = here.workers(1)
    try:
        jobs.nudge()
        wait_until(lambda: provider.accepted > 50, 30, "the first messages")
        yield
    finally:
        stop_all(workers)


def _accept(count: int) -> list[tuple[str, str, str]]:
    """Have the provider accept all that was posted; returns ref, sid and address of each."""
    from notifier.database import db
    from notifier.models import Delivery, State

    db.session.execute(
        update(Delivery)
        .where(Delivery.state == State.PENDING)
        .values(
            state=State.ACCEPTED,
            epoch=1,
            attempts=1,
            provider="twilio",
            accepted_at=datetime.now(UTC),
            provider_ref=literal("SM") + func.substr(Delivery.address, 2),
        )
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    rows = db.session.execute(db.select(Delivery.ref, Delivery.provider_ref, Delivery.address)).all()
    db.session.commit()
    return [(ref, sid, address) for ref, sid, address in rows]


def _called(port: int, receipts: list[tuple[str, str, str]]) -> Taken:
    with _callers(port, receipts) as callers:
        return callers.call()


class Callers:
    def __init__(self, process: subprocess.Popen[str], count: int) -> None:
        self.process, self.count = process, count

    def call(self) -> Taken:
        """Send all receipts now, and return when all are answered."""
        out, _ = self.process.communicate("go\n")
        seen = json.loads(out.splitlines()[-1])
        return Taken(self.count / seen["seconds"], seen["p99"])


@contextlib.contextmanager
def _callers(port: int, receipts: list[tuple[str, str, str]]) -> Iterator[Callers]:
    """Have the callers ready, their receipts signed."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.callers", str(port), str(CONNECTIONS)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write("".join(json.dumps(receipt) + "\n" for receipt in receipts) + "\n")
            process.stdin.flush()
            process.stdout.readline()
            yield Callers(process, len(receipts))
        finally:
            process.kill()


@contextlib.contextmanager
def _gunicorn(here: Place, way: str) -> Iterator[int]:
    """The web server as it is deployed, but with the processes and threads of the comparison."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    options = (
        f"-c deploy/gunicorn.conf.py -w {PROCESSES} --threads {THREADS} --max-requests 0 -b 127.0.0.1:{port}"
    )
    with running("-m", "gunicorn", *options.split(), WAYS[way], env=here.environ, log=here.log) as process:

        def answers() -> bool:
            if process.process.poll() is not None:
                raise RuntimeError(f"gunicorn ended: {here.log.read_text()[-2000:]}")
            return _answers(port)

        wait_until(answers, 60, "the start of gunicorn")
        wait_until(lambda: len(psutil.Process(process.pid).children()) == PROCESSES, 30, "its processes")
        # The port is open before the application is imported: let every thread of every process answer.
        for _ in range(3):
            with ThreadPoolExecutor(CONNECTIONS) as threads:
                list(threads.map(lambda _: _answers(port, 60), range(CONNECTIONS * 2)))
        yield port


def _answers(port: int, patience: float = 1) -> bool:
    """Whether the server answers a question, whatever it says."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), patience) as connection:
        connection.sendall(b"GET /robots.txt HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nConnection: close\r\n\r\n")
        return connection.recv(100).startswith(b"HTTP/1.1")
    return False
