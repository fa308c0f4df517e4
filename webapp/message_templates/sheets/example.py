"""A spreadsheet to fill in: the template's fields as columns, a class's children as rows."""

from __future__ import annotations

import io
from collections.abc import Sequence

from webapp.message_templates.fields import KNOWN, Asked
from webapp.message_templates.sheets.matching import Children

# The names of the columns that find a child, in the language of most schools; any other is understood, too.
CLASS, PUPIL = "Класс", "Окуучу"
# What a spreadsheet program would run.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_xlsx(asked: Sequence[Asked], children: Children) -> bytes:
    """Write the workbook: all cells text, so that no digit is lost and nothing runs."""
    # Here, because a worker has no use for its 2 MB.
    import xlsxwriter

    columns = [CLASS, PUPIL, *(each.name for each in asked if each.key not in KNOWN)]
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Тизме")
        text, bold = book.add_format({"num_format": "@"}), book.add_format({"bold": True, "num_format": "@"})
        sheet.set_column(0, 0, 9, text)
        sheet.set_column(1, max(1, len(columns) - 1), 26, text)
        sheet.freeze_panes(1, 2)
        for place, name in enumerate(columns):
            sheet.write_string(0, place, harmless(name), bold)
        row = 0
        for row, child in enumerate(
            (child for family in children.by_name.values() for child in family), start=1
        ):
            sheet.write_string(row, 0, child.school_class, text)
            sheet.write_string(row, 1, harmless(child.name), text)
        for place, each in enumerate([each for each in asked if each.key not in KNOWN], start=2):
            if each.kind == "yes_no" and row:
                sheet.data_validation(1, place, row, place, {"validate": "list", "source": ["ооба", "жок"]})
    return buffer.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet program would run."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell
