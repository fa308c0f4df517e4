"""What a person sees and does on the drawn phones of practice mode."""

from __future__ import annotations

from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from notifier.channels.sandbox import STORIES as ENGINE_STORIES
from notifier.database import db
from notifier.models import Delivery, Inbound, State
from tests.cast import Cast
from webapp.announcements.models import Announcement
from webapp.announcements.publish import publish
from webapp.announcements.recipients import Recipient
from webapp.inbox.models import Reply
from webapp.sandbox.stories import STORIES
from webapp.staffroom.handing import hand_out
from webapp.staffroom.models import StaffNotice


@pytest.fixture
def told(cast: Cast, now: datetime) -> Announcement:
    """An announcement to 5-А that arrived on every phone."""
    announcement = Announcement(
        school_id=cast.school.id,
        author_id=cast.teacher.id,
        text_ky="Эртең сабак сынакта",
        created_at=now,
        classes=[cast.class_5a],
    )
    db.session.add(announcement)
    db.session.flush()
    publish(announcement, now, by=cast.teacher)
    for delivery in db.session.scalars(select(Delivery)):
        delivery.state = State.DELIVERED
        delivery.accepted_at = delivery.settled_at = now
    db.session.commit()
    return announcement


def test_every_practice_number_says_what_it_does() -> None:
    assert STORIES.keys() == ENGINE_STORIES.keys()


def test_a_teacher_sees_the_message_on_the_phone_of_a_family(
    told: Announcement, cast: Cast, sign_in: object
) -> None:
    page = sign_in(cast.teacher).get("/sandbox/").text
    assert "Эртең сабак сынакта" in page
    assert "+996555000101" in page
    assert "Гүлнара Мисалова" in page


def test_a_teacher_of_another_class_sees_only_phones_of_that_class(
    told: Announcement, cast: Cast, sign_in: object
) -> None:
    page = sign_in(cast.other_teacher).get("/sandbox/").text
    # Two phones serve both classes; nothing else of 5-А is there.
    assert "+996700000102" in page
    assert "raisa@example.kg" not in page


def test_another_school_sees_nothing(told: Announcement, cast: Cast, sign_in: object) -> None:
    page = sign_in(cast.other_director).get("/sandbox/").text
    assert "+996555000101" not in page
    assert "Эртең" not in page


def test_a_phone_is_found_by_a_childs_name_or_by_digits(
    told: Announcement, cast: Cast, sign_in: object
) -> None:
    client = sign_in(cast.director)
    assert "+996700000102" not in client.get("/sandbox/?q=Асан").text
    assert "+996555000101" in client.get("/sandbox/?q=Асан").text
    assert "+996700000102" in client.get("/sandbox/?q=700 000").text
    assert "No phone was found" in client.get("/sandbox/?q=%25").text


def test_a_parents_yes_on_the_drawn_phone_counts_as_acknowledged(
    told: Announcement, cast: Cast, sign_in: object
) -> None:
    client = sign_in(cast.teacher)
    answer = client.post("/sandbox/answer", data={"number": "+996555000101", "text": "ооба"})
    assert answer.status_code == 302
    copy = db.session.scalars(select(Recipient).filter_by(family_id=cast.button_phone.id)).one()
    assert copy.acknowledged_at is not None
    assert "Acknowledged" in client.get("/inbox/").text


def test_an_answer_from_a_phone_the_person_may_not_see_is_not_taken(
    told: Announcement, cast: Cast, sign_in: object
) -> None:
    client = sign_in(cast.other_director)
    assert client.post("/sandbox/answer", data={"number": "+996555000101", "text": "ооба"}).status_code == 404
    assert db.session.scalar(select(func.count()).select_from(Inbound)) == 0


def test_an_empty_or_endless_answer_is_refused_with_a_sentence(
    told: Announcement, cast: Cast, sign_in: object
) -> None:
    client: FlaskClient = sign_in(cast.teacher)
    for text, sentence in (("  ", "Write the answer"), ("а" * 301, "at most 300 characters")):
        page = client.post(
            "/sandbox/answer", data={"number": "+996555000101", "text": text}, follow_redirects=True
        )
        assert sentence in page.text
    assert db.session.scalar(select(func.count()).select_from(Reply)) == 0


def test_an_answer_with_letters_no_database_keeps_is_turned_away(
    told: Announcement, cast: Cast, client: FlaskClient, sign_in: object
) -> None:
    sign_in(cast.teacher)  # type: ignore[operator]
    answer = client.post("/sandbox/answer", data={"number": "+996555000101", "text": "а\x00=1+1"})
    assert answer.status_code == 400
    assert db.session.scalar(select(Inbound.body)) is None


@pytest.fixture
def colleagues(cast: Cast, now: datetime) -> None:
    """A notice that arrived on the phones of two colleagues; one of them is a parent, too."""
    cast.teacher.phone, cast.other_teacher.phone = "+996555000201", "+996555000101"
    announcement = Announcement(
        school_id=cast.school.id,
        author_id=cast.director.id,
        kind="staff",
        text_ky="Эртең педкеңеш",
        created_at=now,
    )
    notice = StaffNotice(announcement=announcement, everybody=True)
    db.session.add(notice)
    db.session.flush()
    hand_out(notice, now, cast.director)
    for delivery in db.session.scalars(select(Delivery).where(Delivery.channel == "sms")):
        delivery.state, delivery.accepted_at, delivery.settled_at = State.DELIVERED, now, now
    db.session.commit()


@pytest.mark.usefixtures("colleagues")
def test_the_administration_sees_the_phones_of_colleagues_with_what_they_got(
    told: Announcement, cast: Cast, sign_in: object
) -> None:
    client = sign_in(cast.office)
    page = client.get("/sandbox/").text
    assert "Айгүл Үлгүбаева" in page
    assert "+996555000201" in page
    assert page.count('class="handset"') == 3  # two of families, of which one is a colleague's, too
    found = client.get("/sandbox/?q=Aigul").text
    assert found.count('class="handset"') == 1
    assert "Эртең педкеңеш" in found
    assert "A colleague’s phone" in found
    assert "<form" not in found.partition('class="handset"')[2].partition("</section>")[0]
    both = client.get("/sandbox/?q=Соседов").text
    assert "Эртең педкеңеш" in both
    assert "Эртең сабак сынакта" in both


@pytest.mark.usefixtures("colleagues")
def test_others_see_their_own_phone_and_no_colleagues(
    told: Announcement, cast: Cast, sign_in: object
) -> None:
    page = sign_in(cast.teacher).get("/sandbox/").text
    assert "+996555000201" in page
    assert page.count("Эртең педкеңеш") == 1  # her own, not what a colleague got who is a parent of her class
    assert "+996555000201" not in sign_in(cast.pedagogue).get("/sandbox/").text
    assert "Эртең педкеңеш" not in sign_in(cast.other_director).get("/sandbox/").text
