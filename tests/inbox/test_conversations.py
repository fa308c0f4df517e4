"""What staff see of what parents write, and what they do about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from notifier.database import db
from notifier.models import Delivery, Suppression
from tests.cast import Cast
from tests.inbox.conftest import BUTTON, SIBLINGS, STRANGER, Writes, announce
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import Recipient
from webapp.inbox.models import Conversation
from webapp.inbox.queries import how_many_unread
from webapp.reach.models import FollowUp
from webapp.staff.models import AuditEntry, School

ASKED = "Балам ооруп жатат, эмне кылайын?"


def alone(cast: Cast) -> None:
    """A house of one school: only there strangers' messages have a home."""
    db.session.execute(db.delete(School).where(School.id == cast.other_school.id))
    db.session.commit()


def stranger() -> Conversation:
    return db.session.scalars(select(Conversation).where(Conversation.address.is_not(None))).one()


def test_a_conversation_is_unread_until_its_teacher_opens_it(
    cast: Cast, writes: Writes, sign_in: Any
) -> None:
    writes(ASKED, SIBLINGS)
    assert how_many_unread(cast.teacher) == how_many_unread(cast.other_teacher) == 1
    sign_in(cast.director).get(f"/inbox/families/{cast.siblings.id}")
    assert how_many_unread(cast.teacher) == 1, "a director only looks"
    client = sign_in(cast.teacher)
    assert "Unread" in client.get("/inbox/").text
    assert ASKED in client.get(f"/inbox/families/{cast.siblings.id}").text
    db.session.expire_all()
    assert how_many_unread(cast.other_teacher) == 0
    client.post(f"/inbox/families/{cast.siblings.id}/unread")
    db.session.expire_all()
    assert how_many_unread(cast.teacher) == 1


def test_a_conversation_names_the_guardian_who_wrote(
    cast: Cast, writes: Writes, sign_in: Any, now: datetime
) -> None:
    writes(ASKED, SIBLINGS)
    guardian = cast.siblings.guardians[0]
    page = sign_in(cast.teacher).get(f"/inbox/families/{cast.siblings.id}").text
    assert f'{guardian.name} <span class="num nowrap">{SIBLINGS}</span>' in page
    guardian.contacts[0].is_relay = True
    db.session.commit()
    page = sign_in(cast.teacher).get(f"/inbox/families/{cast.siblings.id}").text
    assert f'{guardian.name} <span class="num nowrap">{SIBLINGS}</span>' not in page


def test_a_conversation_shows_both_sides_in_order_and_whose_phone_it_is_too(
    cast: Cast, writes: Writes, sign_in: Any, now: datetime
) -> None:
    announce(cast, now)
    writes(ASKED, at=now + timedelta(minutes=5))
    page = sign_in(cast.teacher).get(f"/inbox/families/{cast.button_phone.id}").text
    assert page.index("Эртең сабак болбойт.") < page.index(ASKED)
    assert "Delivered" in page
    assert "Анна Соседова" in page


def test_a_reply_goes_to_that_family_alone_and_once(
    cast: Cast, writes: Writes, sign_in: Any, now: datetime
) -> None:
    writes(ASKED)
    client = sign_in(cast.teacher)
    form = {"text_ky": "Дарыгерге барыңыз.", "token": "t" * 20}
    for _ in range(2):
        answer = client.post(f"/inbox/families/{cast.button_phone.id}", data=form)
        assert answer.status_code == 303
    sent = db.session.scalars(select(Delivery)).one()
    assert (sent.body, sent.address) == ("№95, 5-А: Дарыгерге барыңыз.", BUTTON)
    reply = db.session.scalars(select(Announcement)).one()
    assert (reply.kind, reply.author_id) == ("reply", cast.teacher.id)
    copy = db.session.scalars(select(Recipient)).one()
    assert (copy.family_id, copy.climb_at) == (cast.button_phone.id, None)
    assert "Дарыгерге барыңыз." not in client.get("/").text
    assert "Дарыгерге барыңыз." in client.get(f"/inbox/families/{cast.button_phone.id}").text


