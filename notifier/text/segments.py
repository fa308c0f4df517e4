"""How an SMS travels: its alphabet, its parts, and how much of it is too much."""

import re
import unicodedata
from collections.abc import Callable
from itertools import accumulate
from typing import Literal, NamedTuple

# 3GPP 23.038, without the escape itself, which nobody can type or read.
GSM7_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Each of these is sent as the escape and a second septet.
GSM7_EXTENDED = frozenset("^{}\\[~]|€\f")
GSM7 = GSM7_BASIC | GSM7_EXTENDED

# Searched by compiled character classes: an evening's 300,000 digests are measured one by one.
_outside_gsm7 = re.compile("[^" + re.escape("".join(sorted(GSM7))) + "]").search
_two_septets = re.compile("[" + re.escape("".join(sorted(GSM7_EXTENDED))) + "]")
_two_code_units = re.compile("[\U00010000-\U0010ffff]")

ZERO_WIDTH_JOINER = "\u200d"


class Measure(NamedTuple):
    """What a text costs: septets (GSM-7) or UTF-16 code units (UCS-2), and the parts it is billed as."""

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    segments: int


class _Alphabet(NamedTuple):
    encoding: Literal["GSM-7", "UCS-2"]
    wide: re.Pattern[str]
    alone: int  # units in an SMS of one part
    part: int  # units in each part of a longer one: the header that joins them takes six bytes


_LATIN = _Alphabet("GSM-7", _two_septets, 160, 153)
# One Cyrillic letter makes the whole SMS UCS-2: 70 characters, not 160.
_ANY = _Alphabet("UCS-2", _two_code_units, 70, 67)


def measure(text: str) -> Measure:
    """Say what `text` costs as one SMS. An empty text is still one (empty) part, as Twilio counts."""
    alphabet = _ANY if _outside_gsm7(text) else _LATIN
    units = len(text) + len(alphabet.wide.findall(text))
    if units <= alphabet.alone:
        return Measure(alphabet.encoding, units, 1)
    if units == len(text):
        return Measure(alphabet.encoding, units, -(-units // alphabet.part))
    return Measure(alphabet.encoding, units, len(_starts(text, alphabet)))


def split(text: str) -> list[str]:
    """Cut `text` into the parts a phone receives; joined, they are the text again."""
    alphabet = _ANY if _outside_gsm7(text) else _LATIN
    if len(text) + len(alphabet.wide.findall(text)) <= alphabet.alone:
        return [text]
    starts = _starts(text, alphabet)
    return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]


def _starts(text: str, alphabet: _Alphabet) -> list[int]:
    """Where each part of a long text begins.

    Packed, not divided: a character of two units that does not fit whole moves to the next part, so a
    text of exactly 306 septets can need three.
    """
    wide = {match.start() for match in alphabet.wide.finditer(text)}
    starts, used = [0], 0
    for index in range(len(text)):
        width = 2 if index in wide else 1
        if used + width > alphabet.part:
            starts.append(index)
            used = 0
        used += width
    return starts


def overflow(text: str, max_parts: int, sent_as: Callable[[str], str] = str) -> int:
    """How many characters must go, counted from the end of `text`, to fit `max_parts`; 0 if it fits.

    A person's characters (see `characters`), so that the number can be shown beside the box they type in.
    `sent_as` makes of a text what is really sent: something before it, other letters.
    """
    if measure(sent_as(text)).segments <= max_parts:
        return 0
    ends = list(accumulate(len(character) for character in characters(text)))
    fits, too_long = 0, len(ends)
    while too_long - fits > 1:  # a shorter beginning never needs more parts
        middle = (fits + too_long) // 2
        if measure(sent_as(text[: ends[middle - 1]])).segments <= max_parts:
            fits = middle
        else:
            too_long = middle
    return len(ends) - fits


def characters(text: str) -> list[str]:
    """Take `text` apart as a person counts: a letter with its accents is one, an emoji family is one."""
    found: list[str] = []
    for character in text:
        if found and not character.isascii() and _belongs_to(found[-1], character):
            found[-1] += character
        else:
            found.append(character)
    return found


def _belongs_to(before: str, character: str) -> bool:
    if unicodedata.category(character).startswith("M") or character == ZERO_WIDTH_JOINER:
        return True
    if "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f":
        return True  # skin tones; the tags of regional flags
    if _is_flag_half(character):
        return len(before) == 1 and _is_flag_half(before)
    return before.endswith(ZERO_WIDTH_JOINER) and unicodedata.category(character) == "So"


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def unsayable(text: str, ascii: bool = False) -> list[str]:
    """Name the characters, each once, that a Latin SMS cannot say (with `ascii`, a plain-ASCII route cannot).

    Ask it of what `to_latin` returned: what is named there is what the author must be shown.
    """
    if not ascii and not _outside_gsm7(text):
        return []
    sayable = frozenset(c for c in GSM7 if c.isascii()) if ascii else GSM7
    return list(dict.fromkeys(c for c in characters(text) if not sayable.issuperset(c)))
