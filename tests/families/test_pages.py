"""Classes and families as those who may see them do."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from sqlalchemy import event

from notifier.database import db
from notifier.models import Suppression
from tests.cast import Cast, family, staff_member
from webapp.families.models import ContactPoint, Guardian
from webapp.families.queries import class_counts, contact_points_seen_by, visible_classes
from webapp.staff.models import AuditEntry, Role


@pytest.fixture(autouse=True)
def no_tokens(app) -> None:
    app.config["WTF_CSRF_ENABLED"] = False


def text_of(answer: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_a_class_teacher_sees_their_class_and_nobody_elses(cast: Cast, sign_in) -> None:
    client = sign_in(cast.teacher)
    page = text_of(client.get("/families/"))
    assert "5-А" in page
    assert "5-Б" not in page
    assert "4 families · 4 pupils" in page
    assert client.get(f"/families/class/{cast.class_5a.id}").status_code == 200
    assert client.get(f"/families/class/{cast.class_5b.id}").status_code == 404
    assert client.get(f"/families/{cast.neighbour.id}").status_code == 404
    assert client.get(f"/families/{cast.siblings.id}").status_code == 200


def test_nobody_sees_another_school(cast: Cast, sign_in) -> None:
    for person in (cast.director, cast.pedagogue, cast.teacher, cast.office):
        client = sign_in(person)
        assert client.get(f"/families/class/{cast.other_class.id}").status_code == 404
        guardian = cast.other_family.guardians[0].id
        for address in ("", "/guardians/new", f"/guardians/{guardian}"):
            assert client.get(f"/families/{cast.other_family.id}{address}").status_code == 404
        assert client.post(f"/families/{cast.other_family.id}/looked").status_code == 404
        assert "Башка Бала" not in client.get("/search?q=бала").text


def test_counts_say_who_cannot_be_written_to(cast: Cast) -> None:
    counts = {c.school_class.name: (c.families, c.pupils, c.unreachable) for c in class_counts(cast.director)}
    assert counts == {"5-А": (4, 4, 1), "5-Б": (2, 2, 0)}
    point = db.session.scalars(db.select(ContactPoint).filter_by(address="raisa@example.kg")).one()
    point.status = "bad"
    db.session.flush()
    assert {c.school_class.name: c.unreachable for c in class_counts(cast.director)} == {"5-А": 2, "5-Б": 0}


def test_families_and_classes_cost_the_same_few_questions(cast: Cast, sign_in) -> None:
    def asked(address: str) -> int:
        db.session.rollback()
        statements: list[str] = []

        def listen(_c, _cursor, statement, *_rest) -> None:
            statements.append(statement)

        event.listen(db.engine, "before_cursor_execute", listen)
        assert client.get(address).status_code == 200
        event.remove(db.engine, "before_cursor_execute", listen)
        return len(statements)

    client = sign_in(cast.director)
    address = f"/families/class/{cast.class_5a.id}"
    few = asked(address), asked("/families/")
    for i in range(30):
        family(cast.school, {f"Дагы Бала {i}": cast.class_5a}, f"Дагы Апа {i}", phone=f"+9965550009{i:02}")
    db.session.commit()
    assert (asked(address), asked("/families/")) == few


def test_a_child_is_found_by_a_part_of_the_name_in_any_case(cast: Cast, sign_in) -> None:
    client = sign_in(cast.pedagogue)
    assert "Чолпон Дарексизова" in client.get("/search?q=ДАРЕКСИЗ чол").text
    assert "Nobody was found" in text_of(client.get("/search?q=Жокбаев"))
    found = client.get(f"/families/class/{cast.class_5a.id}?q=асан").text
    assert "Асан Мисалов" in found
    assert "Чолпон" not in found


def test_a_class_of_more_than_a_page_is_paged(cast: Cast, sign_in) -> None:
    for i in range(60):
        family(cast.school, {f"Дагы Бала {i:02}": cast.class_5a}, f"Дагы Апа {i}")
    db.session.commit()
    client = sign_in(cast.teacher)
    first = client.get(f"/families/class/{cast.class_5a.id}").text
    second = client.get(f"/families/class/{cast.class_5a.id}?page=2").text
    assert "Page 1 of 2" in first
    assert ("Дагы Бала 59" in first) != ("Дагы Бала 59" in second)


def test_the_class_teacher_mends_a_wrong_number(cast: Cast, sign_in) -> None:
    client = sign_in(cast.teacher)
    guardian = cast.button_phone.guardians[0]
    address = f"/families/{cast.button_phone.id}/guardians/{guardian.id}"
    assert "+996555000101" in client.get(address).text
    data = {
        "name": guardian.name,
        "phones": "0555 000 111",
        "email": "",
        "language": "ru",
        "relation": "апасы",
    }
    answer = client.post(address, data=data)
    assert answer.location == f"/families/{cast.button_phone.id}"
    db.session.expire_all()
    assert [link.contact_point.address for link in guardian.contacts] == ["+996555000111"]
    assert guardian.language == "ru"
    entry = db.session.scalars(db.select(AuditEntry)).one()
    assert (entry.action, entry.staff_id) == ("guardian.changed", cast.teacher.id)
    assert entry.detail == {"changed": ["relation", "language", "phone"]}


def test_a_bad_number_is_explained_and_nothing_typed_is_lost(cast: Cast, sign_in) -> None:
    client = sign_in(cast.teacher)
    guardian = cast.button_phone.guardians[0]
    address = f"/families/{cast.button_phone.id}/guardians/{guardian.id}"
    answer = client.post(
        address, data={"name": "Гүлнара Жаңы", "phones": "0312 62 34 56", "email": "a@", "language": "ky"}
    )
    assert answer.status_code == 422
    said = text_of(answer)
    assert "landline" in said
    assert "“a@” is not an e-mail address" in said
    assert "Гүлнара Жаңы" in answer.text
    assert "0312 62 34 56" in answer.text


def test_a_number_that_comes_to_be_shared_is_flagged_until_somebody_has_looked(cast: Cast, sign_in) -> None:
    client = sign_in(cast.teacher)
    number = cast.no_address.id
    guardian = cast.no_address.guardians[0]
    client.post(
        f"/families/{number}/guardians/{guardian.id}",
        data={"name": guardian.name, "phones": "0700 000 102", "language": "ky"},
    )
    for household in (cast.no_address, cast.siblings):
        page = text_of(client.get(f"/families/{household.id}"))
        assert "Another family has the same number or address." in page
    client.post(f"/families/{number}/looked")
    assert "Please look" not in text_of(client.get(f"/families/{number}"))
    client.post(
        f"/families/{number}/guardians/{guardian.id}",
        data={"name": guardian.name, "phones": "0700 000 102", "language": "ru"},
    )
    assert "Please look" not in text_of(client.get(f"/families/{number}"))


def test_a_second_guardian_may_be_added_and_told_first(cast: Cast, sign_in) -> None:
    client = sign_in(cast.office)
    answer = client.post(
        f"/families/{cast.no_address.id}/guardians/new",
        data={"name": "Чоң Ата", "phones": "0555 000 222", "language": "ky", "first": "y"},
    )
    assert answer.status_code == 302
    db.session.expire_all()
    assert [guardian.name for guardian in cast.no_address.guardians] == ["Чоң Ата", "Бермет Дарексизова"]
    nobody = client.post(f"/families/{cast.no_address.id}/guardians/new", data={"language": "ky"})
    assert nobody.status_code == 422


def test_a_guardian_is_changed_only_through_their_own_family(cast: Cast, sign_in) -> None:
    client = sign_in(cast.teacher)
    foreign = db.session.scalars(db.select(Guardian).filter_by(family_id=cast.neighbour.id)).one()
    assert client.get(f"/families/{cast.button_phone.id}/guardians/{foreign.id}").status_code == 404


def test_who_only_reads_cannot_change(cast: Cast, sign_in) -> None:
    reader = staff_member(
        cast.school, "Психолог Окурманова", "psy", Role.PSYCHOLOGIST, now=cast.school.created_at
    )
    db.session.commit()
    client = sign_in(reader)
    assert client.get(f"/families/{cast.button_phone.id}").status_code == 200
    guardian = cast.button_phone.guardians[0].id
    assert client.post(f"/families/{cast.button_phone.id}/guardians/{guardian}").status_code == 403
    assert client.post(f"/families/{cast.button_phone.id}/looked").status_code == 403


def test_an_address_that_asked_us_to_stop_says_so(cast: Cast, sign_in) -> None:
    db.session.add(
        Suppression(
            channel="sms", address="+996555000101", reason="opted_out", created_at=cast.school.created_at
        )
    )
    db.session.commit()
    assert "Asked not to be written to" in text_of(
        sign_in(cast.teacher).get(f"/families/{cast.button_phone.id}")
    )


def test_people_without_a_class_are_told_so(cast: Cast, sign_in) -> None:
    reader = staff_member(
        cast.school, "Окуткан Мугалим", "reader", Role.SUBJECT_TEACHER, now=cast.school.created_at
    )
    db.session.commit()
    assert "No classes" in text_of(sign_in(reader).get("/families/"))
    assert list(visible_classes(reader)) == []
    assert db.session.scalars(contact_points_seen_by(reader)).all() == []


def test_a_guardian_may_have_latin_letters_or_those_of_the_school(cast: Cast, sign_in) -> None:
    client = sign_in(cast.teacher)
    guardian = cast.button_phone.guardians[0]
    address = f"/families/{cast.button_phone.id}/guardians/{guardian.id}"
    assert "As the school writes: Cyrillic letters" in text_of(client.get(address))
    data = {"name": guardian.name, "phones": "0555 000 101", "language": "ky", "script": "latin"}
    assert client.post(address, data=data).status_code == 302
    db.session.expire_all()
    assert guardian.script == "latin"
    assert "Latin letters" in text_of(client.get(f"/families/{cast.button_phone.id}"))
    assert '<option selected value="latin">' in client.get(address).text
    client.post(address, data=data | {"script": ""})
    db.session.expire_all()
    assert guardian.script is None
    changed = [entry.detail["changed"] for entry in db.session.scalars(db.select(AuditEntry))]
    assert changed == [["script"], ["script"]]
