"""Where colleagues are told, and the associations they are in."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from notifier.database import db
from tests.cast import Cast
from webapp.staff.models import AuditEntry, StaffMember
from webapp.staffroom.models import ASSOCIATIONS, Association, Membership


def details() -> list[dict[str, Any]]:
    return list(db.session.scalars(select(AuditEntry.detail).order_by(AuditEntry.id)))


def associations(cast: Cast) -> list[Association]:
    return list(
        db.session.scalars(select(Association).filter_by(school_id=cast.school.id).order_by(Association.id))
    )


def test_a_teacher_writes_down_their_own_phone_as_they_say_it(cast: Cast, sign_in: Any) -> None:
    client = sign_in(cast.teacher)
    answer = client.post("/account/contact", data={"phone": "0555 00-02-01", "email": "Aigul@Example.kg"})
    assert answer.location == "/account"
    db.session.refresh(cast.teacher)
    assert (cast.teacher.phone, cast.teacher.email) == ("+996555000201", "aigul@example.kg")
    assert "+996555000201" in client.get("/account").text
    assert details() == [{"fields": ["phone", "email"]}]  # never what it is
    client.post("/account/contact", data={"phone": "", "email": ""})
    db.session.refresh(cast.teacher)
    assert (cast.teacher.phone, cast.teacher.email) == ("", "")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"phone": "0312 000 095"}, "is a landline"),
        ({"phone": "0555 000 201, 0555 000 202"}, "Write one number"),
        ({"phone": "call me"}, "is not a phone number"),
        ({"phone": "=cmd|' /C calc'!A0"}, "Correct"),
        ({"phone": "9" * 5000}, "too many digits"),
        ({"email": "a@b.kg, c@d.kg"}, "Write one e-mail address"),
        ({"email": "aigul@"}, "is not an e-mail address"),
        ({"email": "a" * 300 + "@example.kg"}, "is not an e-mail address"),
    ],
)
def test_what_is_no_address_is_told_at_its_field(
    cast: Cast, sign_in: Any, fields: dict[str, str], sentence: str
) -> None:
    answer = sign_in(cast.teacher).post("/account/contact", data=fields)
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    db.session.refresh(cast.teacher)
    assert (cast.teacher.phone, cast.teacher.email) == ("", "")


def test_the_office_sees_everybodys_phone_and_no_colleague_does(cast: Cast, sign_in: Any) -> None:
    cast.teacher.phone = "+996555000201"
    db.session.commit()
    page = unescape(sign_in(cast.office).get("/staff").text)
    assert "+996555000201" in page
    assert "4 colleagues have no phone and no e-mail here" in page
    assert "Башка Директор" not in page
    for person in (cast.other_teacher, cast.pedagogue):
        client = sign_in(person)
        assert client.get("/staff").status_code == 403
        assert client.get(f"/staff/{cast.teacher.id}").status_code == 403
        assert client.get("/staff/associations").status_code == 403
    assert sign_in(cast.other_director).get(f"/staff/{cast.teacher.id}").status_code == 404


def test_a_colleague_is_found_by_a_name_in_either_script(cast: Cast, sign_in: Any) -> None:
    page = unescape(sign_in(cast.office).get("/staff?q=aigul+ulgu").text)
    assert "Айгүл Үлгүбаева" in page
    assert "Ольга Образцова" not in page
    assert "Nobody is called so" in unescape(sign_in(cast.office).get("/staff?q=Nobody").text)


def test_the_office_puts_a_colleague_into_an_association_and_makes_them_its_head(
    cast: Cast, sign_in: Any
) -> None:
    client, first = sign_in(cast.office), associations(cast)[0]
    client.post(f"/staff/{cast.teacher.id}", data={"phone": "", "association": first.id, "leads": "y"})
    assert db.session.get_one(Membership, cast.teacher.id).leads
    assert f"{first.name} (head)" in unescape(client.get("/staff").text)
    assert "Айгүл Үлгүбаева" in unescape(client.get(f"/staff/associations/{first.id}").text)
    client.post(f"/staff/{cast.teacher.id}", data={"association": 0, "leads": "y"})
    assert db.session.get(Membership, cast.teacher.id) is None
    elsewhere = db.session.scalars(select(Association).filter_by(school_id=cast.other_school.id)).first()
    assert elsewhere is not None
    answer = client.post(f"/staff/{cast.teacher.id}", data={"association": elsewhere.id})
    assert answer.status_code == 422


def test_a_school_begins_with_the_associations_of_the_regulation_and_writes_its_own(
    cast: Cast, sign_in: Any
) -> None:
    assert [each.name for each in associations(cast)] == list(ASSOCIATIONS)
    client = sign_in(cast.director)
    assert client.post("/staff/associations", data={"name": "=Тилдер"}).status_code == 303
    again = client.post("/staff/associations", data={"name": "ТИЛДЕР"})
    assert "There is an association of this name already" in unescape(again.text)
    assert client.post("/staff/associations", data={"name": "x" * 121}).status_code == 422
    assert client.post("/staff/associations", data={"name": " "}).status_code == 422
    *_, last = associations(cast)
    assert last.name == "Тилдер"
    client.post(f"/staff/associations/{last.id}", data={"name": "Чет тилдер"})
    assert associations(cast)[-1].name == "Чет тилдер"
    put = client.post(f"/staff/{cast.teacher.id}", data={"association": last.id})
    assert put.status_code == 303
    client.post(f"/staff/associations/{last.id}/remove")
    assert len(associations(cast)) == len(ASSOCIATIONS)
    db.session.expire_all()
    assert db.session.get(Membership, cast.teacher.id) is None
    assert db.session.get(StaffMember, cast.teacher.id) is not None
