"""What becomes of a message that a parent wrote."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select

from notifier import outbox
from notifier.database import db
from notifier.models import Inbound, Suppression
from tests.cast import Cast
from webapp.inbox.models import Reply
from webapp.inbox.read import read_waiting
from webapp.staff.models import School

PHONE = "+996555000101"


def came(body: str, now: datetime, sender: str = PHONE, ref: str = "SM1") -> None:
    outbox.receive(provider="sandbox", provider_ref=ref, sender=sender, recipient="", body=body, now=now)


def replies() -> list[Reply]:
    return list(db.session.scalars(select(Reply).order_by(Reply.id)))


def test_stop_silences_the_number_and_start_lets_it_hear_again(cast: Cast, now: datetime) -> None:
    came("стоп", now)
    assert read_waiting(now) == 1
    assert db.session.scalars(select(Suppression.address)).all() == [PHONE]
    came("БАШТА", now, ref="SM2")
    assert read_waiting(now) == 1
    assert db.session.scalars(select(Suppression.address)).all() == []
    assert [reply.intent for reply in replies()] == ["STOP", "START"]


def test_the_same_message_is_taken_and_read_once(cast: Cast, now: datetime) -> None:
    came("ооба", now)
    came("ооба", now)
    assert read_waiting(now) == 1
    assert read_waiting(now) == 0
    assert len(replies()) == 1


def test_free_text_is_kept_for_the_school_without_a_meaning(cast: Cast, now: datetime) -> None:
    came("Биз бүгүн келе албайбыз, балам ооруп жатат", now)
    read_waiting(now)
    (reply,) = replies()
    assert (reply.school_id, reply.intent) == (cast.school.id, None)


def test_a_number_known_to_two_schools_is_read_by_both(cast: Cast, now: datetime) -> None:
    from webapp.families.models import ContactPoint

    db.session.add(ContactPoint(school_id=cast.other_school.id, channel="sms", address=PHONE))
    db.session.commit()
    came("жок", now)
    read_waiting(now)
    assert {reply.school_id for reply in replies()} == {cast.school.id, cast.other_school.id}


@pytest.mark.parametrize("schools", [1, 2])
def test_a_strangers_message_belongs_to_a_school_only_when_there_is_just_one(
    schools: int, app: object, now: datetime
) -> None:
    for number in range(schools):
        db.session.add(School(name=f"Мектеп {number}", short_name=f"№{number}", created_at=now))
    db.session.commit()
    came("салам", now, sender="+996555000999")
    read_waiting(now)
    assert len(replies()) == (1 if schools == 1 else 0)
    assert db.session.scalars(select(Inbound.handled_at)).one() is not None


def test_a_teacher_reads_the_replies_of_their_families_alone(
    cast: Cast, now: datetime, sign_in: object
) -> None:
    came("Саламатсызбы, мугалим", now, sender="+996700000102", ref="SM1")
    came("Башка мектептен", now, sender="+996777000103", ref="SM2")
    came("Чоочун номер", now, sender="+996555000888", ref="SM3")
    read_waiting(now)
    page = sign_in(cast.teacher).get("/inbox/").text
    assert "Саламатсызбы, мугалим" in page
    assert "Нурлан Экөөбаев" in page
    assert "Башка мектептен" not in page
    assert "Чоочун номер" not in page


def test_markup_in_a_reply_is_shown_as_text(cast: Cast, now: datetime, sign_in: object) -> None:
    came("<script>alert(1)</script>", now)
    read_waiting(now)
    page = sign_in(cast.director).get("/inbox/").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page
