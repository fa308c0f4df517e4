"""Addresses as people write them, put into the order in which one walks (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from webapp.families.names import clean, fold

# What says "street" or "house" and is no part of the name: «Ысык-Көл көч. 12» and «ул. Ысык-Көл, д. 12» are
# one street.
_KINDS = re.compile(
    r"(?<!\w)(?:көчөсү|көчө|көч|кочосу|кочо|коч|улица|ул|проспект|просп|пр-т|пр|переулок|пер|чолок\sкөчө|"
    r"бульвар|бул|үй|дом|д|house|str|street|st)(?!\w)\.?",
    re.IGNORECASE,
)
_FLAT = re.compile(r"(?<!\w)(?:кв|квартира|батир|бат|flat|apt)(?!\w)\.?\s*(?P<flat>\d+)", re.IGNORECASE)
# The last number of what is left, with a letter or a fraction: 12, 12а, 12/3.
_NUMBER = re.compile(
    r"(?P<number>\d+)\s*(?P<rest>(?:[/-]\s*\d+)?\s*[а-яёңөүa-z]?)\s*[,;.]*\s*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a family lives: the street as it was written, and what it sorts by."""

    street: str
    number: int
    rest: str  # of the number: "а", "/3"
    flat: int

    @property
    def sort_key(self) -> tuple[bool, str, int, str, int]:
        """Streets by name, houses by number and not by letter: 9 before 12; who has no street comes last."""
        return (not self.street, fold(self.street), self.number, self.rest, self.flat)


def place_of(address: str) -> Place:
    """Read an address; what has no number sorts at the beginning of its street.

    >>> place_of("Ысык-Көл көч. 12а, кв. 3")
    Place(street='Ысык-Көл', number=12, rest='а', flat=3)
    """
    text = clean(address)
    flat = _FLAT.search(text)
    if flat:
        text = (text[: flat.start()] + text[flat.end() :]).strip()
    text = _KINDS.sub(" ", text)
    found = _NUMBER.search(text)
    street = text[: found.start()] if found else text
    return Place(
        street=" ".join(street.strip(" ,;.").split()),
        number=min(int(found["number"]), 10**9) if found else 0,
        rest=re.sub(r"\s", "", found["rest"]).casefold() if found else "",
        flat=min(int(flat["flat"]), 10**9) if flat else 0,
    )
