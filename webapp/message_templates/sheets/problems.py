"""What can be wrong with a spreadsheet to send from, and the sentence that tells a person what to do."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString, gettext, lazy_gettext

from webapp.families.problems import FILE_SENTENCES
from webapp.families.sheets import BadSheet

# Of a class list these say something else.
OF_FILES: dict[str, LazyString] = {
    "empty": lazy_gettext("The file is empty. Choose the file that holds your list."),
    "too_big": lazy_gettext(
        "The file is too big to read. Save only the sheet with your list, as xlsx or csv, and try again."
    ),
    "too_many_rows": lazy_gettext(
        "The list has more than 5,000 rows. Split it into several files and send them one after another."
    ),
    "no_rows": lazy_gettext(
        "There are no rows under the names of the columns that could be sent. Write them in and try again."
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one cell, with the row's number in the person's sheet; None: the whole row."""

    row: int | None
    column: str | None
    message: str


def of_file(error: BadSheet) -> str:
    """Say why nothing can be read from a file."""
    known = OF_FILES.get(error.reason)
    return str(known) if known else str(gettext(FILE_SENTENCES[error.reason], row=error.row))
