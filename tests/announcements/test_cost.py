"""What a teacher is told about the cost of a text before it is sent."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from notifier.database import db
from tests.announcements.writing import KY, send, write
from tests.cast import Cast
from webapp.announcements.models import Announcement
from webapp.staff.models import Script

LONG = "Урматтуу ата-энелер! Эртең, 2-сентябрда сабактар аралыктан өтөт. Суроолор боюнча кайрылыңыз."


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with time_machine.travel(now, tick=False):
        yield


def cost(client: FlaskClient, *class_ids: int, **more: str) -> str:
    answer = client.post("/announcements/cost", data={"classes": list(map(str, class_ids)), **more})
    assert answer.status_code == 200
    assert len(gzip.compress(answer.data)) <= 2000
    return unescape(answer.text)


def slot(page: str, name: str) -> str:
    found = re.search(rf'data-slot="{name}">([^<]*)<', page)
    assert found, name
    return found[1]


def test_while_one_types_the_server_says_parts_and_price_in_both_scripts(cast: Cast, sign_in: Any) -> None:
    cast.school.sms_price = Decimal("1.25")
    cast.button_phone.guardians[0].script = Script.LATIN
    db.session.commit()
    page = cost(sign_in(cast.teacher), cast.class_5a.id, text_ky=LONG)
    assert slot(page, "ky") == str(len(LONG))
    assert (slot(page, "ky-cyrillic"), slot(page, "ky-latin")) == ("2", "1")
    assert (slot(page, "ru-cyrillic"), slot(page, "families")) == ("0", "4")
    assert (slot(page, "all-cyrillic"), slot(page, "all-latin")) == ("4", "2")
    assert (slot(page, "price-cyrillic"), slot(page, "price-latin")) == ("5", "2.5")
    # One family has Latin letters, one Cyrillic: 1 + 2 parts.
    assert "In the letters these families have chosen: 3 parts · <b>3.75 som</b>" in page
    assert 'data-start="№95, 5-А: "' in page
    assert db.session.query(Announcement).count() == 0


def test_nothing_typed_costs_nothing_and_a_class_of_others_counts_for_nothing(
    cast: Cast, sign_in: Any
) -> None:
    page = cost(sign_in(cast.teacher), cast.class_5b.id, cast.other_class.id)
    assert (slot(page, "families"), slot(page, "all-cyrillic")) == ("0", "0")
    assert "price-" not in page


def test_the_page_itself_has_the_numbers_for_who_has_no_scripts(
    cast: Cast, client: FlaskClient, sign_in: Any
) -> None:
    sign_in(cast.teacher)
    data = {"classes": [str(cast.class_5a.id)], "text_ky": "ы" * 1000, "text_ru": "", "token": "t"}
    answer = client.post("/announcements/new", data=data)
    assert answer.status_code == 422
    assert slot(unescape(answer.text), "ky-cyrillic") == "16"
    assert "compose.js" in answer.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Куттуктайбыз 🎉", "In Latin letters these characters stay as they are and make it cost more: 🎉"),
        ("Mektep №5 «Sabak»", '№ « » (1 parts; 1 without them). Write instead: N " "'),
        ("Mektep ş", "Leave them out."),
        ("Баасы 5 €", "Each of these counts as two letters or more: €"),
        ("Майрам 👨\u200d👩\u200d👧", "Each of these counts as two letters or more: 👨\u200d👩\u200d👧<"),
    ],
)
def test_what_makes_a_text_dear_is_named(cast: Cast, sign_in: Any, text: str, said: str) -> None:
    assert said in cost(sign_in(cast.teacher), cast.class_5a.id, text_ky=text)


def test_a_plain_text_is_not_remarked_upon(cast: Cast, sign_in: Any) -> None:
    page = cost(sign_in(cast.teacher), cast.class_5a.id, text_ky=KY)
    assert "hint" not in page


def test_a_text_too_long_and_a_limit_too_near_are_told_while_typing(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    client = sign_in(cast.teacher)
    assert "Take out" in cost(client, cast.class_5a.id, text_ky="ы" * 700)
    cast.school.sms_price, cast.school.monthly_limit = Decimal(1), Decimal("2.2")
    db.session.commit()
    assert "90% of the school's 2.2 som" in cost(client, cast.class_5a.id, text_ky=KY)
    assert "of the school's 2.2 som for this month 2.2 som are left" in cost(
        client, cast.class_5a.id, text_ky=LONG
    )
    assert "are left" not in cost(client, cast.class_5a.id, text_ky=LONG, urgent="y")


def test_who_listens_is_told_only_when_the_numbers_change(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.teacher)
    page = cost(client, cast.class_5a.id, text_ky=KY)
    assert "cost-said" not in page
    was = re.search(r'name="was" value="([^"]+)"', page)
    assert was
    answer = client.post(
        "/announcements/cost",
        data={"classes": [str(cast.class_5a.id)], "text_ky": LONG, "was": was[1]},
        headers={"HX-Request": "true"},
    )
    assert "SMS parts: 4 in Cyrillic letters, 2 in Latin letters." in answer.text


def test_the_review_shows_the_latin_sms_its_price_and_what_the_other_script_would_cost(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    cast.school.sms_price = Decimal("1.5")
    cast.button_phone.guardians[0].script = Script.LATIN
    draft = write(cast, ky=LONG, ru="", now=now)
    page = unescape(sign_in(cast.teacher).get(f"/announcements/{draft.id}/review").text)
    assert "N95, 5-A: Urmattuu ata-eneler! Erteñ" in page
    assert "Latin letters · 1 family" in page
    assert "<dd>4.5 som</dd>" in page
    assert "2 parts · 3 som" in page
    assert "4 parts · 6 som" in page


def test_over_the_limit_the_review_offers_no_button_and_sending_is_refused(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    cast.school.sms_price, cast.school.monthly_limit = Decimal("1.5"), Decimal(4)
    client = sign_in(cast.teacher)
    send(write(cast, now=now), now)
    assert "75%" not in client.get("/").text
    draft = write(cast, now=now)
    page = unescape(client.get(f"/announcements/{draft.id}/review").text)
    assert "ask the director to lift the limit" in page
    assert "Send to" not in page
    answer = client.post(f"/announcements/{draft.id}/send", data={"seen": draft.fingerprint})
    assert answer.location == f"/announcements/{draft.id}/edit"
    assert "1 som are left" in unescape(client.get(answer.location).text)
    db.session.expire_all()
    assert draft.published_at is None
    draft.urgent = True
    db.session.commit()
    assert "Send to 3 families" in client.get(f"/announcements/{draft.id}/review").text
    client.post(f"/announcements/{draft.id}/send", data={"seen": draft.fingerprint})
    assert "150% of the school" in unescape(client.get("/").text)


def test_a_teacher_is_warned_of_their_own_class_and_not_of_others(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    cast.school.sms_price, cast.school.class_limit = Decimal("1.5"), Decimal("3.5")
    send(write(cast, now=now), now)
    assert "Class 5-А: 85%" in unescape(sign_in(cast.teacher).get("/").text)
    assert "85%" not in sign_in(cast.other_teacher).get("/").text


def test_the_page_does_its_asking_with_little_more_than_two_kilobytes_of_script(
    cast: Cast, sign_in: Any
) -> None:
    script = (Path(__file__).parents[2] / "webapp" / "static" / "compose.js").read_text(encoding="utf-8")
    assert len(gzip.compress(script.encode(), 9)) <= 2300
    # What counts the parts, beside its alphabets and the asking.
    counts = re.sub('"[^"]{20,}"', "", script.partition("// The server's numbers")[0])
    assert len(gzip.compress(counts.encode(), 9)) <= 1024
    assert "htmx" not in sign_in(cast.teacher).get("/announcements/new").text


def test_asking_for_the_cost_does_not_wait_for_a_writer(
    cast: Cast, sign_in: Any, environ: dict[str, str], database: str
) -> None:
    client = sign_in(cast.teacher)
    number = cast.class_5a.id
    db.session.remove()
    with db.engine.connect() as other:  # BEGIN IMMEDIATE: nobody else may write
        other.exec_driver_sql("SELECT 1")
        assert slot(cost(client, number, text_ky=KY), "families") == "4"