def test_an_empty_reply_and_a_silent_phone_are_named(cast: Cast, writes: Writes, sign_in: Any) -> None:
    client = sign_in(cast.teacher)
    answer = client.post(f"/inbox/families/{cast.siblings.id}", data={"text_ky": "  "})
    assert answer.status_code == 422
    assert "Write the reply" in answer.text
    writes("СТОП", SIBLINGS)
    assert "no phone of this family" in client.get(f"/inbox/families/{cast.siblings.id}").text


def test_what_it_costs_is_shown_while_typing(cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.teacher).post(
        f"/inbox/families/{cast.siblings.id}/cost", data={"text_ky": "Салам. " * 20}
    )
    assert answer.status_code == 200
    assert 'data-slot="ky-cyrillic">3<' in answer.text


def test_the_pedagogue_is_handed_a_family_once(cast: Cast, writes: Writes, sign_in: Any) -> None:
    writes(ASKED, SIBLINGS)
    client = sign_in(cast.teacher)
    for _ in range(2):
        client.post(
            f"/inbox/families/{cast.siblings.id}/hand", data={"token": "h" * 20, "note": "Барып көрүңүз"}
        )
    task = db.session.scalars(select(FollowUp)).one()
    assert (task.rule, task.family_id, task.assignee_id) == ("handed", cast.siblings.id, cast.pedagogue.id)
    assert task.note == "Барып көрүңүз"


def test_a_teacher_finds_a_family_by_the_childs_name_and_no_strangers(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.teacher)
    assert f"/inbox/families/{cast.siblings.id}" in client.get("/inbox/?q=нурлан").text
    assert "Соседов" not in client.get("/inbox/?q=сосед").text.replace('value="сосед"', "")
    assert client.get(f"/inbox/families/{cast.neighbour.id}").status_code == 404
    assert client.get("/inbox/numbers").status_code == 403


def test_an_unknown_number_becomes_a_guardians_with_all_it_wrote(
    cast: Cast, writes: Writes, sign_in: Any
) -> None:
    alone(cast)
    writes(ASKED, STRANGER)
    client = sign_in(cast.office)
    number = stranger().id
    assert "Бермет Дарексизова" in client.get(f"/inbox/numbers/{number}?q=Чолпон").text
    guardian = cast.no_address.guardians[0].id
    assert client.post(f"/inbox/numbers/{number}/match", data={"guardian": guardian}).status_code == 303
    db.session.expire_all()
    point = cast.no_address.guardians[0].contacts[0].contact_point
    assert point.address == STRANGER
    assert ASKED in client.get(f"/inbox/families/{cast.no_address.id}").text
    assert client.get(f"/inbox/numbers/{number}").status_code == 404
    assert db.session.scalars(select(AuditEntry.action)).all() == ["number.matched"]


def test_a_blocked_number_is_neither_read_nor_answered_until_it_is_unblocked(
    cast: Cast, writes: Writes, sign_in: Any
) -> None:
    alone(cast)
    writes("Кредит алыңыз!", STRANGER)
    client = sign_in(cast.director)
    client.post(f"/inbox/numbers/{stranger().id}/block")
    assert writes("БАШТА", STRANGER) == writes("ЖАРДАМ", STRANGER) == []
    assert how_many_unread(cast.director) == 0
    assert db.session.scalars(select(Suppression.reason)).all() == ["blocked"]
    client.post(f"/inbox/numbers/{stranger().id}/block", data={"undo": "1"})
    assert len(writes("ЖАРДАМ", STRANGER)) == 1
    actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert actions == ["number.blocked", "number.unblocked"]


def test_opening_a_conversation_waits_for_whoever_writes_instead_of_failing(cast: Cast, sign_in: Any) -> None:
    views = sign_in(cast.teacher).application.view_functions
    # Marked, so that SQLite's lock is taken before the first look and the note that it was read cannot fail.
    assert all(getattr(views[f"inbox.{name}"], "writes", False) for name in ("family", "number"))
