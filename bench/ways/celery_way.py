"""Celery: one task per message on 64 threads, a kept connection to Twilio and one to PostgreSQL in each.

What helps it is on: no result backend, no gossip, no mingling, the address and text in the task, one
UPDATE in a transaction of its own per message. Nothing guards against losing or doubling a message.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from typing import Any

import celery
import psycopg

from bench.ways.twilio_clients import CALLBACK, SENDER, sync_client

app = celery.Celery(broker=os.environ.get("CELERY_BROKER", "memory://"))
app.conf.update(
    task_ignore_result=True,
    worker_prefetch_multiplier=8,
    broker_pool_limit=70,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
)
kept = threading.local()
UPDATE = "UPDATE deliveries SET state = 'accepted', provider_ref = {0}, provider = 'twilio' WHERE id = {0}"


def _own() -> Any:
    """What this thread keeps open."""
    if not hasattr(kept, "twilio"):
        kept.twilio = sync_client()
        url = os.environ["CELERY_DATABASE"]
        if url.startswith("sqlite:///"):
            kept.update = UPDATE.format("?")
            kept.database = sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30, isolation_level=None)
            kept.database.execute("PRAGMA journal_mode=WAL")
            kept.database.execute("PRAGMA synchronous=FULL")
        else:
            kept.update = UPDATE.format("%s")
            kept.database = psycopg.connect(url.replace("+psycopg", ""), autocommit=True)
    return kept


@app.task  # type: ignore[untyped-decorator]
def send(delivery: int, to: str, text: str) -> None:
    own = _own()
    made = own.twilio.messages.create(
        to=to, body=text, from_=SENDER, status_callback=f"{CALLBACK}/{delivery:022d}"
    )
    own.database.execute(own.update, (made.sid, delivery))
