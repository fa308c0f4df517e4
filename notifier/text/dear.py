"""The characters that make an SMS dear, so that its author can leave them out."""

from __future__ import annotations

import re
from typing import NamedTuple

from notifier.text.segments import GSM7_EXTENDED, characters, measure, unsayable

_cyrillic = re.compile("[\u0400-\u04ff]").search


class Dear(NamedTuple):
    """What stands in a text and costs more than the rest; each character once, in the order of the text."""

    spoilers: list[str]  # GSM-7 cannot say them: one is enough, and the whole text costs as much as Cyrillic
    doubles: list[str]  # counted twice
    parts: int
    parts_without: int  # parts if the spoilers were not there


def is_latin(text: str) -> bool:
    """Say whether `text` has letters, and none of them Cyrillic: what spoils it can be left out."""
    return not _cyrillic(text) and any(c.isalpha() for c in text)


def dear(text: str) -> Dear:
    """Name what makes `text` dear, as it stands; a Cyrillic text has no spoilers, it is UCS-2 anyway."""
    spoilers = unsayable(text) if not _cyrillic(text) else []
    whole = characters(text)
    if measure(text).encoding == "GSM-7":
        doubles = [c for c in whole if c in GSM7_EXTENDED]
    else:
        doubles = [c for c in whole if len(c.encode("utf-16-le")) > 2]
    rest = "".join(c for c in whole if c not in spoilers)
    return Dear(spoilers, list(dict.fromkeys(doubles)), measure(text).segments, measure(rest).segments)
