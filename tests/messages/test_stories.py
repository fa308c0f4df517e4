"""What happened to one message, and what a person decides when nobody else can."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select

from notifier.database import db
from notifier.message import Outcome
from notifier.models import Attempt, Delivery, ProviderPause, State
from tests.cast import Cast
from webapp.announcements.models import Announcement
from webapp.announcements.publish import publish
from webapp.announcements.recipients import Recipient
from webapp.families.models import ContactPoint
from webapp.families.numbers import Why, mark_wrong
from webapp.messages.words import EVENTS, STATES
from webapp.staff.models import AuditEntry

ENGINE = Path(__file__).resolve().parents[2] / "notifier" / "outbox"


@pytest.fixture
def message(cast: Cast, now: datetime) -> Delivery:
    """The message on the phone that the button-phone family and the neighbours share, in doubt."""
    announcement = Announcement(
        school_id=cast.school.id, author_id=cast.teacher.id, text_ky="Эртең жыйын", created_at=now
    )
    announcement.classes = [cast.class_5a]
    db.session.add(announcement)
    db.session.flush()
    publish(announcement, now, by=cast.teacher)
    delivery = db.session.scalars(select(Delivery).filter_by(address="+996555000101")).one()
    delivery.state, delivery.epoch, delivery.last_attempt_at = State.NEEDS_HUMAN, 1, now
    for event, state in (("uncertain", State.UNCERTAIN), ("needs_human", State.NEEDS_HUMAN)):
        db.session.add(
            Attempt(delivery_id=delivery.id, epoch=1, at=now + timedelta(seconds=1), event=event, state=state)
        )
    db.session.commit()
    return delivery


def test_every_event_and_state_of_the_engine_has_words() -> None:
    code = "".join(path.read_text() for path in ENGINE.glob("*.py"))
    said = set(re.findall(r'Verdict\([^"\n]*"([a-z_]+)"', code)) | set(re.findall(r'event="([a-z_]+)"', code))
    said |= set(re.findall(r': "([a-z_]+)",\n', code.partition("EVENTS = {")[2].partition("}")[0]))
    assert {"lapsed", "found", "cancelled"} <= said
    assert said | {outcome.value for outcome in Outcome} <= EVENTS.keys()
    assert STATES.keys() == set(State)


def test_the_story_of_a_message_is_told_in_words(message: Delivery, cast: Cast, sign_in: Any) -> None:
    page = sign_in(cast.teacher).get(f"/messages/{message.ref}").text
    for words in ("No clear answer came", "a person has to decide", "Асан Мисалов, 5-А", "Эртең жыйын"):
        assert words in page


@pytest.mark.parametrize("who", ["other_teacher", "other_director"])
def test_nobody_else_reads_it(message: Delivery, cast: Cast, sign_in: Any, who: str) -> None:
    client = sign_in(getattr(cast, who))
    assert client.get(f"/messages/{message.ref}").status_code == 404
    assert client.post(f"/messages/{message.ref}/decide", data={"decision": "again"}).status_code == 404
    assert message.state == State.NEEDS_HUMAN


@pytest.mark.parametrize(
    ("decision", "state"),
    [("arrived", State.DELIVERED), ("again", State.PENDING), ("leave", State.CANCELLED)],
)
def test_a_person_decides_once(
    message: Delivery, cast: Cast, sign_in: Any, decision: str, state: State
) -> None:
    client = sign_in(cast.teacher)
    assert "1 message may or may not have arrived" in client.get("/").text
    assert "Асан Мисалов" in client.get("/messages/to-decide").text
    answer = client.post(f"/messages/{message.ref}/decide", data={"decision": decision})
    assert answer.status_code == 303
    db.session.refresh(message)
    assert message.state == state
    assert "may or may not" not in client.get("/").text
    again = client.post(f"/messages/{message.ref}/decide", data={"decision": "again"}, follow_redirects=True)
    assert "decided already" in again.text
    decided = db.session.scalars(select(AuditEntry).filter_by(action="message.decided")).one()
    assert decided.detail == {"decision": state.value}


@pytest.mark.parametrize(
    ("decision", "said"),
    [("arrived", "They have it"), ("again", "Send it again"), ("leave", "Leave it")],
)
def test_the_story_says_what_was_decided_and_by_whom(
    message: Delivery, cast: Cast, sign_in: Any, decision: str, said: str
) -> None:
    client = sign_in(cast.teacher)
    client.post(f"/messages/{message.ref}/decide", data={"decision": decision})
    page = client.get(f"/messages/{message.ref}").text
    assert f"Decided: {said} · {cast.teacher.name}" in page


def test_what_was_left_in_doubt_is_not_said_to_have_been_stopped(
    message: Delivery, cast: Cast, sign_in: Any
) -> None:
    client = sign_in(cast.teacher)
    client.post(f"/messages/{message.ref}/decide", data={"decision": "leave"})
    number = db.session.scalars(select(Announcement.id)).one()
    story, progress = client.get(f"/messages/{message.ref}").text, client.get(f"/announcements/{number}").text
    for page in (story, progress):
        assert "Nobody knows whether it arrived; it was decided to leave it." in page
        assert "stopped before it was sent" not in page
    assert "May have arrived" in story
    assert "Cancelled" not in story
    assert "Ask the family whether they got it." in progress


def test_what_went_to_a_wrong_number_says_so_and_what_to_do(
    message: Delivery, cast: Cast, now: datetime, sign_in: Any
) -> None:
    message.state = State.PENDING
    point = db.session.scalars(
        select(ContactPoint).filter_by(address=message.address, school_id=cast.school.id)
    ).one()
    assert mark_wrong(point, now, Why.CALLED)
    db.session.commit()
    db.session.refresh(message)
    assert message.state is State.CANCELLED
    client = sign_in(cast.teacher)
    number = db.session.scalars(select(Announcement.id)).one()
    assert "the number or address proved to be wrong" in client.get(f"/messages/{message.ref}").text
    page = client.get(f"/announcements/{number}?show=not_reached").text
    assert "Not sent: the number or address proved to be wrong." in page
    assert "Ask the family for a number that works" in page


def test_a_second_tap_at_the_same_spot_decides_about_nobody_else(
    message: Delivery, cast: Cast, sign_in: Any
) -> None:
    """What was decided keeps its place without buttons, and those of the others are unfolded first."""
    other = db.session.scalars(select(Delivery).filter_by(address="+996700000102")).one()
    other.state = State.NEEDS_HUMAN
    db.session.commit()
    client = sign_in(cast.teacher)
    assert client.get("/messages/to-decide").text.count('value="again"') == 2
    answer = client.post(f"/messages/{message.ref}/decide", data={"decision": "again"})
    assert answer.location == f"/messages/to-decide?decided={message.ref}#decided"
    page = client.get(answer.location).text
    assert "Асан Мисалов, 5-А: it is sent again." in page
    decided, rest = page.split('id="decided"')[1].split("</section>", 1)
    assert "Асан Мисалов, 5-А" in decided
    assert "Decided: Send it again" in decided
    assert "<button" not in decided
    assert "Нурлан Экөөбаев" in rest
    assert rest.index("<details") < rest.index('value="again"') < rest.index("</details>")
    # Whoever looks again sees what is left, as before.
    page = client.get("/messages/to-decide").text
    assert "Асан Мисалов" not in page
    assert "<details" not in page.split("<main")[1]


def test_the_last_decision_leads_to_where_nothing_can_be_pressed_by_mistake(
    message: Delivery, cast: Cast, sign_in: Any
) -> None:
    client = sign_in(cast.teacher)
    page = client.post(
        f"/messages/{message.ref}/decide", data={"decision": "leave"}, follow_redirects=True
    ).text
    assert "Асан Мисалов, 5-А: left as it is; nobody knows whether it arrived." in page
    assert "Every message is accounted for." in page
    assert 'name="decision"' not in page


def test_what_nobody_decided_about_cannot_be_brought_into_the_list(
    message: Delivery, cast: Cast, sign_in: Any
) -> None:
    message.state = State.DELIVERED
    db.session.commit()
    page = sign_in(cast.teacher).get(f"/messages/to-decide?decided={message.ref}").text
    assert "Nothing to decide" in page


@pytest.mark.parametrize(
    ("decision", "said"),
    [("arrived", "They have it"), ("again", "Send it again"), ("leave", "Leave it")],
)
def test_the_journal_says_in_words_what_was_decided_and_about_whose_message(
    message: Delivery, cast: Cast, sign_in: Any, decision: str, said: str
) -> None:
    sign_in(cast.teacher).post(f"/messages/{message.ref}/decide", data={"decision": decision})
    page = sign_in(cast.director).get("/audit").text
    assert f"Decision: {said}" in page
    assert f'href="/messages/{message.ref}">Асан Мисалов, 5-А' in page
    assert f"Message {message.id}" not in page
    # Of what is not known any more its number is left.
    db.session.execute(delete(Recipient))
    db.session.commit()
    assert f"Message {message.id}" in sign_in(cast.director).get("/audit").text


def test_a_decision_nobody_offers_is_refused(message: Delivery, cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.teacher)
    assert client.post(f"/messages/{message.ref}/decide", data={"decision": "failed"}).status_code == 400


def test_a_resting_provider_is_news_on_every_page_and_the_office_lets_it_go_on(
    cast: Cast, now: datetime, sign_in: Any
) -> None:
    db.session.add(ProviderPause(provider="twilio", since=now, code="20003", reason="no money"))
    db.session.commit()
    assert "Tell the director or the school office" in sign_in(cast.teacher).get("/reach/").text
    assert sign_in(cast.teacher).post("/messages/resume", data={"provider": "twilio"}).status_code == 403
    client = sign_in(cast.office)
    assert "20003" in client.get("/").text
    assert "No SMS is being sent" in client.get("/").text
    assert "e-mail" not in client.get("/").text.split("No SMS is being sent")[1].split("</div>")[0]
    page = client.post("/messages/resume", data={"provider": "twilio"}, follow_redirects=True).text
    assert "Sending goes on." in page
    assert db.session.scalars(select(ProviderPause)).all() == []


def test_where_only_the_mail_server_rests_sms_are_not_said_to_wait(
    cast: Cast, now: datetime, sign_in: Any
) -> None:
    db.session.add(ProviderPause(provider="smtp", since=now, code="535", reason="wrong password"))
    db.session.commit()
    page = sign_in(cast.office).get("/").text
    assert "No e-mail is being sent" in page
    assert "SMS is being sent" not in page
