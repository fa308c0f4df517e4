"""A text with ((fields)) and ((field??parts that are shown if the field says yes)) (pure).

A field has one meaning however it is written: "Сумма", "сумма " and, where both languages have a word that
needs no translation, "күн" and "дата".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from notifier.text import tidy
from webapp.families.column_names import SYNONYMS
from webapp.families.columns import plain
from webapp.families.names import fold

LONGEST_NAME, LONGEST_VALUE, MOST_FIELDS = 40, 300, 20
# A part within a part is read; deeper nobody can.
DEEPEST = 2

# What the school knows of each child: nobody needs to fill it in where every child has a text of its own.
PUPIL, CLASS, GUARDIAN = "@pupil", "@class", "@guardian"
KNOWN = frozenset({PUPIL, CLASS, GUARDIAN})

# Words of both languages for what is written alike in them.
ALIKE = {
    word: words[0]
    for words in (
        ("күн", "күнү", "датасы", "дата", "день", "date", "day"),
        ("саат", "сааты", "убакыт", "убактысы", "время", "час", "time", "hour"),
        ("сумма", "суммасы", "sum", "amount"),
        ("мөөнөт", "мөөнөтү", "срок", "deadline"),
        ("кабинет", "бөлмө", "каб", "room"),
        ("бет", "бети", "страница", "стр", "page"),
        ("шилтеме", "ссылка", "link"),
        ("байланыш", "байланыштелефону", "контакт", "телефондлясвязи", "contact"),
        ("дареги", "дарек", "адрес", "address"),
        ("упай", "балл", "points"),
        ("сабак", "сабагы", "предмет", "предмети", "subject"),
        ("маанилүү", "важно", "important"),
        ("чалуу", "звонок", "call"),
    )
    for word in words
}
_known = {
    name: key
    for column, key in (("pupil", PUPIL), ("class", CLASS), ("guardian", GUARDIAN))
    for name in SYNONYMS[column]
}
_opens = re.compile(r"\(\((?!\()")
_closes = re.compile(r"\)\)(?!\))")
_begun = re.compile(r"\(\(([^()\n]*?)(\?\?|\)\))")

YES = frozenset(
    {"ооба", "да", "yes", "true", "истина", "чын", "1", "+", "✓", "✔", "x", "v", "х", "бар", "есть"}
)
NO = frozenset({"", "жок", "нет", "no", "false", "ложь", "жалган", "0", "-", "–", "—", "нету"})


class BadTemplate(ValueError):
    """A text whose fields cannot be read; `reason` is open no_name long_name deep, `where` the place."""

    def __init__(self, reason: str, where: str = "") -> None:
        super().__init__(reason)
        self.reason, self.where = reason, where


@dataclass(frozen=True, slots=True)
class Words:
    text: str


@dataclass(frozen=True, slots=True)
class Field:
    name: str


@dataclass(frozen=True, slots=True)
class Part:
    """Shown if the field says yes."""

    name: str
    inside: tuple[Piece, ...]


Piece = Words | Field | Part
Kind = Literal["text", "optional", "yes_no"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A field to fill in: once, wherever and in however many languages it stands."""

    key: str
    name: str
    kind: Kind
    only_if: str = ""  # the key of the part it stands in, if it stands nowhere else

    def may_be_empty(self, values: Mapping[str, str]) -> bool:
        """Whether the text is whole without it."""
        return self.kind != "text" or bool(self.only_if and not says_yes(values.get(self.only_if, "")))


def key_of(name: str) -> str:
    """What makes two ways of writing a field the same field; "" when nothing of it is a letter or a digit."""
    if known := _known.get(plain(name)):
        return known
    letters = "".join(c for c in fold(name) if c.isalnum())
    return ALIKE.get(letters, letters)


def parse(text: str) -> tuple[Piece, ...]:
    """Take a text apart; raise BadTemplate."""
    pieces, _ = _pieces(text, 0, 0)
    return pieces


def _pieces(text: str, at: int, depth: int) -> tuple[tuple[Piece, ...], int]:
    found: list[Piece] = []
    while True:
        opens = _opens.search(text, at)
        closes = _closes.search(text, at) if depth else None
        if closes and (opens is None or closes.start() < opens.start()):
            found.append(Words(text[at : closes.start()]))
            return tuple(found), closes.end()
        if opens is None:
            if depth:
                raise BadTemplate("open", text[max(0, at - 20) : at + 20])
            found.append(Words(text[at:]))
            return tuple(found), len(text)
        found.append(Words(text[at : opens.start()]))
        begun = _begun.match(text, opens.start())
        if begun is None:
            raise BadTemplate("open", text[opens.start() : opens.start() + 24])
        name = " ".join(begun[1].split())
        if not key_of(name):
            raise BadTemplate("no_name")
        if len(name) > LONGEST_NAME:
            raise BadTemplate("long_name", name[:24])
        if begun[2] == "))":
            found.append(Field(name))
            at = begun.end()
        else:
            if depth >= DEEPEST:
                raise BadTemplate("deep", name)
            inside, at = _pieces(text, begun.end(), depth + 1)
            found.append(Part(name, inside))


def _named(pieces: Iterable[Piece], around: str = "") -> Iterator[tuple[Field | Part, str]]:
    """Every field and part, with the key of the part it stands in."""
    for piece in pieces:
        if not isinstance(piece, Words):
            yield piece, around
        if isinstance(piece, Part):
            yield from _named(piece.inside, key_of(piece.name))


def asked_by(texts: Iterable[tuple[Piece, ...]]) -> list[Asked]:
    """List the fields of a template's texts, in the order in which they are met.

    A field that also decides about a part may be left empty: then neither is shown.
    """
    names: dict[str, str] = {}
    within: dict[str, set[str]] = {}
    written: set[str] = set()
    deciding: set[str] = set()
    for piece, around in (each for pieces in texts for each in _named(pieces)):
        key = key_of(piece.name)
        names.setdefault(key, piece.name)
        within.setdefault(key, set()).add(around)
        (written if isinstance(piece, Field) else deciding).add(key)
    return [
        Asked(
            key,
            name,
            _kind(key in written, key in deciding),
            next(iter(within[key])) if len(within[key]) == 1 else "",
        )
        for key, name in names.items()
    ]


def _kind(written: bool, deciding: bool) -> Kind:
    if not deciding:
        return "text"
    return "optional" if written else "yes_no"


def says_yes(value: str) -> bool:
    """Whether a part is shown: anything that does not say no."""
    return value.strip().casefold() not in NO


def fill(pieces: Iterable[Piece], values: Mapping[str, str]) -> str:
    """Write the text with these values by key; what a value holds is never read as a field."""
    return tidy(_filled(pieces, values))


def _filled(pieces: Iterable[Piece], values: Mapping[str, str]) -> str:
    said = []
    for piece in pieces:
        if isinstance(piece, Words):
            said.append(piece.text)
        elif isinstance(piece, Field):
            said.append(values.get(key_of(piece.name), ""))
        elif says_yes(values.get(key_of(piece.name), "")):
            said.append(_filled(piece.inside, values))
    return "".join(said)


def sample(pieces: Iterable[Piece], values: Mapping[str, str] | None = None) -> str:
    """Write the text with every part, and the name of each field that has no value yet in its place."""
    listed = list(pieces)
    named = {key_of(piece.name): f"({piece.name})" for piece, _ in _named(listed)} | {
        key: value for key, value in (values or {}).items() if value
    }
    return fill(listed, named)


def line(value: str) -> str:
    """A value as it stands in a text: one line, without what cannot be seen."""
    return " ".join(tidy(value).split())
