"""An announcement is taken back, set right, used again."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from notifier import outbox
from notifier.database import db
from notifier.message import Fault
from notifier.models import Delivery, State
from tests.announcements.writing import KY, RU, becomes, copy_for, message_for, send, write
from tests.cast import Cast
from tests.reach.climbing import FATHER, guardian, minute, settle, tasks
from webapp.announcements.audience.selection import Selection
from webapp.announcements.audience.who import still_to_tell
from webapp.announcements.back.taking_back import take_back
from webapp.announcements.models import Announcement
from webapp.announcements.money import budget
from webapp.announcements.progress_views import FIRST_LOOK
from webapp.announcements.publish import UNDO, publish
from webapp.announcements.recipients import Recipient
from webapp.reach.answers.acknowledged import knows
from webapp.reach.answers.remind import remind
from webapp.reach.models import FamilyStanding, FollowUpState
from webapp.reach.queries import Scope, report
from webapp.reach.tasks.going import going_for
from webapp.staff.models import AuditEntry


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(now, tick=False) as traveller:
        yield traveller


@pytest.fixture
def sent(cast: Cast, now: datetime) -> Announcement:
    announcement = write(cast, now=now)
    send(announcement, now)
    return announcement


def states(announcement: Announcement) -> dict[str, State]:
    db.session.rollback()
    return {
        delivery.address: delivery.state
        for delivery in db.session.scalars(
            select(Delivery).where(Delivery.dedupe_key.startswith(f"announcement:{announcement.id}:"))
        )
    }


def press(client: FlaskClient, announcement: Announcement, what: str) -> Any:
    return client.post(f"/announcements/{announcement.id}/{what}", follow_redirects=True)


# Take back


def test_for_half_a_minute_nothing_leaves_and_all_can_be_taken_back(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime, clock: time_machine.Traveller
) -> None:
    draft = write(cast, now=now)
    sign_in(cast.teacher)
    page = client.post(
        f"/announcements/{draft.id}/send", data={"seen": draft.fingerprint}, follow_redirects=True
    ).text
    assert "It goes in half a minute." in page
    db.session.commit()
    assert outbox.claim(db.engine, channel="sms", limit=9, owner="w", now=now + UNDO / 2) == []
    page = press(client, draft, "back").text
    assert "It is taken back: no family was told." in page
    assert "4 families were not told." in page
    assert set(states(draft).values()) == {State.CANCELLED}
    db.session.commit()
    assert outbox.claim(db.engine, channel="sms", limit=9, owner="w", now=now + timedelta(hours=1)) == []


def test_after_half_a_minute_it_goes(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime, clock: time_machine.Traveller
) -> None:
    draft = write(cast, now=now)
    sign_in(cast.teacher)
    client.post(f"/announcements/{draft.id}/send", data={"seen": draft.fingerprint})
    clock.move_to(now + UNDO)
    page = client.get(f"/announcements/{draft.id}").text
    assert "It goes in half a minute." not in page
    assert "Take it back" in page
    db.session.commit()
    assert len(outbox.claim(db.engine, channel="sms", limit=9, owner="w", now=now + UNDO)) == 2


def test_an_urgent_one_goes_at_once(cast: Cast, client: FlaskClient, sign_in: Any, now: datetime) -> None:
    draft = write(cast, urgent=True, now=now)
    sign_in(cast.teacher)
    client.post(f"/announcements/{draft.id}/send", data={"seen": draft.fingerprint})
    assert message_for(draft, cast.button_phone).not_before == now


def test_what_has_left_is_said_exactly(
    cast: Cast, client: FlaskClient, sign_in: Any, sent: Announcement, now: datetime
) -> None:
    becomes(message_for(sent, cast.button_phone), State.DELIVERED, now)
    becomes(message_for(sent, cast.email_only), State.SENDING, now)
    sign_in(cast.teacher)
    page = press(client, sent, "back").text
    assert "It is taken back for 2 families. 1 family was sent it before, and stands below." in page
    assert "1 family was perhaps sent it: its message was leaving at that moment." in page
    assert copy_for(sent, cast.siblings).taken_back_at == now
    assert copy_for(sent, cast.button_phone).taken_back_at is None
    entry = db.session.scalars(select(AuditEntry).filter_by(action="announcement.taken_back")).one()
    assert entry.detail == {"families": 2, "already_sent": 2}
    only = client.get(f"/announcements/{sent.id}?show=taken_back").text
    assert "Нурлан Экөөбаев" in only
    assert "Асан Мисалов" not in only
    assert "Taken back" in client.get("/announcements").text


def test_a_familys_page_tells_of_what_was_taken_back(
    cast: Cast, client: FlaskClient, sign_in: Any, sent: Announcement, now: datetime
) -> None:
    take_back(sent, now, cast.teacher)
    db.session.commit()
    sign_in(cast.pedagogue)
    page = client.get(f"/reach/families/{cast.siblings.id}")
    assert page.status_code == 200
    assert "Taken back" in page.text


def test_taking_it_back_twice_is_taking_it_back_once(cast: Cast, sent: Announcement, now: datetime) -> None:
    first = take_back(sent, now, cast.teacher)
    again = take_back(sent, now + timedelta(minutes=1), cast.director)
    db.session.commit()
    assert (first.first, again.first) == (True, False)
    assert (first.families, first.gone) == (again.families, again.gone) == (4, 0)
    assert sent.taken_back_by == cast.teacher
    assert len(db.session.scalars(select(AuditEntry).filter_by(action="announcement.taken_back")).all()) == 1


def test_what_did_not_leave_costs_nothing(cast: Cast, now: datetime) -> None:
    cast.school.sms_price = Decimal("1.5")
    announcement = write(cast, cast.class_5a, cast.class_5b, now=now)
    send(announcement, now)
    whole = budget.spent(cast.school, now)
    parts = message_for(announcement, cast.siblings).segments
    becomes(message_for(announcement, cast.siblings), State.DELIVERED, now)
    take_back(announcement, now, cast.director)
    db.session.commit()
    assert whole > budget.spent(cast.school, now) == parts * cast.school.sms_price
    by_class = budget.spent_by_class(cast.school, now)
    # The brother and the sister go to two classes, and their one message counts in both.
    assert by_class[cast.class_5a.id] == by_class[cast.class_5b.id] == parts * cast.school.sms_price


@pytest.mark.parametrize("turn", range(3))
def test_what_a_worker_takes_meanwhile_is_not_said_to_be_taken_back(
    app: Flask, cast: Cast, sent: Announcement, now: datetime, turn: int
) -> None:
    number, together = sent.id, threading.Barrier(2)
    db.session.remove()
    claimed: list[int] = []

    def worker() -> None:
        with app.app_context():
            together.wait()
            for channel in ("sms", "email"):
                taken = outbox.claim(db.engine, channel=channel, limit=1, owner="w", now=now)
                claimed.extend(each.id for each in taken)

    thread = threading.Thread(target=worker)
    thread.start()
    together.wait()
    found = take_back(db.session.get_one(Announcement, number), now, None)
    db.session.commit()
    thread.join()
    assert found.perhaps == len(claimed)
    assert (found.families, found.gone) == (4 - len(claimed), 0)
    assert sorted(states_of(number)) == sorted(
        [State.SENDING] * len(claimed) + [State.CANCELLED] * (3 - len(claimed))
    )
    kept = db.session.scalars(select(Delivery).where(Delivery.id.in_(claimed))).all()
    assert db.session.get_one(Announcement, number).segments == sum(
        each.segments for each in kept if each.channel == "sms"
    )


def test_nobody_climbs_for_it_and_tasks_about_it_end(cast: Cast, sent: Announcement, now: datetime) -> None:
    guardian(cast.siblings, "Эрмек Экөөбаев", FATHER, language="ru")
    settle(message_for(sent, cast.siblings), State.UNDELIVERED, now, Fault.HANDSET_OFF)
    minute(now + timedelta(minutes=2))
    assert [task.state for task in tasks(cast.no_address)] == [FollowUpState.OPEN]
    later = now + timedelta(minutes=3)
    take_back(sent, later, cast.teacher)
    db.session.commit()
    minute(later)
    minute(later + timedelta(days=1))
    assert all(task.state != FollowUpState.OPEN for task in tasks(cast.no_address))


def test_nobody_goes_to_a_family_without_an_address_for_what_is_taken_back(
    cast: Cast, client: FlaskClient, sign_in: Any, sent: Announcement, now: datetime
) -> None:
    settle(message_for(sent, cast.siblings), State.FAILED, now, Fault.BAD_ADDRESS)
    becomes(message_for(sent, cast.button_phone), State.DELIVERED, now)
    sign_in(cast.teacher)
    page = press(client, sent, "back").text
    # The siblings', the e-mail's and the one without an address.
    assert "It is taken back for 3 families. 1 family was sent it before" in page
    assert "Ask the family for a number that works" not in page
    assert (
        "1 of 4 families reached, 0 waiting, 0 not reached."
        in client.get(f"/announcements/{sent.id}/progress", headers={"HX-Request": "true"}).text
    )
    minute(now + timedelta(hours=2))
    assert [task for task in tasks(cast.no_address) if task.state == FollowUpState.OPEN] == []
    stand = db.session.get_one(FamilyStanding, cast.no_address.id)
    assert (stand.missed, stand.unreached_since) == (0, None)


def test_what_has_left_whole_meanwhile_is_not_taken_back(
    cast: Cast, client: FlaskClient, sign_in: Any, sent: Announcement, now: datetime
) -> None:
    sign_in(cast.teacher)
    assert "Take it back" in client.get(f"/announcements/{sent.id}").text
    for family in (cast.button_phone, cast.siblings, cast.email_only):
        becomes(message_for(sent, family), State.DELIVERED, now)
    assert "Take it back" not in client.get(f"/announcements/{sent.id}").text
    # The page that was open all the time.
    page = press(client, sent, "back").text
    assert "All of it has left meanwhile, and nothing was changed." in page
    db.session.expire_all()
    assert sent.taken_back_at is None
    # Somebody still goes to the family without an address.
    assert copy_for(sent, cast.no_address).taken_back_at is None
    minute(now + timedelta(minutes=2))
    assert [task.state for task in tasks(cast.no_address)] == [FollowUpState.OPEN]
    assert not db.session.scalars(select(AuditEntry).filter_by(action="announcement.taken_back")).all()


def test_no_person_tells_a_family_what_was_taken_back(
    cast: Cast, client: FlaskClient, sign_in: Any, sent: Announcement, now: datetime
) -> None:
    becomes(message_for(sent, cast.button_phone), State.DELIVERED, now)
    take_back(sent, now, cast.teacher)
    db.session.commit()
    sign_in(cast.director)
    page = client.get(f"/reach/families/{cast.no_address.id}/call").text
    assert KY[:20] not in page
    # What is noted of a talk about everything is not about this; nor is a tap on a page opened before.
    token = re.search(r'name="token"[^>]*value="([^"]+)"', page)
    assert token
    client.post(
        f"/reach/families/{cast.no_address.id}/call",
        data={"token": token[1], "outcome": "spoke", "everything": "y"},
    )
    said = client.post(
        f"/reach/announcements/{sent.id}/spoken", data={"family": cast.siblings.id}, follow_redirects=True
    ).text
    assert "It was taken back before it went to this family: nobody has to tell them." in said
    assert "3 families were not told. 1 family was sent it before, and stands below." in said
    assert [copy_for(sent, each).spoken_at for each in (cast.no_address, cast.siblings)] == [None, None]
    # Nobody is sent to them by hand either, and they are not offered as an audience.
    page = client.get(f"/reach/announcements/{sent.id}").text
    assert "Nobody needs a call." in page
    assert "Чолпон" not in page
    said = client.post(f"/reach/announcements/{sent.id}/follow-ups", follow_redirects=True).text
    assert "It was taken back: nobody goes to the families with it any more." in said
    client.post(f"/reach/announcements/{sent.id}/hand", data={"family": cast.no_address.id})
    assert not [task for task in tasks(cast.no_address, "by_hand") if task.state == FollowUpState.OPEN]
    assert going_for(sent, now) == []
    assert still_to_tell(cast.director, sent, now) == 0


def test_what_no_longer_holds_asks_nobody_to_go_on_with_it(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    sign_in(cast.teacher)
    for what in ("back", "correct"):
        first = write(cast, ky=f"Сабак: {what}", ru="", now=now)
        first.asks_acknowledgement = True
        send(first, now)
        becomes(message_for(first, cast.button_phone), State.DELIVERED, now)
        becomes(message_for(first, cast.siblings), State.UNDELIVERED, now, Fault.HANDSET_OFF)
        page = client.get(f"/announcements/{first.id}").text
        assert "Write to the 1 family that was not reached" in page
        assert "Remind 2 families" in client.get(f"/reach/announcements/{first.id}/acknowledged").text
        if what == "back":
            press(client, first, "back")
        else:
            send(correction(client, first), now)
        page = client.get(f"/announcements/{first.id}").text
        assert "that was not reached" not in page
        answers = client.get(f"/reach/announcements/{first.id}/acknowledged").text
        assert "Remind" not in answers
        assert "Write to those who have not answered" not in answers
    only = client.get(f"/announcements/{first.id}?show=taken_back").text
    assert "I spoke to them" not in only
    # On the list neither is a worry any more.
    page = client.get("/announcements").text
    assert page.count("Set right") == 1
    assert "Taken back" in page


def test_who_was_told_in_person_knows_what_is_taken_back(
    cast: Cast, sent: Announcement, now: datetime
) -> None:
    copy_for(sent, cast.no_address).spoken_at = now
    found = take_back(sent, now, cast.teacher)
    assert (found.families, found.gone) == (3, 1)
    assert copy_for(sent, cast.no_address).taken_back_at is None


def test_when_half_a_minute_is_over_the_page_says_so_by_itself(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime, clock: time_machine.Traveller
) -> None:
    draft = write(cast, now=now)
    sign_in(cast.teacher)
    page = client.post(
        f"/announcements/{draft.id}/send", data={"seen": draft.fingerprint}, follow_redirects=True
    ).text
    assert page.count("Take it back") == 1
    assert 'hx-swap-oob="true"' not in page
    url, wait = _next_look(page)
    assert UNDO < timedelta(seconds=wait) < UNDO + timedelta(seconds=2)
    clock.move_to(now + timedelta(seconds=wait))
    answer = client.get(url, headers={"HX-Request": "true"}).text
    # The note goes, and what there is afterwards comes.
    assert '<div id="undo" hx-swap-oob="true"></div>' in answer
    assert '<div id="take-back" hx-swap-oob="true">' in answer
    assert "What has not left yet stays" in answer
    assert len(gzip.compress(answer.encode())) <= 2048
    # From now on messages leave, and it looks often.
    url, wait = _next_look(answer)
    assert wait == FIRST_LOOK
    assert 'hx-swap-oob="true"' not in client.get(url, headers={"HX-Request": "true"}).text


def _next_look(page: str) -> tuple[str, float]:
    """Where the page asks next, and in how many seconds."""
    found = re.search(r'hx-get="([^"]+)" hx-trigger="load delay:([\d.]+)s', page)
    assert found
    return found[1].replace("&amp;", "&"), float(found[2])


def test_who_was_not_told_of_it_did_not_miss_it(cast: Cast, sent: Announcement, now: datetime) -> None:
    becomes(message_for(sent, cast.button_phone), State.DELIVERED, now)
    take_back(sent, now, cast.teacher)
    db.session.commit()
    minute(now + timedelta(hours=2))
    scope = Scope(cast.school.id, [cast.class_5a.id], announcement_id=sent.id)
    total = report(scope, [cast.class_5a]).total.as_dict()
    assert total["delivered"] == 1
    assert total.get("not_tried", 0) == 0


@pytest.mark.parametrize(("who", "status"), [("other_teacher", 404), ("pedagogue", 404), ("office", 200)])
def test_only_its_author_and_the_office_take_it_back(
    cast: Cast, client: FlaskClient, sign_in: Any, sent: Announcement, who: str, status: int
) -> None:
    sign_in(getattr(cast, who))
    assert press(client, sent, "back").status_code == status
    assert (sent.taken_back_at is not None) == (status == 200)


# Set right


def test_a_correction_goes_to_whom_the_first_was_told_and_to_whom_it_was_about_to_be(
    cast: Cast, client: FlaskClient, sign_in: Any, sent: Announcement, now: datetime
) -> None:
    becomes(message_for(sent, cast.button_phone), State.DELIVERED, now)
    sign_in(cast.teacher)
    page = press(client, sent, "correct").text
    assert f"Оңдоо: {KY}" in page
    draft = db.session.scalars(select(Announcement).filter_by(corrects_id=sent.id)).one()
    assert draft.text_ru == f"Исправление: {RU}"
    # Pressed again it is the same draft.
    press(client, sent, "correct")
    assert len(db.session.scalars(select(Announcement).filter_by(corrects_id=sent.id)).all()) == 1
    form = {"token": draft.token, "text_ky": "Оңдоо: сабак 10:00дө.", "text_ru": ""}
    review = client.post(f"/announcements/{draft.id}/edit", data=form, follow_redirects=True).text
    assert "Send to 3 families" in review
    client.post(f"/announcements/{draft.id}/send", data={"seen": draft.fingerprint})
    assert "Оңдоо: сабак 10:00дө." in message_for(draft, cast.button_phone).body
    # Whom the wrong one had not reached gets the right one alone.
    assert states(sent)["+996700000102"] is State.CANCELLED
    assert states(sent)["+996555000101"] is State.DELIVERED
    assert message_for(draft, cast.siblings).state is State.PENDING
    assert "This was set right" in client.get(f"/announcements/{sent.id}").text
    assert "This sets right" in client.get(f"/announcements/{draft.id}").text


def correction(client: FlaskClient, first: Announcement) -> Announcement:
    """Begin what sets it right."""
    assert press(client, first, "correct").status_code == 200
    return db.session.scalars(select(Announcement).filter_by(corrects_id=first.id, published_at=None)).one()


def test_a_correction_goes_to_the_number_at_which_the_first_arrived(
    cast: Cast, client: FlaskClient, sign_in: Any, sent: Announcement, now: datetime
) -> None:
    guardian(cast.siblings, "Эрмек Экөөбаев", FATHER, language="ru")
    settle(message_for(sent, cast.siblings), State.UNDELIVERED, now, Fault.HANDSET_OFF)
    minute(now + timedelta(minutes=2))
    minute(now + timedelta(minutes=40))
    climbed = message_for(sent, cast.siblings)
    assert climbed.address == FATHER
    settle(climbed, State.DELIVERED, now)
    sign_in(cast.teacher)
    draft = correction(client, sent)
    send(draft, now)
    told = message_for(draft, cast.siblings)
    assert told.address == FATHER
    # The father reads Russian, the mother Kyrgyz.
    assert "Исправление: " in told.body


def test_a_number_that_turned_out_wrong_since_is_not_told_the_correction(
    cast: Cast, client: FlaskClient, sign_in: Any, sent: Announcement, now: datetime
) -> None:
    becomes(message_for(sent, cast.button_phone), State.DELIVERED, now)
    outbox.suppress("sms", "+996555000101", "opted_out", now)
    db.session.commit()
    sign_in(cast.teacher)
    draft = correction(client, sent)
    send(draft, now)
    assert copy_for(draft, cast.button_phone).delivery is None


def test_who_has_no_address_is_told_the_right_one_by_a_person(
    cast: Cast, client: FlaskClient, sign_in: Any, sent: Announcement, now: datetime
) -> None:
    sign_in(cast.teacher)
    draft = correction(client, sent)
    send(draft, now)
    minute(now + timedelta(minutes=2))
    (task,) = [each for each in tasks(cast.no_address) if each.announcement_id]
    assert task.announcement_id == draft.id


def test_a_task_about_the_wrong_text_ends_with_it(
    cast: Cast, client: FlaskClient, sign_in: Any, sent: Announcement, now: datetime
) -> None:
    minute(now + timedelta(minutes=2))
    (wrong,) = [each for each in tasks(cast.no_address) if each.announcement_id]
    sign_in(cast.teacher)
    send(correction(client, sent), now + timedelta(minutes=3))
    minute(now + timedelta(minutes=5))
    db.session.expire_all()
    assert (wrong.state, wrong.closed_because) == (FollowUpState.CANCELLED, "set_right")
    assert [each.state for each in tasks(cast.no_address) if each.announcement_id != sent.id][-1] == (
        FollowUpState.OPEN
    )


def test_only_who_writes_to_all_its_classes_corrects_it(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    first = write(cast, cast.class_5a, cast.class_5b, author=cast.director, now=now)
    send(first, now)
    sign_in(cast.teacher)
    assert "Send a correction" not in client.get(f"/announcements/{first.id}").text
    assert press(client, first, "correct").status_code == 404
    sign_in(cast.director)
    assert "Send a correction" in client.get(f"/announcements/{first.id}").text


def test_who_is_left_out_of_the_correction_keeps_the_first(
    cast: Cast, client: FlaskClient, sign_in: Any, sent: Announcement, now: datetime
) -> None:
    sign_in(cast.teacher)
    draft = correction(client, sent)
    only = tuple(pupil.id for pupil in cast.button_phone.pupils)
    draft.audience = Selection(pupils=only).written()
    db.session.commit()
    send(draft, now)
    assert states(sent)["+996555000101"] is State.CANCELLED
    assert states(sent)["+996700000102"] is State.PENDING


def test_what_was_corrected_is_corrected_where_it_was_corrected_last(
    cast: Cast, client: FlaskClient, sign_in: Any, sent: Announcement, now: datetime
) -> None:
    sign_in(cast.teacher)
    second = correction(client, sent)
    send(second, now)
    press(client, sent, "correct")
    third = db.session.scalars(select(Announcement).filter_by(published_at=None)).one()
    assert third.corrects_id == second.id


def test_nobody_is_reminded_of_what_was_taken_back_or_set_right(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    for what in ("taken back", "set right"):
        first = write(cast, ky=what, ru="", now=now)
        first.asks_acknowledgement = True
        send(first, now)
        # One has it and has not answered.
        becomes(message_for(first, cast.button_phone), State.DELIVERED, now)
        reminded = remind(first, knows(), Announcement.reminded_at, now, cast.teacher)
        assert reminded is not None
        db.session.commit()
        first.reminded_at = None
        if what == "taken back":
            take_back(first, now, cast.teacher)
            assert set(states_of(reminded.announcement)) == {State.CANCELLED}
        else:
            sign_in(cast.teacher)
            send(correction(client, first), now)
        db.session.commit()
        assert remind(first, knows(), Announcement.reminded_at, now, cast.teacher) is None


def states_of(number: int) -> list[State]:
    return list(
        db.session.scalars(
            select(Delivery.state)
            .join(Recipient, Recipient.delivery_id == Delivery.id)
            .where(Recipient.announcement_id == number)
        )
    )


def test_a_correction_can_be_corrected(cast: Cast, client: FlaskClient, sign_in: Any, now: datetime) -> None:
    first = write(cast, ky="Оңдоо: саат 9да", ru="", now=now)
    send(first, now)
    sign_in(cast.teacher)
    press(client, first, "correct")
    draft = db.session.scalars(select(Announcement).filter_by(corrects_id=first.id)).one()
    assert draft.text_ky == "Оңдоо: саат 9да"
    publish(draft, now, cast.teacher)
    db.session.commit()
    press(client, draft, "correct")
    assert db.session.scalars(select(Announcement).filter_by(corrects_id=draft.id)).one()


# Use again


def test_the_same_text_again_is_a_new_draft_for_ones_own_classes(
    cast: Cast, client: FlaskClient, sign_in: Any, now: datetime
) -> None:
    first = write(cast, cast.class_5a, cast.class_5b, author=cast.director, now=now)
    send(first, now)
    sign_in(cast.teacher)
    assert KY in press(client, first, "again").text
    draft = db.session.scalars(select(Announcement).filter_by(author_id=cast.teacher.id)).one()
    assert (draft.text_ky, draft.text_ru, draft.published_at) == (KY, RU, None)
    assert draft.classes == [cast.class_5a]


def test_what_another_school_sent_cannot_be_touched(
    cast: Cast, client: FlaskClient, sign_in: Any, sent: Announcement
) -> None:
    sign_in(cast.other_director)
    for what in ("back", "correct", "again"):
        assert press(client, sent, what).status_code == 404
