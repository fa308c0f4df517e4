"""Who knows a document, as a spreadsheet: no phone number, and nothing that a program would run."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import LazyString, gettext, lazy_gettext

from webapp.announcements.recipients import AckHow
from webapp.documents.models import Document, DocumentReader, ReadHow
from webapp.documents.queries import ClassCount, Knowledge
from webapp.families.models import SchoolClass
from webapp.reach.period.sheet import PLAIN
from webapp.reach.words import LEVEL_NAMES

HOW_NAMES: dict[str, LazyString] = {
    AckHow.SMS: lazy_gettext("by SMS"),
    AckHow.PAPER: lazy_gettext("signature on paper"),
    AckHow.PHONE: lazy_gettext("told by phone"),
    ReadHow.APP: lazy_gettext("in Kabarchy"),
}


def as_xlsx(
    document: Document,
    counts: Sequence[ClassCount],
    families: Iterable[tuple[SchoolClass, Iterable[Knowledge]]],
    readers: Sequence[DocumentReader],
    zone: ZoneInfo,
    language: str,
) -> bytes:
    """Write three sheets: classes in numbers, families, staff; in the language of the moment."""
    # Here, because a worker has no use for its 2 MB.
    import xlsxwriter

    title = document.title_in(language)
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, PLAIN) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "bottom": 1})
        names = [str(name) for name in LEVEL_NAMES.values()]
        _sheet(
            book.add_worksheet(gettext("Classes")),
            title,
            [gettext("Class"), gettext("Families"), *names],
            (
                [each.school_class.name, each.families, *(each.by_level[place] for place in LEVEL_NAMES)]
                for each in counts
            ),
            head,
        )
        _sheet(
            book.add_worksheet(gettext("Families")),
            title,
            [gettext("Class"), gettext("Child"), gettext("Level"), gettext("How"), gettext("When")],
            (
                [
                    school_class.name,
                    ", ".join(family.children),
                    str(LEVEL_NAMES[family.level]),
                    str(HOW_NAMES.get(family.how or "", "")),
                    f"{family.at.astimezone(zone):%d.%m.%Y %H:%M}" if family.at else "",
                ]
                for school_class, group in families
                for family in group
            ),
            head,
        )
        _sheet(
            book.add_worksheet(gettext("Staff")),
            title,
            [gettext("Name"), gettext("Role"), gettext("How"), gettext("When")],
            (
                [
                    reader.staff.name,
                    ", ".join(map(str, reader.staff.role_names)),
                    str(HOW_NAMES.get(reader.acknowledged_how or "", "")),
                    f"{reader.acknowledged_at.astimezone(zone):%d.%m.%Y %H:%M}"
                    if reader.acknowledged_at
                    else "",
                ]
                for reader in readers
            ),
            head,
        )
    return buffer.getvalue()


def _sheet(sheet: Any, title: str, heads: list[str], rows: Iterable[list[str | int]], head: Any) -> None:
    """Write a title, the headings and the rows; text is text, whatever it begins with."""
    sheet.write_string(0, 0, title)
    for column, name in enumerate(heads):
        sheet.write_string(2, column, name, head)
        sheet.set_column(column, column, 28 if column == 1 and len(heads) < 7 else 16)
    for number, row in enumerate(rows, start=3):
        for column, cell in enumerate(row):
            if isinstance(cell, int):
                sheet.write_number(number, column, cell)
            else:
                sheet.write_string(number, column, cell)
    sheet.freeze_panes(3, 1)
