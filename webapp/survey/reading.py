"""The digits a parent answers a survey with, however they are typed. No database here."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 40  # characters; who writes more has something to say

# What people write beside the digit; and digits in words.
_BESIDE = {
    "жооп", "жообум", "жообу", "жообубуз", "ответ", "мой", "наш", "вариант", "номер", "no", "joop", "joobum",
    "otvet", "answer", "variant", "nomer", "жана", "и", "jana", "and", "менен",
}  # fmt: skip
_IN_WORDS = {
    word: str(digit)
    for digit, words in enumerate(
        (
            "бир один bir odin",
            "эки два eki dva",
            "үч уч три uch tri",
            "төрт торт четыре tort",
            "беш пять besh",
            "алты шесть alty",
        ),
        start=1,
    )
    for word in words.split()
}
_tokens = re.compile(r"[^\W\d_]+|\d+")


def keys_in(body: str, choices: int, multiple: bool) -> str | None:
    """Read "2", " 2.", "1)", "жооп 1", "1 жана 3", "13": the keys in order, or None for a person to read.

    `choices` is how many there are; more than one key is an answer only where `multiple` allows it.
    """
    text = unicodedata.normalize("NFKC", body).strip().casefold()
    if not text or len(text) > LONGEST or "?" in text:
        return None
    keys: set[str] = set()
    for token in _tokens.findall(text):
        if token.isdigit():
            # "2" typed in other scripts' digits is a 2, too.
            keys.update(str(unicodedata.digit(sign)) for sign in token)
        elif token in _IN_WORDS:
            keys.add(_IN_WORDS[token])
        elif token not in _BESIDE:
            return None
    if not keys or not keys <= {str(key) for key in range(1, choices + 1)}:
        return None
    return "".join(sorted(keys)) if multiple or len(keys) == 1 else None
