"""The report as a spreadsheet: four sheets, numbers as numbers, and nothing that a program would run."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask_babel import gettext

from webapp.reach.period.figures import PeriodReport
from webapp.reach.period.words import (
    Heading,
    beside_families,
    causes,
    headings,
    kind_name,
    made_at,
    notes,
    title,
)

if TYPE_CHECKING:
    from xlsxwriter import Workbook

# Whatever a cell begins with, a name stays a name: no formula, no link, no number.
PLAIN = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
FIRST_ROW = 3  # under the title and a blank line


def as_xlsx(report: PeriodReport) -> bytes:
    """Write the report in the language of the moment."""
    # Here, because a worker has no use for its 2 MB.
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, PLAIN) as book:
        book.set_properties({"title": title(report), "author": "Kabarchy", "company": report.school.name})
        look = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}),
            "text": book.add_format({"num_format": "@"}),
            "wrap": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
            "number": book.add_format({"num_format": "#,##0"}),
            "money": book.add_format({"num_format": "#,##0.00"}),
            "total": book.add_format({"bold": True, "num_format": "#,##0", "top": 1}),
            "total money": book.add_format({"bold": True, "num_format": "#,##0.00", "top": 1}),
            "total text": book.add_format({"bold": True, "num_format": "@", "top": 1}),
        }
        _by_class(book, report, look)
        _why(book, report, look)
        _by_kind(book, report, look)
        _about(book, report, look)
    return buffer.getvalue()


def _page(book: Workbook, name: str, report: PeriodReport, look: dict[str, Any]) -> Any:
    sheet = book.add_worksheet(name)
    sheet.write_string(0, 0, title(report), look["title"])
    sheet.write_string(1, 0, f"{report.school.name} · {made_at(report)}")
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    return sheet


def _by_class(book: Workbook, report: PeriodReport, look: dict[str, Any]) -> None:
    sheet = _page(book, gettext("By class"), report, look)
    columns = headings()
    _rows(sheet, report, look, columns)
    after = FIRST_ROW + len(report.classes) + 2
    for number, (name, value_of) in enumerate(beside_families(report), start=after):
        sheet.write_string(number, 0, name, look["text"])
        for column, heading in enumerate(columns, start=2):
            value = value_of(heading)
            if value is not None:
                look_of = look["money" if heading.is_money else "number"]
                sheet.write_number(number, column, _exactly(value), look_of)


def _why(book: Workbook, report: PeriodReport, look: dict[str, Any]) -> None:
    """Who was not reached, by class and reason."""
    sheet = _page(book, gettext("Not reached, why"), report, look)
    not_reached = Heading(gettext("Families not reached"), lambda row: row.not_reached)
    _rows(sheet, report, look, [not_reached, *causes(report)])


def _rows(sheet: Any, report: PeriodReport, look: dict[str, Any], columns: list[Heading]) -> None:
    """A row for each class, and one for all of them."""
    for column, name in enumerate([gettext("Class"), gettext("Class teacher"), *(c.name for c in columns)]):
        sheet.write_string(FIRST_ROW, column, name, look["head"])
    sheet.set_row(FIRST_ROW, 62)
    sheet.set_column(0, 0, 8)
    sheet.set_column(1, 1, 26)
    sheet.set_column(2, len(columns) + 1, 13)
    sheet.freeze_panes(FIRST_ROW + 1, 1)
    sheet.repeat_rows(FIRST_ROW)
    number = FIRST_ROW
    for row in [*report.classes, report.total]:
        number += 1
        total = "total " if row is report.total else ""
        name = gettext("All") if total else row.name
        sheet.write_string(number, 0, name, look[f"{total}text"])
        sheet.write_string(number, 1, row.teacher, look[f"{total}text"])
        for column, heading in enumerate(columns, start=2):
            value = heading.of(row)
            kind = f"{total}money" if heading.is_money else "total" if total else "number"
            if value is None:
                sheet.write_blank(number, column, None, look[kind])
            else:
                sheet.write_number(number, column, _exactly(value), look[kind])


def _by_kind(book: Workbook, report: PeriodReport, look: dict[str, Any]) -> None:
    """The announcements of each class by all their kinds."""
    sheet = _page(book, gettext("By kind"), report, look)
    kinds = sorted({kind for row in [*report.classes, report.total] for kind in row.kinds})
    for column, name in enumerate([gettext("Class"), *map(kind_name, kinds)]):
        sheet.write_string(FIRST_ROW, column, name, look["head"])
    sheet.set_column(0, len(kinds), 16)
    sheet.freeze_panes(FIRST_ROW + 1, 1)
    for number, row in enumerate([*report.classes, report.total], start=FIRST_ROW + 1):
        total = row is report.total
        name = gettext("All") if total else row.name
        sheet.write_string(number, 0, name, look["total text" if total else "text"])
        for column, kind in enumerate(kinds, start=1):
            sheet.write_number(number, column, row.kinds[kind], look["total" if total else "number"])


def _about(book: Workbook, report: PeriodReport, look: dict[str, Any]) -> None:
    sheet = _page(book, gettext("About this report"), report, look)
    sheet.set_column(0, 0, 100)
    for number, sentence in enumerate(notes(report), start=FIRST_ROW):
        sheet.write_string(number, 0, sentence, look["wrap"])


def _exactly(value: int | Decimal) -> int | float:
    return float(value) if isinstance(value, Decimal) else value
