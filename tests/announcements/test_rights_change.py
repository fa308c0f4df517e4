"""Whoever wrote a draft may have lost the right to send it since."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask.testing import FlaskClient

from notifier.database import db
from tests.announcements.writing import write
from tests.cast import Cast
from webapp.staff.models import Role, StaffRole


def test_what_was_begun_in_another_office_is_not_sent_in_this_one(
    client: FlaskClient, sign_in: Any, cast: Cast, now: datetime
) -> None:
    draft = write(cast, author=cast.director, now=now)
    # She gives advice now, and nothing else (clause 3.1.9).
    cast.director.role_rows = [StaffRole(role=Role.PSYCHOLOGIST)]
    db.session.commit()
    sign_in(cast.director)
    form = {"seen": draft.fingerprint}
    page = client.post(f"/announcements/{draft.id}/send", data=form, follow_redirects=True)
    assert page.status_code == 403
    db.session.refresh(draft)
    assert draft.published_at is None
