"""The psychologist writes advice and explanations of their own, with a phone where help is (clause 3.1.9)."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from notifier.database import db
from notifier.models import Delivery
from tests.cast import Cast, staff_member
from webapp.announcements.models import Announcement
from webapp.staff.models import Role, StaffMember

ADVICE = {"topic": "Күн тартиби", "note": "Балаңыз эрте уктасын.", "token": "advice"}
TICK = "Add the phone of the psychologist and the social pedagogue"


@pytest.fixture
def psychologist(cast: Cast) -> StaffMember:
    person = staff_member(
        cast.school, "Психолог Үлгүева", "psy", Role.PSYCHOLOGIST, now=cast.school.created_at
    )
    cast.school.support_phone = "0312 000 098"
    db.session.commit()
    return person


def test_the_psychologist_advises_families_and_the_phone_stands_in_every_message(
    cast: Cast, psychologist: StaffMember, sign_in: Any
) -> None:
    client: FlaskClient = sign_in(psychologist)
    assert 'href="/announcements/kinds"' in client.get("/announcements").text
    page = unescape(client.get("/announcements/kinds").text)
    assert "Recommendation" in page
    assert "Assignment" not in page
    assert "Templates, and sending" not in page
    assert TICK in unescape(client.get("/announcements/new?kind=recommendation").text)
    form = ADVICE | {"classes": str(cast.class_5a.id), "support": "y"}
    answer = client.post("/announcements/new?kind=recommendation", data=form)
    assert answer.status_code == 303
    draft = db.session.scalars(db.select(Announcement)).one()
    assert draft.text_ky.endswith("Психолог, соцпедагог: 0312 000 098.")
    assert client.get(answer.location).status_code == 200
    client.post(f"/announcements/{draft.id}/send", data={"seen": draft.fingerprint})
    bodies = db.session.scalars(db.select(Delivery.body)).all()
    assert len(bodies) == 3
    assert all("0312 000 098" in body for body in bodies)
    progress = unescape(client.get(f"/announcements/{draft.id}").text)
    assert "Save as a template" not in progress
    again = client.post(f"/announcements/{draft.id}/again")
    assert client.get(again.location).status_code == 200


def test_everything_else_is_not_the_psychologists_to_write(
    cast: Cast, psychologist: StaffMember, sign_in: Any
) -> None:
    client = sign_in(psychologist)
    for kind in ("general", "assignment", "online_lesson", "order", "event", "platforms"):
        assert client.get(f"/announcements/new?kind={kind}").status_code == 403, kind
        answer = client.post(f"/announcements/new?kind={kind}", data={"classes": cast.class_5a.id})
        assert answer.status_code == 403, kind
    for page in ("/announcements/new", "/announcements/child?kind=result", "/templates/"):
        assert client.get(page).status_code == 403, page


def test_without_such_a_phone_nothing_is_offered(cast: Cast, psychologist: StaffMember, sign_in: Any) -> None:
    client = sign_in(cast.director)
    form = {"short_name": "№95", "language": "ky", "script": "cyrillic", "quiet_from": "20:00"}
    form |= {"quiet_until": "8:00", "support_phone": ""}
    assert client.post("/school", data=form | {"support_phone": "call me"}).status_code == 422
    assert client.post("/school", data=form).status_code == 303
    db.session.refresh(cast.school)
    assert cast.school.support_phone == ""
    assert TICK not in unescape(client.get("/announcements/new?kind=talk").text)
    answer = client.post(
        "/announcements/new?kind=recommendation",
        data=ADVICE | {"classes": str(cast.class_5a.id), "support": "y"},
    )
    assert answer.status_code == 303
    assert "соцпедагог" not in db.session.scalars(db.select(Announcement.text_ky)).one()
