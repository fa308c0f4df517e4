"""Growth: what a claim, a departure and a settlement of 200 cost, however many deliveries the table has."""

from __future__ import annotations

import json
import statistics
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text

from bench.databases import Databases
from bench.place import NAMES, TEXT, place
from bench.rows import RESULTS, Row, say

SIZES = (1_000, 10_000, 100_000, 1_000_000)
BATCH = 200
ROUNDS = 7


def measure(databases: Databases, quick: bool) -> list[Row]:
    sizes = SIZES[:2] if quick else SIZES
    rows, plans = [], {}
    for kind in ("sqlite", "postgresql"):
        seen: dict[str, dict[int, float]] = {}
        with place(databases, kind) as here:
            finished = 0
            for size in sizes:
                _finish(finished, size)
                finished = size
                for step, seconds in _round_trips(here, size).items():
                    seen.setdefault(step, {})[size] = seconds * 1000
                plans[f"{NAMES[kind]}, {size:,} rows"] = _plans(kind)
                say(
                    f"  {kind}, {size:,} rows: " + ", ".join(f"{s} {v[size]:.1f} ms" for s, v in seen.items())
                )
        least, most = sizes[0], sizes[-1]
        rows += [
            Row(
                name=f"{step} {BATCH} with {most:,} deliveries in the table, {NAMES[kind]}",
                unit="ms",
                ours=values[most],
                theirs={f"with {size:,}": values[size] for size in sizes[:-1]},
                less_is_better=True,
                limit=values[least],
            )
            for step, values in seen.items()
        ]
    RESULTS.mkdir(exist_ok=True)
    if not quick:
        (RESULTS / "plans.json").write_text(json.dumps(plans, ensure_ascii=False, indent=1) + "\n")
    return rows


def _finish(start: int, end: int) -> None:
    """Fill the table with deliveries of the past, as many a year brings them: nearly all are delivered."""
    from notifier.database import db
    from notifier.models import Delivery, State

    now = datetime.now(UTC) - timedelta(days=30)
    for first in range(start, end, 5000):
        rows = [
            {
                "ref": f"past{i:018d}",
                "dedupe_key": f"past:{i}",
                "channel": "sms",
                "address": f"+996555{i % 3000:06d}",
                "subject": "",
                "body": TEXT,
                "segments": 2,
                "priority": 0,
                "state": State.DELIVERED if i % 50 else State.UNDELIVERED,
                "epoch": 1,
                "not_before": now,
                "expires_at": now + timedelta(days=3),
                "attempts": 1,
                "absent_checks": 0,
                "checks": 0,
                "provider": "twilio",
                "provider_ref": f"SMpast{i:028d}",
                "created_at": now,
                "accepted_at": now,
                "settled_at": now,
            }
            for i in range(first, min(first + 5000, end))
        ]
        db.session.connection().execute(insert(Delivery.__table__), rows)  # type: ignore[arg-type]
        db.session.commit()
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _round_trips(here: Any, size: int) -> dict[str, float]:
    """The median time of each step for a batch; what is posted is settled again each time."""
    from notifier import outbox
    from notifier.database import db
    from notifier.message import Outcome, Receipt

    steps: dict[str, list[float]] = {
        "Claim": [],
        "Depart": [],
        "Settle": [],
        "Receipt for each of": [],
        "Sweep after": [],
    }
    engine = db.engine
    for number in range(ROUNDS):
        here.post(BATCH, start_at=size * 10 + number * BATCH)
        now = datetime.now(UTC)
        began = time.perf_counter()
        claimed = outbox.claim(engine, channel="sms", limit=BATCH, owner="bench", now=now)
        claim = time.perf_counter()
        leaving = outbox.depart(engine, claimed, now)
        depart = time.perf_counter()
        answers = [
            outbox.Sent(
                c.id, c.epoch, "twilio", Receipt(outcome=Outcome.ACCEPTED, provider_ref=f"SM{size}x{c.id}")
            )
            for c in claimed
        ]
        outbox.settle(engine, answers, now)
        settle = time.perf_counter()
        for c in claimed:
            delivered = Receipt(outcome=Outcome.DELIVERED, provider_ref=f"SM{size}x{c.id}")
            outbox.settle_receipt(c.ref, delivered, now)
        receipts = time.perf_counter()
        outbox.sweep(engine, now)
        outbox.next_due(engine, ["sms", "email"])
        swept = time.perf_counter()
        if len(leaving) != BATCH:
            raise AssertionError("not all of the batch could leave")
        moments = [began, claim, depart, settle, receipts, swept]
        for step, before, after in zip(steps, moments, moments[1:], strict=False):
            steps[step].append(after - before)
    return {step: statistics.median(seconds) for step, seconds in steps.items()}


def _plans(kind: str) -> dict[str, list[str]]:
    """How the database finds what the engine asks for: the statements as they are sent, explained."""
    from sqlalchemy import event

    from notifier import outbox
    from notifier.database import db

    engine = db.engine
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH", "UPDATE")) and "deliveries" in statement:
            statements.append((statement, parameters[0] if many else parameters))

    event.listen(engine, "before_cursor_execute", note)
    now = datetime.now(UTC)
    try:
        outbox.claim(engine, channel="sms", limit=BATCH, owner="bench", now=now)
        outbox.claim_checks(engine, ["sms", "email"], BATCH, now)
        outbox.sweep(engine, now)
        outbox.next_due(engine, ["sms"])
        outbox.settle_receipt("past" + "0" * 18, _delivered(), now)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    explain = "EXPLAIN QUERY PLAN " if kind == "sqlite" else "EXPLAIN "
    plans = {}
    with engine.connect() as connection:
        for statement, parameters in statements:
            found = connection.exec_driver_sql(explain + statement, parameters).all()
            plans[" ".join(statement.split())] = [str(row[-1]) for row in found]
    return plans


def _delivered() -> Any:
    from notifier.message import Outcome, Receipt

    return Receipt(outcome=Outcome.SENT)
