"""In which letters a family's SMS comes, and what that does to its length."""

from __future__ import annotations

from datetime import datetime

import pytest

from notifier.database import db
from notifier.text import measure
from tests.announcements.writing import KY, RU, message_for, send, write
from tests.cast import Cast, family
from webapp.announcements.publish import Unready, publish
from webapp.families.models import Family
from webapp.staff.models import Script


def reads(household: Family, script: Script) -> None:
    household.guardians[0].script = script
    db.session.commit()


def test_a_guardian_who_chose_latin_gets_the_whole_sms_in_latin(cast: Cast, now: datetime) -> None:
    reads(cast.button_phone, Script.LATIN)
    announcement = write(cast, now=now)
    send(announcement, now)
    sms = message_for(announcement, cast.button_phone)
    assert sms.body == "N95, 5-A: Erteñ sabak telekörsötüü arkyluu ötöt."
    assert measure(sms.body).encoding == "GSM-7"
    assert message_for(announcement, cast.siblings).body == f"№95, 5-А: {KY}"
    assert RU in message_for(announcement, cast.email_only).body


def test_who_chose_nothing_gets_the_schools_letters_and_who_chose_keeps_theirs(
    cast: Cast, now: datetime
) -> None:
    cast.school.script = Script.LATIN
    reads(cast.siblings, Script.CYRILLIC)
    announcement = write(cast, now=now)
    send(announcement, now)
    assert message_for(announcement, cast.button_phone).body.startswith("N95, 5-A: Erteñ")
    assert message_for(announcement, cast.siblings).body == f"№95, 5-А: {KY}"


def test_a_route_that_loses_accents_gets_plain_letters_but_keeps_cyrillic(cast: Cast, now: datetime) -> None:
    cast.school.ascii_only = True
    reads(cast.button_phone, Script.LATIN)
    announcement = write(cast, now=now)
    send(announcement, now)
    assert (
        message_for(announcement, cast.button_phone).body
        == "N95, 5-A: Erten sabak telekorsotuu arkyluu otot."
    )
    assert message_for(announcement, cast.siblings).body == f"№95, 5-А: {KY}"


def test_russian_is_latin_in_its_own_way(cast: Cast, now: datetime) -> None:
    household = family(cast.school, {"Жанна": cast.class_5b}, "Жук", language="ru", phone="+996700000999")
    reads(household, Script.LATIN)
    announcement = write(cast, cast.class_5b, ky="Жыйын", ru="Ждём ещё", now=now)
    send(announcement, now)
    assert message_for(announcement, household).body == "N95, 5-B: Zhdyom eschyo"


def test_a_phone_two_families_share_gets_latin_when_one_of_them_needs_it(cast: Cast, now: datetime) -> None:
    reads(cast.neighbour, Script.LATIN)
    announcement = write(cast, cast.class_5a, cast.class_5b, now=now)
    send(announcement, now)
    assert message_for(announcement, cast.button_phone).body.startswith("N95, Asan 5-A, Pyotr 5-B: Erteñ")


def test_a_text_typed_in_latin_is_not_made_dear_by_the_schools_name(cast: Cast, now: datetime) -> None:
    announcement = write(cast, ky="Erteñ sabak jok.", ru="", now=now)
    send(announcement, now)
    assert message_for(announcement, cast.button_phone).body == "N95, 5-A: Erteñ sabak jok."


def test_what_latin_cannot_say_is_kept(cast: Cast, now: datetime) -> None:
    reads(cast.button_phone, Script.LATIN)
    announcement = write(cast, ky="Куттуктайбыз 🎉", now=now)
    send(announcement, now)
    assert message_for(announcement, cast.button_phone).body == "N95, 5-A: Kuttuktaybyz 🎉"


def test_ten_parts_hold_more_latin_letters_than_cyrillic_ones(cast: Cast, now: datetime) -> None:
    cast.school.script = Script.LATIN
    db.session.commit()
    send(write(cast, ky="ы" * 1500, ru="", now=now), now)
    draft = write(cast, ky="ш" * 1500, ru="", now=now)
    with pytest.raises(Unready) as unready:
        publish(draft, now)
    # ш is two letters: 1530 − 10 of the school and the class leave room for 760.
    assert "Take out 740 characters." in str(unready.value)
    db.session.rollback()
    reads(cast.siblings, Script.CYRILLIC)
    with pytest.raises(Unready) as unready:
        publish(write(cast, ky="ы" * 700, ru="", now=now), now)
    assert "Take out 40 characters." in str(unready.value)
