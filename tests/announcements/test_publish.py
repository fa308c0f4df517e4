"""From a draft to messages in the outbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from notifier.database import db
from notifier.models import Delivery, Suppression
from notifier.text import measure
from tests.announcements.writing import KY, RU, copy_for, message_for, send, write
from tests.at_once import at_once
from tests.cast import Cast, family
from webapp.announcements.models import Announcement
from webapp.announcements.publish import Published, Unready, publish
from webapp.announcements.recipients import NoAddress, Recipient
from webapp.families.models import ContactPoint, ContactStatus, Guardian, GuardianContact, Pupil
from webapp.staff.models import AuditEntry

EVENING = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)  # 21:30 in Bishkek
MORNING = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)  # 08:00 in Bishkek
QUIET = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)  # 20:00 in Bishkek


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_every_family_of_the_class_is_told_in_its_own_way(cast: Cast, now: datetime) -> None:
    announcement = write(cast, now=now)
    published = send(announcement, now)
    assert published == Published(
        announcement=announcement.id,
        families=4,
        recipients=3,
        deliveries=3,
        segments=2,
        without_address=1,
    )
    sms = message_for(announcement, cast.button_phone)
    assert (sms.channel, sms.address, sms.body) == ("sms", "+996555000101", f"№95, 5-А: {KY}")
    assert sms.segments == measure(sms.body).segments == 1
    letter = message_for(announcement, cast.email_only)
    assert (letter.channel, letter.address, letter.segments) == ("email", "raisa@example.kg", 0)
    assert "№95" in letter.subject
    assert "5-А" in letter.subject
    assert "\n" not in letter.subject
    for said in (RU, "Вера Примерова, 5-А", cast.school.name, cast.school.phone):
        assert said in letter.body


def test_a_family_without_an_address_keeps_its_copy_so_that_somebody_goes_there(
    cast: Cast, now: datetime
) -> None:
    announcement = write(cast, now=now)
    send(announcement, now)
    copy = copy_for(announcement, cast.no_address)
    assert copy.delivery_id is None
    assert copy.no_address == NoAddress.NONE
    assert [pupil.name for pupil in copy.pupils] == ["Чолпон Дарексизова"]


def test_two_children_of_one_family_are_one_message_that_names_both(cast: Cast, now: datetime) -> None:
    announcement = write(cast, cast.class_5a, cast.class_5b, now=now)
    send(announcement, now)
    assert message_for(announcement, cast.siblings).body == f"№95, Нурлан 5-А, Нурай 5-Б: {KY}"
    assert len(copy_for(announcement, cast.siblings).pupils) == 2


def test_two_families_behind_one_phone_get_one_message_that_names_both_children(
    cast: Cast, now: datetime
) -> None:
    announcement = write(cast, cast.class_5a, cast.class_5b, now=now)
    published = send(announcement, now)
    assert message_for(announcement, cast.button_phone) is message_for(announcement, cast.neighbour)
    assert message_for(announcement, cast.neighbour).body == f"№95, Асан 5-А, Пётр 5-Б: {KY}"
    assert (published.families, published.recipients, published.deliveries) == (5, 4, 3)


@pytest.mark.parametrize(("ky", "ru", "read"), [(KY, "", KY), ("", RU, RU)])
def test_who_cannot_be_told_in_their_language_is_told_in_the_other(
    cast: Cast, now: datetime, ky: str, ru: str, read: str
) -> None:
    announcement = write(cast, ky=ky, ru=ru, now=now)
    send(announcement, now)
    assert read in message_for(announcement, cast.button_phone).body
    assert read in message_for(announcement, cast.email_only).body


def test_the_guardian_with_a_phone_is_told_before_one_with_an_email(cast: Cast, now: datetime) -> None:
    household = family(cast.school, {"Ася Почтова": cast.class_5a}, "Мать", email="mother@example.kg")
    father = Guardian(school_id=cast.school.id, family_id=household.id, name="Отец", priority=1)
    point = ContactPoint(school_id=cast.school.id, channel="sms", address="+996700000777")
    db.session.add_all([father, point])
    db.session.flush()
    db.session.add(GuardianContact(guardian_id=father.id, contact_point_id=point.id))
    announcement = write(cast, now=now)
    send(announcement, now)
    assert message_for(announcement, household).address == "+996700000777"
    assert copy_for(announcement, household).guardian == father


def test_a_number_that_does_not_exist_is_passed_over(cast: Cast, now: datetime) -> None:
    household = family(
        cast.school, {"Ася Почтова": cast.class_5a}, "Мать", phone="+996700000888", email="m@example.kg"
    )
    lone = family(cast.school, {"Бек Почтов": cast.class_5a}, "Отец", phone="+996700000889")
    for address in ("+996700000888", "+996700000889"):
        point = db.session.scalars(select(ContactPoint).filter_by(address=address)).one()
        point.status = ContactStatus.BAD
    announcement = write(cast, now=now)
    send(announcement, now)
    assert message_for(announcement, household).channel == "email"
    assert copy_for(announcement, lone).no_address == NoAddress.BAD


def test_who_asked_for_silence_is_not_written_to_and_the_page_can_say_why(cast: Cast, now: datetime) -> None:
    db.session.add(Suppression(channel="sms", address="+996700000102", reason="opted_out", created_at=now))
    announcement = write(cast, now=now)
    send(announcement, now)
    assert copy_for(announcement, cast.siblings).delivery_id is None
    assert copy_for(announcement, cast.siblings).no_address == NoAddress.OPTED_OUT


def test_a_pupil_who_left_is_no_longer_written_about(cast: Cast, now: datetime) -> None:
    gone = db.session.scalars(select(Pupil).filter_by(name="Асан Мисалов")).one()
    gone.left_at = now
    announcement = write(cast, now=now)
    assert send(announcement, now).families == 3


def test_another_schools_class_reaches_nobody(cast: Cast, now: datetime) -> None:
    announcement = write(cast, cast.other_class, now=now)
    with pytest.raises(Unready):
        publish(announcement, now)


def test_publishing_again_changes_nothing(cast: Cast, now: datetime) -> None:
    announcement = write(cast, now=now)
    first = send(announcement, now)
    again = send(announcement, now + timedelta(minutes=1))
    assert not again.first
    assert (again.families, again.recipients, again.deliveries, again.segments, again.without_address) == (
        first.families,
        first.recipients,
        first.deliveries,
        first.segments,
        first.without_address,
    )
    assert (count(Delivery), count(Recipient)) == (3, 4)
    assert announcement.published_at == now


def test_two_clicks_at_the_same_moment_send_once(app: Flask, cast: Cast, now: datetime) -> None:
    announcement_id = write(cast, now=now).id
    db.session.remove()

    def click() -> Published:
        return send(db.session.get_one(Announcement, announcement_id), now)

    results = at_once(app, click, click)
    assert sorted(result.first for result in results) == [False, True]
    assert results[0].deliveries == results[1].deliveries == 3
    assert (count(Delivery), count(Recipient)) == (3, 4)


def test_urgent_goes_before_routine(cast: Cast, now: datetime) -> None:
    calm, urgent = write(cast, now=now), write(cast, urgent=True, now=now)
    send(calm, now)
    send(urgent, now)
    assert message_for(urgent, cast.button_phone).priority > message_for(calm, cast.button_phone).priority


class TestWithARealProvider:
    @pytest.fixture
    def environ(self, environ: dict[str, str]) -> dict[str, str]:
        return environ | {
            "SMS_PROVIDER": "twilio",
            "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
            "TWILIO_AUTH_TOKEN": "not a token",
            "TWILIO_FROM": "+15005550006",
        }

    def test_a_routine_message_in_the_evening_waits_for_the_morning(self, cast: Cast) -> None:
        announcement = write(cast, now=EVENING)
        send(announcement, EVENING)
        assert message_for(announcement, cast.button_phone).not_before == MORNING

    def test_what_still_waits_in_the_evening_waits_for_the_morning_and_urgent_ones_do_not(
        self, cast: Cast, now: datetime
    ) -> None:
        calm, urgent = write(cast, now=now), write(cast, urgent=True, now=now)
        for announcement in (calm, urgent):
            send(announcement, now)
        found = message_for(calm, cast.button_phone)
        assert (found.quiet_from, found.quiet_until) == (QUIET, MORNING)
        assert message_for(urgent, cast.button_phone).quiet_from is None

    def test_an_urgent_one_goes_at_once_and_the_audit_says_so(self, cast: Cast) -> None:
        announcement = write(cast, urgent=True, now=EVENING)
        send(announcement, EVENING)
        assert message_for(announcement, cast.button_phone).not_before == EVENING
        entry = db.session.scalars(select(AuditEntry)).one()
        assert entry.detail["quiet_hours_overridden"] is True


def test_practice_does_not_wait_for_the_morning(cast: Cast) -> None:
    announcement = write(cast, now=EVENING)
    send(announcement, EVENING)
    found = message_for(announcement, cast.button_phone)
    assert (found.not_before, found.quiet_from) == (EVENING, None)


def test_publishing_is_written_down_without_numbers_or_texts(cast: Cast, now: datetime) -> None:
    announcement = write(cast, now=now)
    publish(announcement, now, by=cast.teacher)
    db.session.commit()
    entry = db.session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.staff_id, entry.school_id) == (
        "announcement.published",
        cast.teacher.id,
        cast.school.id,
    )
    assert entry.detail["recipients"] == 3
    assert entry.detail["without_address"] == 1
    assert KY not in str(entry.detail)
    assert "+996" not in str(entry.detail)


def test_a_text_too_long_for_an_sms_says_how_many_characters_to_take_out(cast: Cast, now: datetime) -> None:
    opening = "№95, Нурлан 5-А, Нурай 5-Б: "
    room = 10 * 67 - len(opening)
    fits = write(cast, cast.class_5a, cast.class_5b, ky="ө" * room, ru="", now=now)
    too_long = write(cast, cast.class_5a, cast.class_5b, ky="ө" * (room + 7), ru="", now=now)
    assert send(fits, now).first
    with pytest.raises(Unready) as unready:
        publish(too_long, now)
    db.session.rollback()
    (flaw,) = unready.value.flaws
    assert flaw.field == "text_ky"
    assert "10" in flaw.text
    assert "7" in flaw.text
    assert too_long.published_at is None


def test_nobody_and_nothing_are_named_at_once(cast: Cast, now: datetime) -> None:
    with pytest.raises(Unready) as unready:
        publish(write(cast, cast.other_class, ky="", ru="", now=now), now)
    assert [flaw.field for flaw in unready.value.flaws] == ["classes", "text_ky"]


def test_a_class_in_which_nobody_has_an_address_is_refused(cast: Cast, now: datetime) -> None:
    for point in db.session.scalars(select(ContactPoint)):
        point.status = ContactStatus.BAD
    with pytest.raises(Unready, match="address"):
        publish(write(cast, now=now), now)
