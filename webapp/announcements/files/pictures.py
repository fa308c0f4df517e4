"""Photos without what a phone writes into them: where, when and by whose camera they were taken (pure).

A photo of a child's work would else tell everybody where the child lives. What the picture looks like stays,
and which side of it is up.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
# Exif and XMP, Photoshop's notes, comments; what describes colours stays.
APP1, APP2, APP13, COMMENT = 0xE1, 0xE2, 0xED, 0xFE
START_OF_SCAN, END = 0xDA, 0xD9
# Within a scan FF stands before 00, or a restart; before anything else it begins the next segment.
NEXT_SEGMENT = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
ORIENTATION = 0x0112
PNG_KEPT = frozenset(
    {
        b"IHDR",
        b"PLTE",
        b"IDAT",
        b"IEND",
        b"tRNS",
        b"gAMA",
        b"cHRM",
        b"sRGB",
        b"iCCP",
        b"sBIT",
        b"bKGD",
        b"pHYs",
    }
)


class BadPicture(Exception):
    """The file is damaged."""


def bare_jpeg(content: bytes) -> bytes:
    """Return a JPEG without notes, and without the further pictures some phones hide behind its end."""
    kept, side = [], 1
    for marker, segment in _segments(content):
        notes = segment[4:]
        if marker == APP1 and notes.startswith(b"Exif\x00\x00"):
            side = _side_up(notes[6:]) or side
        # MPF points at the further pictures, each with notes of its own.
        elif marker not in {APP1, APP13, COMMENT} and not (marker == APP2 and notes.startswith(b"MPF\x00")):
            kept.append(segment)
    head = JPEG[:2] + (_only_the_side(side) if side != 1 else b"")
    return head + b"".join(kept)


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Walk a JPEG: each segment with its marker; a scan's data belongs to it."""
    at = 2
    while True:
        if content[at : at + 1] != b"\xff" or at + 2 > len(content):
            raise BadPicture
        marker = content[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == END:
            yield marker, content[at : at + 2]
            return
        length = int.from_bytes(content[at + 2 : at + 4])
        end = at + 2 + length
        if length < 2 or end > len(content):
            raise BadPicture
        if marker == START_OF_SCAN:
            following = NEXT_SEGMENT.search(content, end)
            if following is None:
                raise BadPicture
            end = following.start()
        yield marker, content[at:end]
        at = end


def _side_up(tiff: bytes) -> int | None:
    """Read from Exif which side of the picture is up: 1 to 8."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    try:
        if order is None:
            return None
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        (entries,) = struct.unpack_from(f"{order}H", tiff, at)
        for entry in range(entries):
            tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, at + 2 + 12 * entry)
            if tag == ORIENTATION and kind == 3 and 1 <= value <= 8:
                return int(value)
    except struct.error:
        pass
    return None


def _only_the_side(side: int) -> bytes:
    """Return an Exif segment that says which side is up, and nothing else."""
    tiff = b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, ORIENTATION, 3, 1, side, 0, 0)
    notes = b"Exif\x00\x00" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(notes) + 2) + notes


def bare_png(content: bytes) -> bytes:
    """Return a PNG with the picture's own chunks only."""
    kept, at = [PNG], len(PNG)
    while at + 12 <= len(content):
        length = int.from_bytes(content[at : at + 4])
        end = at + 12 + length
        if end > len(content):
            break
        kind = content[at + 4 : at + 8]
        if kind in PNG_KEPT:
            kept.append(content[at:end])
        if kind == b"IEND":
            return b"".join(kept)
        at = end
    raise BadPicture
