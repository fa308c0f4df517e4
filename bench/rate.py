"""The rate that a provider allows: how much of it is used, and by how much a second exceeds it.

Beside it a sleep between the messages, half the rate for each of two.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from bench.databases import Databases
from bench.place import NAMES, TEXT, Place, Provider, place, stop_all
from bench.processes import wait_until
from bench.rows import Row, say
from bench.sending import LATENCY, bare
from notifier import jobs, outbox
from notifier.channels.sms_twilio import TwilioSms
from notifier.database import db
from notifier.text import measure as parts

# Parts a second: a small contract, a school's, a large one.
RATES = (20, 200, 1000)
SECONDS = 15
SLEEP = "a sleep between the messages"
URGENT = "+996555999999"


def measure(databases: Databases, quick: bool) -> list[Row]:
    provider = Provider(LATENCY)
    rates, seconds = (RATES[1:2], 3) if quick else (RATES, SECONDS)
    try:
        rows = []
        for rate in rates:
            for workers in (1, 2):
                rows += _side_by_side(databases, provider, rate, workers, seconds)
        return rows + [_overtaking(databases, kind, provider, RATES[1]) for kind in ("sqlite", "postgresql")]
    finally:
        provider.stop()


def _side_by_side(
    databases: Databases, provider: Provider, rate: int, workers: int, seconds: int
) -> list[Row]:
    a_second = rate / parts(TEXT).segments
    count = int(a_second * seconds)
    bare(provider, count, workers, in_flight=TwilioSms.in_flight, a_second=a_second)
    theirs = provider.truth()
    say(f"  a sleep, {a_second:g} SMS a second, {workers}: {_told(theirs, a_second)}")
    rows = []
    for kind in ("sqlite", "postgresql"):
        with place(databases, kind, provider.url, SMS_PER_SECOND=str(rate)) as here:
            ours = _sent(here, provider, count, workers)
        by = "1 worker" if workers == 1 else f"{workers} workers"
        where = f"{a_second:g} SMS a second allowed, {NAMES[kind]}, {by}"
        rows += [
            Row(
                name=f"Share of the rate that is used: {where}",
                unit="%",
                ours=_share(ours, a_second),
                theirs={SLEEP: _share(theirs, a_second)},
                limit=100,
            ),
            Row(
                name=f"Most in any second: {where}",
                unit="SMS",
                ours=ours["busiest_second"],
                limit=a_second + 1,
                less_is_better=True,
            ),
        ]
        say(f"  {where}: {_told(ours, a_second)}")
    return rows


def _told(seen: dict[str, float], a_second: float) -> str:
    return f"{_share(seen, a_second):.1f} %, {seen['busiest_second']} in the busiest second"


def _sent(here: Place, provider: Provider, count: int, workers: int) -> dict[str, float]:
    """What the provider saw of a broadcast."""
    provider.forget()
    processes = here.workers(workers)
    try:
        here.post(count)
        jobs.nudge()
        wait_until(lambda: provider.accepted >= count, 300, "sending", every=0.2)
    finally:
        stop_all(processes)
    return provider.truth()


def _share(seen: dict[str, float], a_second: float) -> float:
    """Percent of the rate, between the first message and the last."""
    return 100 * (seen["accepted"] - 1) / (seen["last"] - seen["first"]) / a_second


def _overtaking(databases: Databases, kind: str, provider: Provider, rate: int) -> Row:
    """An urgent message is posted in the midst of a broadcast: when does the provider have it?"""
    provider.forget()
    with place(databases, kind, provider.url, SMS_PER_SECOND=str(rate)) as here:
        processes = here.workers(1)
        try:
            here.post(rate * 10)
            jobs.nudge()
            wait_until(lambda: provider.accepted > rate, 60, "the first messages")
            posted = time.time()
            urgent = outbox.Post(
                dedupe_key="bench:urgent",
                channel="sms",
                address=URGENT,
                body=TEXT,
                segments=parts(TEXT).segments,
                priority=outbox.URGENT,
            )
            outbox.post([urgent], datetime.now(UTC))
            db.session.commit()
            wait_until(lambda: provider.taken_at(URGENT), 60, "the urgent message", every=0.2)
            seconds = provider.taken_at(URGENT)[0] - posted
        finally:
            stop_all(processes)
    say(f"  urgent, {kind}: {seconds:.2f} s")
    return Row(
        name=f"An urgent SMS in the midst of a broadcast of {rate * 10:,}: {NAMES[kind]}",
        unit="s",
        ours=seconds,
        limit=1.0,
        less_is_better=True,
    )
