"""Director, deputy and office say how the school writes and what that may cost."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from html import unescape
from typing import Any

import pytest

from notifier.database import db
from tests.announcements.writing import send, write
from tests.cast import Cast
from webapp.announcements.models import Announcement
from webapp.staff.models import AuditEntry, Script

FORM = {
    "short_name": "№95",
    "phone": "+996 312 000 095",
    "language": "ky",
    "script": "cyrillic",
    "quiet_from": "20:00",
    "quiet_until": "8.00",
    "sms_price": "",
    "monthly_limit": "",
    "class_limit": "",
}


def text_of(answer: Any) -> str:
    return unescape(answer.text)


def test_the_office_sets_letters_price_and_limits(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.office)
    assert "/school" in client.get("/account").text
    changed = {"script": "latin", "ascii_only": "y", "sms_price": "1,25", "monthly_limit": "12 000"}
    answer = client.post("/school", data=FORM | changed)
    assert (answer.status_code, answer.location) == (303, "/school")
    db.session.expire_all()
    school = cast.school
    assert (school.script, school.ascii_only) == (Script.LATIN, True)
    assert (school.sms_price, school.monthly_limit, school.class_limit) == (Decimal("1.25"), 12000, None)
    entry = db.session.scalars(db.select(AuditEntry)).one()
    assert (entry.action, entry.staff_id) == ("school.changed", cast.office.id)
    assert entry.detail["changed"] == ["script", "ascii_only", "sms_price", "monthly_limit"]
    assert entry.detail["monthly_limit"] == "12000"
    page = text_of(client.get("/school"))
    assert 'value="1.25"' in page
    assert "0 som of 12,000 som" in page
    # The sample shows what both scripts make of it, without the dots.
    assert "N95, 5-A: Urmattuu ata-eneler! Erten sabaktar" in page
    client.post("/school", data=FORM | changed)
    assert len(db.session.scalars(db.select(AuditEntry)).all()) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"short_name": " "}, "Write the name with which every SMS begins."),
        ({"short_name": "x" * 21}, "This is too long: at most 20 characters."),
        ({"phone": "ring us"}, "Write a phone number parents can call"),
        ({"quiet_from": "late"}, "This is no hour. Write it like 20:00."),
        ({"quiet_until": ""}, "This is no hour. Write it like 20:00."),
        ({"quiet_until": "8:00-9:00"}, "This is no hour. Write it like 20:00."),
        ({"sms_price": "two"}, "This is no amount of som."),
        ({"sms_price": "0"}, "Write an amount above 0 and up to 100 som"),
        ({"sms_price": "101"}, "Write an amount above 0 and up to 100 som"),
        ({"sms_price": "1", "monthly_limit": "-5"}, "This is no amount of som."),
        ({"monthly_limit": "100"}, "A limit needs the price of an SMS part."),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_typed_is_lost(
    cast: Cast, sign_in: Any, typed: dict[str, str], said: str
) -> None:
    client = sign_in(cast.director)
    answer = client.post("/school", data=FORM | {"phone": "0312 000 777", **typed})
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert 'value="0312 000 777"' in answer.text or "phone" in typed
    db.session.expire_all()
    assert (cast.school.phone, cast.school.sms_price) == ("+996 312 000 095", None)


def test_a_school_sets_its_quiet_hours(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.office)
    client.post("/school", data=FORM | {"quiet_from": "21.30", "quiet_until": "7:15"})
    db.session.expire_all()
    assert (cast.school.quiet_from, cast.school.quiet_until) == (21 * 60 + 30, 7 * 60 + 15)
    assert "between 21:30 and 07:15" in text_of(client.get("/announcements/new"))


def test_teachers_have_no_business_there(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.teacher)
    assert client.get("/school").status_code == 403
    assert client.post("/school", data=FORM).status_code == 403
    assert client.post("/school/lift").status_code == 403
    assert "/school" not in client.get("/account").text


def test_the_page_says_what_was_spent_by_the_school_and_by_its_classes(
    cast: Cast, sign_in: Any, now: datetime, travel: None
) -> None:
    cast.school.sms_price, cast.school.monthly_limit = Decimal("1.5"), Decimal(4)
    send(write(cast, now=now), now)
    page = text_of(sign_in(cast.director).get("/school"))
    assert "3 som of 4 som" in page
    assert "75%" in page
    assert "5-А: 3 som" in page
    sent = db.session.scalars(db.select(Announcement)).one()
    assert "2 SMS parts · <b>3 som</b>" in text_of(sign_in(cast.teacher).get(f"/announcements/{sent.id}"))


def test_only_the_director_lifts_the_limits_and_the_audit_knows(
    cast: Cast, sign_in: Any, now: datetime, travel: None
) -> None:
    cast.school.sms_price, cast.school.monthly_limit = Decimal("1.5"), Decimal(4)
    db.session.commit()
    client = sign_in(cast.office)
    assert "The director can lift the limits" in text_of(client.get("/school"))
    assert client.post("/school/lift").status_code == 403
    client = sign_in(cast.director)
    assert "Lift the limits for this month" in client.get("/school").text
    for _ in range(2):
        assert client.post("/school/lift").status_code == 303
    assert cast.school.limits_lifted_in == "2026-11"
    assert "Limits lifted" in client.get("/school").text
    client.post("/school/lift", data={"keep": "1"})
    assert cast.school.limits_lifted_in is None
    entries = db.session.scalars(db.select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == ["school.limits_lifted", "school.limits_kept"]
    assert "Lifted the limits for SMS" in client.get("/audit").text


def test_a_single_class_gets_a_limit_of_its_own(cast: Cast, sign_in: Any, travel: None) -> None:
    cast.school.sms_price, cast.school.class_limit = Decimal("1.5"), Decimal(100)
    db.session.commit()
    client = sign_in(cast.office)
    assert 'href="/school/limits"' in client.get("/school").text
    assert "instead of the limit of each class: 100 som" in text_of(client.get("/school/limits"))
    field = f"limit_{cast.class_5a.id}"
    answer = client.post("/school/limits", data={field: "250,5", f"limit_{cast.other_class.id}": "1"})
    assert (answer.status_code, answer.location) == (303, "/school/limits")
    db.session.expire_all()
    assert cast.class_5a.monthly_limit == Decimal("250.5")
    assert (cast.class_5b.monthly_limit, cast.other_class.monthly_limit) == (None, None)
    entry = db.session.scalars(db.select(AuditEntry)).one()
    assert (entry.action, entry.detail) == ("school.class_limits_changed", {"5-А": "250.5"})
    assert "5-А" in client.get("/school").text
    client.post("/school/limits", data={field: ""})
    assert cast.class_5a.monthly_limit is None
    assert client.post("/school/limits", data={field: "-5"}).status_code == 422
    assert sign_in(cast.teacher).get("/school/limits").status_code == 403


def test_a_classes_limit_needs_a_price_too(cast: Cast, sign_in: Any) -> None:
    answer = sign_in(cast.office).post("/school/limits", data={f"limit_{cast.class_5a.id}": "100"})
    assert answer.status_code == 422
    assert "A limit needs the price of an SMS part." in text_of(answer)
    assert 'value="100"' in answer.text
