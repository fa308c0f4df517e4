"""These families don't know yet, and here is who goes to them; and the school's own ladder."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from notifier.database import db
from notifier.message import Fault
from notifier.models import State
from tests.announcements.writing import copy_for, message_for, send, write
from tests.cast import Cast
from tests.reach.climbing import FATHER, MAIL, guardian, minute, sent_to, settle
from webapp.announcements.levels import Level
from webapp.announcements.models import Announcement
from webapp.reach.contacts.note import note_contact
from webapp.reach.history.evidence import evidence
from webapp.reach.ladder.of_school import USUAL, ladder_of
from webapp.reach.models import FamilyStanding, FollowUp, LadderRung, Means, Outcome
from webapp.reach.tasks.followups import open_follow_up
from webapp.reach.tasks.going import who_goes
from webapp.staff.models import AuditEntry


@pytest.fixture
def sent(cast: Cast, now: datetime) -> Announcement:
    announcement = write(cast, now=now)
    send(announcement, now)
    settle(message_for(announcement, cast.button_phone), State.DELIVERED, now)
    settle(message_for(announcement, cast.siblings), State.UNDELIVERED, now, Fault.HANDSET_OFF)
    return announcement


def test_the_page_names_who_does_not_know_and_who_goes(
    cast: Cast, sent: Announcement, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    settle(message_for(sent, cast.email_only), State.FAILED, now, Fault.BAD_ADDRESS)
    with time_machine.travel(now, tick=False):
        sign_in(cast.director)
        page = client.get(f"/reach/announcements/{sent.id}").text
        assert "3 families do not know yet" in page
        assert "Нурлан Экөөбаев" in page
        assert "Асан Мисалов" not in page
        assert page.count("Nobody yet") == 3
        for expected in (3, 0):
            client.post(f"/reach/announcements/{sent.id}/follow-ups")
            entries = db.session.scalars(select(AuditEntry).filter_by(action="follow_ups.opened")).all()
            assert [entry.detail["families"] for entry in entries] == [3]
            assert expected in {0, 3}
        page = client.get(f"/reach/announcements/{sent.id}").text
        assert "Nobody yet" not in page
        assert page.count(cast.teacher.name) >= 3
    assert all(task for _, task in who_goes(sent, cast.director, now))


def test_a_teacher_hands_the_ticked_families_to_the_pedagogue(
    cast: Cast, sent: Announcement, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    settle(message_for(sent, cast.email_only), State.FAILED, now, Fault.BAD_ADDRESS)
    with time_machine.travel(now, tick=False):
        sign_in(cast.teacher)
        page = client.get(f"/reach/announcements/{sent.id}").text
        assert page.count('name="family"') == 3
        nobody = client.post(f"/reach/announcements/{sent.id}/hand", follow_redirects=True)
        assert "Tick the families first." in nobody.text
        ticked = [cast.siblings.id, cast.no_address.id, cast.neighbour.id, cast.other_family.id]
        for said in ("2 families are handed to the social pedagogue.", "Tick the families first."):
            answer = client.post(
                f"/reach/announcements/{sent.id}/hand", data={"family": ticked}, follow_redirects=True
            )
            assert said in answer.text
        assert answer.text.count('name="family"') == 1
    tasks = db.session.scalars(select(FollowUp)).all()
    assert {task.family_id for task in tasks} == {cast.siblings.id, cast.no_address.id}
    assert {(task.means, task.assignee_id) for task in tasks} == {(Means.VISIT, cast.pedagogue.id)}
    entry = db.session.scalars(select(AuditEntry).filter_by(action="follow_ups.handed")).one()
    assert entry.detail == {"families": 2}


def test_a_task_of_ones_own_goes_into_the_pedagogues_hands(
    cast: Cast, sent: Announcement, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    for household, person in ((cast.no_address, cast.teacher), (cast.siblings, cast.other_teacher)):
        open_follow_up(household, "ladder", "x", now, means=Means.VISIT, assignee_id=person.id)
    db.session.commit()
    with time_machine.travel(now, tick=False):
        sign_in(cast.teacher)
        address = f"/reach/announcements/{sent.id}/hand"
        ticked = {"family": [cast.no_address.id, cast.siblings.id]}
        page = client.post(address, data=ticked, follow_redirects=True).text
        assert "1 family is handed to the social pedagogue." in page
        sign_in(cast.pedagogue)
        assert 'name="family"' not in client.get(f"/reach/announcements/{sent.id}").text
    tasks = {task.family_id: task.assignee_id for task in db.session.scalars(select(FollowUp))}
    # A colleague's is theirs to give away.
    assert tasks == {cast.no_address.id: cast.pedagogue.id, cast.siblings.id: cast.other_teacher.id}


def test_a_class_teacher_sees_only_their_own(
    cast: Cast, sent: Announcement, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.other_teacher)
    assert client.get(f"/reach/announcements/{sent.id}").status_code == 404
    assert client.post(f"/reach/announcements/{sent.id}/follow-ups").status_code == 404
    sign_in(cast.other_director)
    assert client.get(f"/reach/announcements/{sent.id}").status_code == 404


def test_every_level_has_its_time_and_its_evidence(cast: Cast, sent: Announcement, now: datetime) -> None:
    guardian(cast.siblings, "Эрмек Экөөбаев", FATHER, MAIL)
    at = minute(now)
    settle(sent_to(FATHER)[0], State.DELIVERED, at)
    later = minute(at)
    note_contact(
        cast.siblings, Means.CALL, Outcome.SPOKE, later, cast.teacher, "t", later, announcement_id=sent.id
    )
    db.session.commit()
    steps = evidence(copy_for(sent, cast.siblings))
    assert [step.level for step in steps] == [Level.SENT, Level.SENT, Level.DELIVERED, Level.SPOKEN_TO]
    assert [step.at for step in steps] == [now, at, at, later]
    assert cast.teacher.name in steps[-1].by
    assert all("5550001" not in step.by and "0000102" not in step.by for step in steps)


def test_a_school_sets_its_own_ladder(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    sign_in(cast.director)
    assert list(ladder_of(cast.school.id)) == list(USUAL)
    assert "A visit" in client.get("/reach/ladder").text
    form = {"on": "1"}
    for place in range(7):
        form |= {f"order-{place}": str(place + 1), f"hours-{place}": "4", f"minutes-{place}": "20"}
    form |= {"active-0": "1", "active-2": "1", "order-2": "1", "order-0": "2"}
    assert client.post("/reach/ladder", data=form).status_code == 303
    rungs = [rung for rung in ladder_of(cast.school.id) if rung.active]
    assert [rung.means for rung in rungs] == [Means.CALL, Means.NEXT_NUMBER]
    assert {entry.action for entry in db.session.scalars(select(AuditEntry))} == {"ladder.changed"}
    client.post("/reach/ladder", data={**form, "on": ""} | {"on": "1"})
    assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == 2, "the order is another now"


@pytest.mark.parametrize(
    "wrong", [{"hours-0": "0"}, {"minutes-1": "x"}, {"order-0": "=1+1"}, {"hours-0": "9" * 99}]
)
def test_what_is_no_number_of_hours_is_refused(
    cast: Cast, client: FlaskClient, sign_in: Any, wrong: dict[str, str]
) -> None:
    sign_in(cast.director)
    form = {}
    for place in range(7):
        form |= {f"order-{place}": str(place + 1), f"hours-{place}": "4", f"minutes-{place}": "20"}
    answer = client.post("/reach/ladder", data=form | wrong)
    assert answer.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(LadderRung)) == 0


def test_a_class_teacher_does_not_set_the_ladder(cast: Cast, client: FlaskClient, sign_in: Any) -> None:
    sign_in(cast.teacher)
    assert client.get("/reach/ladder").status_code == 403


def test_the_board_is_kept_and_can_be_rebuilt(
    app: Flask, cast: Cast, sent: Announcement, now: datetime
) -> None:
    minute(now)

    def missed() -> dict[int, int]:
        db.session.expire_all()
        return {row.family_id: row.missed for row in db.session.scalars(select(FamilyStanding)) if row.missed}

    kept = missed()
    assert kept == {cast.siblings.id: 1, cast.no_address.id: 1}
    db.session.execute(db.delete(FamilyStanding))
    db.session.commit()
    with time_machine.travel(now, tick=False):
        assert app.test_cli_runner().invoke(args=["reach", "rebuild"]).exit_code == 0
    assert missed() == kept
    settle(message_for(sent, cast.siblings), State.DELIVERED, now)
    minute(now)
    assert cast.siblings.id not in missed()
    assert db.session.scalar(select(func.count(FollowUp.id)).where(FollowUp.state == "open")) >= 1


def test_the_report_says_who_goes(app: Flask, cast: Cast, sent: Announcement, now: datetime) -> None:
    minute(now)
    done = app.test_cli_runner().invoke(
        args=["reach", "report", "--school", "№95", "--announcement", str(sent.id)]
    )
    assert "Чолпон Дарексизова" in done.stdout
    assert cast.teacher.name in done.stdout
