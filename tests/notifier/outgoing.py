"""What the engine's tests do to the table of deliveries, and see in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, insert, select, update

from notifier import outbox
from notifier.database import db
from notifier.drain import Drain, Drained
from notifier.models import Attempt, Delivery, State, new_ref
from notifier.outbox import Claimed
from tests.notifier.scripted import ScriptedChannel

TEXT = "Эртең сабак 8:00дө башталат."


def post(count: int = 1, *, now: datetime | None = None, first: int = 0, **changes: Any) -> list[int]:
    """Post messages to as many numbers, commit, and return their ids."""
    kind = f"{changes.get('channel', 'sms')}:{changes.get('priority', 0)}"
    posts = [
        outbox.Post(
            **{
                "dedupe_key": f"{kind}:{n}",
                "channel": "sms",
                "address": f"+996555{n:06}",
                "body": TEXT,
            }
            | changes
        )
        for n in range(first, first + count)
    ]
    ids = outbox.post(posts, now or datetime.now(UTC))
    db.session.commit()
    return [ids[p.dedupe_key] for p in posts]


def post_urgently(engine: Engine, channel: str = "sms") -> None:
    """Let an urgent message come from elsewhere, while a worker sends: with no session of ours."""
    now = datetime.now(UTC)
    with engine.begin() as connection:
        connection.execute(
            insert(Delivery).values(
                ref=new_ref(),
                dedupe_key="urgent",
                channel=channel,
                address="+996555999999" if channel == "sms" else "director@example.kg",
                body="Бүгүн сабак болбойт",
                priority=outbox.URGENT,
                not_before=now,
                created_at=now,
            )
        )


def claim(now: datetime, limit: int = 100, channel: str = "sms", owner: str = "test") -> list[Claimed]:
    release_session()
    return outbox.claim(db.engine, channel=channel, limit=limit, owner=owner, now=now)


def depart(claimed: Sequence[Claimed], now: datetime) -> set[int]:
    release_session()
    return outbox.depart(db.engine, claimed, now)


def settle(now: datetime, *answers: outbox.Answer) -> None:
    release_session()
    outbox.settle(db.engine, answers, now)


def checks(now: datetime) -> list[outbox.Check]:
    release_session()
    return outbox.claim_checks(db.engine, ["sms"], 10, now)


def sweep(now: datetime) -> int:
    release_session()
    return outbox.sweep(db.engine, now)


def drain(
    *channels: ScriptedChannel,
    clock: Callable[[], datetime] | None = None,
    turn: float | None = None,
    **settings: Any,
) -> Drained:
    """Let one drain do what is to be done."""

    async def run() -> Drained:
        return await Drain(
            db.engine,
            {c.name: c for c in channels},
            owner="test",
            clock=clock or (lambda: datetime.now(UTC)),
            **settings,
        ).run(turn)

    release_session()
    return asyncio.run(run())


def delivery(id_: int) -> Delivery:
    release_session()
    found = db.session.get(Delivery, id_, populate_existing=True)
    assert found is not None
    release_session()
    return found


def states(ids: Sequence[int]) -> list[State]:
    release_session()
    found = {row.id: row.state for row in db.session.execute(select(Delivery.id, Delivery.state))}
    release_session()
    return [found[id_] for id_ in ids]


def events(id_: int) -> list[str]:
    """The log of a delivery, in words."""
    release_session()
    found = db.session.scalars(select(Attempt.event).where(Attempt.delivery_id == id_).order_by(Attempt.id))
    return list(found)


def put(id_: int, **values: Any) -> None:
    """Set a delivery's row up as a test needs it."""
    release_session()
    db.session.execute(update(Delivery).where(Delivery.id == id_).values(**values))
    db.session.commit()


def release_session() -> None:
    """End what the test's session began: on SQLite it would hold the lock that the engine needs."""
    db.session.expunge_all()
    db.session.rollback()
