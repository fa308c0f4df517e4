"""What the tests of the inbox share: a phone that writes, and what comes back to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import count

import pytest
from sqlalchemy import select, update

from notifier import outbox
from notifier.database import db
from notifier.models import Delivery, State
from tests.cast import Cast
from webapp.announcements.models import Announcement
from webapp.announcements.publish import publish
from webapp.inbox.read import read_waiting

BUTTON, SIBLINGS, STRANGER = "+996555000101", "+996700000102", "+996555000999"

Writes = Callable[..., list[str]]


@pytest.fixture
def writes(cast: Cast, now: datetime) -> Writes:
    """Let a phone write, the school read it, and return what is answered: `writes("ТВ 5", SIBLINGS)`."""
    numbers = count(1)

    def write(
        body: str, sender: str = BUTTON, at: datetime | None = None, provider: str = "sandbox"
    ) -> list[str]:
        before = db.session.scalar(select(db.func.max(Delivery.id))) or 0
        outbox.receive(
            provider=provider, provider_ref=f"SM{next(numbers)}", sender=sender, body=body, now=at or now
        )
        read_waiting(at or now)
        new = select(Delivery).where(Delivery.id > before).order_by(Delivery.id)
        return [delivery.body for delivery in db.session.scalars(new)]

    return write


def announce(
    cast: Cast, now: datetime, text: str = "Эртең сабак болбойт.", kind: str = "general"
) -> Announcement:
    """Publish a notice to 5-А, and let it arrive."""
    notice = Announcement(
        school_id=cast.school.id,
        author_id=cast.teacher.id,
        kind=kind,
        text_ky=text,
        created_at=now,
        classes=[cast.class_5a],
    )
    db.session.add(notice)
    publish(notice, now, cast.teacher)
    all_arrived(now)
    return notice


def all_arrived(now: datetime) -> None:
    """Let everything that waits arrive."""
    db.session.execute(
        update(Delivery)
        .where(Delivery.state == State.PENDING)
        .values(state=State.DELIVERED, accepted_at=now, settled_at=now)
    )
    db.session.commit()
