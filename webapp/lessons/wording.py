"""Grades, languages, channels and subjects as people write them (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from webapp.families.names import LOOKALIKES, clean, fold

# The languages a school of Kyrgyzstan teaches in, by how their names begin.
LANGUAGES: dict[str, tuple[str, ...]] = {
    "ky": ("ky", "kir", "kyr", "кыр", "кир"),
    "ru": ("ru", "рус", "орус"),
    "uz": ("uz", "узб", "өзб", "озб"),
    "tg": ("tg", "tadj", "taj", "таж", "тадж"),
}
_LONGEST = 60  # characters of a cell with a grade or a language; more is a sentence

_GRADE_WORDS = r"(?:класс\w*|кл|параллель|grades?|form|class)"
_ZERO = re.compile(r"\b(?:наристе|даярдык|нулевой|нулевка|нолунчу)\b")
_NUMBERS = re.compile(
    rf"(?:{_GRADE_WORDS}\.?\s*)?([\d\s.,;&+-]+?|\d[\dжанаиand\s,-]*?)\s*-?\s*(?:{_GRADE_WORDS}\.?)?"
)
_LETTER = re.compile(
    rf"(?:{_GRADE_WORDS}\.?\s*)?(\d{{1,2}})\s*-?\s*[«\"']?([a-zа-яңөү])[»\"']?(?:\s*{_GRADE_WORDS}\.?)?"
)
_CHANNEL_WORDS = re.compile(r"\b(?:телеканал\w*|канал\w*|channel|tv|тв|телеберүү|телерадио\w*)\b")
_word = re.compile(r"[^\W\d_]+")
_latin = re.compile(r"[A-Za-z]").search
_cyrillic = re.compile(r"[Ѐ-ӿ]").search


class BadGrade(ValueError):
    """No grade or run of grades."""


class BadLanguage(ValueError):
    """No language of instruction we know; `meant` is the code that may have been meant."""

    def __init__(self, meant: str | None = None) -> None:
        super().__init__(meant)
        self.meant = meant


@dataclass(frozen=True)
class Grades:
    first: int
    last: int
    letter: str = ""  # of a class, where a grade was expected


def read_grades(text: str) -> Grades:
    """Read a grade or a run of them: 5, 5–6, «5-класс», «1, 2 жана 3», 9-Б; raise BadGrade."""
    plain = fold(text).strip(" .,;()")
    if len(plain) > _LONGEST:
        raise BadGrade
    if _ZERO.search(plain):
        return Grades(0, 0)
    if match := _LETTER.fullmatch(plain):
        return Grades(int(match[1]), int(match[1]), match[2].upper())
    match = _NUMBERS.fullmatch(plain)
    if not match:
        raise BadGrade
    inner = re.sub(r"(?<=\d)\.0+(?!\d)", "", match[1]).strip()
    if pair := re.fullmatch(r"(\d{1,2})\s*-\s*(\d{1,2})", inner):
        first, last = int(pair[1]), int(pair[2])
        if first > last:
            raise BadGrade
        return Grades(first, last)
    parts = re.split(r"\s*(?:[,;&+]|жана|и|and)\s*", inner)
    if not all(re.fullmatch(r"\d{1,2}", part) for part in parts):
        raise BadGrade
    numbers = sorted(int(part) for part in parts)
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        raise BadGrade
    return Grades(numbers[0], numbers[-1])


def read_language(text: str) -> str:
    """Return the code of a language of instruction; raise BadLanguage."""
    plain = fold(text).strip(" .,;()")
    if len(plain) <= _LONGEST:
        for code, beginnings in LANGUAGES.items():
            if plain == code or (len(plain) > 2 and plain.startswith(beginnings)):
                return code
    raise BadLanguage("ky" if plain in {"kg", "кг", "кы", "kgz"} else None)


# A timetable names the same few channels thousands of times.
@lru_cache(maxsize=500)
def channel_key(name: str) -> str:
    """Return the form in which a channel's names are compared: no quotes, no «каналы», no case."""
    return " ".join(re.sub(r"[^\w.+]", " ", _CHANNEL_WORDS.sub(" ", fold(name))).split())


def nearest_channel(name: str, known: Iterable[str]) -> str | None:
    """Return the channel whose name is most like `name`; None when none is."""
    by_key = {channel_key(other): other for other in known}
    found = get_close_matches(channel_key(name), by_key, n=1, cutoff=0.5)
    return by_key[found[0]] if found else None


def tidy(text: str, longest: int) -> str:
    """Return a subject or topic with single spaces and one script per word, cut to `longest` characters.

    A Latin A in «Aлгебра» looks right, but to a computer it is another subject.
    """
    text = _word.sub(lambda match: _one_script(match[0]), clean(text))
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _one_script(word: str) -> str:
    if _latin(word) and _cyrillic(word):
        mended = word.translate(LOOKALIKES)
        return word if _latin(mended) else mended
    return word
