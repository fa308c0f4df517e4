"""Templates are written, changed, copied, put away, and filled in for one announcement."""

from __future__ import annotations

import gzip
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from notifier.database import db
from notifier.models import Delivery
from tests.announcements.writing import write
from tests.cast import Cast, staff_member
from tests.message_templates.conftest import KY, text_of
from webapp.announcements.models import Announcement
from webapp.announcements.publish import publish
from webapp.message_templates.fields import asked_by, key_of, parse
from webapp.message_templates.models import MessageTemplate, TemplateUse, TemplateVersion
from webapp.message_templates.ready import READY
from webapp.staff.models import AuditEntry, Role


def form(**more: str) -> dict[str, str]:
    return {"name": "Чогулуш", "text_ky": "Чогулуш ((күнү)).", "text_ru": "", "token": "once", **more}


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_teacher_writes_a_template_once_and_sends_with_it(cast: Cast, client: FlaskClient, sign_in) -> None:
    sign_in(cast.teacher)
    answer = client.post("/templates/new", data=form(text_ru="Собрание ((дата))."))
    assert client.post("/templates/new", data=form()).location == answer.location
    assert count(MessageTemplate) == 1
    page = client.get(answer.location)
    assert "№95, 5-А: Чогулуш (күнү)." in text_of(page)
    fill = client.get(f"{answer.location}/fill")
    assert text_of(fill).count("күнү") == 2  # asked once for both languages; and on the phone
    version = db.session.scalars(select(TemplateVersion)).one()
    filled = {"f0": "30-ноябрь", "version": str(version.id), "token": "draft"}
    draft = client.post(f"{answer.location}/fill", data=filled)
    assert client.post(f"{answer.location}/fill", data=filled).location == draft.location
    composer = client.get(draft.location).text
    assert "Чогулуш 30-ноябрь." in composer
    assert "Собрание 30-ноябрь." in composer
    made = db.session.scalars(select(Announcement)).one()
    assert db.session.get_one(TemplateUse, made.id).version_id == version.id


def test_a_field_nobody_filled_is_refused_by_its_name(cast: Cast, sign_in, template: MessageTemplate) -> None:
    client, number = sign_in(cast.teacher), template.id
    version = str(template.current.id)
    answer = client.post(f"/templates/{number}/fill", data={"version": version, "f1": "500", "token": "x"})
    assert answer.status_code == 422
    assert "Fill in “күнү”." in text_of(answer)
    assert "Fill in “сумма”." not in text_of(answer)
    assert 'value="500"' in answer.text
    assert count(Announcement) == 0


def test_each_change_keeps_what_stood_there(
    cast: Cast, sign_in, template: MessageTemplate, now: datetime
) -> None:
    client, number = sign_in(cast.teacher), template.id
    page = client.get(f"/templates/{number}/edit").text
    assert 'name="seen" type="hidden" value="1"' in page
    data = {"name": "Тамак акысы", "text_ky": "Жаңы ((сумма))", "text_ru": "", "seen": "1"}
    assert client.post(f"/templates/{number}/edit", data=data).status_code == 303
    versions = text_of(client.get(f"/templates/{number}/versions"))
    assert "Version 2 Now" in versions
    assert "сумма сом күнү чейин. чалуу? Чалыңыз." in versions
    assert "сумма сом до дата" in versions
    assert "Айгүл Үлгүбаева" in versions
    # Nothing changed is no version.
    client.post(f"/templates/{number}/edit", data=data | {"seen": "2"})
    assert count(TemplateVersion) == 2


def test_two_who_change_it_at_once_do_not_overwrite_each_other(
    cast: Cast, sign_in, template: MessageTemplate
) -> None:
    client, number = sign_in(cast.office), template.id
    first = {"name": "А", "text_ky": "Биринчи", "text_ru": "", "seen": "1"}
    second = {"name": "Б", "text_ky": "Экинчи", "text_ru": "", "seen": "1"}
    client.post(f"/templates/{number}/edit", data=first)
    answer = client.post(f"/templates/{number}/edit", data=second)
    assert answer.status_code == 422
    assert "Somebody has changed this template meanwhile." in text_of(answer)
    assert "Экинчи" in answer.text
    assert client.post(f"/templates/{number}/edit", data=second | {"seen": "2"}).status_code == 303
    assert count(TemplateVersion) == 3


def test_who_may_change_which(cast: Cast, sign_in, template: MessageTemplate, now: datetime) -> None:
    number = template.id
    for person, may in (
        (cast.teacher, True),
        (cast.office, True),
        (cast.director, True),
        (cast.pedagogue, False),
        (cast.other_teacher, False),
    ):
        client = sign_in(person)
        page = client.get(f"/templates/{number}")
        assert page.status_code == 200
        assert (f"/templates/{number}/edit" in page.text) is may
        assert client.get(f"/templates/{number}/edit").status_code == (200 if may else 303)
        assert client.post(f"/templates/{number}/archive").status_code == (303 if may else 403)
    assert sign_in(cast.other_director).get(f"/templates/{number}").status_code == 404
    reader = staff_member(cast.school, "Окуткан Мугалим", "reader", Role.SUBJECT_TEACHER, now=now)
    db.session.commit()
    assert sign_in(reader).get("/templates/").status_code == 403


def test_a_colleague_makes_a_copy_of_their_own(cast: Cast, sign_in, template: MessageTemplate) -> None:
    client = sign_in(cast.other_teacher)
    page = client.get(f"/templates/new?copy={template.id}").text
    assert "Тамак акысы (copy)" in page
    assert KY in page


def test_a_template_is_put_away_and_brought_back(cast: Cast, sign_in, template: MessageTemplate) -> None:
    client, number = sign_in(cast.teacher), template.id
    assert client.post(f"/templates/{number}/archive").location == "/templates/"
    assert "Тамак акысы" not in client.get("/templates/").text
    assert "Тамак акысы" in client.get("/templates/?show=archived").text
    client.post(f"/templates/{number}/archive")
    assert "Тамак акысы" in client.get("/templates/").text
    said = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert said == ["template.archived", "template.restored"]


def test_every_school_finds_ready_templates_and_takes_one_once(cast: Cast, sign_in) -> None:
    client = sign_in(cast.teacher)
    page = client.get("/templates/")
    assert all(str(ready.name) in text_of(page) for ready in READY.values())
    first = client.post("/templates/ready/meeting").location
    assert client.post("/templates/ready/meeting").location == first
    assert count(MessageTemplate) == 1
    assert client.get(first).status_code == 200
    assert client.post("/templates/ready/unknown").status_code == 404
    # It is the school's: the administration changes it, a teacher makes a copy.
    assert f"{first}/edit" not in client.get(first).text
    assert f"{first}/edit" in sign_in(cast.director).get(first).text


@pytest.mark.parametrize("key", READY)
def test_a_ready_template_asks_the_same_in_both_languages(app: Flask, key: str) -> None:
    ready = READY[key]
    with app.test_request_context():
        ky, ru = asked_by([parse(ready.ky)]), asked_by([parse(ready.ru)])
        assert len(asked_by([parse(ready.ky), parse(ready.ru)])) <= len(ky) + 2
        assert [each.kind for each in ky] == [each.kind for each in ru]
        assert key_of(str(ready.name))


def test_a_good_announcement_becomes_a_template(
    cast: Cast, sign_in, template: MessageTemplate, now: datetime
) -> None:
    said = write(cast, cast.class_5a, ky="Эртең чогулуш.", ru="", now=now)
    publish(said, now, cast.teacher)
    db.session.add(TemplateUse(announcement_id=said.id, version_id=template.current.id))
    db.session.commit()
    client = sign_in(cast.teacher)
    page = text_of(client.get(f"/templates/new?announcement={said.id}"))
    assert "Эртең чогулуш." in page
    assert "written from the template “Тамак акысы”" in page
    assert "1 announcement sent with it" in text_of(client.get(f"/templates/{template.id}/versions"))
    assert sign_in(cast.other_teacher).get(f"/templates/new?announcement={said.id}").status_code == 404


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"name": ""}, "Give the template a name, so that it is found again."),
        ({"name": "а" * 81}, "The name is too long: at most 80 characters."),
        ({"text_ky": ""}, "Write the text, in Kyrgyz or in Russian."),
        ({"text_ky": "Баары жаман(( экен"}, "A field that begins here is never closed with )): (( экен"),
        ({"text_ky": "((  ))"}, "Between (( and )) stands no name."),
        ({"text_ky": "а" * 1501}, "This is too long: at most 1500 characters."),
        ({"text_ky": "бала " * 200}, "The text is too long for an SMS of 10 parts. Shorten it."),
        ({"text_ky": " ".join(f"((т{n}))" for n in range(21))}, "A template has at most 20 fields."),
    ],
)
def test_what_cannot_be_kept_says_why(cast: Cast, sign_in, more: dict[str, str], sentence: str) -> None:
    answer = sign_in(cast.teacher).post("/templates/new", data=form(**more))
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert count(MessageTemplate) == 0


def test_a_preview_answers_the_typing_and_writes_nothing(
    cast: Cast, sign_in, template: MessageTemplate
) -> None:
    client = sign_in(cast.teacher)
    shown = client.post("/templates/preview", data={"text_ky": "Салам ((күнү))", "text_ru": "((сломано"})
    assert text_of(shown) == "№95 Кыргызча · 1 part №95, 5-А: Салам (күнү)"
    shown = client.post(f"/templates/{template.id}/fill/preview", data={"f1": "500"})
    assert "(окуучу): 500 сом (күнү) чейин." in text_of(shown)
    assert "Чалыңыз" not in text_of(shown)
    assert "Чалыңыз" in text_of(client.post(f"/templates/{template.id}/fill/preview", data={"f3": "+"}))
    assert len(gzip.compress(shown.data)) < 2000
    assert count(Delivery) == 0


def test_nothing_of_a_template_becomes_markup(cast: Cast, sign_in) -> None:
    client, evil = sign_in(cast.teacher), "<script>alert(1)</script>"
    data = form(name=evil, text_ky=f"{evil} (({evil.replace('(1)', '')}))", text_ru="")
    where = client.post("/templates/new", data=data).location
    for page in (
        where,
        f"{where}/fill",
        f"{where}/versions",
        f"{where}/sheet",
        f"{where}/edit",
        "/templates/",
    ):
        assert "<script>alert" not in client.get(page).text


def test_a_field_is_called_as_the_readers_language_calls_it(
    cast: Cast, sign_in, template: MessageTemplate
) -> None:
    cast.teacher.language = "ru"
    db.session.commit()
    said = text_of(sign_in(cast.teacher).get(f"/templates/{template.id}/fill"))
    assert "дата" in said
    assert "күнү" not in said.replace("(күнү)", "")
