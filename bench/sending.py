"""SMS: deliveries a second and the time to the last, at 150 ms a request, full protocol on."""

from __future__ import annotations

import contextlib
import json
import math
import subprocess
import sys
import time
from dataclasses import dataclass

from bench.databases import Databases
from bench.place import NAMES, TEXT, Place, Provider, place, stop_all
from bench.processes import ROOT, running, start, wait_until, watching_memory
from bench.rows import Row, say
from notifier.channels.sms_twilio import TwilioSms

LATENCY = 0.15
# A worker that has started does its periodic work first.
UNTIL_IDLE = 2.0
# So many requests in flight from each worker; the second is what a worker has by itself.
IN_FLIGHT = (256, TwilioSms.in_flight)
THREADS = 64
TUTORIAL_SAMPLE = 40
CELERY_TASK = "bench.ways.celery_way.send"


@dataclass(frozen=True)
class Seen:
    """One run: how long it took, CPU seconds and peak memory of what sent."""

    count: int
    seconds: float
    cpu: float = 0.0
    memory: int = 0
    most_under_way: int = 0

    @property
    def rate(self) -> float:
        return self.count / self.seconds

    @property
    def cpu_ms(self) -> float:
        return self.cpu * 1000 / self.count


def ours(here: Place, provider: Provider, count: int, workers: int, in_flight: int) -> Seen:
    """Post, wake the idle workers, and wait until the last one is settled in the database."""
    from notifier import jobs

    here.environ["BENCH_IN_FLIGHT"] = str(in_flight)
    provider.forget()
    processes = here.workers(workers, "-m", "bench.ways.ours")
    try:
        # Posted before, it would be found by the sweep of a worker that has just started.
        time.sleep(UNTIL_IDLE)
        here.post(count)
        cpu = sum(p.cpu() for p in processes)
        with watching_memory(processes):
            began = time.time()
            jobs.nudge()
            wait_until(lambda: provider.accepted >= count, 300, "sending", every=0.05)
            wait_until(lambda: here.open_rows() == 0, 60, "settling")
            ended = time.time()
        cpu = sum(p.cpu() for p in processes) - cpu
    finally:
        stop_all(processes)
    truth, counts = provider.truth(), here.counts()
    if truth["twice"] or truth["accepted"] != count or counts != {"accepted": count}:
        raise AssertionError(f"not every message went exactly once: {truth} {counts}")
    memory = max(p.most_memory for p in processes)
    return Seen(count, ended - began, cpu, memory, truth["most_under_way"])


def bare(provider: Provider, count: int, processes: int, in_flight: int, a_second: float = math.inf) -> Seen:
    """The official async client alone, in as many processes, that rest between messages to keep a rate."""
    provider.forget()
    share = count // processes
    alone = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "bench.ways.bare",
                *map(str, (share, in_flight, i * share, a_second / processes)),
            ],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "TWILIO_API_BASE": provider.url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for i in range(processes)
    ]
    for process in alone:
        assert process.stdout
        process.stdout.readline()
    for process in alone:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    found = [json.loads(process.communicate()[0]) for process in alone]
    seconds = max(f["ended"] for f in found) - min(f["began"] for f in found)
    return Seen(count, seconds, sum(f["cpu"] for f in found))


def celery(here: Place, provider: Provider, count: int, workers: int) -> Seen:
    """Enqueue a task per message and wait until each row is written; the enqueueing is part of the way."""
    from celery import Celery
    from sqlalchemy import func, select

    from notifier.database import READING, db
    from notifier.models import Delivery, State

    provider.forget()
    here.post(count)
    environ = {
        "CELERY_BROKER": _celery_url(here.environ["REDIS_URL"]),
        "CELERY_DATABASE": here.database_url,
        "TWILIO_API_BASE": provider.url,
    }
    options = "-P threads --without-gossip --without-mingle --without-heartbeat -l WARNING"
    with contextlib.ExitStack() as at_the_end:
        command = [
            "-W",
            "ignore",
            "-m",
            "celery",
            "-A",
            "bench.ways.celery_way",
            "worker",
            "-c",
            str(THREADS),
        ]
        processes = [
            start(*command, *options.split(), "-n", f"bench{i}@%h", env=environ, log=here.log)
            for i in range(workers)
        ]
        at_the_end.callback(stop_all, processes)
        rows = db.session.execute(select(Delivery.id, Delivery.address, Delivery.body)).all()
        db.session.rollback()
        app = Celery(broker=environ["CELERY_BROKER"])
        at_the_end.callback(app.close)
        wait_until(lambda: len(app.control.ping(timeout=0.5) or []) >= workers, 30, "the start of Celery")
        cpu = sum(p.cpu() for p in processes)

        def written() -> int:
            with db.engine.connect().execution_options(**READING) as connection:
                asked = select(func.count()).where(Delivery.state == State.ACCEPTED)
                return int(connection.scalar(asked) or 0)

        with watching_memory(processes):
            began = time.time()
            with app.producer_pool.acquire(block=True) as producer:
                for row in rows:
                    app.send_task(CELERY_TASK, args=tuple(row), producer=producer)
            wait_until(lambda: provider.accepted >= count, 600, "Celery", every=0.05)
            wait_until(lambda: written() == count, 60, "Celery's writing")
            ended = time.time()
        cpu = sum(p.cpu() for p in processes) - cpu
    return Seen(count, ended - began, cpu, max(p.most_memory for p in processes))


def _celery_url(redis_url: str) -> str:
    return redis_url.replace("unix://", "redis+socket://", 1)


