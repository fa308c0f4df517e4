"""Write spreadsheets of every kind for the tests; old Excel's by hand, since nothing writes it any more."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape

import xlsxwriter

Cells = Sequence[Sequence[str | float | None]]


def xlsx_by(draw: Callable[[Any], None]) -> bytes:
    """An xlsx file drawn by `draw(workbook)`."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        draw(book)
    return buffer.getvalue()


def xlsx(rows: Cells) -> bytes:
    def draw(book: Any) -> None:
        sheet = book.add_worksheet("Тизме")
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str):
                    sheet.write_string(number, column, value)
                elif value is not None:
                    sheet.write_number(number, column, value)

    return xlsx_by(draw)


def ods(rows: Cells) -> bytes:
    def cell(value: str | float | None) -> str:
        if value is None or value == "":
            return "<table:table-cell/>"
        if isinstance(value, str):
            text = f"<text:p>{escape(value)}</text:p>"
            return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
        return (
            f'<table:table-cell office:value-type="float" office:value="{value}">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )

    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content '
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="Тизме">{body}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", content)
    return buffer.getvalue()


def xls(rows: Cells) -> bytes:
    """Excel 97–2003: BIFF8 records in an OLE container."""
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    width = max(map(len, rows))
    sheet += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            place = struct.pack("<HHH", number, column, 0)
            if isinstance(value, str) and value:
                text = value.encode("utf-16-le")
                sheet += _record(0x0204, place + struct.pack("<HB", len(text) // 2, 1) + text)
            elif isinstance(value, int | float):
                sheet += _record(0x0203, place + struct.pack("<d", value))
    sheet += _record(0x000A, b"")
    name = "Тизме".encode("utf-16-le")
    start = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))

    def bound(offset: int) -> bytes:
        return _record(0x0085, struct.pack("<IBBBB", offset, 0, 0, len(name) // 2, 1) + name)

    end = _record(0x000A, b"")
    offset = len(start) + len(bound(0)) + len(end)
    return ole({"Workbook": start + bound(offset) + end + sheet})


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def ole(streams: dict[str, bytes]) -> bytes:
    """Put streams into an OLE container (compound file) of 512-byte sectors."""
    end, free, fat_mark = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    fat, body = [fat_mark, end], b""
    entries = [("Root Entry", 5, end, 0)]
    for name, data in streams.items():
        # Shorter streams would need the container's second allocation table.
        padded = data.ljust(4096, b"\0")
        padded += b"\0" * (-len(padded) % 512)
        first, sectors = len(fat), len(padded) // 512
        fat += [first + i + 1 for i in range(sectors - 1)] + [end]
        body += padded
        entries.append((name, 2, first, len(padded)))
    directory = b""
    for i, (name, kind, first, size) in enumerate(entries):
        text = name.encode("utf-16-le")
        child = 1 if kind == 5 else free
        right = i + 1 if kind == 2 and i + 1 < len(entries) else free
        directory += text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1)
        directory += struct.pack("<III", free, right, child) + b"\0" * 36 + struct.pack("<IQ", first, size)
    directory = directory.ljust(512, b"\0")
    assert len(directory) == 512
    assert len(fat) <= 128
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack("<I", 0)
    header += struct.pack("<I", free) * 108
    table = b"".join(struct.pack("<I", entry) for entry in fat).ljust(512, b"\xff")
    return header + table + directory + body
