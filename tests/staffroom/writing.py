"""Short words for what these tests do over and over: write a notice, look at everybody's copy."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from notifier.database import db
from notifier.models import Delivery
from webapp.staff.models import StaffMember
from webapp.staffroom.models import StaffCopy

NOTICE = {
    "everybody": "y",
    "text_ky": "Эртең саат 15:00дө педкеңеш.",
    "text_ru": "Завтра в 15:00 педсовет.",
    "sends": "y",
}


def draft(client: FlaskClient, kind: str = "notice", **fields: Any) -> int:
    """Write a notice, and return its number."""
    answer = client.post(f"/staff-notices/new?kind={kind}", data=NOTICE | fields)
    assert answer.status_code == 303, re.findall(r'class="error".*', answer.text)
    return int(answer.location.split("/")[-2])


def send(client: FlaskClient, kind: str = "notice", **fields: Any) -> int:
    """Write a notice, look at it and send it."""
    number = draft(client, kind, **fields)
    seen = re.search(r'name="seen" value="(\w+)"', client.get(f"/staff-notices/{number}/review").text)
    assert seen is not None
    answer = client.post(f"/staff-notices/{number}/send", data={"seen": seen[1]})
    assert answer.location == f"/staff-notices/{number}/progress"
    return number


def copies(number: int) -> dict[str, StaffCopy]:
    """Everybody's copy, by login."""
    rows = db.session.execute(
        select(StaffMember.login, StaffCopy)
        .join(StaffCopy, StaffCopy.staff_id == StaffMember.id)
        .where(StaffCopy.announcement_id == number)
        .execution_options(populate_existing=True)
    )
    return dict(rows.tuples().all())


def messages() -> list[Delivery]:
    return list(db.session.scalars(select(Delivery).order_by(Delivery.id)))
