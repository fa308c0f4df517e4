"""Recovery: from kill -9 of a worker in the middle of its work to the last delivery, against the lease.

What the dead worker had sent is found in the provider's list once its lease is over. What it had claimed but
not sent is missing there; by design that counts only ten minutes after the first look, so that nobody is
texted twice.
"""

from __future__ import annotations

import signal
import threading
import time

from bench.databases import Databases
from bench.place import NAMES, Place, Provider, place, stop_all
from bench.processes import Running, wait_until
from bench.rows import Row, say
from bench.sending import LATENCY
from notifier import policy

# Set when all that is left is to wait for ten minutes, which others may use.
ONLY_WAITS = threading.Event()


def measure(databases: Databases, quick: bool) -> list[Row]:
    provider = Provider(LATENCY)
    try:
        rows = []
        for kind in ("postgresql",):
            with place(databases, kind, provider.url) as here:
                rows += _killed(here, provider, kind, quick)
            provider.forget()
        return rows
    finally:
        provider.stop()


def _killed(here: Place, provider: Provider, kind: str, quick: bool) -> list[Row]:
    from notifier import jobs

    count = 1000
    here.post(count)
    workers: list[Running] = here.workers(1)
    try:
        jobs.nudge()
        wait_until(lambda: provider.accepted > count // 3, 60, "a third of the messages", every=0.005)
        workers[0].signal(signal.SIGKILL)
        died = time.monotonic()
        workers[0].process.wait()
        in_hand = here.counts().get("sending", 0)
        left = provider.accepted
        workers = here.workers(1)
        wait_until(lambda: here.counts().get("pending", 0) == 0, 120, "the others", every=0.1)
        others = time.monotonic() - died
        lost_sight = provider.accepted - left
        lease = policy.LEASE.total_seconds()
        # Those that had left are found as soon as somebody looks; the last look of a sweep comes within 15 s.
        wait_until(lambda: here.counts().get("sending", 0) == 0, 2 * lease, "the leases", every=0.2)
        found = _settled(here, died, patience=90)
        absent = count - here.counts().get("accepted", 0)
        say(
            f"  {kind}: {in_hand} in the dead worker's hands; {lost_sight} others sent after {others:.1f} s; "
            f"{found:.1f} s until what had left was found; {absent} had not left"
        )
        rows = [
            Row(
                name=f"kill -9 to the last message that nobody had in hand: {NAMES[kind]}",
                unit="s",
                ours=others,
                limit=0,
                less_is_better=True,
            ),
            Row(
                name=f"kill -9 to the last that had left, found in the provider's list: {NAMES[kind]}",
                unit="s",
                ours=found,
                limit=lease,
                less_is_better=True,
            ),
        ]
        if absent and not quick:
            ONLY_WAITS.set()
            wait_until(lambda: here.counts() == {"accepted": count}, 1000, "the last delivery", every=1)
            last = time.monotonic() - died
            rows.append(
                Row(
                    name=f"kill -9 to the last of {absent} in hand and not sent: {NAMES[kind]}",
                    unit="s",
                    ours=last,
                    limit=policy.ABSENCE_COUNTS_AFTER.total_seconds(),
                    less_is_better=True,
                )
            )
        truth = provider.truth()
        if truth["twice"] or (not quick and truth["different"] != count):
            raise AssertionError(f"lost or texted twice: {truth}")
        return rows
    finally:
        stop_all(workers)


def _settled(here: Place, died: float, patience: float) -> float:
    """Seconds from the death until the number of settled rows has not grown for 20 seconds."""
    most, at = here.counts().get("accepted", 0), time.monotonic()
    deadline = at + patience
    while time.monotonic() < min(deadline, at + 20):
        time.sleep(0.2)
        now = here.counts().get("accepted", 0)
        if now > most:
            most, at = now, time.monotonic()
    return at - died
