"""What a file is, by what is in it and not by what it is called (pure)."""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum, auto

from flask_babel import LazyString, lazy_gettext

from webapp.announcements.files.pictures import JPEG, PNG

OFFICE = "application/vnd.openxmlformats-officedocument"
OPEN = "application/vnd.oasis.opendocument"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that families may get; the first ending is the usual one."""

    name: LazyString
    media_type: str
    endings: tuple[str, ...]


PDF = Kind(lazy_gettext("a PDF"), "application/pdf", ("pdf",))
PHOTO = Kind(lazy_gettext("a photo (JPEG)"), "image/jpeg", ("jpg", "jpeg", "jfif"))
PICTURE = Kind(lazy_gettext("a picture (PNG)"), "image/png", ("png",))
TEXT = Kind(lazy_gettext("plain text"), "text/plain", ("txt",))
WORD = Kind(lazy_gettext("a Word document"), f"{OFFICE}.wordprocessingml.document", ("docx",))
EXCEL = Kind(lazy_gettext("an Excel table"), f"{OFFICE}.spreadsheetml.sheet", ("xlsx",))
SLIDES = Kind(lazy_gettext("a PowerPoint presentation"), f"{OFFICE}.presentationml.presentation", ("pptx",))
WRITER = Kind(lazy_gettext("a LibreOffice document"), f"{OPEN}.text", ("odt",))
CALC = Kind(lazy_gettext("a LibreOffice table"), f"{OPEN}.spreadsheet", ("ods",))
IMPRESS = Kind(lazy_gettext("a LibreOffice presentation"), f"{OPEN}.presentation", ("odp",))
KINDS = (PDF, PHOTO, PICTURE, WORD, EXCEL, SLIDES, WRITER, CALC, IMPRESS, TEXT)


class Harm(StrEnum):
    """Why a file goes to no family."""

    PROGRAM = auto()
    MACROS = auto()
    HIDDEN = auto()  # a program within a document, or one that it fetches
    LOCKED = auto()  # by a password, so that nobody can look into it
    ARCHIVE = auto()
    WEB_PAGE = auto()  # HTML, SVG: pages that can hold programs
    OLD_OFFICE = auto()  # .doc, .xls, .ppt: macros are found in them only by guessing
    DAMAGED = auto()
    UNKNOWN = auto()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"dex\n")
PACKED = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
WEB = ("<!doctype", "<html", "<svg", "<?xml", "<script", "<head", "<body", "<?php", "<iframe", "<math")
# What can run when a PDF is opened (ISO 32000-1, 12.6.4). Not "/JS": chance writes that in a large picture.
RUNS_IN_PDF = re.compile(rb"/(?:JavaScript|Launch)\b")
PROGRAM_PARTS = tuple(
    f".{ending}"
    for ending in (
        *(
            "exe",
            "com",
            "bat",
            "cmd",
            "msi",
            "scr",
            "pif",
            "lnk",
            "hta",
            "jar",
            "js",
            "jse",
            "vbs",
            "vbe",
            "wsf",
        ),
        *("ps1", "docm", "dotm", "xlsm", "xltm", "xlam", "pptm", "potm", "ppsm"),
    )
)
TEMPLATE_FROM_ELSEWHERE = re.compile(
    rb"<relationship\b(?=[^>]*attachedtemplate)(?=[^>]*target\s*=\s*[\"'](?:https?:|ftp:|\\\\|file:/*\\\\))[^>]*>"
)
MAIN_PARTS = {"word/document.xml": WORD, "xl/workbook.xml": EXCEL, "ppt/presentation.xml": SLIDES}
BY_TYPE = {kind.media_type: kind for kind in (WRITER, CALC, IMPRESS)}
# Far more than any document has; what unpacks to more is made to stop a computer.
MOST_PARTS, MOST_UNPACKED = 4000, 200 * 1024 * 1024
MOST_NAMED = 1024 * 1024  # of the small parts that are read


def kind_of(content: bytes) -> Kind | Harm:
    """Say what a file is, or why nobody may get it."""
    if content.startswith(PROGRAMS):
        return Harm.PROGRAM
    if content.startswith(OLE):
        # Word and Excel lock a new document by putting it whole into an old one.
        return Harm.LOCKED if "EncryptedPackage".encode("utf-16-le") in content else Harm.OLD_OFFICE
    if content.startswith(PACKED):
        return Harm.ARCHIVE
    if content[:1024].lstrip().startswith(b"%PDF-"):
        if b"%%EOF" not in content[-2048:]:
            return Harm.DAMAGED
        return Harm.HIDDEN if RUNS_IN_PDF.search(content) else PDF
    if content.startswith(JPEG):
        return PHOTO
    if content.startswith(PNG):
        return PICTURE
    if content.startswith(b"PK"):
        return _packed(content)
    text = as_text(content)
    if text is None:
        return Harm.UNKNOWN
    return Harm.WEB_PAGE if text[:1024].lstrip().lower().startswith(WEB) else TEXT


def as_text(content: bytes) -> str | None:
    """Read a text file, also one from an old Notepad; None when it is none."""
    for encoding in ("utf-8-sig", "utf-16" if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else "cp1251"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if any(c < " " and c not in "\t\r\n\f" for c in text) else text
    return None


def _packed(content: bytes) -> Kind | Harm:
    """Look into a ZIP: a document, or an archive of whatever."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return _document(parts)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        EOFError,
        ValueError,
        OSError,
        RuntimeError,
        zlib.error,
        lzma.LZMAError,
    ):
        return Harm.DAMAGED


def _document(parts: zipfile.ZipFile) -> Kind | Harm:
    inside = parts.infolist()
    if any(part.flag_bits & 1 for part in inside):
        return Harm.LOCKED
    if len(inside) > MOST_PARTS or sum(part.file_size for part in inside) > MOST_UNPACKED:
        return Harm.ARCHIVE
    names = {part.filename.lower().lstrip("/") for part in inside}
    if "mimetype" in names:
        kind = BY_TYPE.get(_read(parts, "mimetype").decode("ascii", "replace").strip())
        if kind is None:
            return Harm.ARCHIVE
        if "encryption-data" in _read(parts, "META-INF/manifest.xml").decode("utf-8", "replace"):
            return Harm.LOCKED
        return Harm.MACROS if any(name.startswith(("basic/", "scripts/")) for name in names) else kind
    kinds = [kind for part, kind in MAIN_PARTS.items() if part in names]
    if len(kinds) != 1 or "[content_types].xml" not in names:
        return Harm.ARCHIVE
    said = _read(parts, "[Content_Types].xml").lower()
    has_macros = b"macroenabled" in said or b"vbaproject" in said or b"activex" in said
    if has_macros or any("vbaproject" in name or "/activex/" in name for name in names):
        return Harm.MACROS
    if any(name.endswith(PROGRAM_PARTS) for name in names):
        return Harm.HIDDEN
    # A document's own template lies on its author's disk; one from elsewhere brings macros along.
    template = _read(parts, "word/_rels/settings.xml.rels").lower()
    return Harm.HIDDEN if TEMPLATE_FROM_ELSEWHERE.search(template) else kinds[0]


def _read(parts: zipfile.ZipFile, name: str) -> bytes:
    """Read a small part of a document, nothing when it is not there."""
    found = next(
        (part for part in parts.infolist() if part.filename.lower().lstrip("/") == name.lower()), None
    )
    if found is None:
        return b""
    with parts.open(found) as part:
        return part.read(MOST_NAMED)
