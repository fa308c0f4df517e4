"""Names and words as people write them, and the form in which two of them can be compared (pure)."""

from __future__ import annotations

import re
import unicodedata

# Latin letters that look like Cyrillic ones; they slip in when the keyboard was not switched.
LOOKALIKES = str.maketrans("ABCEHKMOPTXYabcehkmoptxy", "АВСЕНКМОРТХУавсенкмортху")
# What Unicode promises never to be a character: no feed reader takes it.
NO_CHARACTERS = "\ufffe\uffff"
_cyrillic = re.compile(r"[Ѐ-ӿ]").search
_lost = re.compile("[ңөү?�]")
# What a spreadsheet program would run as a formula when a list is opened again.
_FORMULA = "=+-@\t\r"


def clean(cell: str) -> str:
    """Return the cell's text without what cannot be seen or could run as a formula elsewhere."""
    text = unicodedata.normalize("NFC", cell)
    text = "".join(
        " " if c.isspace() or unicodedata.category(c) == "Cc" else c
        for c in text
        if unicodedata.category(c) not in {"Cf", "Co", "Cs"} and c not in NO_CHARACTERS
    )
    return " ".join(text.split()).lstrip(_FORMULA).strip()


def fold(text: str) -> str:
    """Return the form in which the same words are equal whatever their case, ё, dashes, look-alikes."""
    text = unicodedata.normalize("NFKC", clean(text)).casefold().replace("ё", "е")
    text = re.sub(r"[‐‑‒–—−]", "-", text)
    text = re.sub(r"\s*-\s*", "-", text)
    return text.translate(LOOKALIKES) if _cyrillic(text) else text


def skeleton(name: str) -> str:
    """Return the folded name with `?` for each ң ө ү, as an old Excel has it: both are the same child."""
    return _lost.sub("?", fold(name))


def lost_letters(name: str) -> bool:
    """Whether a program that didn't know ң ө ү wrote `?` in their place."""
    return "�" in name or bool(re.search(r"\w\?|\?\w", name))


def better(old: str, new: str) -> str:
    """Choose between two spellings of a name: the newer, unless it lost letters the older still has."""
    return old if lost_letters(new) and skeleton(old) == skeleton(new) else new
