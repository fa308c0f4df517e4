"""Whether a file may go to families, under which name, and if not, why: a sentence for each reason (pure)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import gettext, lazy_gettext

from webapp.announcements.files.kinds import KINDS, PHOTO, PICTURE, TEXT, Harm, Kind, as_text, kind_of
from webapp.announcements.files.pictures import BadPicture, bare_jpeg, bare_png

MB = 1024 * 1024
MOST_FILES = 5
MOST_BYTES = 5 * MB
# In a letter files grow by 37 %, and many mail servers take no letter of more than 10,240,000 bytes.
MOST_TOGETHER = 7 * MB
LONGEST_NAME = 80

# Endings that no file may have, whatever is in it.
HARMS = dict.fromkeys(("html", "htm", "xhtml", "svg", "xml", "mht", "mhtml"), Harm.WEB_PAGE)
HARMS |= dict.fromkeys(("docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "potm", "ppsm"), Harm.MACROS)
HARMS |= dict.fromkeys(("zip", "rar", "7z", "gz", "tar", "bz2", "xz", "iso", "cab"), Harm.ARCHIVE)
HARMS |= dict.fromkeys(
    (
        *("exe", "com", "bat", "cmd", "msi", "scr", "pif", "cpl", "dll", "lnk", "hta", "reg", "apk", "jar"),
        *("js", "jse", "vbs", "vbe", "wsf", "wsh", "ps1", "sh", "py", "php", "app", "dmg", "deb", "url"),
    ),
    Harm.PROGRAM,
)
SENTENCES = {
    Harm.PROGRAM: lazy_gettext("“%(name)s” is a program. Programs are not sent to families."),
    Harm.MACROS: lazy_gettext(
        "“%(name)s” contains macros, and these can harm a computer. Save it without them, or as PDF."
    ),
    Harm.HIDDEN: lazy_gettext(
        "“%(name)s” holds a program that can run when somebody opens it. Print it into a new PDF and add "
        "that one."
    ),
    Harm.LOCKED: lazy_gettext(
        "“%(name)s” is locked with a password, so nobody can see what is in it. Save it without a password."
    ),
    Harm.ARCHIVE: lazy_gettext("“%(name)s” is an archive. Add the files in it one by one."),
    Harm.WEB_PAGE: lazy_gettext("“%(name)s” is a web page, and these can hold programs. Save it as PDF."),
    Harm.OLD_OFFICE: lazy_gettext(
        "“%(name)s” is of an old kind that can hide programs. Save it as .docx, .xlsx or PDF."
    ),
    Harm.DAMAGED: lazy_gettext("“%(name)s” is damaged: it does not open. Save it anew and try again."),
    Harm.UNKNOWN: lazy_gettext(
        "“%(name)s” is nothing that every family can open. Save it as PDF, photo, Word, Excel or plain text."
    ),
}


class BadFile(Exception):
    """Why a file does not go, in a sentence."""


@dataclass(frozen=True, slots=True)
class GoodFile:
    """A file as families will get it."""

    name: str
    media_type: str
    content: bytes

    @property
    def digest(self) -> str:
        head = f"{self.name}\0{self.media_type}\0".encode()
        return hashlib.sha256(head + self.content).hexdigest()


def checked(name: str, content: bytes) -> GoodFile:
    """Look at a file; raises BadFile with the sentence for its author."""
    name = tidy_name(name)
    if not content:
        raise BadFile(gettext("“%(name)s” is empty.", name=name))
    if len(content) > MOST_BYTES:
        raise BadFile(
            gettext(
                "“%(name)s” is too big: at most 5 MB. Make the photo smaller, or send fewer pages.", name=name
            )
        )
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    found = HARMS.get(ending) or kind_of(content)
    if isinstance(found, Harm):
        raise BadFile(SENTENCES[found] % {"name": name})
    if ending not in found.endings:
        if ending and any(ending in kind.endings for kind in KINDS):
            raise BadFile(
                gettext(
                    "“%(name)s” is not what its name says: inside it is %(kind)s. "
                    "Save it anew under its right ending, .%(ending)s.",
                    name=name,
                    kind=found.name,
                    ending=found.endings[0],
                )
            )
        name = f"{name}.{found.endings[0]}"
    return GoodFile(name, found.media_type, _as_sent(name, found, content))


def fits(size: int, others: Collection[int]) -> None:
    """Raise BadFile when a file of this size has no place beside the others."""
    if len(others) >= MOST_FILES:
        raise BadFile(gettext("There are %(num)s files already. Remove one first.", num=MOST_FILES))
    if size + sum(others) > MOST_TOGETHER:
        raise BadFile(
            gettext(
                "All files together may have at most 7 MB, because many mailboxes take no bigger letter. "
                "Remove another file, or make this one smaller."
            )
        )


def _as_sent(name: str, kind: Kind, content: bytes) -> bytes:
    """Take out of a photo where it was taken; a text becomes UTF-8, which every phone reads."""
    try:
        if kind is PHOTO:
            return bare_jpeg(content)
        if kind is PICTURE:
            return bare_png(content)
    except BadPicture:
        raise BadFile(SENTENCES[Harm.DAMAGED] % {"name": name}) from None
    return (as_text(content) or "").encode() if kind is TEXT else content


def tidy_name(name: str) -> str:
    """Return a name that lies to nobody and that no disk, letter or browser stumbles over.

    No folders, no invisible signs such as those that write "fdp.exe" backwards, nothing that ends a header.
    """
    name = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    name = "".join(
        " " if c.isspace() else c for c in name if c.isspace() or unicodedata.category(c)[0] != "C"
    )
    name = " ".join(re.sub(r"[<>:\"|?*%;]", "-", name).split()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if dot and re.fullmatch(r"\w{1,5}", ending):
        stem = stem.rstrip(". ")[: LONGEST_NAME - len(ending) - 1].rstrip()
        return f"{stem or gettext('file')}.{ending}"
    return name[:LONGEST_NAME].rstrip(". ") or gettext("file")
