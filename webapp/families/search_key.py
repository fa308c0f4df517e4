"""The form of a name in which it is found however it is typed: "Aibek" finds «Айбек» (pure).

Kept with every name, so that the database looks for it. Whoever changes the form makes a migration that
writes the kept ones anew.
"""

from __future__ import annotations

import re
import unicodedata

from notifier.text import to_latin

LONGEST = 255

# Letters of passports and of Turkish keyboards that lose their sound with their mark.
_MARKED = str.maketrans({"ç": "ch", "ş": "sh", "ı": "i", "ğ": "g"})
# One sound, many spellings; in this order.
_SOUNDS = [
    (re.compile(spelling), one)
    for spelling, one in (
        ("shch|sch", "sh"),
        ("tch", "ch"),
        ("dzh|dj|zh", "j"),
        ("kh", "h"),
        ("gh", "g"),
        ("ph", "f"),
        ("x", "ks"),
        ("w", "v"),
        ("q|c(?!h)", "k"),
        ("y[eo]", "e"),
        ("y", "i"),
        # Айнуура is Айнура, and Дмитрий "Dmitry".
        (r"([^\W\d])\1+", r"\1"),
    )
]
_joined = re.compile(r"(?<=\w)['-](?=\w)").sub
_between = re.compile(r"[\W_]+").sub


def search_key(text: str) -> str:
    """Fold a name, or what is typed to find one: Latin letters, no case, no marks, one letter for one sound.

    ё is е, ө о, ү у, ң н; й and ы are и; ж is zh, j and дж.
    """
    latin = to_latin(unicodedata.normalize("NFKC", text).casefold()).casefold().translate(_MARKED)
    plain = "".join(c for c in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(c))
    key = _between(" ", _joined("", plain)).strip()
    for spelling, one in _SOUNDS:
        key = spelling.sub(one, key)
    return key[:LONGEST]
