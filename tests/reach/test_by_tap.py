"""One tap on an announcement's page says the same as the board's form: the family was spoken to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from notifier.database import db
from notifier.message import Fault
from notifier.models import State
from tests.announcements.writing import copy_for, message_for, send, write
from tests.cast import Cast
from tests.reach.climbing import minute, tasks
from webapp.announcements.levels import Level
from webapp.announcements.models import Announcement
from webapp.reach.contacts.note import note_contact
from webapp.reach.history.evidence import evidence
from webapp.reach.models import ContactLog, FamilyStanding, FollowUpState, Means, Outcome


@pytest.fixture(autouse=True)
def today(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


@pytest.fixture
def missed(cast: Cast, now: datetime) -> Announcement:
    """The siblings' phone was off, and their teacher is asked to call."""
    announcement = write(cast, now=now)
    send(announcement, now)
    settle_off = message_for(announcement, cast.siblings)
    settle_off.state, settle_off.fault, settle_off.settled_at = State.UNDELIVERED, Fault.HANDSET_OFF, now
    db.session.commit()
    minute(now)
    return announcement


def logs() -> list[ContactLog]:
    return list(db.session.scalars(select(ContactLog).order_by(ContactLog.id)))


def tap(client: FlaskClient, announcement: Announcement, cast: Cast, **more: str) -> str:
    answer = client.post(
        f"/reach/announcements/{announcement.id}/spoken",
        data={"family": cast.siblings.id, **more},
        follow_redirects=True,
    )
    db.session.expire_all()
    return answer.text


def test_a_tap_is_a_contact_and_closes_what_was_asked(
    cast: Cast, missed: Announcement, sign_in: Any, now: datetime
) -> None:
    client = sign_in(cast.teacher)
    (call,) = tasks(cast.siblings)
    assert call.state == FollowUpState.OPEN
    for _ in range(2):
        assert "Noted: you spoke to the family." in tap(client, missed, cast)
    (log,) = logs()
    assert (log.means, log.outcome, log.staff_id) == (Means.CALL, Outcome.SPOKE, cast.teacher.id)
    assert (log.announcement_id, log.at) == (missed.id, now)
    (call,) = tasks(cast.siblings)
    assert (call.state, call.closed_because, call.closed_by_id) == ("done", "spoke", cast.teacher.id)
    assert copy_for(missed, cast.siblings).climb_at is None
    step = evidence(copy_for(missed, cast.siblings))[-1]
    assert (step.level, step.at) == (Level.SPOKEN_TO, now)
    assert cast.teacher.name in step.by
    standing = db.session.get_one(FamilyStanding, cast.siblings.id)
    assert (standing.missed, standing.unreached_since) == (0, None), "the board knows at once"


def test_a_slip_of_the_finger_leaves_no_talk_and_the_ladder_goes_on(
    cast: Cast, missed: Announcement, sign_in: Any, now: datetime
) -> None:
    client = sign_in(cast.teacher)
    tap(client, missed, cast)
    assert "Taken back." in tap(client, missed, cast, undo="1")
    assert logs() == []
    assert copy_for(missed, cast.siblings).spoken_at is None
    assert tasks(cast.siblings)[0].state == FollowUpState.DONE, "done is final"
    minute(now, 48)
    assert [task.state for task in tasks(cast.siblings)] == ["done", "open"], "somebody else goes"
    tap(client, missed, cast)
    assert len(logs()) == 1


def test_what_the_pedagogue_noted_is_not_taken_back_by_a_tap(
    cast: Cast, missed: Announcement, sign_in: Any, now: datetime
) -> None:
    note_contact(
        cast.siblings, Means.VISIT, Outcome.SPOKE, now, cast.pedagogue, "v", now, announcement_id=missed.id
    )
    db.session.commit()
    page = tap(sign_in(cast.teacher), missed, cast, undo="1")
    assert "This talk was noted with the family; it stays." in page
    assert copy_for(missed, cast.siblings).spoken_at == now
    assert len(logs()) == 1
