"""The browser counts with the alphabets of `notifier.text`, written into compose.js."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from notifier.text import to_latin
from notifier.text.latin import KYRGYZ, NEIGHBOURS, PUNCTUATION, RUSSIAN
from notifier.text.segments import GSM7, GSM7_EXTENDED

SCRIPT = Path(__file__).parents[2] / "webapp/static/compose.js"


def widths(letters: dict[str, str], language: str) -> str:
    """Group, with a space between, the characters that become none, one, two, three letters of Latin."""
    groups = ["", "", "", ""]
    for character in letters | NEIGHBOURS | PUNCTUATION:
        if character.isprintable() and not character.isspace():
            groups[len(to_latin(character, language))] += character
    return " ".join(groups)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("gsm = ", "".join(sorted(GSM7 - {"\r", "\f"}))),
        ("double = ", "".join(sorted(GSM7_EXTENDED - {"\f"}))),
        ("ky: ", widths(KYRGYZ, "ky")),
        ("ru: ", widths(RUSSIAN, "ru")),
    ],
)
def test_the_browser_knows_the_same_letters_as_the_server(name: str, letters: str) -> None:
    assert name + json.dumps(letters, ensure_ascii=False) in SCRIPT.read_text(encoding="utf-8")
