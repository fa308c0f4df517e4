"""A message to a colleague of which nobody can tell whether it arrived."""

from __future__ import annotations

from datetime import datetime
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select, update

from notifier.database import db
from notifier.message import Fault
from notifier.models import Delivery, State
from tests.announcements.writing import message_for, write
from tests.cast import Cast
from tests.staffroom.writing import messages, send
from webapp.announcements.publish import publish
from webapp.staff.models import AuditEntry
from webapp.staffroom.directory import put_into
from webapp.staffroom.models import Association
from webapp.staffroom.queries import Stand, counts_of

pytestmark = pytest.mark.usefixtures("phones")


def becomes(state: State, fault: Fault | None = None) -> None:
    """Let the one SMS, which two colleagues share, have come that far."""
    db.session.execute(
        update(Delivery).where(Delivery.channel == "sms").values(state=state, fault=fault, accepted_at=None)
    )
    db.session.commit()


@pytest.mark.parametrize(
    ("state", "fault", "stand"),
    [
        (State.PENDING, None, Stand.WAITING),
        (State.SENDING, None, Stand.WAITING),
        (State.UNCERTAIN, None, Stand.CHECKING),
        (State.NEEDS_HUMAN, None, Stand.UNKNOWN),
        (State.ACCEPTED, None, Stand.SENT),
        (State.DELIVERED, None, Stand.DELIVERED),
        (State.UNDELIVERED, Fault.HANDSET_OFF, Stand.FAILED),
        (State.UNDELIVERED, Fault.MAY_HAVE_ARRIVED, Stand.UNKNOWN),
        (State.FAILED, Fault.BAD_ADDRESS, Stand.FAILED),
        (State.SUPPRESSED, None, Stand.FAILED),
        (State.EXPIRED, None, Stand.FAILED),
        (State.CANCELLED, None, Stand.STOPPED),
    ],
)
def test_what_became_of_it_is_told_as_it_is(
    cast: Cast, sign_in: Any, state: State, fault: Fault | None, stand: Stand
) -> None:
    cast.office.email = ""  # no letter beside the SMS
    db.session.commit()
    number = send(sign_in(cast.director))
    becomes(state, fault)
    assert counts_of([number])[number][stand] == 2


def test_a_message_in_doubt_is_not_called_sent_and_the_sender_decides(cast: Cast, sign_in: Any) -> None:
    number = send(sign_in(cast.director))
    becomes(State.NEEDS_HUMAN)
    client = sign_in(cast.director)
    progress = unescape(client.get(f"/staff-notices/{number}/progress").text)
    assert progress.count("May have arrived") >= 2
    assert "1 message may or may not have arrived" in progress
    assert "1 message to colleagues may or may not have arrived" in unescape(client.get("/").text)
    page = unescape(client.get("/staff-notices/to-decide").text)
    assert "Айгүл Үлгүбаева, Ольга Образцова" in page
    sms = next(each for each in messages() if each.channel == "sms")
    assert (
        client.post(f"/staff-notices/to-decide/{sms.ref}", data={"decision": "nonsense"}).status_code == 400
    )
    answer = client.post(f"/staff-notices/to-decide/{sms.ref}", data={"decision": "arrived"})
    assert answer.location == f"/staff-notices/to-decide?decided={sms.ref}#decided"
    page = unescape(client.get(answer.location).text)
    assert "Айгүл Үлгүбаева, Ольга Образцова: noted that they have it." in page
    assert "Decided: They have it" in page
    assert 'name="decision"' not in page
    assert counts_of([number])[number][Stand.DELIVERED] == 2
    entry = db.session.scalars(select(AuditEntry).filter_by(action="message.decided")).one()
    assert entry.detail == {"decision": "delivered"}
    journal = unescape(client.get("/audit").text)
    assert f'href="/staff-notices/{number}/progress">Айгүл Үлгүбаева, Ольга Образцова' in journal
    assert "Decision: They have it" in journal
    again = client.post(
        f"/staff-notices/to-decide/{sms.ref}", data={"decision": "again"}, follow_redirects=True
    )
    assert "This message is decided already" in unescape(again.text)
    assert "Nothing to decide" in unescape(client.get("/staff-notices/to-decide").text)


def test_why_it_did_not_arrive_stands_beside_the_name(cast: Cast, sign_in: Any) -> None:
    number = send(sign_in(cast.director))
    becomes(State.UNDELIVERED, Fault.HANDSET_OFF)
    page = unescape(sign_in(cast.director).get(f"/staff-notices/{number}/progress").text)
    assert "switched off" in page
    becomes(State.SUPPRESSED, Fault.OPTED_OUT)
    page = unescape(sign_in(cast.director).get(f"/staff-notices/{number}/progress").text)
    assert "has asked for no messages" in page
    assert "family" not in page.partition("<tbody")[2].partition("</tbody")[0]


def test_nobody_else_decides_about_it(cast: Cast, sign_in: Any, now: datetime) -> None:
    send(sign_in(cast.director))
    becomes(State.NEEDS_HUMAN)
    sms = next(each for each in messages() if each.channel == "sms")
    first = db.session.scalars(select(Association).filter_by(school_id=cast.school.id)).first()
    assert first is not None
    put_into(cast.teacher, first.id, leads=True)  # who writes notices, too, but not this one
    db.session.commit()
    for person in (cast.teacher, cast.pedagogue, cast.other_director):
        client = sign_in(person)
        address = f"/staff-notices/to-decide/{sms.ref}"
        assert client.post(address, data={"decision": "again"}).status_code == 404
        assert "may or may not have arrived" not in unescape(client.get("/").text)
    assert client.post("/staff-notices/to-decide/unknown", data={"decision": "again"}).status_code == 404
    waiting = db.session.scalar(
        select(func.count()).select_from(Delivery).where(Delivery.state == State.NEEDS_HUMAN)
    )
    assert waiting == 1
    assert sign_in(cast.office).post(address, data={"decision": "again"}).status_code == 303
    assert db.session.get_one(Delivery, sms.id, populate_existing=True).state is State.PENDING


def test_a_familys_message_is_not_decided_here(cast: Cast, sign_in: Any, now: datetime) -> None:
    announcement = write(cast, now=now)
    publish(announcement, now)
    message = message_for(announcement, cast.button_phone)
    becomes(State.NEEDS_HUMAN)
    client = sign_in(cast.director)
    assert (
        client.post(f"/staff-notices/to-decide/{message.ref}", data={"decision": "again"}).status_code == 404
    )
    assert "Nothing to decide" in unescape(client.get("/staff-notices/to-decide").text)


def test_what_was_left_in_doubt_may_have_arrived(cast: Cast, sign_in: Any) -> None:
    number = send(sign_in(cast.director))
    becomes(State.NEEDS_HUMAN)
    client = sign_in(cast.director)
    sms = next(each for each in messages() if each.channel == "sms")
    client.post(f"/staff-notices/to-decide/{sms.ref}", data={"decision": "leave"})
    counts = counts_of([number])[number]
    assert (counts[Stand.UNKNOWN], counts[Stand.STOPPED]) == (2, 0)
