"""Find the header row and say what each column holds (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from webapp.families.column_names import CANONICAL, NOT_OURS, SYNONYMS, WORDS
from webapp.families.sheets import Sheet

REQUIRED = ("class", "pupil")
# Several columns may make up one of these: surname and name, two phones.
MANY = frozenset({"pupil", "phone", "email", "address"})
# Titles, the school's name, the date: a header may stand below them.
HEADER_WITHIN = 30

_EXACT = {synonym: column for column, synonyms in SYNONYMS.items() for synonym in synonyms}


@dataclass(frozen=True)
class Columns:
    """Which row is the header (its index) and what each column holds: a canonical name or ""."""

    header: int
    names: tuple[str, ...]

    @property
    def missing(self) -> list[str]:
        return [column for column in REQUIRED if column not in self.names]


def plain(header: str) -> str:
    """Return a header cell as the tables of names write it: small letters, single spaces, no marks."""
    text = unicodedata.normalize("NFKC", header).casefold().replace("ё", "е")
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return " ".join(re.sub(r"[^\w#№/-]|_", " ", text).split()).strip(" -/")


def recognise(header: str) -> str:
    """Return the canonical name of a header cell; "" when it is none of ours."""
    text = plain(header)
    if text in _EXACT:
        return _EXACT[text]
    # A long cell is a sentence that happens to hold a word of ours: a title, a note.
    if not text or len(text) > 60 or NOT_OURS(text):
        return ""
    return next((column for column, has_word in WORDS if has_word(text)), "")


def recognised(cells: Sequence[str]) -> set[str]:
    """Return the canonical columns that a row of header cells names."""
    return {name for cell in cells if (name := recognise(cell))}


def guess(sheet: Sheet) -> Columns:
    """Find the header and its columns; where nothing is recognised, the first row with two cells."""
    best = max(
        range(min(HEADER_WITHIN, len(sheet.rows))),
        key=lambda i: (len(recognised(sheet.rows[i].cells)), -i),
    )
    if len(recognised(sheet.rows[best].cells)) < 2:
        wide = (i for i, row in enumerate(sheet.rows) if sum(bool(c.strip()) for c in row.cells) > 1)
        best = next(wide, 0)
    width = max(len(row.cells) for row in sheet.rows)
    names: list[str] = []
    for cell in sheet.rows[best].cells:
        name = recognise(cell)
        names.append(name if name in MANY or name not in names else "")
    return Columns(best, tuple(names) + ("",) * (width - len(names)))


def chosen(guessed: Columns, names: Sequence[str]) -> Columns:
    """Return the columns as a person chose them; unknown names count as none."""
    kept = tuple(name if name in CANONICAL else "" for name in names)[: len(guessed.names)]
    return Columns(guessed.header, kept + ("",) * (len(guessed.names) - len(kept)))
