"""The drain: what is due leaves, many at once, and what came of it is written down."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from notifier import outbox
from notifier.database import db
from notifier.drain import Drain, Drained
from notifier.message import Fault, Outcome, Receipt
from notifier.models import Delivery, State
from tests.notifier.scripted import ScriptedChannel


def post(count: int = 1, **changes: Any) -> list[int]:
    """Post messages to as many numbers, commit, and return their ids."""
    now = changes.pop("now", datetime.now(UTC))
    posts = [
        outbox.Post(
            **{
                "dedupe_key": f"{changes.get('priority', 0)}:{n}",
                "channel": "sms",
                "address": f"+996555000{n:03}",
                "body": "Эртең сабак 8:00дө башталат.",
            }
            | changes
        )
        for n in range(count)
    ]
    ids = outbox.post(posts, now)
    db.session.commit()
    return list(ids.values())


def drain(*channels: ScriptedChannel, **settings: Any) -> Drained:
    async def run() -> Drained:
        return await Drain(
            db.engine,
            {c.name: c for c in channels},
            owner="test",
            clock=lambda: datetime.now(UTC),
            **settings,
        ).run()

    db.session.rollback()  # a test's open transaction would hold SQLite's lock
    return asyncio.run(run())


def states(ids: Sequence[int]) -> list[State]:
    db.session.rollback()
    found = db.session.execute(select(Delivery.id, Delivery.state).where(Delivery.id.in_(ids))).all()
    by_id = {id_: state for id_, state in found}
    return [by_id[id_] for id_ in ids]


def delivery(id_: int) -> Delivery:
    db.session.rollback()
    found = db.session.get(Delivery, id_, populate_existing=True)
    assert found is not None
    return found


@pytest.mark.usefixtures("engine_app")
def test_every_message_is_taken_once() -> None:
    ids = post(100)
    channel = ScriptedChannel(latency=0.01)
    drained = drain(channel)
    assert drained.sent == 100
    assert not drained.interrupted
    assert len({m.ref for m in channel.took}) == len(channel.took) == 100
    assert set(states(ids)) == {State.ACCEPTED}
    assert channel.closed
    assert 8 < channel.most_at_once <= 16
