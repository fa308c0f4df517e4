"""What is printed can be read: also where the machine has no fonts, also in Kyrgyz."""

from __future__ import annotations

import io

import pypdf

from webapp.paper import FONTS, Paper

ALPHABET = "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя"


def read(paper: Paper) -> str:
    pages = pypdf.PdfReader(io.BytesIO(bytes(paper.output()))).pages
    return "\n".join(page.extract_text() for page in pages)


def test_every_letter_of_the_school_is_printed() -> None:
    for bold in (False, True):
        paper = Paper("Тизме", "Купуя", "ky")
        paper.add_page()
        paper.say(10, bold=bold)
        for letters in (ALPHABET, ALPHABET.upper(), "№ «Ысык-Көл» — 12…", "Latin, +996"):
            paper.cell(text=letters, new_x="LMARGIN", new_y="NEXT")
        text = read(paper)
        for letters in (ALPHABET, ALPHABET.upper(), "№ «Ысык-Көл» — 12…", "Latin, +996"):
            assert letters in text
        assert "Купуя" in text
        assert "1 / 1" in text


def test_a_text_too_long_for_its_place_ends_in_dots() -> None:
    paper = Paper("Тизме", "", "ky")
    assert paper.cut("Үлгү көчөсү", 60) == "Үлгү көчөсү"
    cut = paper.cut("Үлгү көчөсү " * 10, 60)
    assert cut.startswith("Үлгү көчөсү")
    assert cut.endswith("…")
    assert paper.get_string_width(cut) <= 60
    paper.output()  # which closes the fonts' files


def test_the_letters_are_light_and_have_their_licence_beside_them() -> None:
    assert sum(font.stat().st_size for font in FONTS.glob("*.ttf")) < 150_000
    assert "SIL OPEN FONT LICENSE" in (FONTS / "OFL.txt").read_text()