def tutorial(here: Place, provider: Provider, count: int) -> Seen:
    """One RQ job per message; the enqueueing is part of the way."""
    from redis import Redis
    from rq import Queue, Worker

    from bench.ways.tutorial import send

    provider.forget()
    environ = {"REDIS_URL": here.environ["REDIS_URL"], "TWILIO_API_BASE": provider.url}
    connection = Redis.from_url(environ["REDIS_URL"])
    queue = Queue("tutorial", connection=connection)
    with running("-m", "bench.ways.tutorial", env=environ, log=here.log) as process:
        wait_until(lambda: len(Worker.all(queue=queue)) >= 1, 30, "the start of the tutorial's worker")
        cpu = process.cpu()
        began = time.time()
        for i in range(count):
            queue.enqueue(send, f"+996555{i:06d}", f"{TEXT} ({i})")
        wait_until(lambda: queue.finished_job_registry.count >= count, 300, "the tutorial's way")
        ended = time.time()
        cpu = process.cpu() - cpu
    return Seen(count, ended - began, cpu)


def measure(databases: Databases, quick: bool) -> list[Row]:
    """Everything side by side; the others on the database that suits them best, PostgreSQL."""
    provider = Provider(LATENCY)
    try:
        return _measure(databases, provider, quick)
    finally:
        provider.stop()


def _measure(databases: Databases, provider: Provider, quick: bool) -> list[Row]:
    few, many = IN_FLIGHT
    runs = ((1000, few),) if quick else ((1000, few), (10_000, few), (10_000, many))
    with place(databases, "postgresql", provider.url) as here:
        lesson = tutorial(here, provider, TUTORIAL_SAMPLE // (4 if quick else 1))
    say(f"  tutorial: {lesson.rate:.2f}/s over {lesson.count}, {lesson.cpu_ms:.1f} ms CPU each")
    limits: dict[tuple[int, int, int], Seen] = {}
    others: dict[tuple[int, int], Seen] = {}
    for workers in (1, 2):
        for count, in_flight in runs:
            limits[workers, count, in_flight] = seen = bare(provider, count, workers, in_flight)
            say(f"  bare client, {workers} × {count}, {in_flight} in flight: {_told(seen)}")
        for count in sorted({count for count, _ in runs}):
            with place(databases, "postgresql", provider.url) as here:
                others[workers, count] = seen = celery(here, provider, count, workers)
            say(f"  Celery, {workers} × {count}: {_told(seen)}")
    rows = []
    for kind in ("sqlite", "postgresql"):
        for workers in (1, 2):
            for count, in_flight in runs:
                with place(databases, kind, provider.url) as here:
                    seen = ours(here, provider, count, workers, in_flight)
                say(f"  ours, {kind}, {workers} × {count}: {_told(seen)}")
                where = f"{count:,} SMS, {NAMES[kind]}, {workers} × {in_flight} in flight"
                limit = limits[workers, count, in_flight]
                ceiling = min(limit.rate, workers * in_flight / LATENCY)
                rows += _rows(where, workers, seen, limit, ceiling, others[workers, count], lesson)
    rows += _equal(databases, provider, 1000 if quick else 5000)
    return rows


def _rows(
    where: str, workers: int, seen: Seen, limit: Seen, ceiling: float, celery_s: Seen, lesson: Seen
) -> list[Row]:
    celery_name = f"Celery, {workers} × {THREADS} threads, PostgreSQL"
    lesson_name = f"one RQ job each (from {lesson.count})"
    rows = [
        Row(
            name=f"Deliveries a second: {where}",
            unit="1/s",
            ours=seen.rate,
            theirs={celery_name: celery_s.rate, lesson_name: lesson.rate},
            limit=ceiling,
        ),
        Row(
            name=f"Time to the last: {where}",
            unit="s",
            ours=seen.seconds,
            theirs={celery_name: celery_s.seconds, lesson_name: seen.count / lesson.rate},
            limit=seen.count / ceiling,
            less_is_better=True,
        ),
    ]
    if seen.count > 1000:
        rows += [
            Row(
                name=f"CPU a delivery: {where}",
                unit="ms",
                ours=seen.cpu_ms,
                theirs={celery_name: celery_s.cpu_ms, lesson_name: lesson.cpu_ms},
                limit=limit.cpu_ms,
                less_is_better=True,
            ),
            Row(
                name=f"Memory of the largest worker: {where}",
                unit="MB",
                ours=seen.memory / 1e6,
                theirs={celery_name: celery_s.memory / 1e6},
                less_is_better=True,
            ),
        ]
    return rows


def _equal(databases: Databases, provider: Provider, count: int) -> list[Row]:
    """With no more in flight than Celery has threads: what is left of the difference."""
    limit = bare(provider, count, 1, THREADS)
    with place(databases, "postgresql", provider.url) as here:
        celery_s = celery(here, provider, count, 1)
    with place(databases, "postgresql", provider.url) as here:
        seen = ours(here, provider, count, 1, THREADS)
    say(f"  equal: bare {_told(limit)}; Celery {_told(celery_s)}; ours {_told(seen)}")
    return [
        Row(
            name=f"Deliveries a second, {THREADS} in flight each: {count:,} SMS, PostgreSQL, 1 worker",
            unit="1/s",
            ours=seen.rate,
            theirs={f"Celery, {THREADS} threads": celery_s.rate},
            limit=min(limit.rate, THREADS / LATENCY),
        )
    ]


def _told(seen: Seen) -> str:
    told = f"{seen.rate:,.0f}/s, {seen.seconds:.2f} s, {seen.cpu_ms:.3f} ms CPU each"
    if seen.memory:
        told += f", {seen.memory / 1e6:.0f} MB"
    return told + (f", {seen.most_under_way} in flight" if seen.most_under_way else "")
