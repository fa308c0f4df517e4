"""A teacher adds a file: families with e-mail get it, and nobody gets what could harm them."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from notifier import outbox
from notifier.database import db
from notifier.stationery import Enclosure, PaperEnclosure
from tests.announcements.files import JPEG_AT_HOME, document, pdf, png
from tests.announcements.writing import message_for, send, write
from tests.cast import Cast
from webapp.announcements.back.again import use_again
from webapp.announcements.files.check import MB, MOST_FILES
from webapp.announcements.models import Announcement
from webapp.staff.models import AuditEntry


@pytest.fixture
def draft(cast: Cast, now: datetime) -> Announcement:
    return write(cast, now=now)


@pytest.fixture
def teacher(sign_in: Any, cast: Cast) -> FlaskClient:
    client: FlaskClient = sign_in(cast.teacher)
    return client


def at(draft: Announcement) -> str:
    return f"/announcements/{draft.id}/attachments"


def add(client: FlaskClient, draft: Announcement, name: str, content: bytes) -> TestResponse:
    answer = client.post(
        at(draft), data={"file": (io.BytesIO(content), name)}, content_type="multipart/form-data"
    )
    # What is big the client itself has put into a file.
    answer.request.environ["wsgi.input"].close()
    return answer


def files_of(draft: Announcement) -> list[Enclosure]:
    db.session.rollback()
    db.session.expire_all()
    return [each.enclosure for each in draft.files]


def kept_files() -> int:
    return db.session.scalar(select(func.count()).select_from(Enclosure)) or 0


def test_a_file_goes_to_the_family_with_email_and_not_to_phones(
    teacher: FlaskClient, cast: Cast, draft: Announcement, now: datetime
) -> None:
    before = draft.fingerprint
    assert add(teacher, draft, "Буйрук №282.pdf", pdf()).status_code == 303
    assert [(f.name, f.media_type, f.size) for f in files_of(draft)] == [
        ("Буйрук №282.pdf", "application/pdf", len(pdf()))
    ]
    assert draft.fingerprint != before
    send(draft, now)
    assert db.session.scalars(select(AuditEntry.detail)).one()["files"] == 1
    letter, sms = message_for(draft, cast.email_only), message_for(draft, cast.button_phone)
    assert sms.paper_id is None
    assert "pdf" not in sms.body
    db.session.rollback()
    (claimed,) = outbox.claim(db.engine, channel="email", limit=5, owner="test", now=now)
    assert claimed.id == letter.id
    stationery = claimed.message.stationery
    assert stationery is not None
    assert (stationery.language, stationery.heading) == ("ru", cast.school.name)
    assert [(each.name, each.content) for each in stationery.enclosures] == [("Буйрук №282.pdf", pdf())]


def test_the_review_says_who_gets_the_file_and_who_does_not(
    teacher: FlaskClient, draft: Announcement
) -> None:
    empty = teacher.get(f"/announcements/{draft.id}/review").text
    assert f'href="{at(draft)}"' in empty
    assert "Add a file" in empty
    add(teacher, draft, "order.pdf", pdf())
    full = teacher.get(f"/announcements/{draft.id}/review").text
    assert "1 family gets files by e-mail." in full
    assert "2 families get an SMS, and that carries none" in full
    assert "order.pdf" in full
    assert "Change the files" in full


def test_an_announcement_that_only_phones_get_says_so(sign_in: Any, cast: Cast, now: datetime) -> None:
    draft = write(cast, cast.class_5b, author=cast.other_teacher, now=now)
    page = sign_in(cast.other_teacher).get(at(draft)).text
    assert "Nobody in this announcement gets e-mail, so files reach no family." in page


def test_staff_who_see_the_announcement_can_save_its_file(
    teacher: FlaskClient, sign_in: Any, cast: Cast, draft: Announcement, now: datetime
) -> None:
    add(teacher, draft, "Буйрук.pdf", pdf())
    (file,) = files_of(draft)
    assert sign_in(cast.director).get(f"{at(draft)}/{file.id}").status_code == 404  # somebody's draft
    send(draft, now)
    answer = sign_in(cast.director).get(f"{at(draft)}/{file.id}")
    assert (answer.status_code, answer.data) == (200, pdf())
    assert answer.headers["Content-Disposition"].startswith("attachment; filename")
    assert "filename*=UTF-8''%D0%91%D1%83%D0%B9" in answer.headers["Content-Disposition"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Буйрук.pdf" in sign_in(cast.director).get(f"/announcements/{draft.id}").text
    for stranger in (cast.other_teacher, cast.other_director):
        assert sign_in(stranger).get(f"{at(draft)}/{file.id}").status_code == 404


def test_a_file_is_only_to_be_had_where_it_belongs(
    teacher: FlaskClient, cast: Cast, draft: Announcement, now: datetime
) -> None:
    add(teacher, draft, "order.pdf", pdf())
    (file,) = files_of(draft)
    another = write(cast, now=now)
    assert teacher.get(f"{at(another)}/{file.id}").status_code == 404
    assert teacher.post(f"{at(another)}/{file.id}/remove").status_code == 404
    assert len(files_of(draft)) == 1


def test_a_removed_file_is_gone_and_forgotten(teacher: FlaskClient, draft: Announcement) -> None:
    add(teacher, draft, "order.pdf", pdf())
    (file,) = files_of(draft)
    assert teacher.post(f"{at(draft)}/{file.id}/remove").status_code == 303
    assert files_of(draft) == []
    assert kept_files() == 0
    assert teacher.post(f"{at(draft)}/{file.id}/remove").status_code == 404


def test_the_files_of_a_deleted_draft_are_forgotten(teacher: FlaskClient, draft: Announcement) -> None:
    add(teacher, draft, "order.pdf", pdf())
    assert teacher.post(f"/announcements/{draft.id}/discard").status_code == 303
    assert kept_files() == 0


def test_what_was_sent_keeps_its_files(
    teacher: FlaskClient, cast: Cast, draft: Announcement, now: datetime
) -> None:
    add(teacher, draft, "order.pdf", pdf())
    (file,) = files_of(draft)
    send(draft, now)
    assert teacher.post(f"{at(draft)}/{file.id}/remove").location == f"/announcements/{draft.id}"
    assert add(teacher, draft, "more.pdf", pdf("2")).location == f"/announcements/{draft.id}"
    assert teacher.get(at(draft)).location == f"/announcements/{draft.id}"
    assert len(files_of(draft)) == 1
    again = use_again(draft, cast.teacher, now)
    db.session.commit()
    assert [each.id for each in files_of(again)] == [file.id]
    teacher.post(f"/announcements/{again.id}/discard")
    assert kept_files() == 1
    assert db.session.scalar(select(func.count()).select_from(PaperEnclosure)) == 1


def test_the_same_file_twice_is_there_once(teacher: FlaskClient, draft: Announcement) -> None:
    for _ in range(2):
        assert add(teacher, draft, "order.pdf", pdf()).status_code == 303
    assert "is there already" in teacher.get(at(draft)).text
    assert len(files_of(draft)) == 1


def test_two_files_of_one_name_can_be_told_apart(teacher: FlaskClient, draft: Announcement) -> None:
    add(teacher, draft, "order.pdf", pdf())
    add(teacher, draft, "order.pdf", pdf("another"))
    assert [file.name for file in files_of(draft)] == ["order.pdf", "order (2).pdf"]


def test_there_is_a_limit_to_files_and_to_their_weight(teacher: FlaskClient, draft: Announcement) -> None:
    assert "too big: at most 5 MB" in add(teacher, draft, "big.txt", b"a" * (5 * MB + 1)).text
    assert add(teacher, draft, "a.txt", b"a" * (5 * MB)).status_code == 303
    refused = add(teacher, draft, "b.txt", b"b" * (2 * MB + 1))
    assert refused.status_code == 422
    assert "together may have at most 7 MB" in refused.text
    for number in range(MOST_FILES - 1):
        assert add(teacher, draft, f"{number}.txt", f"{number}".encode()).status_code == 303
    assert "Remove one first" in add(teacher, draft, "more.txt", b"more").text
    page = teacher.get(at(draft)).text
    assert 'type="file"' not in page
    assert len(files_of(draft)) == MOST_FILES


def test_a_form_without_a_file_says_so(teacher: FlaskClient, draft: Announcement) -> None:
    for data in ({}, {"file": (io.BytesIO(b""), "")}):
        answer = teacher.post(at(draft), data=data, content_type="multipart/form-data")
        assert answer.status_code == 422
        assert "Choose a file first." in answer.text
    assert "is empty" in add(teacher, draft, "a.pdf", b"").text


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (
            "order.pdf",
            document("word/document.xml"),
            "is not what its name says: inside it is a Word document",
        ),
        ("order.docx", pdf(), "is not what its name says: inside it is a PDF"),
        ("photo.jpg", png(), "is not what its name says: inside it is a picture (PNG)"),
        ("table.xlsx", document("word/document.xml"), "inside it is a Word document"),
        ("photo.jpg", b"MZ\x90\x00 This program", "is a program"),
        ("list.txt", b"#!/bin/sh\nrm -rf /", "is a program"),
        ("order.pdf.exe", pdf(), "is a program"),
        ("order\u202efdp.exe", pdf(), "is a program"),
        ("order.docx", document("word/document.xml", "word/vbaProject.bin"), "contains macros"),
        ("order.docm", document("word/document.xml"), "contains macros"),
        (
            "t.xlsx",
            document("xl/workbook.xml", types="application/vnd.ms-excel.sheet.macroEnabled"),
            "macros",
        ),
        ("t.ods", document("Basic/script-lc.xml", mimetype="spreadsheet"), "contains macros"),
        ("order.docx", document("word/document.xml", locked=True), "locked with a password"),
        ("order.zip", document("a.txt"), "is an archive"),
        ("order.docx", document("a.txt"), "is an archive"),
        ("order.html", b"<p>a</p>", "is a web page"),
        ("drawing.svg", b"<svg onload='x'/>", "is a web page"),
        ("list.txt", b"  <!DOCTYPE html><script>x</script>", "is a web page"),
        ("order.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "of an old kind"),
        ("order.pdf", pdf()[:-9], "is damaged"),
        ("photo.jpg", JPEG_AT_HOME[:-2], "is damaged"),
        ("photo.png", png()[:-4], "is damaged"),
        ("order.docx", document("word/document.xml")[:-30], "is damaged"),
        ("sound.mp3", b"ID3\x00\x01\x02\x03\x04", "is nothing that every family can open"),
    ],
)
def test_what_could_harm_or_mislead_is_refused_with_its_sentence(
    teacher: FlaskClient, draft: Announcement, name: str, content: bytes, sentence: str
) -> None:
    answer = add(teacher, draft, name, content)
    assert answer.status_code == 422
    assert sentence in re.sub(r"&#3[49];", "'", answer.text)
    assert files_of(draft) == []
    assert kept_files() == 0


@pytest.mark.parametrize(
    ("kind", "name", "media_type"),
    [
        ("word/document.xml", "a.docx", "wordprocessingml.document"),
        ("xl/workbook.xml", "a.xlsx", "spreadsheetml.sheet"),
        ("ppt/presentation.xml", "a.pptx", "presentationml.presentation"),
    ],
)
def test_office_documents_go(
    teacher: FlaskClient, draft: Announcement, kind: str, name: str, media_type: str
) -> None:
    assert add(teacher, draft, name, document(kind)).status_code == 303
    assert files_of(draft)[0].media_type.endswith(media_type)


def test_a_text_of_an_old_notepad_becomes_readable_everywhere(
    teacher: FlaskClient, draft: Announcement
) -> None:
    add(teacher, draft, "тизме.txt", "Китептер, дептер".encode("cp1251"))
    assert files_of(draft)[0].content.decode() == "Китептер, дептер"


def test_a_documents_bytes_are_not_touched(teacher: FlaskClient, draft: Announcement) -> None:
    content = document("word/document.xml")
    add(teacher, draft, "a.docx", content)
    assert files_of(draft)[0].content == content
    assert zipfile.is_zipfile(io.BytesIO(content))
