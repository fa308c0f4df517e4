"""A spreadsheet comes in: what is needed of it, or every reason why it cannot be used."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from flask_babel import gettext

from webapp.families.sheets import BadSheet, read_sheets
from webapp.message_templates.fields import Asked
from webapp.message_templates.sheets.layout import lay_out
from webapp.message_templates.sheets.problems import of_file
from webapp.message_templates.sheets.rows import Kept

# How the container of an xls begins.
OLD_EXCEL = b"\xd0\xcf\x11\xe0"


@dataclass
class Brought:
    """What came of reading a file: what is needed of it, or every reason why it cannot be used."""

    digest: str
    kept: Kept | None = None
    faults: list[str] = field(default_factory=list)


def read_file(content: bytes, asked: list[Asked]) -> Brought:
    """Read a spreadsheet for a template. Slow, and touches no database: call it with no transaction open."""
    brought = Brought(hashlib.sha256(content).hexdigest())
    try:
        layout = lay_out(read_sheets(content), asked)
        if not layout.columns:
            raise BadSheet("no_header")
    except BadSheet as error:
        if error.reason == "no_header":
            brought.faults = [_no_header(asked)]
        else:
            brought.faults = [of_file(error)]
        return brought
    for missing in layout.missing:
        brought.faults.append(
            gettext(
                "No column is called “%(name)s”. Write it above the column that fills this field.",
                name=missing.name,
            )
        )
    for header in layout.doubled:
        brought.faults.append(
            gettext(
                "Two columns are called “%(name)s”. Keep one of them, or give the other a new name.",
                name=header,
            )
        )
    if not layout.finds & {"pupil", "phone"}:
        brought.faults.append(
            gettext("No column says whom a row is about. Add the columns “Pupil” and “Class”, or “Phone”.")
        )
    if brought.faults and layout.hidden:
        brought.faults.append(
            gettext(
                "Hidden columns are not used: %(names)s. Show them if they are meant.",
                names=", ".join(layout.hidden),
            )
        )
    brought.kept = Kept.of(layout)
    brought.kept.old_excel = content.startswith(OLD_EXCEL)
    if not brought.kept.rows and not brought.faults:
        brought.faults.append(of_file(BadSheet("no_rows")))
    return brought


def _no_header(asked: list[Asked]) -> str:
    sentence: str = gettext(
        "The list has no row with the names of its columns. Write above it: %(names)s. "
        "Or download the example and fill it in.",
        names=", ".join([gettext("Class"), gettext("Pupil"), *(each.name for each in asked)]),
    )
    return sentence
