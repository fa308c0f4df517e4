"""Who is made familiar with an order: families by SMS, slip or talk; staff by a button or a signature."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
import python_calamine

from notifier.database import db
from notifier.models import State
from tests.announcements.writing import copy_for, message_for, send
from tests.cast import Cast, staff_member
from tests.reach.climbing import settle
from webapp.announcements.levels import Level
from webapp.announcements.models import Announcement
from webapp.announcements.recipients import AckHow, Climb
from webapp.documents import forms
from webapp.documents.files import is_pdf, safe_name
from webapp.documents.keeping import draft_about
from webapp.documents.models import Document, DocumentReader
from webapp.documents.queries import counts_of, families_of
from webapp.staff.models import AuditEntry, Role

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n"
FORM = {
    "token": "a-form",
    "kind": "order",
    "number": "282/1",
    "signed_on": "2026-11-20",
    "title_ky": "Дистанттык окутуу жөнүндө",
    "title_ru": "О дистанционном обучении",
    "text_ky": "Сабактар аралыктан өтөт.",
    "text_ru": "",
    "roles": ["director", "class_teacher", "office"],
}


def add(client: Any, **changed: Any) -> Document:
    answer = client.post("/documents/new", data=FORM | changed)
    assert answer.status_code == 303, unescape(answer.text)
    return db.session.get_one(Document, int(answer.location.rpartition("/")[2]))


def test_the_office_adds_an_order_and_its_staff_read_it(cast: Cast, sign_in: Any) -> None:
    office = sign_in(cast.office)
    document = add(office, file=(io.BytesIO(PDF), "../../буйрук №1.exe"))
    assert add(office).id == document.id  # the same form again
    assert (document.size, document.filename) == (len(PDF), "буйрук-1.exe.pdf")
    asked = db.session.scalars(db.select(DocumentReader.staff_id)).all()
    assert set(asked) == {cast.director.id, cast.teacher.id, cast.other_teacher.id, cast.office.id}
    teacher = sign_in(cast.teacher)
    assert "Not read yet" in teacher.get("/documents").text
    opened = teacher.get(f"/documents/{document.id}/file")
    assert opened.data == PDF
    assert opened.headers["Content-Disposition"].startswith("attachment")
    assert opened.headers["X-Content-Type-Options"] == "nosniff"
    assert teacher.post(f"/documents/{document.id}/read").status_code == 303
    assert "Not read yet" not in teacher.get("/documents").text
    page = unescape(sign_in(cast.director).get(f"/documents/{document.id}").text)
    assert "in Kabarchy" in page
    actions = [entry.action for entry in db.session.scalars(db.select(AuditEntry))]
    assert actions == ["document.kept"]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"title_ky": "", "title_ru": ""}, "what the document is called"),
        ({"title_ky": "x" * 201}, "at most 200"),
        ({"text_ky": "x" * 4001}, "at most 4,000"),
        ({"file": (io.BytesIO(b"MZ\x90 not a pdf"), "order.pdf")}, "no PDF"),
        ({"file": (io.BytesIO(PDF[:-7] + b" " * 600 + b"%%EOF"), "order.pdf")}, "at most 5 MB"),
    ],
)
def test_what_cannot_be_kept_is_told_at_its_field(
    cast: Cast, sign_in: Any, changed: dict[str, Any], sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "MOST_BYTES", 500)
    changed = {
        key: (io.BytesIO(value[0].getvalue()), value[1]) if isinstance(value, tuple) else value
        for key, value in changed.items()
    }
    answer = sign_in(cast.office).post("/documents/new", data=FORM | changed)
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    assert db.session.scalar(db.select(Document)) is None


def test_families_are_told_as_of_any_announcement_and_asked_to_answer(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    document = add(sign_in(cast.office))
    teacher = sign_in(cast.teacher)
    nobody = teacher.post(f"/documents/{document.id}/tell", data={"class": [str(cast.class_5b.id)]})
    assert nobody.location == f"/documents/{document.id}"  # another teacher's class
    answer = teacher.post(f"/documents/{document.id}/tell", data={"class": [str(cast.class_5a.id)]})
    draft = db.session.scalars(db.select(Announcement)).one()
    assert answer.location == f"/announcements/{draft.id}/edit"
    assert (draft.kind, draft.asks_acknowledgement) == ("document", True)
    assert "Дистанттык окутуу жөнүндө" in draft.text_ky
    assert "282/1" in draft.text_ru
    assert "Дистанттык окутуу жөнүндө" in unescape(teacher.get(answer.location).text)
    send(draft, now)
    told = families_of(document, [cast.class_5a])[cast.class_5a.id]
    assert told[cast.button_phone.id].level is Level.NOT_TRIED
    copy = copy_for(draft, cast.button_phone)
    copy.acknowledged_at, copy.acknowledged_how = now, AckHow.PAPER
    talk = copy_for(draft, cast.no_address)
    talk.spoken_at = now
    db.session.commit()
    count = counts_of(document, [cast.class_5a])[0]
    assert (count.families, count.knows) == (4, 2)
    assert count.by_how == {AckHow.PAPER: 1}
    page = unescape(teacher.get(f"/documents/{document.id}/classes/{cast.class_5a.id}").text)
    assert "signature on paper" in page
    assert "Асан Мисалов" in page


def test_an_answer_to_a_reminder_is_an_answer_to_the_document(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    document = add(sign_in(cast.office))
    sign_in(cast.teacher).post(f"/documents/{document.id}/tell", data={"class": [str(cast.class_5a.id)]})
    first = db.session.scalars(db.select(Announcement)).one()
    send(first, now)
    reminder = Announcement(
        school_id=cast.school.id,
        author_id=cast.teacher.id,
        kind="reminder",
        text_ky="Эскертүү",
        reminds_of_id=first.id,
        created_at=now,
        classes=[cast.class_5a],
    )
    db.session.add(reminder)
    db.session.commit()
    send(reminder, now)
    copy = copy_for(reminder, cast.button_phone)
    copy.acknowledged_at, copy.acknowledged_how = now, AckHow.SMS
    db.session.commit()
    known = families_of(document, [cast.class_5a])[cast.class_5a.id][cast.button_phone.id]
    assert (known.level, known.how) == (Level.ACKNOWLEDGED, AckHow.SMS)


def test_a_family_that_knows_knows_it_in_every_class_and_the_last_word_is_the_talk(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    document = add(sign_in(cast.pedagogue))
    for _ in range(2):
        sign_in(cast.teacher).post(f"/documents/{document.id}/tell", data={"class": [str(cast.class_5a.id)]})
    first, second = db.session.scalars(db.select(Announcement).order_by(Announcement.id)).all()
    for each in (first, second):
        send(each, now)
    talk, answer = copy_for(first, cast.siblings), copy_for(second, cast.siblings)
    talk.spoken_at = now
    answer.acknowledged_at, answer.acknowledged_how = now, AckHow.SMS
    db.session.commit()
    found = families_of(document, [cast.class_5a, cast.class_5b])
    for school_class in (cast.class_5a, cast.class_5b):
        known = found[school_class.id][cast.siblings.id]
        assert (known.level, known.how, known.at) == (Level.SPOKEN_TO, None, now)
    assert found[cast.class_5b.id][cast.neighbour.id].level is Level.NOT_TRIED
    told = [entry for entry in db.session.scalars(db.select(AuditEntry)) if entry.action == "document.told"]
    assert [entry.detail["classes"] for entry in told] == [["5-А"], ["5-А"]]


def test_signatures_on_paper_are_entered_once(cast: Cast, sign_in: Any) -> None:
    office = sign_in(cast.office)
    document = add(office)
    url = f"/documents/{document.id}/signatures"
    signed = {"day": "2026-11-23", "staff": [str(cast.teacher.id), str(cast.pedagogue.id), "x"]}
    assert "still to come" in office.post(url, data=signed | {"day": "2099-01-01"}).text
    for _ in range(2):
        assert office.post(url, data=signed).status_code == 303
    reader = db.session.get_one(DocumentReader, (document.id, cast.teacher.id))
    assert (reader.acknowledged_how, reader.entered_by_id) == ("paper", cast.office.id)
    # Who was not asked is not entered, and the second time there was nothing left to enter.
    entered = [
        entry for entry in db.session.scalars(db.select(AuditEntry)) if entry.action == "document.signed"
    ]
    assert [entry.detail["people"] for entry in entered] == [1]


def test_the_director_takes_the_list_along_and_nothing_in_it_runs(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    director = sign_in(cast.director)
    document = add(director, title_ky="Жобо", title_ru="")
    pupil = cast.button_phone.pupils[0]
    pupil.name = "=HYPERLINK(1)"
    db.session.commit()
    answer = director.post(f"/documents/{document.id}/export")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    assert book.sheet_names == ["Classes", "Families", "Staff"]
    families = book.get_sheet_by_name("Families").to_python()
    assert "=HYPERLINK(1)" in [row[1] for row in families]
    assert b"555000101" not in answer.data
    assert sign_in(cast.teacher).post(f"/documents/{document.id}/export").status_code == 403


def test_another_school_finds_nothing(cast: Cast, sign_in: Any) -> None:
    document = add(sign_in(cast.office))
    stranger = sign_in(cast.other_director)
    for path in ("", "/file", "/signatures"):
        assert stranger.get(f"/documents/{document.id}{path}").status_code == 404
    assert stranger.post(f"/documents/{document.id}/read").status_code == 404


@pytest.mark.parametrize(
    ("content", "pdf"),
    [(PDF, True), (b"\n" + PDF, True), (b"%PDF-1.4", False), (b"<html>%PDF- %%EOF", False), (b"", False)],
)
def test_a_pdf_is_known_by_what_is_in_it(content: bytes, pdf: bool) -> None:
    assert is_pdf(content) is pdf


@pytest.mark.parametrize(
    ("given", "kept"),
    [("C:\\a\\order.PDF", "order.pdf"), ("../x", "x.pdf"), ("", "document-7.pdf"), ('a"b\n.pdf', "a-b.pdf")],
)
def test_a_file_keeps_a_name_no_disk_stumbles_over(given: str, kept: str) -> None:
    assert safe_name(given, 7) == kept


def test_a_big_staff_comes_in_pages_and_the_spreadsheet_has_all(
    cast: Cast, sign_in: Any, now: datetime
) -> None:
    for number in range(45):
        staff_member(cast.school, f"Кызматкер {number:02}", f"many-{number}", Role.OFFICE, now=now)
    db.session.commit()
    director = sign_in(cast.director)
    document = add(director)
    pages = [unescape(director.get(f"/documents/{document.id}?page={page}").text) for page in (1, 2)]
    shown = [{n for n in range(45) if f"Кызматкер {n:02}" in page} for page in pages]
    assert set.union(*shown) == set(range(45))
    assert not set.intersection(*shown)
    assert max(map(len, shown)) <= 40
    sheet = python_calamine.CalamineWorkbook.from_filelike(
        io.BytesIO(director.post(f"/documents/{document.id}/export").data)
    ).get_sheet_by_name("Staff")
    assert sum(str(row[0]).startswith("Кызматкер") for row in sheet.to_python()) == 45


def test_every_level_says_since_when(cast: Cast, sign_in: Any, now: datetime) -> None:
    document = add(sign_in(cast.office))
    draft = tell(document, cast, now)
    left, arrived = now + timedelta(minutes=1), now + timedelta(minutes=2)
    settle(message_for(draft, cast.button_phone), State.ACCEPTED, left)
    settle(message_for(draft, cast.siblings), State.ACCEPTED, left)
    settle(message_for(draft, cast.siblings), State.DELIVERED, arrived)
    told = families_of(document, [cast.class_5a])[cast.class_5a.id]
    assert (told[cast.button_phone.id].level, told[cast.button_phone.id].at) == (Level.SENT, left)
    assert (told[cast.siblings.id].level, told[cast.siblings.id].at) == (Level.DELIVERED, arrived)
    assert told[cast.no_address.id].at is None


def test_what_arrived_on_an_earlier_rung_says_when(cast: Cast, sign_in: Any, now: datetime) -> None:
    document = add(sign_in(cast.office))
    draft = tell(document, cast, now)
    copy, arrived = copy_for(draft, cast.button_phone), now + timedelta(hours=3)
    first = message_for(draft, cast.button_phone)
    second = message_for(draft, cast.siblings)
    db.session.add_all(
        [
            Climb(recipient_id=copy.id, position=n, means="next_number", delivery_id=each.id, at=now)
            for n, each in enumerate((first, second))
        ]
    )
    copy.delivery_id, copy.rung = second.id, 1
    settle(first, State.ACCEPTED, now)
    settle(first, State.DELIVERED, arrived)
    known = families_of(document, [cast.class_5a])[cast.class_5a.id][cast.button_phone.id]
    assert (known.level, known.at) == (Level.DELIVERED, arrived)


def test_a_language_nobody_wrote_is_left_empty_and_said(cast: Cast, sign_in: Any, now: datetime) -> None:
    document = add(sign_in(cast.office), title_ru="", text_ru="")
    teacher = sign_in(cast.teacher)
    page = unescape(teacher.get(f"/documents/{document.id}").text)
    assert "Nobody has written it in Russian." in page
    teacher.post(f"/documents/{document.id}/tell", data={"class": [str(cast.class_5a.id)]})
    draft = db.session.scalars(db.select(Announcement)).one()
    assert draft.text_ru == ""
    assert "аралыктан" in draft.text_ky


def test_a_title_of_its_own_goes_without_the_other_languages_text(cast: Cast, sign_in: Any) -> None:
    document = add(sign_in(cast.office))
    sign_in(cast.teacher).post(f"/documents/{document.id}/tell", data={"class": [str(cast.class_5a.id)]})
    draft = db.session.scalars(db.select(Announcement)).one()
    assert "О дистанционном обучении" in draft.text_ru
    assert "аралыктан" not in draft.text_ru


@pytest.mark.parametrize("language", ["ky", "ru", "en"])
def test_the_director_takes_the_monitoring_along_on_paper(
    cast: Cast, sign_in: Any, now: datetime, language: str
) -> None:
    document = add(sign_in(cast.office), title_ky="Ң ө ү: =1+1")
    draft = tell(document, cast, now)
    settle(message_for(draft, cast.button_phone), State.ACCEPTED, now)
    director = sign_in(cast.director)
    director.post(f"/language/{language}")
    answer = director.post(f"/documents/{document.id}/export", data={"format": "pdf"})
    assert answer.mimetype == "application/pdf"
    assert is_pdf(answer.data)
    assert f"document-{document.id}.pdf" in answer.headers["Content-Disposition"]
    entries = db.session.scalars(db.select(AuditEntry.action)).all()
    assert entries.count("document.exported") == 1
    assert sign_in(cast.teacher).post(f"/documents/{document.id}/export").status_code == 403


def tell(document: Document, cast: Cast, now: datetime) -> Announcement:
    """Tell the families of 5-А of it."""
    draft = draft_about(document, [cast.class_5a], cast.teacher, now)
    db.session.commit()
    send(draft, now)
    return draft
