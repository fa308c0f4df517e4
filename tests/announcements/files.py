"""Small files of every kind, made here: good ones, and such as no family may get."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

GPS = b"42.8746N 74.5698E"


def pdf(text: str = "") -> bytes:
    return b"%PDF-1.4\n% " + text.encode() + b"\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def document(
    *parts: str | dict[str, str], types: str = "", mimetype: str = "", locked: bool = False
) -> bytes:
    """A ZIP with these parts, of a Word or Excel document or, with a `mimetype`, one of LibreOffice."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if mimetype:
            archive.writestr("mimetype", f"application/vnd.oasis.opendocument.{mimetype}")
            archive.writestr("META-INF/manifest.xml", "<manifest/>")
        else:
            archive.writestr("[Content_Types].xml", f"<Types>{types}</Types>")
        for part in parts:
            for name, text in ({part: "<a/>" * 20} if isinstance(part, str) else part).items():
                archive.writestr(name, text)
    content = bytearray(out.getvalue())
    if locked:
        # The bit that says so, of the first entry in the directory at the end.
        content[content.index(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*notes: bytes) -> bytes:
    """A white dot; `notes` become text chunks before its data."""
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    texts = b"".join(chunk(b"tEXt", b"Comment\0" + note) for note in notes)
    data = chunk(b"IDAT", zlib.compress(b"\0\xff"))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + texts + data + chunk(b"IEND", b"")


def segment(marker: int, data: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def exif(side: int, order: str = ">") -> bytes:
    """Notes of a phone: which side is up, and where it was."""
    start = {">": b"MM\0*", "<": b"II*\0"}[order] + struct.pack(f"{order}I", 8)
    entries = struct.pack(f"{order}H", 2)
    entries += struct.pack(f"{order}HHIHH", 0x0112, 3, 1, side, 0)
    entries += struct.pack(f"{order}HHII", 0x8825, 4, 1, 38)
    return segment(0xE1, b"Exif\0\0" + start + entries + struct.pack(f"{order}I", 0) + GPS)


def jpeg(*notes: bytes, after: bytes = b"") -> bytes:
    """As much of a JPEG as a reader of segments sees, with a restart and a stuffed FF in its scan."""
    scan = segment(0xDA, b"\x01\x01\x00\x00\x3f\x00") + b"\x12\xff\x00\x34\xff\xd0\x56"
    tables = segment(0xDB, b"\0" * 65) + segment(0xC0, b"\x08\0\x01\0\x01\x01\x01\x11\0")
    jfif = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
    return b"\xff\xd8" + jfif + b"".join(notes) + tables + scan + b"\xff\xd9" + after


JPEG_AT_HOME = jpeg(exif(6), segment(0xED, b"Photoshop 3.0\0" + GPS), segment(0xFE, GPS))
